#include "media/pattern_eye.hpp"

#include <algorithm>

#include "media/decoders.hpp"
#include "media/pattern_reader.hpp"

namespace telltale::media {

struct PatternEye::Impl {
  PictureDecoder decoder;
  AvPacket packet = new_packet();
};

PatternEye::PatternEye(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PatternEye::PatternEye(PatternEye&&) noexcept = default;
PatternEye& PatternEye::operator=(PatternEye&&) noexcept = default;
PatternEye::~PatternEye() = default;

base::Result<PatternEye> PatternEye::open(Codec codec) {
  if (auto loaded = load_ffmpeg(); !loaded) return std::unexpected(loaded.error());
  auto decoder =
      PictureDecoder::open_live(codec == Codec::vp8 ? AV_CODEC_ID_VP8 : AV_CODEC_ID_H264);
  if (!decoder) return std::unexpected(decoder.error());
  return PatternEye(std::make_unique<Impl>(Impl{.decoder = std::move(*decoder)}));
}

std::vector<PatternEye::Picture> PatternEye::look(std::span<const std::uint8_t> frame) {
  std::vector<Picture> out;
  auto* const packet = impl_->packet.get();
  if (av_new_packet(packet, static_cast<int>(frame.size())) != 0) return out;
  std::ranges::copy(frame, packet->data);
  std::vector<SharedAvFrame> pictures;
  impl_->decoder.decode(packet, pictures);
  av_packet_unref(packet);
  for (const auto& picture : pictures)
    out.push_back({.width = picture->width,
                   .height = picture->height,
                   .number = read_number(*picture),
                   .day_time = read_day_time(*picture)});
  return out;
}

std::uint64_t PatternEye::errors() const noexcept {
  return impl_->decoder.errors();
}

}  // namespace telltale::media
