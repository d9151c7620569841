#include "rtc/sdp/fragment.hpp"

#include <fmt/format.h>

#include "rtc/sdp/document.hpp"
#include "rtc/sdp/text.hpp"

namespace telltale::rtc::sdp {
namespace {

constexpr std::size_t kMaxSize = std::size_t{16} << 10U;
constexpr std::size_t kMaxMedia = 32;
constexpr std::size_t kMaxCandidates = 64;

std::unexpected<base::Error> bad(std::string_view what) {
  return base::fail(base::Code::invalid_argument, fmt::format("the SDP fragment {}", what));
}

}  // namespace

base::Result<Fragment> Fragment::parse(std::string_view text) {
  if (text.size() > kMaxSize)
    return base::fail(base::Code::too_large, "an SDP fragment over 16 KiB");
  Fragment out;
  ice::Credentials credentials;
  while (auto line = next_line(text)) {
    if (line->empty()) continue;
    if (line->size() < 2 || (*line)[1] != '=') return bad("has a line that is not type=value");
    auto value = line->substr(2);
    if (line->front() == 'm') {
      if (out.media.size() == kMaxMedia) return bad("has too many media");
      out.media.push_back(
          {.kind = std::string(take_until(value, ' ')), .mid = {}, .candidates = {}});
      continue;
    }
    if (line->front() != 'a') continue;
    const auto attribute = parse_attribute(value);
    const auto argument = attribute.value.value_or("");
    auto* media = out.media.empty() ? nullptr : &out.media.back();
    if (attribute.name == "ice-ufrag") {
      credentials.ufrag = argument;
    } else if (attribute.name == "ice-pwd") {
      credentials.password = argument;
    } else if (attribute.name == "end-of-candidates") {
      (media != nullptr ? media->end_of_candidates : out.end_of_candidates) = true;
    } else if (media == nullptr) {
      // Candidates belong to a media line (section 4.4).
      if (attribute.name == "candidate") return bad("has a candidate before its m= line");
    } else if (attribute.name == "mid") {
      media->mid = argument;
    } else if (attribute.name == "candidate" && media->candidates.size() < kMaxCandidates) {
      if (auto candidate = ice::Candidate::parse(argument))
        media->candidates.push_back(std::move(*candidate));
    }
  }
  if (credentials.ufrag.empty() != credentials.password.empty())
    return bad("has half of the ICE credentials");
  if (!credentials.ufrag.empty()) {
    if (!credentials.valid()) return bad("has malformed ICE credentials");
    out.ice = std::move(credentials);
  }
  return out;
}

std::string Fragment::text() const {
  std::string out;
  if (ice) out += fmt::format("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", ice->ufrag, ice->password);
  if (end_of_candidates) out += "a=end-of-candidates\r\n";
  for (const auto& one : media) {
    out += fmt::format("m={} 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:{}\r\n", one.kind, one.mid);
    for (const auto& candidate : one.candidates) out += fmt::format("a={}\r\n", candidate.text());
    if (one.end_of_candidates) out += "a=end-of-candidates\r\n";
  }
  return out;
}

}  // namespace telltale::rtc::sdp
