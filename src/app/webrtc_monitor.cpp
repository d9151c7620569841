#include "app/webrtc_monitor.hpp"

#include "app/machine.hpp"
#include "app/webrtc_metrics.hpp"
#include "base/log.hpp"
#include "rtc/v0_records.hpp"
#include "runtime/run.hpp"
#include "store/webrtc_history.hpp"

namespace telltale::app {
namespace {

constexpr std::uint16_t kMetricsPort = 9090;
constexpr std::string_view kServerId = "telltale";
constexpr base::Duration kHistoryInterval = std::chrono::minutes(10);
constexpr base::Duration kMetricsDrain = std::chrono::seconds(1);

bool has_ended(const base::JsonObject& operation) {
  const auto status = base::string_or(operation, "status");
  return status == "completed" || status == "failed" || status == "canceled";
}

}  // namespace

WebRtcMonitor::WebRtcMonitor(const ServeSettings& settings, Parts parts, monitor::Config config)
    : parts_(parts),
      metrics_on_(!settings.disable_webrtc_metrics),
      poll_interval_(static_cast<base::Duration::rep>(settings.poll_interval_s * 1e9)),
      history_days_(config.history.days),
      actions_(parts.engine, parts.runtime.loop(0)),
      tasks_(parts.runtime.loop(0), "webrtc monitor house") {
  config.optimization.enabled = !settings.disable_optimization;
  config.optimization.auto_quality = !settings.disable_auto_quality;
  if (settings.visualization_interval_s)
    config.visualization.dashboard_update_interval_s = *settings.visualization_interval_s;
  monitor_ = std::make_unique<monitor::Monitor>(
      std::move(config),
      monitor::Monitor::Parts{.clock = parts_.runtime.clock(),
                              .events = parts_.bus,
                              .actions = actions_,
                              .ended = [this](monitor::Ended ended) { keep(std::move(ended)); },
                              .log =
                                  [this](const std::string& line) {
                                    if (logs_) logs_->line(line);
                                  }});
  lens_ = std::make_unique<monitor::Lens>(monitor::Lens::Parts{
      .monitor = *monitor_, .events = parts_.bus, .loop = parts_.runtime.loop(0)});
  desk_ = std::make_unique<monitor::Desk>(monitor::Desk{.engine = parts_.engine,
                                                        .monitor = *monitor_,
                                                        .store = parts_.store,
                                                        .lens = *lens_,
                                                        .blocking = parts_.runtime.blocking(),
                                                        .clock = parts_.runtime.clock()});
  reporter_ = std::make_unique<monitor::Reporter>(
      monitor::Reporter::Parts{.loop = parts_.runtime.loop(0),
                               .blocking = parts_.runtime.blocking(),
                               .engine = parts_.engine,
                               .monitor = *monitor_,
                               .store = parts_.store,
                               .folder = settings.report_path,
                               .complain = [](const std::string& why) {
                                 base::log(base::LogLevel::warning, "webrtc", "no report: {}", why);
                               }});
}

base::Result<std::unique_ptr<WebRtcMonitor>> WebRtcMonitor::open(const ServeSettings& settings,
                                                                 Parts parts) {
  monitor::Config config;
  if (!settings.webrtc_config_path.empty()) {
    auto read = monitor::Config::read_file(settings.webrtc_config_path);
    if (!read) {
      read.error().detail = "--webrtc-config-path: " + read.error().detail;
      return std::unexpected(read.error());
    }
    config = std::move(*read);
  }
  std::unique_ptr<WebRtcMonitor> out(new WebRtcMonitor(settings, parts, std::move(config)));
  if (!settings.log_dir.empty()) {
    auto logs = monitor::LogFiles::open(
        {.folder = settings.log_dir}, parts.runtime.blocking(), [](const std::string& word) {
          base::log(word.empty() ? base::LogLevel::info : base::LogLevel::warning, "webrtc", "{}",
                    word.empty() ? "--log-dir: it can be written again" : word);
        });
    if (!logs) return std::unexpected(logs.error());
    out->logs_ = std::move(*logs);
  }
  if (auto opened = out->open_metrics(settings); !opened) return std::unexpected(opened.error());
  parts.engine.observe(*out->monitor_);
  return out;
}

// A port that was asked for and is taken ends the start; the usual one is often Prometheus' own, so
// then it is a warning: /metrics has the same.
base::Result<void> WebRtcMonitor::open_metrics(const ServeSettings& settings) {
  if (!metrics_on_) return {};
  const bool asked = settings.webrtc_metrics_port >= 0;
  const auto port = asked ? static_cast<std::uint16_t>(settings.webrtc_metrics_port) : kMetricsPort;
  auto server = net::HttpServer::open(
      {.host = "127.0.0.1", .port = port, .body_limit = 4096, .connection_limit = 64},
      {&parts_.runtime.loop(0)},
      [this](net::Request request) { return answer(this, std::move(request)); });
  if (server) {
    metrics_port_ = std::move(*server);
    return {};
  }
  if (asked)
    return base::fail(server.error().code, "--webrtc-metrics-port: " + server.error().detail);
  metrics_error_ = "no WebRTC metrics on port " + std::to_string(port) + ": " +
                   server.error().detail + " (/metrics has them)";
  base::log(base::LogLevel::warning, "webrtc", "{}", metrics_error_);
  return {};
}

runtime::Task<net::Response> WebRtcMonitor::answer(const WebRtcMonitor* self,
                                                   net::Request request) {
  net::Response out;
  if (request.path != "/" && request.path != "/metrics") {
    out.status = 404;
    out.headers.set("content-type", "text/plain; charset=utf-8");
    out.body = "The metrics are at / and /metrics.\n";
  } else if (request.method != "GET" && request.method != "HEAD") {
    out.status = 405;
    out.headers.set("allow", "GET, HEAD");
  } else {
    out.headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
    out.body = self->metrics_text();
  }
  co_return out;
}

std::string WebRtcMonitor::metrics_text() const {
  exposition::MetricsText out;
  write_webrtc_metrics(out, monitor_->figures(), parts_.sources.prefetches(), kServerId);
  return out.take();
}

void WebRtcMonitor::log_metrics(exposition::MetricsText& out) const {
  const auto stats = logs_ ? logs_->stats() : monitor::LogFiles::Stats{};
  const auto one = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    out.family(name, exposition::MetricsText::Type::counter, help);
    out.sample(static_cast<double>(value));
  };
  one("telltale_webrtc_log_written_total", "Lines and files of WebRTC written to --log-dir",
      stats.written);
  one("telltale_webrtc_log_dropped_total", "Of these, dropped for want of room in the queue",
      stats.dropped);
  one("telltale_webrtc_log_failed_total", "Not taken by the disk", stats.failed);
}

void WebRtcMonitor::lens_metrics(exposition::MetricsText& out) const {
  const auto figures = lens_->figures();
  const auto one = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    out.family(name, exposition::MetricsText::Type::counter, help);
    out.sample(static_cast<double>(value));
  };
  one("telltale_webrtc_lens_reports_total", "Reports of pages of other applications",
      figures.reports);
  one("telltale_webrtc_lens_samples_total", "Samples of connections in them", figures.samples);
  one("telltale_webrtc_lens_samples_dropped_total", "Too close to the one before, or older",
      figures.samples_dropped);
  one("telltale_webrtc_lens_refused_total", "Connections beyond a limit",
      figures.connections_refused);
  out.family("telltale_webrtc_foreign_connections", exposition::MetricsText::Type::gauge,
             "Open connections of other applications");
  for (const auto& [app, count] : figures.apps)
    out.sample(static_cast<double>(count), {{"app", app}});
}

void WebRtcMonitor::metrics(exposition::MetricsText& out) const {
  log_metrics(out);
  lens_metrics(out);
  if (!metrics_on_) return;
  write_webrtc_metrics(out, monitor_->figures(), parts_.sources.prefetches(), kServerId);
}

void WebRtcMonitor::declare(runtime::OperationRegistry& registry) {
  monitor::declare_operations(registry, *desk_);
  monitor::declare_report_operations(registry, *reporter_);
  monitor::declare_lens_operations(registry, *desk_);
}

void WebRtcMonitor::start() {
  parts_.runtime.loop(0).post([this] {
    if (logs_)
      operations_ = parts_.bus.subscribe(
          parts_.runtime.loop(0), [this](std::span<const bus::PublishedPtr> b) { on_events(b); });
    lens_->start();
    tasks_.spawn("webrtc.machine", look_at_machine(this));
    tasks_.spawn("webrtc.history", keep_history(this));
    reporter_->start();
    if (metrics_port_) metrics_port_->start();
  });
}

void WebRtcMonitor::on_events(std::span<const bus::PublishedPtr> batch) {
  for (const auto& published : batch) {
    const auto& data = published->event.data;
    if (published->event.type != "operation" || !has_ended(data)) continue;
    const auto name = base::string_or(data, "operation");
    if (!name.starts_with("webrtc.")) continue;
    logs_->operation(published->event.time, rtc::v0::operation_name(name),
                     base::string_or(data, "operation_id"),
                     [published] { return published->event.data; });
  }
}

void WebRtcMonitor::keep(monitor::Ended ended) {
  const auto& record = *ended.record;
  const auto closed = record.times.closed.value_or(parts_.runtime.clock().wall());
  if (logs_) logs_->connection(closed, record.id, [ended] { return monitor::story(ended); });
  if (history_days_ > 0)
    store::record_webrtc(parts_.store, {.id = record.id,
                                        .created = record.times.created,
                                        .closed = closed,
                                        .actor = record.actor,
                                        .source = record.source,
                                        .summary = std::move(ended.summary),
                                        .timeline = std::move(ended.timeline)});
}

runtime::Task<> WebRtcMonitor::look_at_machine(WebRtcMonitor* self) {
  Machine machine(self->parts_.runtime.clock());
  for (;;) {
    const auto sample = machine.sample();
    self->monitor_->set_resources({.cpu = sample.cpu, .memory = sample.memory},
                                  sample.resident_bytes);
    co_await runtime::sleep_for(self->poll_interval_);
  }
}

runtime::Task<> WebRtcMonitor::keep_history(WebRtcMonitor* self) {
  using Hours = std::chrono::duration<double, std::ratio<86'400>>;
  for (;;) {
    const auto keep =
        std::chrono::duration_cast<std::chrono::milliseconds>(Hours(self->history_days_));
    const auto before = self->parts_.runtime.clock().wall() - keep;
    if (auto done = co_await store::forget_webrtc(self->parts_.store, before); !done)
      base::log(base::LogLevel::warning, "webrtc", "history: {}", done.error().detail);
    co_await runtime::sleep_for(kHistoryInterval);
  }
}

runtime::Task<> WebRtcMonitor::stop() {
  return stop_here(this);
}

runtime::Task<> WebRtcMonitor::stop_here(WebRtcMonitor* self) {
  if (self->metrics_port_) co_await self->metrics_port_->stop(kMetricsDrain);
  co_await self->reporter_->stop();
  co_await self->lens_->stop();
  co_await self->tasks_.stop();
  co_await self->actions_.stop();
  self->operations_ = {};
}

}  // namespace telltale::app
