#include "app/metrics_feed.hpp"

#include <sys/statvfs.h>

#include "base/log.hpp"
#include "net/process.hpp"

namespace telltale::app {
namespace {

constexpr base::Duration kSample = std::chrono::seconds(5);
constexpr std::size_t kCountersMax = 6'000;

double circuit_figure(std::string_view state) {
  return state == "closed" ? 0 : state == "half_open" ? 1 : 2;
}

// It is meant to run and does not: not while it starts, nor when somebody stopped it.
bool is_down(std::string_view status) {
  return status == "disconnected" || status == "circuit_open" || status == "disabled";
}

}  // namespace

void MetricsFeed::start(runtime::Loop& loop) {
  subscription_ = parts_.bus.subscribe(loop, [this](std::span<const bus::PublishedPtr> batch) {
    for (const auto& item : batch) on_event(item->event);
  });
  tasks_ = std::make_unique<runtime::TaskGroup>(loop, "metrics feed");
  tasks_->spawn("app.metrics_feed", sample_always(this));
}

runtime::Task<> MetricsFeed::stop() {
  if (!tasks_) co_return;
  co_await tasks_->stop();
  subscription_ = {};
  sample();
}

runtime::Task<> MetricsFeed::sample_always(MetricsFeed* self) {
  for (;;) {
    self->sample();
    co_await runtime::sleep_for(kSample);
  }
}

void MetricsFeed::on_event(const runtime::Event& event) {
  if (event.type == "tool_result") return on_call(event);
  if (event.type == "mcp_health_check") return on_check(event);
  if (event.type == "loop_stall")
    return count("loop_stalls", {{"loop", base::string_or(event.data, "loop")}}, 1);
  if (event.type == "alert_delivery")
    count("alert_delivery_failures", {{"channel", event.subject}},
          base::string_or(event.data, "outcome") == "delivered" ? 0 : 1);
}

void MetricsFeed::on_call(const runtime::Event& event) {
  const auto server = base::string_or(event.data, "server");
  const auto tool = base::string_or(event.data, "tool");
  if (server.empty() || tool.empty()) return;
  const Labels labels{{"server", server}, {"tool", tool}};
  count("tool_calls", labels, 1);
  count("tool_errors", labels, base::find_bool(event.data, "is_error").value_or(false) ? 1 : 0);
  if (const auto ms = base::find_number(event.data, "duration_ms"))
    gauge("tool_duration_ms", labels, std::round(*ms * 1000) / 1000, "ms");
}

void MetricsFeed::on_check(const runtime::Event& event) {
  const Labels labels{{"server", base::string_or(event.data, "mcp_name")}};
  if (labels.front().second.empty()) return;
  const bool ok = base::find_bool(event.data, "ok").value_or(false);
  count("health_checks", labels, 1);
  count("health_check_failures", labels, ok ? 0 : 1);
  if (const auto ms = base::find_number(event.data, "response_time_ms"); ok && ms)
    gauge("health_check_ms", labels, std::round(*ms * 1000) / 1000, "ms");
}

void MetricsFeed::sample() {
  for (auto& [ignored, counter] : counters_) put_counter(counter);
  for (const auto& [ignored, server] : *parts_.fleet.servers()) sample_server(*server->view());
  sample_process();
  sample_machine();
  const auto* const monitor = parts_.monitor();
  if (monitor == nullptr) return;
  sample_streams(monitor->figures());
}

void MetricsFeed::sample_streams(const monitor::Figures& figures) {
  gauge("webrtc_connections", {}, static_cast<double>(figures.active));
  std::optional<int> worst;
  for (const auto& one : figures.connections)
    if (one.health) worst = std::min(worst.value_or(*one.health), *one.health);
  if (worst) gauge("webrtc_health_worst", {}, *worst);
  gauge("webrtc_connections_begun", {}, static_cast<double>(figures.connections_total));
  double sent = 0;
  for (const auto& one : figures.connections) sent += one.outbound_kbps;
  gauge("webrtc_sent_kbps", {}, std::round(sent), "kbit/s");
  for (std::size_t kind = 0; kind < figures.frames.size(); ++kind) {
    std::uint64_t frames = 0;
    for (const auto& quality : figures.frames[kind]) frames += quality.sent;
    gauge("webrtc_frames_sent", {{"type", kind == 0 ? "video" : "audio"}},
          static_cast<double>(frames));
  }
}

void MetricsFeed::sample_server(const fleet::ServerView& view) {
  const auto& record = view.record;
  const Labels labels{{"server", base::string_or(record, "name")}};
  const auto status = base::string_or(record, "health_status");
  gauge("server_up", labels, status == "healthy" || status == "degraded" ? 1 : 0);
  gauge("server_down", labels, is_down(status) ? 1 : 0);
  gauge("server_circuit", labels, circuit_figure(base::string_or(record, "circuit_state")));
  if (const auto restarts = base::find_number(record, "restarts"))
    gauge("server_restarts", labels, *restarts);
  const auto* const process = base::find_object(record, "process");
  if (process == nullptr) return;
  const auto take = [&](std::string_view name, std::string_view key, std::string_view unit) {
    if (const auto value = base::find_number(*process, key))
      gauge(name, labels, std::round(*value * 10) / 10, unit);
  };
  take("server_cpu_percent", "cpu_percent", "%");
  take("server_memory_bytes", "memory_bytes", "B");
  take("server_fds", "fds", "");
}

void MetricsFeed::sample_process() {
  const auto self = net::sample_self();
  gauge("process_cpu_percent", {}, std::round(self.cpu_percent * 10) / 10, "%");
  gauge("process_memory_bytes", {}, static_cast<double>(self.memory_bytes), "B");
  gauge("process_fds", {}, static_cast<double>(self.fds));
  for (std::size_t i = 0; i < parts_.runtime.size(); ++i) {
    const auto stats = parts_.runtime.loop(i).stats();
    gauge("loop_lag_p99_ms", {{"loop", stats.name}}, static_cast<double>(stats.lag_p99_us) / 1000,
          "ms");
  }
}

void MetricsFeed::sample_machine() {
  gauge("logins_refused", {}, static_cast<double>(parts_.logins_refused()));
  struct statvfs disk{};
  if (::statvfs(parts_.folder.c_str(), &disk) == 0 && disk.f_blocks > 0)
    gauge(
        "disk_free_percent", {},
        std::round(1000 * static_cast<double>(disk.f_bavail) / static_cast<double>(disk.f_blocks)) /
            10,
        "%");
  if (const auto ends = parts_.certificate_ends()) {
    const auto left = *ends - parts_.engine.clock().wall();
    gauge("tls_certificate_days", {},
          std::round(10 * std::chrono::duration<double, std::ratio<86'400>>(left).count()) / 10,
          "days");
  }
}

void MetricsFeed::gauge(std::string_view name, Labels labels, double value, std::string_view unit) {
  auto entry = parts_.engine.get(name, std::move(labels), unit);
  if (!entry) {  // beyond a limit; said once
    if (std::exchange(told_, entry.error().detail) != entry.error().detail)
      base::log(base::LogLevel::warning, "metrics", "not kept: {}", entry.error().detail);
    return;
  }
  parts_.engine.append(**entry, {base::unix_ms(parts_.engine.clock().wall()), value});
}

void MetricsFeed::count(std::string_view name, const Labels& labels, double by) {
  const auto key = series::series_key(name, labels);
  auto found = counters_.find(key);
  if (found == counters_.end()) {
    if (counters_.size() >= kCountersMax) return;
    auto entry = parts_.engine.get(name, labels);
    if (!entry) return;
    found = counters_.emplace(key, Counter{.entry = std::move(*entry)}).first;
    parts_.engine.append(*found->second.entry,
                         {base::unix_ms(parts_.engine.clock().wall()) - 1, 0});
  }
  found->second.value += by;
}

void MetricsFeed::put_counter(Counter& counter) {
  // Deleted by somebody: it begins again.
  if (counter.entry->removed)
    if (auto again = parts_.engine.get(*counter.entry->name, counter.entry->label_list()))
      counter.entry = std::move(*again);
  parts_.engine.append(*counter.entry,
                       {base::unix_ms(parts_.engine.clock().wall()), counter.value});
}

}  // namespace telltale::app
