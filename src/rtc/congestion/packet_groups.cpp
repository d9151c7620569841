#include "rtc/congestion/packet_groups.hpp"

#include <algorithm>

namespace telltale::rtc::congestion {
namespace {

constexpr std::int64_t kGroupUs = 5'000;
constexpr std::int64_t kBurstUs = 5'000;
constexpr std::int64_t kBurstMaxUs = 100'000;
constexpr std::int64_t kClockJumpUs = 3'000'000;

double to_ms(std::int64_t us) noexcept {
  return static_cast<double>(us) / 1000;
}

}  // namespace

bool PacketGroups::belongs(std::int64_t sent_us, std::int64_t arrived_us) const noexcept {
  if (sent_us - current_->first_sent_us <= kGroupUs) return true;
  const auto sent_apart = sent_us - current_->last_sent_us;
  const auto arrived_apart = arrived_us - current_->last_arrived_us;
  return arrived_apart < sent_apart && arrived_apart <= kBurstUs &&
         arrived_us - current_->first_arrived_us < kBurstMaxUs;
}

std::optional<GroupDelta> PacketGroups::add(std::int64_t sent_us,
                                            std::int64_t arrived_us) noexcept {
  const Group alone{sent_us, sent_us, arrived_us, arrived_us};
  if (!current_) {
    current_ = alone;
    return {};
  }
  if (sent_us < current_->first_sent_us) return {};  // reordered
  if (belongs(sent_us, arrived_us)) {
    current_->last_sent_us = std::max(current_->last_sent_us, sent_us);
    current_->last_arrived_us = std::max(current_->last_arrived_us, arrived_us);
    return {};
  }
  std::optional<GroupDelta> delta;
  if (previous_) {
    const auto sent = current_->last_sent_us - previous_->last_sent_us;
    const auto arrived = current_->last_arrived_us - previous_->last_arrived_us;
    if (std::abs(arrived - sent) > kClockJumpUs) {
      previous_.reset();
      current_ = alone;
      return {};
    }
    if (arrived >= 0)
      delta = GroupDelta{.sent_ms = to_ms(sent),
                         .arrived_ms = to_ms(arrived),
                         .arrival_at_ms = to_ms(current_->last_arrived_us)};
  }
  previous_ = current_;
  current_ = alone;
  return delta;
}

}  // namespace telltale::rtc::congestion
