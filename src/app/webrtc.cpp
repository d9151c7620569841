#include "app/webrtc.hpp"

namespace telltale::app {
namespace {

// Sockets for media are no more open to the world than our port is, unless it is said otherwise.
rtc::EngineSettings engine_settings(const ServeSettings& settings) {
  rtc::EngineSettings out;
  out.bind = settings.webrtc_bind;
  const bool everywhere = settings.host == "0.0.0.0" || settings.host == "::";
  if (out.bind.empty() && !everywhere)
    out.bind.push_back(settings.host == "localhost" ? "127.0.0.1" : settings.host);
  out.announce = settings.webrtc_announce;
  out.port = settings.webrtc_port;
  out.connections_max = settings.webrtc_connections;
  out.connections_per_actor_max = settings.webrtc_connections_per_user;
  out.poll_interval =
      base::Duration(static_cast<base::Duration::rep>(settings.poll_interval_s * 1e9));
  return out;
}

}  // namespace

base::Result<std::unique_ptr<Webrtc>> Webrtc::open(const ServeSettings& settings,
                                                   runtime::Runtime& runtime,
                                                   content::Library& library,
                                                   runtime::EventSink& events) {
  std::unique_ptr<Webrtc> self(new Webrtc(runtime, library));
  auto engine = rtc::Engine::open(engine_settings(settings), runtime, &self->sources_, events);
  if (!engine) return std::unexpected(engine.error());
  self->engine_ = std::move(*engine);
  return self;
}

runtime::Task<> Webrtc::stop() {
  co_await engine_->stop();
  co_await sources_.stop();
}

void Webrtc::metrics(exposition::MetricsText& out) const {
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
