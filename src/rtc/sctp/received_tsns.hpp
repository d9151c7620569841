// Which DATA chunks have come (RFC 9260 sections 3.3.4 and 6.2): the cumulative TSN, what came
// beyond it as ranges, and duplicates since the last SACK. One per association.
// Limits: kAhead TSNs beyond the cumulative one, kRangesMax ranges, kDuplicatesMax duplicates told.
#pragma once

#include <vector>

#include "rtc/bytes.hpp"
#include "rtc/sctp/sequence.hpp"

namespace telltale::rtc::sctp {

class ReceivedTsns {
 public:
  enum class Verdict : std::uint8_t {
    fresh,
    duplicate,
    too_far,  // beyond a limit: as if it had been lost
  };
  static constexpr Tsn kAhead = 16'384;
  static constexpr std::size_t kRangesMax = 256;
  static constexpr std::size_t kDuplicatesMax = 16;

  explicit ReceivedTsns(std::uint32_t peer_initial_tsn) noexcept
      : cumulative_(first_tsn(peer_initial_tsn) - 1) {}

  Tsn unwrap(std::uint32_t wire) const noexcept { return unwrap_tsn(cumulative_, wire); }
  Verdict judge(Tsn tsn) const noexcept;
  void record(Tsn tsn);  // a fresh one
  void note_duplicate(Tsn tsn);
  void forward(Tsn cumulative) noexcept;  // RFC 3758 section 3.6

  Tsn cumulative() const noexcept { return cumulative_; }
  Tsn highest() const noexcept { return ranges_.empty() ? cumulative_ : ranges_.back().last; }
  bool has_gaps() const noexcept { return !ranges_.empty(); }

  // The value of a SACK chunk, as much as `room` allows; duplicates are forgotten then.
  std::vector<std::uint8_t> sack(std::uint32_t window, std::size_t room);

 private:
  struct Range {
    Tsn first = 0;
    Tsn last = 0;
  };
  std::vector<Range>::const_iterator after(Tsn tsn) const noexcept;
  void absorb() noexcept;

  Tsn cumulative_;
  std::vector<Range> ranges_;  // rising, apart from each other
  std::vector<std::uint32_t> duplicates_;
};

}  // namespace telltale::rtc::sctp
