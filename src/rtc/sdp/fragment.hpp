// Trickle ICE fragments (RFC 8840 section 9), the body of a WHIP or WHEP PATCH
// (application/trickle-ice-sdpfrag): credentials, and candidates by media.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "rtc/ice/candidate.hpp"
#include "rtc/ice/credentials.hpp"

namespace telltale::rtc::sdp {

struct FragmentMedia {
  std::string kind = "audio";  // of the m= line, a mere place holder
  std::string mid;
  std::vector<ice::Candidate> candidates;
  bool end_of_candidates = false;
};

struct Fragment {
  std::optional<ice::Credentials> ice;  // of another generation than the session's: a restart
  std::vector<FragmentMedia> media;
  bool end_of_candidates = false;  // of all

  // At most 16 KiB, 32 media and 64 candidates each; candidates that do not parse are passed over.
  static base::Result<Fragment> parse(std::string_view text);
  std::string text() const;
};

}  // namespace telltale::rtc::sdp
