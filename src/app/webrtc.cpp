#include "app/webrtc.hpp"

#include "base/duration.hpp"
#include "base/log.hpp"
#include "runtime/run.hpp"

namespace telltale::app {
namespace {

// Sockets for media are no more open to the world than our port is, unless it is said otherwise.
std::vector<std::string> bind_of(const ServeSettings& settings) {
  if (!settings.webrtc_bind.empty()) return settings.webrtc_bind;
  if (settings.host == "0.0.0.0" || settings.host == "::") return {};
  return {settings.host == "localhost" ? "127.0.0.1" : settings.host};
}

}  // namespace

WebRtc::WebRtc(const ServeSettings& settings, Parts parts, rtc::IceServers ice_servers)
    : parts_(std::move(parts)),
      ice_servers_(std::move(ice_servers)),
      sources_({.media = {}, .files_folder = settings.media_folder}, parts_.runtime,
               parts_.library),
      settings_log_dir_(settings.log_dir),
      debug_(settings.debug) {}

base::Result<std::unique_ptr<WebRtc>> WebRtc::open(const ServeSettings& settings, Parts parts) {
  auto ice_servers = rtc::IceServers::open({.urls = settings.ice_servers,
                                            .turn_secret = settings.turn_secret,
                                            .turn_username = settings.turn_username,
                                            .turn_password = settings.turn_password});
  if (!ice_servers)
    return base::fail(ice_servers.error().code, "--ice-server: " + ice_servers.error().detail);
  std::unique_ptr<WebRtc> out(new WebRtc(settings, std::move(parts), std::move(*ice_servers)));
  auto engine =
      rtc::Engine::open({.bind = bind_of(settings),
                         .announce = settings.webrtc_announce,
                         .port = settings.webrtc_port,
                         .connections_max = settings.webrtc_connections_max,
                         .connections_per_actor_max = settings.webrtc_connections_per_user_max,
                         .poll_interval = base::from_seconds(settings.poll_interval_s),
                         .automatic_quality = !settings.disable_auto_quality},
                        out->parts_.runtime, &out->sources_, out->parts_.events);
  if (!engine) return std::unexpected(engine.error());
  out->engine_ = std::move(*engine);
  if (settings.disable_webrtc_monitor) return out;
  auto monitor = WebRtcMonitor::open(settings, {.runtime = out->parts_.runtime,
                                                .store = out->parts_.store,
                                                .bus = out->parts_.events,
                                                .engine = *out->engine_,
                                                .sources = out->sources_});
  if (!monitor) return std::unexpected(monitor.error());
  out->monitor_ = std::move(*monitor);
  return out;
}

void WebRtc::declare(runtime::OperationRegistry& registry, catalog::Dispatcher& dispatcher) {
  control_ = std::make_unique<rtc::Control>(rtc::Control{
      .engine = *engine_,
      .ice_servers = ice_servers_,
      .runtime = parts_.runtime,
      .store = parts_.store,
      .running = [&dispatcher] { return dispatcher.running(); },
      .process = parts_.process,
      .complete =
          [this](const rtc::ConnectionRecord& record, base::JsonObject& shown) {
            if (monitor_) monitor::complete_v0(monitor_->monitor(), record, shown);
          },
      .foreign =
          [this](bool ended) {
            return monitor_ ? monitor_->lens().list(ended) : std::vector<rtc::ConnectionPtr>();
          },
      .logging = !settings_log_dir_.empty(),
      .debug = debug_,
      .started = parts_.runtime.clock().wall(),
      .expect = [this] { sources_.expect(); }});
  rtc::declare_operations(registry, *control_);
  rtc::declare_read_operations(registry, *control_);
  rtc::declare_signalling_operations(registry, *control_);
  rtc::declare_test_operations(registry, *control_);
  if (monitor_) monitor_->declare(registry);
}

void WebRtc::start() {
  if (monitor_) monitor_->start();
  runtime::TaskGroup unused(parts_.runtime.loop(0), "webrtc.start");
  const auto started =
      runtime::run_to_completion(parts_.runtime.loop(0), unused, "webrtc.start", engine_->start());
  if (!started || *started) return;
  base::log(base::LogLevel::error, "webrtc", "no WebRTC: {}", started->error().detail);
  error_.store(std::make_shared<const std::string>(started->error().detail));
}

runtime::Task<> WebRtc::stop() {
  return stop_here(this);
}

runtime::Task<> WebRtc::stop_here(WebRtc* self) {
  co_await self->engine_->stop();
  if (self->monitor_) co_await self->monitor_->stop();
  co_await self->sources_.stop();
}

void WebRtc::metrics(exposition::MetricsText& out) const {
  if (monitor_) monitor_->metrics(out);
  using Type = exposition::MetricsText::Type;
  const auto counters = engine_->counters();
  const auto one = [&](std::string_view name, Type type, std::string_view help,
                       std::uint64_t value) {
    out.family(name, type, help);
    out.sample(static_cast<double>(value));
  };
  one("telltale_webrtc_connections_total", Type::counter, "WebRTC connections that were begun",
      counters.connections_total);
  one("telltale_webrtc_connections", Type::gauge, "Open WebRTC connections", counters.connections);
  one("telltale_webrtc_connecting", Type::gauge, "Of these, not connected so far",
      counters.connecting);
  one("telltale_webrtc_datagrams_sent_total", Type::counter, "Datagrams sent to peers",
      counters.datagrams_sent);
  one("telltale_webrtc_datagrams_received_total", Type::counter, "Datagrams of peers",
      counters.datagrams_received);
  one("telltale_webrtc_bytes_sent_total", Type::counter, "Bytes of the datagrams sent",
      counters.bytes_sent);
  one("telltale_webrtc_bytes_received_total", Type::counter, "Bytes of the datagrams received",
      counters.bytes_received);
  one("telltale_webrtc_sends_total", Type::counter,
      "Messages to the kernel; one holds several datagrams", counters.sends);
  one("telltale_webrtc_send_refused_total", Type::counter, "Datagrams that the kernel did not take",
      counters.send_refused);
  one("telltale_webrtc_unknown_total", Type::counter, "Datagrams of nobody we know, dropped",
      counters.dropped_unknown);
}

}  // namespace telltale::app
