// Which packets of one stream are missing, and when to ask for them: a moment after the gap showed
// (they may only be late), again after each round trip, ten times at most (RFC 4585 section 3.4
// leaves it to us). Limit: 1,000 missing; beyond that the list is given up and a key frame is
// needed. Part of an InboundStream; time comes in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"

namespace telltale::rtc {

class NackList {
 public:
  static constexpr std::size_t kMissingMax = 1'000;
  static constexpr std::int64_t kReachBack = 1'000;  // packets older than that are not asked for
  static constexpr int kTriesMax = 10;
  static constexpr base::Duration kPatience = std::chrono::milliseconds(8);

  // An unwrapped sequence number. False: too many are missing; they are forgotten.
  bool on_packet(std::int64_t sequence, base::SteadyTime now);
  // What to ask for now, ascending; those are noted as asked.
  std::size_t poll(base::Duration round_trip, base::SteadyTime now, std::span<std::uint16_t> out);
  std::optional<base::SteadyTime> next_deadline(base::Duration round_trip) const noexcept;

  // What came before this one is not needed any more: it begins a key frame.
  void forget_before(std::uint16_t sequence);
  std::size_t missing() const noexcept { return missing_.size(); }
  std::uint64_t given_up() const noexcept { return given_up_; }

 private:
  struct Missing {
    std::int64_t sequence = 0;
    base::SteadyTime at = {};  // when it was missed, then when it was asked for
    int tries = 0;
  };
  static base::SteadyTime due(const Missing& missing, base::Duration round_trip) noexcept;

  std::vector<Missing> missing_;  // ascending
  std::optional<std::int64_t> highest_;
  std::uint64_t given_up_ = 0;
};

}  // namespace telltale::rtc
