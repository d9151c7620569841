#include "rtc/connection_events.hpp"

namespace telltale::rtc {

runtime::Event connection_event(const ConnectionRecord& record, base::WallTime at,
                                std::string_view what, base::JsonObject more) {
  more["event"] = what;
  more["connection_id"] = record.id;
  more["connection"] = to_json(record);
  const bool failed = !record.error.empty();
  return {.time = at,
          .type = "webrtc_connection",
          .channel = "webrtc",
          .subject = record.id,
          .severity = failed ? runtime::Severity::warning : runtime::Severity::info,
          .data = std::move(more)};
}

runtime::Event statistics_event(const ConnectionRecord& record, base::WallTime at,
                                base::JsonObject more) {
  auto data = to_json(record.stats);
  data["connection_id"] = record.id;
  data["state"] = state_name(record.state);
  data["quality"] = quality_name(record.quality);
  data["rendition"] = record.rendition;
  for (auto& [key, value] : more) data[key] = std::move(value);
  return {.time = at,
          .type = "webrtc_stats",
          .channel = "webrtc",
          .subject = record.id,
          .severity = runtime::Severity::debug,
          .data = std::move(data)};
}

}  // namespace telltale::rtc
