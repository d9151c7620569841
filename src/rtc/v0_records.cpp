#include "rtc/v0_records.hpp"

#include <algorithm>
#include <array>

namespace telltale::rtc::v0 {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kOperations{{
    {"webrtc.test_connection", "test_connection"},
    {"webrtc.stream_test_content", "stream_test_content"},
    {"webrtc.stream", "stream_content"},
    {"webrtc.close", "close_connection"},
    {"webrtc.close_all", "close_all_connections"},
    {"webrtc.set_quality", "set_quality"},
    {"webrtc.watch", "stream_content"},
    {"webrtc.answer", "answer"},
    {"webrtc.async_close", "async_close"},
    {"webrtc.publish", "publish"},
}};

Json seconds(const std::optional<base::WallTime>& at) {
  return at ? Json(base::unix_seconds(*at)) : Json(nullptr);
}

int number_of(std::string_view rendition) noexcept {
  if (rendition == "low") return 20;
  return rendition == "high" || rendition == "source" ? 80 : 50;
}

JsonArray tracks_of(const ConnectionRecord& record) {
  JsonArray out;
  for (const auto& one : record.stats.outbound)
    out.push_back(JsonObject{{"kind", one.kind},
                             {"direction", "sendonly"},
                             {"codec", one.codec},
                             {"mid", one.mid},
                             {"ssrc", one.ssrc}});
  for (const auto& one : record.stats.inbound)
    out.push_back(JsonObject{{"kind", one.kind},
                             {"direction", "recvonly"},
                             {"codec", one.codec},
                             {"mid", one.mid},
                             {"ssrc", one.ssrc}});
  return out;
}

JsonArray lifecycle_of(const ConnectionRecord& record) {
  JsonArray out;
  const auto add = [&](const std::optional<base::WallTime>& at, std::string_view type,
                       JsonObject details) {
    if (at)
      out.push_back(JsonObject{
          {"type", type}, {"timestamp", base::unix_seconds(*at)}, {"details", std::move(details)}});
  };
  const auto& times = record.times;
  const bool ours = times.answered || record.state == ConnectionState::offered;
  add(times.created, "connection_state_change", {{"state", ours ? "new" : "connecting"}});
  add(times.answered, "connection_state_change", {{"state", "connecting"}});
  add(times.ice_connected, "ice_state_change", {{"state", "connected"}});
  add(times.connected, "connection_state_change", {{"state", "connected"}});
  add(times.first_packet, "first_packet", {});
  add(times.first_key_frame, "first_key_frame", {});
  for (const auto& change : record.switches)
    add(change.at, "quality_change",
        {{"from", change.from}, {"to", change.to}, {"reason", change.reason}});
  if (!record.error.empty()) add(times.closed, "error", {{"error", record.error}});
  add(times.closed, "connection_state_change",
      {{"state", "closed"}, {"reason", record.close_reason}});
  return out;
}

std::string_view connection_state(const ConnectionRecord& record) noexcept {
  if (record.state == ConnectionState::closed && !record.error.empty()) return "failed";
  return state_name(record.state);
}

std::string_view signaling_state(const ConnectionRecord& record) noexcept {
  if (record.state == ConnectionState::closed) return "closed";
  return record.state == ConnectionState::offered ? "have-local-offer" : "stable";
}

}  // namespace

int quality_number(const ConnectionRecord& record) noexcept {
  return number_of(record.quality == Quality::automatic ? std::string_view(record.rendition)
                                                        : quality_name(record.quality));
}

std::string_view status_of(const ConnectionRecord& record) noexcept {
  switch (record.state) {
    case ConnectionState::offered:
      return "new";
    case ConnectionState::connecting:
      return "connecting";
    case ConnectionState::connected:
    case ConnectionState::disconnected:
      return "active";
    case ConnectionState::closed:
      break;
  }
  return record.error.empty() ? "closed" : "failed";
}

JsonObject connection(const ConnectionRecord& record) {
  const bool closed = record.state == ConnectionState::closed;
  JsonArray channels;
  if (record.data_channels)
    channels.push_back(JsonObject{{"protocol", "sctp"}, {"state", closed ? "closed" : "open"}});
  JsonArray errors;
  if (!record.error.empty()) errors.push_back(Json(record.error));
  auto stats = figures(record);
  stats["webrtc"] = to_json(record.stats);
  return {{"connection_id", record.id},
          {"content_cid", record.source},
          {"status", status_of(record)},
          {"start_time", base::unix_seconds(record.times.created)},
          {"end_time", seconds(record.times.closed)},
          {"created_at", base::unix_seconds(record.times.created)},
          {"updated_at", base::unix_seconds(std::max(record.stats.at, record.times.created))},
          {"quality", quality_number(record)},
          {"quality_name", quality_name(record.quality)},
          {"rendition", record.rendition},
          {"role", role_name(record.role)},
          {"actor", record.actor},
          {"peer_id", record.peer_address},
          {"ice_state", record.stats.transport.ice_state},
          {"connection_state", connection_state(record)},
          {"signaling_state", signaling_state(record)},
          {"gathering_state", "complete"},  // all candidates are in the offer or answer
          {"tracks", tracks_of(record)},
          {"data_channels", std::move(channels)},
          {"errors", std::move(errors)},
          {"async_tasks", JsonArray()},  // connections share their worker's tasks
          {"lifecycle_events", lifecycle_of(record)},
          {"stats", std::move(stats)}};
}

JsonObject figures(const ConnectionRecord& record) {
  const auto& stats = record.stats;
  JsonObject frames;
  JsonObject latency;
  for (const auto& one : stats.outbound)
    if (one.kind == "video")
      frames["video"] = JsonObject{{"fps", one.frames_per_second}, {"sent", one.frames_sent}};
  double jitter_ms = 0;
  for (const auto& one : stats.remote_inbound) jitter_ms = std::max(jitter_ms, one.jitter_s * 1000);
  for (const auto& one : stats.inbound) jitter_ms = std::max(jitter_ms, one.jitter_s * 1000);
  latency["jitter"] = JsonObject{{"ms", jitter_ms}};
  latency["media"] = JsonObject{{"ms", stats.bandwidth.round_trip_s * 1000}};
  if (record.times.connected)
    latency["signaling"] =
        JsonObject{{"ms", base::to_ms(*record.times.connected - record.times.created)}};
  return {
      {"bandwidth",
       JsonObject{
           {"outbound",
            JsonObject{{"kbps", static_cast<double>(stats.bandwidth.acknowledged_bps) / 1000},
                       {"target_kbps", static_cast<double>(stats.bandwidth.target_bps) / 1000}}}}},
      {"packet_loss",
       JsonObject{{"outbound", JsonObject{{"percent", stats.bandwidth.loss * 100}}}}},
      {"frames", std::move(frames)},
      {"latency", std::move(latency)}};
}

std::string_view operation_name(std::string_view ours) noexcept {
  const auto found =
      std::ranges::find(kOperations, ours, [](const auto& pair) { return pair.first; });
  return found == kOperations.end() ? ours : found->second;
}

JsonObject operation(const store::OperationRecord& record) {
  const auto* const arguments = record.arguments.if_object();
  auto connection =
      arguments == nullptr ? std::string() : base::string_or(*arguments, "connection_id");
  if (const auto* const result = record.result.if_object(); result != nullptr && connection.empty())
    connection = base::string_or(*result, "connection_id");
  if (connection.empty()) connection = record.subject;
  const auto* const error = record.error.if_object();
  return {{"operation_id", record.operation_id},
          {"operation", operation_name(record.operation)},
          {"operation_type", operation_name(record.operation)},
          {"connection_id", connection},
          {"timestamp", base::unix_seconds(record.start_time)},
          {"success", record.status == "completed"},
          {"status", record.status},
          {"error", error == nullptr ? Json(nullptr) : Json(base::string_or(*error, "detail"))},
          {"start_time", base::unix_seconds(record.start_time)},
          {"end_time", seconds(record.end_time)},
          {"duration", record.duration_ms ? Json(*record.duration_ms / 1000) : Json(nullptr)},
          {"details", arguments == nullptr ? JsonObject() : *arguments},
          {"result", record.result}};
}

JsonObject task(const runtime::TaskInfo& task) {
  return {{"task_id", task.name + "_" + std::to_string(task.id)},
          {"name", task.name},
          {"created_at", base::unix_seconds(task.created_at)},
          {"completed", task.completed_at.has_value()},
          {"completed_at", seconds(task.completed_at)},
          {"error", task.error.empty() ? Json(nullptr) : Json(task.error)}};
}

}  // namespace telltale::rtc::v0
