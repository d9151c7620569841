#include "rtc/connection_record.hpp"

namespace telltale::rtc {

std::string_view state_name(ConnectionState state) noexcept {
  switch (state) {
    case ConnectionState::offered:
      return "new";
    case ConnectionState::connecting:
      return "connecting";
    case ConnectionState::connected:
      return "connected";
    case ConnectionState::disconnected:
      return "disconnected";
    case ConnectionState::closed:
      return "closed";
  }
  return "";
}

std::string_view role_name(ConnectionRole role) noexcept {
  switch (role) {
    case ConnectionRole::viewer:
      return "viewer";
    case ConnectionRole::publisher:
      return "publisher";
    case ConnectionRole::foreign:
      return "foreign";
  }
  return "";
}

base::JsonObject to_json(const ConnectionRecord& record) {
  base::JsonObject out{{"id", record.id},
                       {"role", role_name(record.role)},
                       {"state", state_name(record.state)},
                       {"source", record.source},
                       {"actor", record.actor},
                       {"peer_address", record.peer_address},
                       {"video_codec", record.video_codec},
                       {"audio_codec", record.audio_codec},
                       {"quality", quality_name(record.quality)},
                       {"rendition", record.rendition},
                       {"limit", record.limit},
                       {"worker", record.worker},
                       {"data_channels", record.data_channels},
                       {"switch_count", record.switch_count},
                       {"created_at", base::format_rfc3339(record.times.created)}};
  const auto time = [&](const char* name, const std::optional<base::WallTime>& at) {
    if (at) out[name] = base::format_rfc3339(*at);
  };
  time("answered_at", record.times.answered);
  time("ice_connected_at", record.times.ice_connected);
  time("connected_at", record.times.connected);
  time("first_packet_at", record.times.first_packet);
  time("first_key_frame_at", record.times.first_key_frame);
  time("closed_at", record.times.closed);
  if (record.role == ConnectionRole::foreign) out["app"] = record.source;
  if (!record.close_reason.empty()) out["close_reason"] = record.close_reason;
  if (!record.error.empty()) out["error"] = record.error;
  base::JsonArray switches;
  for (const auto& change : record.switches)
    switches.push_back(base::JsonObject{{"at", base::format_rfc3339(change.at)},
                                        {"from", change.from},
                                        {"to", change.to},
                                        {"reason", change.reason}});
  out["switches"] = std::move(switches);
  out["stats"] = to_json(record.stats);
  if (record.client) {
    out["client"] = *record.client;
    out["client_at"] = base::format_rfc3339(record.client_at);
  }
  return out;
}

}  // namespace telltale::rtc
