// The rate at which a probe's packets arrived (libwebrtc's ProbeBitrateEstimator). Of one that went
// out alone it is the slope of a line of least squares through when each packet came and how much
// had come by then: jitter turns that far less than it moves the first and the last packet. Beside
// other traffic the line is not better: it makes light of what came between them.
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
    // Sums over its packets: bytes up to each, when it was sent and when it came, from the first
    // on.
    std::int64_t sent_from_us = 0;
    std::int64_t arrived_from_us = 0;
    double at = 0, at_at = 0, sent = 0, at_sent = 0, arrived = 0, at_arrived = 0;
    double slope_bps(double times, double at_times) const noexcept;
  };
  struct Rates {
    double sent = 0;
    double arrived = 0;
  };
  static Rates rates(const Cluster& cluster) noexcept;
  static std::optional<Probed> judge(const Cluster& cluster) noexcept;

  std::array<Cluster, 4> clusters_ = {};
  std::size_t next_ = 0;
};

}  // namespace telltale::rtc::congestion
