#include "rtc/sctp/received_tsns.hpp"

#include <algorithm>

namespace telltale::rtc::sctp {

// The first range that begins after `tsn`.
std::vector<ReceivedTsns::Range>::const_iterator ReceivedTsns::after(Tsn tsn) const noexcept {
  return std::upper_bound(ranges_.begin(), ranges_.end(), tsn,
                          [](Tsn value, const Range& range) { return value < range.first; });
}

ReceivedTsns::Verdict ReceivedTsns::judge(Tsn tsn) const noexcept {
  if (tsn <= cumulative_) return Verdict::duplicate;
  if (tsn > cumulative_ + kAhead) return Verdict::too_far;
  if (tsn == cumulative_ + 1) return Verdict::fresh;
  const auto next = after(tsn);
  const bool follows = next != ranges_.begin() && std::prev(next)->last + 1 >= tsn;
  if (follows && std::prev(next)->last >= tsn) return Verdict::duplicate;
  const bool joins = follows || (next != ranges_.end() && next->first == tsn + 1);
  return joins || ranges_.size() < kRangesMax ? Verdict::fresh : Verdict::too_far;
}

void ReceivedTsns::record(Tsn tsn) {
  if (tsn == cumulative_ + 1) {
    cumulative_ = tsn;
    absorb();
    return;
  }
  const auto next = ranges_.begin() + (after(tsn) - ranges_.cbegin());
  const bool joins_next = next != ranges_.end() && next->first == tsn + 1;
  if (next != ranges_.begin() && std::prev(next)->last + 1 == tsn) {
    const auto before = std::prev(next);
    before->last = joins_next ? next->last : tsn;
    if (joins_next) ranges_.erase(next);
  } else if (joins_next) {
    next->first = tsn;
  } else {
    ranges_.insert(next, {.first = tsn, .last = tsn});
  }
}

void ReceivedTsns::note_duplicate(Tsn tsn) {
  if (duplicates_.size() < kDuplicatesMax) duplicates_.push_back(wire_tsn(tsn));
}

void ReceivedTsns::forward(Tsn cumulative) noexcept {
  if (cumulative <= cumulative_) return;
  cumulative_ = cumulative;
  absorb();
}

// Takes the ranges that the cumulative TSN has reached.
void ReceivedTsns::absorb() noexcept {
  auto first = ranges_.begin();
  while (first != ranges_.end() && first->first <= cumulative_ + 1) {
    cumulative_ = std::max(cumulative_, first->last);
    ++first;
  }
  ranges_.erase(ranges_.begin(), first);
}

std::vector<std::uint8_t> ReceivedTsns::sack(std::uint32_t window, std::size_t room) {
  constexpr std::size_t kFixed = 12;
  const auto entries = room < kFixed ? 0 : (room - kFixed) / 4;
  const auto gaps = std::min(ranges_.size(), entries);
  const auto repeated = std::min(duplicates_.size(), entries - gaps);
  std::vector<std::uint8_t> value(kFixed + 4 * (gaps + repeated));
  Writer writer(value);
  writer.u32(wire_tsn(cumulative_));
  writer.u32(window);
  writer.u16(gaps);
  writer.u16(repeated);
  for (std::size_t i = 0; i < gaps; ++i) {
    writer.u16(ranges_[i].first - cumulative_);
    writer.u16(ranges_[i].last - cumulative_);
  }
  for (std::size_t i = 0; i < repeated; ++i) writer.u32(duplicates_[i]);
  duplicates_ = {};
  return value;
}

}  // namespace telltale::rtc::sctp
