#include "rtc/congestion/link_model.hpp"

#include <algorithm>

namespace telltale::rtc::congestion {
namespace {

base::Duration part(base::Duration whole, double fraction) noexcept {
  return base::Duration(
      static_cast<base::Duration::rep>(static_cast<double>(whole.count()) * fraction));
}

}  // namespace

LinkModel::LinkModel(const LinkSettings& settings, std::uint64_t seed) noexcept
    : settings_(settings), random_(seed) {}

base::Duration LinkModel::queue_delay(base::SteadyTime now) const noexcept {
  return std::max(base::Duration(0), free_at_ - now);
}

// Draws the same numbers for every packet, so that one setting changed leaves the others' choices.
bool LinkModel::lost() noexcept {
  const bool alone = random_.chance(settings_.loss);
  const double turn = random_.uniform();
  if (in_burst_)
    in_burst_ = turn >= 1 / std::max(1.0, settings_.burst_packets);
  else
    in_burst_ = turn < settings_.burst_start;
  if (in_burst_) ++counts_.lost_in_bursts;
  return alone || in_burst_;
}

std::span<const base::SteadyTime> LinkModel::offer(std::size_t bytes,
                                                   base::SteadyTime now) noexcept {
  ++counts_.offered;
  const bool gone = lost();
  const double jitter = random_.uniform();
  const bool late = random_.chance(settings_.reorder);
  const bool twice = random_.chance(settings_.duplicate);
  if (gone) {
    ++counts_.lost;
    return {};
  }
  auto leaves = now;
  if (settings_.rate_bps > 0) {
    const auto waits = queue_delay(now);
    if (waits > settings_.queue_max) {
      ++counts_.overflowed;
      return {};
    }
    const double seconds = static_cast<double>(bytes) * 8 / static_cast<double>(settings_.rate_bps);
    leaves = now + waits + part(std::chrono::seconds(1), seconds);
    free_at_ = leaves;
    counts_.queue_delay_max = std::max(counts_.queue_delay_max, waits);
  }
  auto arrives = leaves + settings_.delay + part(settings_.jitter, jitter);
  if (late) {
    ++counts_.reordered;
    arrives += settings_.reorder_delay;
  } else {
    arrives = std::max(arrives, last_arrival_);
    last_arrival_ = arrives;
  }
  arrivals_ = {arrives, arrives + std::chrono::milliseconds(1)};
  const std::size_t copies = twice ? 2 : 1;
  if (twice) ++counts_.duplicated;
  counts_.delivered += copies;
  counts_.bytes_delivered += copies * bytes;
  return std::span(arrivals_).first(copies);
}

}  // namespace telltale::rtc::congestion
