// H.264 profiles in SDP (RFC 6184 section 8.1, table 5): profile-level-id names a profile by
// profile_idc and constraint flags; several spellings name the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace telltale::rtc::sdp {

enum class H264Profile : std::uint8_t {
  constrained_baseline,
  baseline,
  main,
  constrained_high,
  high,
  other,
};

struct H264Level {
  H264Profile profile = H264Profile::other;
  std::uint8_t level_idc = 0;  // 31 is 3.1
};

// Six hex digits; without the parameter it is 420010 (section 8.1: Baseline, level 1).
std::optional<H264Level> parse_profile_level_id(std::string_view text) noexcept;

// Does a decoder of `theirs` understand a stream of constrained baseline? All but unknown ones do.
constexpr bool decodes_constrained_baseline(H264Profile theirs) noexcept {
  return theirs != H264Profile::other;
}

}  // namespace telltale::rtc::sdp
