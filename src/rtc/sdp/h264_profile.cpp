#include "rtc/sdp/h264_profile.hpp"

#include "rtc/sdp/text.hpp"

namespace telltale::rtc::sdp {

std::optional<H264Level> parse_profile_level_id(std::string_view text) noexcept {
  const auto value = text.size() == 6 ? to_number<std::uint32_t>(text, 16) : std::nullopt;
  if (!value) return std::nullopt;
  const auto profile = *value >> 16U;
  const auto flags = *value >> 8U & 0xffU;  // constraint_set0 is the highest bit
  const bool set0 = (flags & 0x80U) != 0;
  const bool set1 = (flags & 0x40U) != 0;
  H264Level out{.level_idc = static_cast<std::uint8_t>(*value)};
  switch (profile) {
    case 0x42:
      out.profile = set1 ? H264Profile::constrained_baseline : H264Profile::baseline;
      break;
    case 0x4d:
      out.profile = set0 ? H264Profile::constrained_baseline : H264Profile::main;
      break;
    case 0x58:
      if (set0) out.profile = set1 ? H264Profile::constrained_baseline : H264Profile::baseline;
      break;
    case 0x64:
      out.profile = (flags & 0x0cU) == 0x0c ? H264Profile::constrained_high : H264Profile::high;
      break;
    default:
      break;
  }
  return out;
}

}  // namespace telltale::rtc::sdp
