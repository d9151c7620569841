// WebRTC as the server has it: what is played (RtcSources), the engine, what clients are told of
// STUN and TURN, the operations over it. Owned by App; stop() before the content engine's.
#pragma once

#include "app/rtc_sources.hpp"
#include "app/settings.hpp"
#include "app/webrtc_monitor.hpp"
#include "catalog/dispatcher.hpp"
#include "exposition/metrics_text.hpp"
#include "rtc/operations.hpp"

namespace telltale::app {

class WebRtc {
 public:
  struct Parts {
    runtime::Runtime& runtime;
    content::Library& library;
    store::Store& store;
    bus::Bus& events;
    std::function<base::JsonObject()> process;  // figures of this process
  };
  static base::Result<std::unique_ptr<WebRtc>> open(const ServeSettings& settings, Parts parts);
  WebRtc(const WebRtc&) = delete;
  WebRtc& operator=(const WebRtc&) = delete;

  void declare(runtime::OperationRegistry& registry, catalog::Dispatcher& dispatcher);
  // Binds its sockets; from a plain thread, with the loops running. Without them the rest of the
  // server still works: health() says what is wrong.
  void start();
  runtime::Task<> stop();
  void metrics(exposition::MetricsText& out) const;
  std::string health() const { return *error_.load(); }  // "": all is well
  // What is wrong and hinders no stream; "": nothing.
  // Null: --disable-webrtc-monitor.
  monitor::Reporter* reporter() noexcept { return monitor_ ? &monitor_->reporter() : nullptr; }
  const monitor::Monitor* monitor() const noexcept {
    return monitor_ ? &monitor_->monitor() : nullptr;
  }
  std::string monitor_health() const { return monitor_ ? monitor_->health() : ""; }

 private:
  WebRtc(const ServeSettings& settings, Parts parts, rtc::IceServers ice_servers);
  static runtime::Task<> stop_here(WebRtc* self);

  Parts parts_;
  rtc::IceServers ice_servers_;
  RtcSources sources_;
  const std::string settings_log_dir_;
  const bool debug_;
  std::unique_ptr<rtc::Engine> engine_;
  std::unique_ptr<WebRtcMonitor> monitor_;  // null: --disable-webrtc-monitor
  std::unique_ptr<rtc::Control> control_;
  base::Published<std::string> error_{std::make_shared<const std::string>()};
};

}  // namespace telltale::app
