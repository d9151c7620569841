#include "rtc/peer/quality_history.hpp"

namespace telltale::rtc {
namespace {

constexpr std::size_t kSwitchesKept = 20;

}  // namespace

void QualityHistory::look(const Viewer& viewer, base::SteadyTime now) {
  limited_s_[viewer.at_highest() ? 0 : 1] += base::to_seconds(now - looked_at_);
  looked_at_ = now;
}

SwitchRecord QualityHistory::add(const Viewer::Switch& change, base::WallTime at) {
  SwitchRecord record{.at = at,
                      .from = change.from,
                      .to = change.to,
                      .reason = std::string(congestion::reason_name(change.reason))};
  if (switches_.size() >= kSwitchesKept) switches_.erase(switches_.begin());
  switches_.push_back(record);
  return record;
}

void QualityHistory::fill(OutboundRtpStats& video, const Viewer& viewer) const {
  video.rid = viewer.rendition();
  video.quality_limitation_s = limited_s_;
  video.quality_limitation_reason =
      viewer.at_highest() || viewer.quality() != Quality::automatic ? "none" : "bandwidth";
  video.quality_limitation_changes = viewer.switches();
}

}  // namespace telltale::rtc
