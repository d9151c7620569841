#include "rtc/congestion/sent_history.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <vector>

namespace telltale::rtc::congestion {
namespace {

constexpr std::size_t kPacketsFirst = 64;
constexpr std::size_t kPacketsMax = 32'768;
constexpr std::uint32_t kReferenceBits = 24;
constexpr std::int64_t kReferenceUs = 64'000;

bool before(std::uint16_t a, std::uint16_t b) noexcept {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) < 0;
}

}  // namespace

SentHistory::SentHistory(std::size_t packets) {
  const auto size = std::bit_ceil(std::clamp(packets, kPacketsFirst, kPacketsMax));
  mask_max_ = static_cast<std::uint16_t>(size - 1);
  mask_ = kPacketsFirst - 1;
  entries_ = std::make_unique<Entry[]>(kPacketsFirst);
}

// Without memory it stays as it is, and forgets.
void SentHistory::grow() noexcept {
  const auto mask = static_cast<std::uint16_t>(mask_ * 2U + 1U);
  std::unique_ptr<Entry[]> larger(new (std::nothrow) Entry[mask + std::size_t{1}]);
  if (!larger) return;
  for (std::size_t i = 0; i <= mask_; ++i)
    if (entries_[i].fate != Fate::none) larger[entries_[i].sequence & mask] = entries_[i];
  entries_ = std::move(larger);
  mask_ = mask;
}

void SentHistory::settle(Entry& entry) noexcept {
  if (entry.fate == Fate::in_flight) bytes_in_flight_ -= entry.bytes;
}

void SentHistory::add(const SentPacket& packet, base::SteadyTime now) noexcept {
  if (!any_sent_) oldest_in_flight_ = packet.sequence;
  any_sent_ = true;
  if (entry(packet.sequence).fate == Fate::in_flight && mask_ < mask_max_) grow();
  auto& slot = entry(packet.sequence);
  settle(slot);
  slot = {.sent_us = now.time_since_epoch() / std::chrono::microseconds(1),
          .sequence = packet.sequence,
          .bytes = packet.bytes,
          .kind = packet.kind,
          .probe_cluster = packet.probe_cluster,
          .fate = Fate::in_flight};
  bytes_in_flight_ += packet.bytes;
}

// The receiver's clock in microseconds, the 24 bits continued over their wrap.
std::int64_t SentHistory::unwrap(std::uint32_t reference_64ms) noexcept {
  constexpr std::int64_t kRange = std::int64_t{1} << kReferenceBits;
  std::int64_t reference = reference_64ms & (kRange - 1);
  if (any_reference_) {
    const auto turn = last_reference_ - (last_reference_ & (kRange - 1));
    reference += turn;
    if (reference - last_reference_ > kRange / 2) reference -= kRange;
    if (last_reference_ - reference > kRange / 2) reference += kRange;
  }
  any_reference_ = true;
  last_reference_ = reference;
  return reference * kReferenceUs;
}

std::span<const PacketResult> SentHistory::match(const Feedback& feedback) noexcept {
  // Read at once by the caller, so that one per thread is enough: it is larger than the entries.
  thread_local std::vector<PacketResult> results;
  if (results.size() <= mask_) results.resize(mask_ + std::size_t{1});
  auto arrived_us = unwrap(feedback.reference_64ms);
  std::size_t count = 0;
  for (const auto& arrival : feedback.arrivals) {
    if (arrival.received) arrived_us += arrival.delta_us;
    auto& slot = entry(arrival.sequence);
    const bool known = slot.sequence == arrival.sequence && slot.fate != Fate::none;
    const auto fate = arrival.received ? Fate::received : Fate::lost;
    if (!known || slot.fate == Fate::received || slot.fate == fate) continue;
    results[count++] = {
        .sent = base::SteadyTime(std::chrono::microseconds(slot.sent_us)),
        .arrived_us = arrived_us,
        .bytes = slot.bytes,
        .kind = slot.kind,
        .probe_cluster = slot.probe_cluster,
        .received = arrival.received,
        .was_thought_lost = slot.fate == Fate::lost,
    };
    settle(slot);
    slot.fate = fate;
    if (count > mask_) break;
  }
  // What is older than what was told about is under way no more, even if its own feedback was lost.
  if (!feedback.arrivals.empty()) {
    const auto last = feedback.arrivals.back().sequence;
    for (std::size_t steps = 0; steps <= mask_ && before(oldest_in_flight_, last); ++steps) {
      auto& slot = entry(oldest_in_flight_);
      if (slot.sequence == oldest_in_flight_ && slot.fate == Fate::in_flight) {
        settle(slot);
        slot.fate = Fate::lost;
      }
      ++oldest_in_flight_;
    }
  }
  return std::span(results).first(count);
}

}  // namespace telltale::rtc::congestion
