// Dumps of chrome://webrtc-internals ("webrtc-internals dump", plain or gzip): each of its
// connections as a timeline of ours, scored as if it had been watched. `PeerConnections` has for
// each: `url`, `updateLog` (entries with `timestamp` in milliseconds, or `time` as the browser's
// locale writes it) and `stats`, a series for each member of each RTCStats: "<id>-<name>":
// {startTime, endTime, statsType, values}. Seen with Chromium 156. Pure; for a thread that may take
// its time. Bounds: kDumpBytesMax, kConnectionsMax, kPointsMax.
#pragma once

#include <vector>

#include "monitor/config.hpp"

namespace telltale::monitor {

inline constexpr std::size_t kDumpBytesMax = 64U << 20U;  // unpacked
inline constexpr std::size_t kDumpConnectionsMax = 200;
inline constexpr std::size_t kDumpPointsMax = 10'000;  // of a series; the browser keeps 1,000

struct DumpedConnection {
  std::string source;  // host of the page
  base::WallTime created, closed;
  base::JsonObject summary;
  std::string timeline;  // Timeline::pack()
};
struct Dump {
  std::vector<DumpedConnection> connections;
  std::size_t empty = 0;  // connections without statistics, left out
};

// invalid_argument: it is no such dump; too_large.
base::Result<Dump> read_internals_dump(std::string_view bytes, const Config& config);

}  // namespace telltale::monitor
