#include "rtc/congestion/acknowledged_bitrate.hpp"

#include <algorithm>
#include <numeric>

namespace telltale::rtc::congestion {
namespace {

constexpr std::int64_t kSeenMinUs = 250'000;

}  // namespace

void AcknowledgedBitrate::add(std::int64_t arrived_us, std::uint16_t bytes) noexcept {
  const auto bucket = arrived_us / kBucketUs;
  if (newest_ < 0 || bucket > newest_ + 5 * kBuckets || bucket < newest_ - 5 * kBuckets) {
    bytes_ = {};
    newest_ = bucket;
    first_us_ = arrived_us;
  }
  if (bucket <= newest_ - kBuckets) return;
  for (; newest_ < bucket; ++newest_)
    bytes_[static_cast<std::size_t>((newest_ + 1) % kBuckets)] = 0;
  bytes_[static_cast<std::size_t>(bucket % kBuckets)] += bytes;
  last_us_ = std::max(last_us_, arrived_us);
}

std::optional<double> AcknowledgedBitrate::bps() const noexcept {
  if (newest_ < 0 || last_us_ - first_us_ < kSeenMinUs) return {};
  // From the beginning of the oldest bucket, or of everything, to the last arrival.
  const auto since = std::max(first_us_, (newest_ - kBuckets + 1) * kBucketUs);
  const auto span = std::chrono::microseconds(std::max(last_us_ - since, kSeenMinUs));
  const auto bytes = std::accumulate(bytes_.begin(), bytes_.end(), std::int64_t{0});
  return to_bps(static_cast<double>(bytes), span);
}

std::optional<double> AcknowledgedBitrate::recent_bps() const noexcept {
  const auto all = bps();
  if (!all) return {};
  // The newest bucket is not full yet: it is counted for the time it has lasted.
  std::int64_t bytes = 0;
  for (auto bucket = newest_ - kRecentBuckets; bucket <= newest_; ++bucket)
    bytes += bytes_[static_cast<std::size_t>((bucket + kBuckets) % kBuckets)];
  const auto span = last_us_ - (newest_ - kRecentBuckets) * kBucketUs;
  return to_bps(static_cast<double>(bytes), std::chrono::microseconds(span));
}

}  // namespace telltale::rtc::congestion
