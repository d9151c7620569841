// The rate at which a probe's packets arrived (libwebrtc's ProbeBitrateEstimator).
#pragma once

#include <array>
#include <optional>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

struct Probed {
  double bps = 0;
  std::uint8_t cluster = 0;
  bool saturated = false;  // slower than it was sent: this is the link's rate, else it carries more
};

class ProbeEstimator {
 public:
  void start(const ProbeRequest& request) noexcept;
  // A received packet of a cluster. An estimate once enough of the cluster has arrived.
  std::optional<Probed> add(const PacketResult& result) noexcept;

 private:
  struct Cluster {
    ProbeRequest request = {};
    int packets = 0;
    std::int64_t bytes = 0;
    std::int64_t first_sent_us = 0;
    std::int64_t last_sent_us = 0;
    std::int64_t last_sent_bytes = 0;
    std::int64_t first_arrived_us = 0;
    std::int64_t last_arrived_us = 0;
    std::int64_t first_arrived_bytes = 0;
  };
  static std::optional<Probed> judge(const Cluster& cluster) noexcept;

  std::array<Cluster, 4> clusters_ = {};
  std::size_t next_ = 0;
};

}  // namespace telltale::rtc::congestion
