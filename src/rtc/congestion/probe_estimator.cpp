#include "rtc/congestion/probe_estimator.hpp"

#include <algorithm>

namespace telltale::rtc::congestion {
namespace {

constexpr double kEnough = 0.8;        // of the packets and of the bytes
constexpr double kTooFast = 2.0;       // arrived in half the time: nonsense
constexpr double kSaturated = 0.9;     // arrived this much slower than sent: the link's own rate …
constexpr double kUtilisation = 0.95;  // … of which we take a little less
constexpr double kBitsPerByte = 8;
constexpr double kUsPerSecond = 1e6;
constexpr std::int64_t kIntervalMaxUs = 1'000'000;

}  // namespace

void ProbeEstimator::start(const ProbeRequest& request) noexcept {
  clusters_[next_] = {.request = request};
  next_ = (next_ + 1) % clusters_.size();
}

std::optional<Probed> ProbeEstimator::add(const PacketResult& result) noexcept {
  const auto found = std::ranges::find_if(clusters_, [&](const Cluster& cluster) {
    return cluster.request.cluster == result.probe_cluster;
  });
  if (result.probe_cluster == 0 || found == clusters_.end()) return {};
  auto& cluster = *found;
  const auto sent_us = result.sent.time_since_epoch() / std::chrono::microseconds(1);
  if (cluster.packets == 0 || sent_us < cluster.first_sent_us) cluster.first_sent_us = sent_us;
  if (cluster.packets == 0 || sent_us > cluster.last_sent_us) {
    cluster.last_sent_us = sent_us;
    cluster.last_sent_bytes = 0;
  }
  if (sent_us == cluster.last_sent_us) cluster.last_sent_bytes += result.bytes;
  if (cluster.packets == 0 || result.arrived_us < cluster.first_arrived_us) {
    if (cluster.packets == 0) cluster.arrived_from_us = result.arrived_us;
    cluster.first_arrived_us = result.arrived_us;
    cluster.first_arrived_bytes = 0;
  }
  if (result.arrived_us == cluster.first_arrived_us) cluster.first_arrived_bytes += result.bytes;
  cluster.last_arrived_us = std::max(cluster.last_arrived_us, result.arrived_us);
  if (cluster.packets == 0) cluster.sent_from_us = sent_us;
  const auto at = static_cast<double>(cluster.bytes);
  const auto sent = static_cast<double>(sent_us - cluster.sent_from_us);
  const auto arrived = static_cast<double>(result.arrived_us - cluster.arrived_from_us);
  cluster.at += at;
  cluster.at_at += at * at;
  cluster.sent += sent;
  cluster.at_sent += at * sent;
  cluster.arrived += arrived;
  cluster.at_arrived += at * arrived;
  ++cluster.packets;
  cluster.bytes += result.bytes;
  return judge(cluster);
}

double ProbeEstimator::Cluster::slope_bps(double times, double at_times) const noexcept {
  const double us = packets * at_times - at * times;
  const double whole = packets * at_at - at * at;
  return us > 0 ? kBitsPerByte * whole / us * kUsPerSecond : 0;
}

ProbeEstimator::Rates ProbeEstimator::rates(const Cluster& cluster) noexcept {
  const auto sent_for = cluster.last_sent_us - cluster.first_sent_us;
  const auto arrived_for = cluster.last_arrived_us - cluster.first_arrived_us;
  if (sent_for <= 0 || arrived_for <= 0 || sent_for > kIntervalMaxUs ||
      arrived_for > kIntervalMaxUs)
    return {};
  if (cluster.request.alone)
    return {.sent = cluster.slope_bps(cluster.sent, cluster.at_sent),
            .arrived = cluster.slope_bps(cluster.arrived, cluster.at_arrived)};
  // Neither the last packet sent nor the first received took part in its interval.
  return {.sent = to_bps(static_cast<double>(cluster.bytes - cluster.last_sent_bytes),
                         std::chrono::microseconds(sent_for)),
          .arrived = to_bps(static_cast<double>(cluster.bytes - cluster.first_arrived_bytes),
                            std::chrono::microseconds(arrived_for))};
}

std::optional<Probed> ProbeEstimator::judge(const Cluster& cluster) noexcept {
  if (cluster.packets < cluster.request.packets_min * kEnough ||
      static_cast<double>(cluster.bytes) < static_cast<double>(cluster.request.bytes_min) * kEnough)
    return {};
  const auto [sent, arrived] = rates(cluster);
  if (sent <= 0 || arrived <= 0) return {};
  if (arrived > kTooFast * sent) return {};
  const bool saturated = arrived < kSaturated * sent;
  return Probed{.bps = saturated ? kUtilisation * arrived : std::min(sent, arrived),
                .cluster = cluster.request.cluster,
                .saturated = saturated};
}

}  // namespace telltale::rtc::congestion
