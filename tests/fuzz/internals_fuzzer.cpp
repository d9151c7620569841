// Dumps of chrome://webrtc-internals, as anybody may hand them in: refused with a reason, or within
// the limits that are named, and every timeline made of one can be read again.
#include "fuzz.hpp"
#include "monitor/internals_dump.hpp"
#include "monitor/timeline.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const monitor::Config config;
  const auto dump = monitor::read_internals_dump(fuzz::text_of(data, size), config);
  if (!dump) {
    fuzz::require(!dump.error().detail.empty(), "it says why");
    return 0;
  }
  fuzz::require(dump->connections.size() <= monitor::kDumpConnectionsMax, "not more connections");
  for (const auto& one : dump->connections) {
    fuzz::require(one.closed >= one.created, "it ends after it began");
    fuzz::require(one.source.find('@') == std::string::npos, "no user of an address is kept");
    const auto timeline = monitor::Timeline::unpack(one.timeline);
    fuzz::require(timeline.has_value(), "what is kept can be read");
    fuzz::require(timeline->size() <= monitor::kDumpPointsMax, "not more samples");
    fuzz::require(timeline->pack() == one.timeline, "and is the same when kept again");
  }
  return 0;
}
