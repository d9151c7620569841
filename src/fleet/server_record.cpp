// What a server looks like from outside: its record, its events, its log.
#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "fleet/server.hpp"

namespace telltale::fleet {
namespace {

constexpr std::size_t kLogsPerSecond = 200;
constexpr std::chrono::milliseconds kViewDelay{20};

template <class T>
base::Json or_null(const std::optional<T>& value) {
  return value ? base::Json(*value) : base::Json(nullptr);
}

}  // namespace

base::Json Server::at(std::optional<base::SteadyTime> when) const {
  if (!when) return nullptr;
  const auto ahead =
      std::chrono::duration_cast<std::chrono::milliseconds>(*when - parts_.loop.clock().now());
  return base::Json(base::format_rfc3339(parts_.loop.clock().wall() +
                                         std::max(ahead, std::chrono::milliseconds(0))));
}

base::JsonObject Server::circuit_record() const {
  const auto& circuit = reconciler_.circuit();
  return {{"state", circuit_name(circuit.state())},
          {"failure_count", circuit.failure_count()},
          {"threshold", circuit.settings().failure_threshold},
          {"failure_cycles", circuit.failure_cycles()},
          {"max_cycles", circuit.settings().max_failure_cycles},
          {"half_open_calls", circuit.half_open_calls()},
          {"retry_at", at(circuit.retry_at())}};
}

base::Json Server::process_record() const {
  if (!usage_ || !client_) return nullptr;
  return base::JsonObject{{"pid", usage_->pid},
                          {"cpu_percent", usage_->cpu_percent},
                          {"memory_bytes", usage_->memory_bytes},
                          {"fds", usage_->fds},
                          {"threads", usage_->threads},
                          {"started_at", base::format_rfc3339(usage_->started_at)}};
}

base::JsonObject Server::record() const {
  base::JsonArray tags;
  for (const auto& tag : definition_.tags) tags.push_back(base::Json(tag));
  base::JsonArray times;
  for (std::size_t i = 0; i < window_.checks().size(); ++i) {
    const auto& check = window_.checks()[i];
    times.push_back(
        {{"time", base::format_rfc3339(check.time)}, {"ms", check.ms}, {"ok", check.ok}});
  }
  base::JsonObject out{{"id", definition_.id},
                       {"name", definition_.name},
                       {"transport", mcp::transport_name(definition_.transport)},
                       {"target", definition_.target()},
                       {"managed", definition_.executes()},
                       {"origin", origin_},
                       {"tags", std::move(tags)},
                       {"description", definition_.description},
                       {"desired", desired_name(reconciler_.desired())},
                       {"health_status", status_name(reconciler_.status())},
                       {"reason", reconciler_.reason()},
                       {"since", base::format_rfc3339(since_)},
                       {"circuit_state", circuit_name(reconciler_.circuit().state())},
                       {"circuit", circuit_record()}};
  out["last_health_check"] =
      last_check_ ? base::Json(base::format_rfc3339(*last_check_)) : base::Json(nullptr);
  out["next_health_check"] = at(reconciler_.next_check());
  out["response_time_ms"] = or_null(last_ms_);
  out["p50_ms"] = or_null(window_.quantile(0.5));
  out["p95_ms"] = or_null(window_.quantile(0.95));
  out["response_times"] = std::move(times);
  out["checks"] = {{"total", checks_total_}, {"failed", checks_failed_}};
  out["restarts"] = reconciler_.restarts();
  out["next_start"] = at(reconciler_.next_start());
  out["protocol"] = nullptr;
  out["server_info"] = nullptr;
  out["instructions"] = nullptr;
  out["capabilities"] = base::JsonObject();
  if (info_) {
    out["protocol"] = {{"version", info_->protocol_version}, {"era", mcp::era_name(info_->era)}};
    out["server_info"] = info_->server_info;
    out["capabilities"] = info_->capabilities;
    if (!info_->instructions.empty()) out["instructions"] = info_->instructions;
  }
  out["tools_count"] = lists_->tools.size();
  out["resources_count"] = lists_->resources.size();
  out["prompts_count"] = lists_->prompts.size();
  out["process"] = process_record();
  out["sandbox"] = sandbox_;
  out["authorization"] = authorization_record();
  out["calls"] = {{"total", calls_total_}, {"failed", calls_failed_}, {"in_flight", in_flight_}};
  out["findings"] = findings_;
  return out;
}

void Server::refresh_view() {
  refresh_due_ = false;
  auto view = std::make_shared<ServerView>();
  view->definition = definition_;
  view->origin = origin_;
  view->record = record();
  view->status = reconciler_.status();
  view->lists = lists_;
  view->lists_at = lists_at_;
  view->stale = !client_ || !client_->connected();
  view_.store(std::move(view));
  parts_.version.fetch_add(1, std::memory_order_release);
}

void Server::refresh_soon() {
  if (std::exchange(refresh_due_, true)) return;
  auto& loop = parts_.loop;
  loop.schedule_at(loop.clock().now() + kViewDelay, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->refresh_due_) self->refresh_view();
  });
}

void Server::publish(std::string type, std::string channel, runtime::Severity severity,
                     base::JsonObject data) {
  parts_.events.publish({.type = std::move(type),
                         .channel = std::move(channel),
                         .subject = definition_.name,
                         .severity = severity,
                         .data = std::move(data)});
}

void Server::health_event(std::string_view kind, runtime::Severity severity,
                          base::JsonObject data) {
  publish("health_event", "events", severity,
          {{"mcp_name", definition_.name}, {"event_type", kind}, {"data", std::move(data)}});
}

// A child that floods its stderr fills neither the bus nor the store: the rest of the second is
// counted and said.
void Server::log(std::string_view stream, std::string_view level, std::string_view message) {
  const auto now = parts_.loop.clock().now();
  if (now - log_window_ > std::chrono::seconds(1)) {
    log_window_ = now;
    log_count_ = 0;
    if (const auto skipped = std::exchange(log_skipped_, 0); skipped > 0)
      log("telltale", "warning",
          fmt::format("{} log lines left out: over {} a second", skipped, kLogsPerSecond));
  }
  if (++log_count_ > kLogsPerSecond && stream != "telltale") {
    ++log_skipped_;
    return;
  }
  store::LogRecord line{.log_seq = ++log_seq_,
                        .server = definition_.name,
                        .time = parts_.loop.clock().wall(),
                        .stream = std::string(stream),
                        .level = std::string(level),
                        .message = base::to_utf8(message.substr(0, 16U << 10U))};
  logs_.push(line);
  publish("log", "logs",
          level == "error"     ? runtime::Severity::error
          : level == "warning" ? runtime::Severity::warning
                               : runtime::Severity::info,
          {{"log_seq", line.log_seq},
           {"server", line.server},
           {"stream", line.stream},
           {"level", line.level},
           {"message", line.message},
           {"time", base::format_rfc3339(line.time)}});
  store::record_log(parts_.store, std::move(line));
}

std::vector<store::LogRecord> Server::recent_logs(std::size_t limit) const {
  std::vector<store::LogRecord> out;
  const auto first = logs_.size() > limit ? logs_.size() - limit : 0;
  for (auto i = first; i < logs_.size(); ++i) out.push_back(logs_[i]);
  return out;
}

base::JsonObject Server::recording() const {
  mcp::RecordingHead head{.name = definition_.name,
                          .time = parts_.loop.clock().wall(),
                          .transport = std::string(mcp::transport_name(definition_.transport))};
  head.url = definition_.url;
  if (definition_.url.empty()) {
    head.command = definition_.command;
    head.args = definition_.arguments;
  }
  return {{"name", definition_.name},
          {"messages", messages_.size()},
          {"left_out", messages_.left_out()},
          {"recording", messages_.recording(std::move(head))}};
}

base::JsonObject Server::stats() const {
  base::JsonArray tools;
  for (const auto& [name, stats] : tool_stats_)
    tools.push_back({{"name", name},
                     {"calls", stats.calls},
                     {"failures", stats.failures},
                     {"p50_ms", static_cast<double>(stats.us.quantile(0.5)) / 1000},
                     {"p95_ms", static_cast<double>(stats.us.quantile(0.95)) / 1000},
                     {"max_ms", static_cast<double>(stats.us.max()) / 1000},
                     {"last_called_at", base::format_rfc3339(stats.last)}});
  auto shown = record();
  return {{"calls", calls_total_},       {"failures", calls_failed_},
          {"in_flight", in_flight_},     {"tools", std::move(tools)},
          {"process", shown["process"]}, {"response_times", shown["response_times"]},
          {"checks", shown["checks"]}};
}

}  // namespace telltale::fleet
