// The codecs we know, as SDP names them (RFC 8866 section 6.6). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "rtc/sdp/description.hpp"
#include "rtc/source.hpp"

namespace telltale::rtc {

std::string_view codec_name(Codec codec) noexcept;  // H264, VP8, opus
std::optional<Codec> codec_of(const sdp::Codec& codec);

}  // namespace telltale::rtc
