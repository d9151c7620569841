// What can be asked of the monitor: webrtc.timeline, webrtc.history, webrtc.monitor,
// webrtc.lens.report, webrtc.import; and what it
// adds to the records of the v0 interface.
#pragma once

#include "monitor/lens.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/operation.hpp"
#include "store/store.hpp"

namespace telltale::monitor {

// All of it outlives the catalog.
struct Desk {
  rtc::Engine& engine;
  Monitor& monitor;
  store::Store& store;
  Lens& lens;
  runtime::BlockingPool& blocking;
  const base::Clock& clock;
};

void declare_operations(runtime::OperationRegistry& registry, Desk& desk);
void declare_lens_operations(runtime::OperationRegistry& registry, Desk& desk);

// lifecycle_events from the timeline, quality_metrics and buffer in stats.
void complete_v0(const Monitor& monitor, const rtc::ConnectionRecord& record,
                 base::JsonObject& shown);
// What server and client say of the same stream, side by side by W3C type, one entry per stream:
// [{kind, ssrc, "outbound-rtp": {…}, "remote-inbound-rtp": {…}, "inbound-rtp": {…}}].
base::JsonArray joined_statistics(const rtc::ConnectionRecord& record);

}  // namespace telltale::monitor
