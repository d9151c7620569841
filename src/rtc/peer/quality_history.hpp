// How a viewer's quality went: the last changes of the rung, and for how long the path allowed no
// higher one. Part of a Peer, on its loop.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "rtc/connection_record.hpp"
#include "rtc/send/viewer.hpp"

namespace telltale::rtc {

class QualityHistory {
 public:
  explicit QualityHistory(base::SteadyTime now) : looked_at_(now) {}

  // It is sent something from now on.
  void begin(base::SteadyTime now) { looked_at_ = now; }
  // The time since the last look was spent so.
  void look(const Viewer& viewer, base::SteadyTime now);
  SwitchRecord add(const Viewer::Switch& change, base::WallTime at);

  const std::vector<SwitchRecord>& switches() const noexcept { return switches_; }
  // What it was, and is now, in the words of webrtc-stats.
  void fill(OutboundRtpStats& video, const Viewer& viewer) const;

 private:
  std::vector<SwitchRecord> switches_;
  base::SteadyTime looked_at_;
  std::array<double, 2> limited_s_ = {};  // none, bandwidth
};

}  // namespace telltale::rtc
