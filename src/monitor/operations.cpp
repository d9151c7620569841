#include "monitor/operations.hpp"

#include <charconv>

#include "store/webrtc_history.hpp"

namespace telltale::monitor {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct ShowTimeline {
  std::string connection_id;
  int samples = 1'000;
};
BOOST_DESCRIBE_STRUCT(ShowTimeline, (), (connection_id, samples))
constexpr auto field_rules(const ShowTimeline*) {
  return std::array{FieldRule{.name = "samples",
                              .help = "the newest ones, at most",
                              .minimum = 1,
                              .maximum = 100'000,
                              .has_default = true}};
}

struct ListHistory {
  std::string source;
  std::string actor;
  std::string cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(ListHistory, (), (source, actor, cursor, limit))
constexpr auto field_rules(const ListHistory*) {
  return std::array{
      FieldRule{.name = "source", .help = "what was played or published", .has_default = true},
      FieldRule{.name = "actor", .help = "whose it was", .has_default = true},
      FieldRule{.name = "cursor", .help = "next_cursor of the page before", .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

namespace {

std::string_view v0_type(Happened kind) {
  switch (kind) {
    case Happened::created:
    case Happened::offer_answered:
    case Happened::connected:
    case Happened::disconnected:
    case Happened::reconnected:
    case Happened::closed:
      return "connection_state_change";
    case Happened::ice_connected:
      return "ice_state_change";
    case Happened::switched:
    case Happened::quality_chosen:
      return "quality_change";
    default:
      return happened_name(kind);
  }
}

std::string_view v0_state(const TimelineEvent& event) {
  switch (event.kind) {
    case Happened::created:
      return rtc::state_name(static_cast<rtc::ConnectionState>(event.a));
    case Happened::offer_answered:
      return "connecting";
    case Happened::disconnected:
      return "disconnected";
    case Happened::closed:
      return "closed";
    default:
      return "connected";
  }
}

JsonObject v0_event(const ToldEvent& event, base::WallTime began,
                    const rtc::ConnectionRecord& record) {
  auto details = to_json(event, began);
  details.erase("at");
  details.erase("type");
  const auto type = v0_type(event.kind);
  if (type.ends_with("state_change")) details["state"] = v0_state(event);
  if (event.kind == Happened::error) details["error"] = record.error;
  return {{"type", type},
          {"timestamp", base::unix_seconds(began + std::chrono::milliseconds(event.at_ms))},
          {"details", std::move(details)}};
}

JsonObject plain_event(std::string_view type, base::WallTime at, std::string_view state) {
  return {{"type", type},
          {"timestamp", base::unix_seconds(at)},
          {"details", JsonObject{{"state", state}}}};
}

TaskResult<JsonObject> timeline(Desk* desk, ContextPtr, ShowTimeline input) {
  const auto samples = static_cast<std::size_t>(input.samples);
  auto record = desk->engine.find(input.connection_id);
  if (!record) record = desk->lens.find(input.connection_id);
  if (record)
    if (const auto view = desk->monitor.view(*record)) {
      auto out = to_json(view->timeline, samples);
      out["connection_id"] = record->id;
      out["state"] = rtc::state_name(record->state);
      out["summary"] = view->summary;
      if (view->scores) out["scores"] = to_json(*view->scores);
      out["optimiser_score"] = view->standing;
      out["statistics"] = joined_statistics(*record);
      co_return out;
    }
  auto kept = co_await store::get_webrtc(desk->store, input.connection_id);
  if (!kept) co_return std::unexpected(kept.error());
  if (*kept) {
    const auto unpacked = Timeline::unpack((*kept)->timeline);
    if (!unpacked) co_return base::fail(base::Code::storage, "what is kept of it cannot be read");
    auto out = to_json(*unpacked, samples);
    out["connection_id"] = (*kept)->id;
    out["state"] = "closed";
    out["summary"] = (*kept)->summary;
    co_return out;
  }
  co_return base::fail(base::Code::not_found, "there is no connection " + input.connection_id);
}

// Where a page ended: "<when it closed>.<id>".
std::string cursor_of(const store::WebrtcHistoryRecord& last) {
  return std::to_string(base::unix_ms(last.closed)) + "." + last.id;
}

bool read_cursor(std::string_view cursor, store::WebrtcHistoryQuery& query) {
  const auto dot = cursor.find('.');
  if (dot == std::string_view::npos) return false;
  std::int64_t closed = 0;
  const auto* const end = cursor.data() + dot;
  const auto read = std::from_chars(cursor.data(), end, closed);
  if (read.ec != std::errc() || read.ptr != end) return false;
  query.before = {base::from_unix_ms(closed), std::string(cursor.substr(dot + 1))};
  return true;
}

TaskResult<JsonObject> history(Desk* desk, ContextPtr, ListHistory input) {
  store::WebrtcHistoryQuery query{.source = input.source,
                                  .actor = input.actor,
                                  .limit = static_cast<std::size_t>(input.limit) + 1};
  if (!input.cursor.empty() && !read_cursor(input.cursor, query))
    co_return base::fail(base::Code::invalid_argument, "this cursor is none of ours");
  auto found = co_await store::list_webrtc(desk->store, std::move(query));
  if (!found) co_return std::unexpected(found.error());
  const bool more = found->size() > static_cast<std::size_t>(input.limit);
  if (more) found->pop_back();
  JsonArray items;
  for (auto& one : *found) items.push_back(std::move(one.summary));
  co_return JsonObject{{"items", std::move(items)},
                       {"next_cursor", more ? Json(cursor_of(found->back())) : Json()}};
}

JsonObject config_json(const Config& config) {
  const auto& optimization = config.optimization;
  const auto range = [](const Range<double>& one) { return JsonArray{one.low, one.high}; };
  JsonArray formats;
  for (const auto& format : config.reporting.formats) formats.push_back(Json(format));
  return {
      {"optimization",
       JsonObject{{"enabled", optimization.enabled},
                  {"auto_quality", optimization.auto_quality},
                  {"buffer_size_range", range(optimization.buffer_size)},
                  {"prefetch_threshold_range", range(optimization.prefetch_threshold)},
                  {"quality_downgrade_threshold", optimization.downgrade_below},
                  {"quality_upgrade_threshold", optimization.upgrade_above},
                  {"buffer_underrun_threshold", optimization.underruns},
                  {"network_sensitivity", optimization.network_sensitivity},
                  {"cpu_sensitivity", optimization.cpu_sensitivity},
                  {"memory_sensitivity", optimization.memory_sensitivity},
                  {"strategy", optimization.strategy.name}}},
      {"metrics", JsonObject{{"collect_detailed_stats", config.metrics.detailed_stats},
                             {"collect_frame_stats", config.metrics.frame_stats},
                             {"collect_resource_stats", config.metrics.resource_stats},
                             {"collect_quality_metrics", config.metrics.quality_metrics}}},
      {"visualization",
       JsonObject{{"enabled", config.visualization.enabled},
                  {"live_update", config.visualization.live_update},
                  {"dashboard_update_interval", config.visualization.dashboard_update_interval_s},
                  {"max_history_points", config.visualization.max_history_points},
                  {"plot_style", config.visualization.plot_style}}},
      {"reporting", JsonObject{{"enabled", config.reporting.enabled},
                               {"save_raw_data", config.reporting.save_raw_data},
                               {"interval", config.reporting.interval_s},
                               {"formats", std::move(formats)}}},
      {"history", JsonObject{{"days", config.history.days}}}};
}

TaskResult<JsonObject> state(Desk* desk, ContextPtr, runtime::Nothing) {
  const auto figures = desk->monitor.figures();
  JsonObject decisions;
  for (std::size_t i = 0; i < figures.decisions.size(); ++i)
    decisions[decision_name(static_cast<Decision>(i))] = figures.decisions[i];
  co_return JsonObject{
      {"connections", desk->monitor.size()},  {"connections_total", figures.connections_total},
      {"decisions", std::move(decisions)},    {"cpu_percent", figures.cpu_percent},
      {"memory_bytes", figures.memory_bytes}, {"config", config_json(desk->monitor.config())}};
}

template <class Input>
void read(runtime::OperationRegistry& registry, Desk& desk, std::string name, std::string help,
          std::string path, TaskResult<JsonObject> (*body)(Desk*, ContextPtr, Input)) {
  runtime::OperationSpec spec = {.name = "webrtc." + std::move(name),
                                 .help = std::move(help),
                                 .permission = "webrtc:read",
                                 .routes = {{"GET", std::move(path)}}};
  spec.group = "WebRTC";
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [desk = &desk, body](ContextPtr context, Input input) {
        return body(desk, std::move(context), std::move(input));
      }));
}

}  // namespace

JsonArray joined_statistics(const rtc::ConnectionRecord& record) {
  const auto stats = rtc::to_json(record.stats);
  // By kind and ssrc; what the client says of a stream it receives has our ssrc.
  JsonArray out;
  const auto entry = [&](const JsonObject& from) -> JsonObject& {
    const auto* const ssrc = base::find(from, "ssrc");
    for (auto& one : out)
      if (ssrc != nullptr && one.at("ssrc") == *ssrc) return one.as_object();
    out.push_back(JsonObject{{"kind", base::string_or(from, "kind")},
                             {"ssrc", ssrc == nullptr ? Json() : *ssrc}});
    return out.back().as_object();
  };
  for (const auto* const list : {"outboundRtp", "remoteInboundRtp", "inboundRtp"})
    if (const auto* const all = base::find_array(stats, list))
      for (const auto& one : *all)
        if (const auto* const object = one.if_object())
          entry(*object)[base::string_or(*object, "type")] = *object;
  if (!record.client) return out;
  if (const auto* const all = base::find_array(*record.client, "stats")) {
    for (const auto& one : *all)
      if (const auto* const object = one.if_object();
          object != nullptr && base::string_or(*object, "type") == "inbound-rtp")
        entry(*object)["inbound-rtp"] = *object;
    return out;
  }
  // Our own player's report, of the video it shows, under the identifiers it was read from.
  const auto report = read_client_report(*record.client);
  JsonObject client{{"type", "inbound-rtp"}, {"kind", "video"}};
  const auto put = [&](const char* name, const std::optional<double>& value, double unit = 1) {
    if (value) client[name] = *value * unit;
  };
  put("framesDecoded", report.frames_decoded);
  put("framesPerSecond", report.frames_per_second);
  put("framesDropped", report.frames_dropped);
  put("freezeCount", report.freezes);
  put("totalFreezesDuration", report.freeze_seconds);
  put("jitter", report.jitter_ms, 0.001);
  for (auto& one : out)
    if (one.at("kind") == "video") one.as_object()["inbound-rtp"] = client;
  return out;
}

void complete_v0(const Monitor& monitor, const rtc::ConnectionRecord& record, JsonObject& shown) {
  base::WallTime began{};
  const auto events = monitor.events_of(record.id, began);
  if (!events.empty()) {
    JsonArray list;
    for (const auto& event : events) {
      list.push_back(v0_event(event, began, record));
      const auto at = began + std::chrono::milliseconds(event.at_ms);
      if (event.kind == Happened::created) {
        const bool ours = event.a == static_cast<std::uint8_t>(rtc::ConnectionState::offered);
        list.push_back(
            plain_event("signaling_state_change", at, ours ? "have-local-offer" : "stable"));
        // Every candidate is in the offer or the answer.
        list.push_back(plain_event("gathering_state_change", at, "complete"));
      }
      if (event.kind == Happened::offer_answered)
        list.push_back(plain_event("signaling_state_change", at, "stable"));
    }
    shown["lifecycle_events"] = std::move(list);
  }
  auto* const stats = shown["stats"].if_object();
  if (stats == nullptr) return;
  if (const auto scores = monitor.scores(record.id))
    (*stats)["quality_metrics"] = JsonObject{{"score", scores->quality},
                                             {"health_score", scores->health},
                                             {"sentence", sentence(*scores)}};
  if (const auto figures = monitor.figures_of(record.id); figures && figures->buffer_seconds)
    (*stats)["buffer"] =
        JsonObject{{"video", JsonObject{{"seconds", *figures->buffer_seconds},
                                        {"frames", figures->buffer_frames.value_or(0)},
                                        {"underruns", figures->underruns}}}};
}

void declare_operations(runtime::OperationRegistry& registry, Desk& desk) {
  read(registry, desk, "timeline", "What a connection was like over time, also one that ended",
       "/api/webrtc/connections/{connection_id}/timeline", timeline);
  read(registry, desk, "history", "Connections that ended, the last to end first",
       "/api/webrtc/history", history);
  read(registry, desk, "monitor", "What the WebRTC monitor does and has decided",
       "/api/webrtc/monitor", state);
}

}  // namespace telltale::monitor
