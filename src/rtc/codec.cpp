#include "rtc/codec.hpp"

namespace telltale::rtc {

std::string_view codec_name(Codec codec) noexcept {
  switch (codec) {
    case Codec::h264:
      return "H264";
    case Codec::vp8:
      return "VP8";
    case Codec::opus:
      return "opus";
  }
  return "";
}

std::optional<Codec> codec_of(const sdp::Codec& codec) {
  for (const auto known : {Codec::h264, Codec::vp8, Codec::opus})
    if (codec.is(codec_name(known))) return known;
  return std::nullopt;
}

}  // namespace telltale::rtc
