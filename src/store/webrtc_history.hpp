// What is kept of WebRTC connections that ended: a summary and the packed timeline of each. Written
// as telemetry, read newest first.
#pragma once

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct WebrtcHistoryRecord {
  std::string id;
  base::WallTime created;
  base::WallTime closed;
  std::string actor;
  std::string source;
  base::JsonObject summary;
  std::string timeline;  // bytes
};

struct WebrtcHistoryQuery {
  std::string source, actor;
  std::size_t limit = 100;
  // Those that ended before this one: when it did, and its id.
  std::optional<std::pair<base::WallTime, std::string>> before = {};
};

void record_webrtc(Store& store, WebrtcHistoryRecord record);
// The same, on disk when it returns.
runtime::TaskResult<bool> keep_webrtc(Store& store, WebrtcHistoryRecord record);
// Without timelines.
runtime::TaskResult<std::vector<WebrtcHistoryRecord>> list_webrtc(Store& store,
                                                                  WebrtcHistoryQuery query);
runtime::TaskResult<std::optional<WebrtcHistoryRecord>> get_webrtc(Store& store, std::string id);
// One round: deletes at most `batch` that closed before then.
runtime::TaskResult<bool> forget_webrtc(Store& store, base::WallTime before,
                                        std::size_t batch = 1'000);

}  // namespace telltale::store
