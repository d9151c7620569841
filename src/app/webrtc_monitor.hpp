// The WebRTC monitor as the server has it: its configuration, what it may do to the engine, its
// history in the store, its files, its port of metrics, the figures of this machine. Owned by
// WebRtc; stop() after the engine's.
#pragma once

#include "app/rtc_sources.hpp"
#include "app/settings.hpp"
#include "bus/bus.hpp"
#include "catalog/dispatcher.hpp"
#include "exposition/metrics_text.hpp"
#include "monitor/log_files.hpp"
#include "monitor/operations.hpp"
#include "monitor/operations_reports.hpp"
#include "net/http_server.hpp"
#include "net/process.hpp"

namespace telltale::app {

class WebRtcMonitor {
 public:
  struct Parts {
    runtime::Runtime& runtime;
    store::Store& store;
    bus::Bus& bus;
    rtc::Engine& engine;
    RtcSources& sources;
  };
  // invalid_argument: the configuration; storage: --log-dir.
  static base::Result<std::unique_ptr<WebRtcMonitor>> open(const ServeSettings& settings,
                                                           Parts parts);
  WebRtcMonitor(const WebRtcMonitor&) = delete;
  WebRtcMonitor& operator=(const WebRtcMonitor&) = delete;

  void declare(runtime::OperationRegistry& registry);
  void start();  // with the loops running
  runtime::Task<> stop();
  void metrics(exposition::MetricsText& out) const;  // nothing with --disable-webrtc-metrics
  std::string health() const { return metrics_error_; }
  const monitor::Monitor& monitor() const noexcept { return *monitor_; }
  monitor::Reporter& reporter() noexcept { return *reporter_; }
  const monitor::Lens& lens() const noexcept { return *lens_; }

 private:
  WebRtcMonitor(const ServeSettings& settings, Parts parts, monitor::Config config);
  base::Result<void> open_metrics(const ServeSettings& settings);
  void keep(monitor::Ended ended);
  void on_events(std::span<const bus::PublishedPtr> batch);
  std::string metrics_text() const;
  void log_metrics(exposition::MetricsText& out) const;
  void lens_metrics(exposition::MetricsText& out) const;
  static runtime::Task<net::Response> answer(const WebRtcMonitor* self, net::Request request);
  static runtime::Task<> look_at_machine(WebRtcMonitor* self);
  static runtime::Task<> keep_history(WebRtcMonitor* self);
  static runtime::Task<> stop_here(WebRtcMonitor* self);

  Parts parts_;
  const bool metrics_on_;
  const base::Duration poll_interval_;
  const double history_days_;
  std::unique_ptr<monitor::LogFiles> logs_;  // null: no --log-dir
  monitor::EngineActions actions_;
  std::unique_ptr<monitor::Monitor> monitor_;
  std::unique_ptr<monitor::Lens> lens_;
  std::unique_ptr<monitor::Desk> desk_;
  std::unique_ptr<monitor::Reporter> reporter_;
  std::unique_ptr<net::HttpServer> metrics_port_;  // null: none
  std::string metrics_error_;
  runtime::TaskGroup tasks_;
  bus::Subscription operations_;  // of loop 0
};

}  // namespace telltale::app
