#include "rtc/receive/nack_list.hpp"

#include <algorithm>

namespace telltale::rtc {

bool NackList::on_packet(std::int64_t sequence, base::SteadyTime now) {
  if (!highest_) {
    highest_ = sequence;
    return true;
  }
  if (sequence <= *highest_) {
    const auto found = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
    if (found != missing_.end() && found->sequence == sequence) missing_.erase(found);
    return true;
  }
  const auto gap = sequence - *highest_ - 1;
  const auto first = *highest_ + 1;
  highest_ = sequence;
  if (gap + static_cast<std::int64_t>(missing_.size()) > static_cast<std::int64_t>(kMissingMax)) {
    given_up_ += missing_.size() + static_cast<std::uint64_t>(gap);
    missing_.clear();
    return false;
  }
  for (auto at = first; at < sequence; ++at) missing_.push_back({.sequence = at, .at = now});
  return true;
}

base::SteadyTime NackList::due(const Missing& missing, base::Duration round_trip) noexcept {
  if (missing.tries == 0) return missing.at + kPatience;
  return missing.at + std::max<base::Duration>(round_trip * 5 / 4, kPatience * 2);
}

std::size_t NackList::poll(base::Duration round_trip, base::SteadyTime now,
                           std::span<std::uint16_t> out) {
  const auto before = missing_.size();
  std::erase_if(missing_, [&](const Missing& at) {
    return *highest_ - at.sequence > kReachBack ||
           (at.tries >= kTriesMax && due(at, round_trip) <= now);
  });
  given_up_ += before - missing_.size();
  std::size_t count = 0;
  for (auto& at : missing_) {
    if (count == out.size()) break;
    if (at.tries >= kTriesMax || due(at, round_trip) > now) continue;
    out[count++] = static_cast<std::uint16_t>(at.sequence);
    at.at = now;
    ++at.tries;
  }
  return count;
}

std::optional<base::SteadyTime> NackList::next_deadline(base::Duration round_trip) const noexcept {
  std::optional<base::SteadyTime> next;
  for (const auto& at : missing_) {
    const auto when = due(at, round_trip);
    if (!next || when < *next) next = when;
  }
  return next;
}

void NackList::forget_before(std::uint16_t sequence) {
  std::erase_if(missing_, [&](const Missing& one) {
    const auto behind =
        static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(one.sequence));
    return behind != 0 && behind < 0x8000;
  });
}

}  // namespace telltale::rtc
