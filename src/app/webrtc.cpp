#include "app/webrtc.hpp"

#include "base/log.hpp"
#include "runtime/run.hpp"

namespace telltale::app {

WebRtc::WebRtc(const ServeSettings& settings, Parts parts, rtc::IceServers ice_servers)
    : parts_(std::move(parts)),
      ice_servers_(std::move(ice_servers)),
      sources_({.media = {}, .files_folder = settings.media_folder}, parts_.runtime,
               parts_.library) {}

base::Result<std::unique_ptr<WebRtc>> WebRtc::open(const ServeSettings& settings, Parts parts) {
  auto ice_servers = rtc::IceServers::open({.urls = settings.ice_servers,
                                            .turn_secret = settings.turn_secret,
                                            .turn_username = settings.turn_username,
                                            .turn_password = settings.turn_password});
  if (!ice_servers)
    return base::fail(ice_servers.error().code, "--ice-server: " + ice_servers.error().detail);
  std::unique_ptr<WebRtc> out(new WebRtc(settings, std::move(parts), std::move(*ice_servers)));
  auto engine =
      rtc::Engine::open({.bind = settings.webrtc_bind,
                         .announce = settings.webrtc_announce,
                         .port = settings.webrtc_port,
                         .connections_max = settings.webrtc_connections_max,
                         .connections_per_actor_max = settings.webrtc_connections_per_user_max},
                        out->parts_.runtime, &out->sources_, out->parts_.events);
  if (!engine) return std::unexpected(engine.error());
  out->engine_ = std::move(*engine);
  return out;
}

void WebRtc::declare(runtime::OperationRegistry& registry, catalog::Dispatcher& dispatcher) {
  control_ = std::make_unique<rtc::Control>(
      rtc::Control{.engine = *engine_,
                   .ice_servers = ice_servers_,
                   .runtime = parts_.runtime,
                   .store = parts_.store,
                   .running = [&dispatcher] { return dispatcher.running(); },
                   .process = parts_.process,
                   .started = parts_.runtime.clock().wall()});
  rtc::declare_operations(registry, *control_);
  rtc::declare_read_operations(registry, *control_);
  rtc::declare_signalling_operations(registry, *control_);
}

void WebRtc::start() {
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
  co_await self->sources_.stop();
}

}  // namespace telltale::app
