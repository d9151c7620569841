// Telltale inside another program: make the server and its WebRTC monitor, start them, read what
// the monitor knows, stop. `embedded_server [SECONDS]`; without them it runs until Ctrl-C.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string_view>

#include <signal.h>

#include "app/hub.hpp"

using namespace telltale;

int main(int argc, char** argv) {
  int seconds = 0;
  if (argc > 1) {
    const std::string_view text(argv[1]);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 1) {
      std::fprintf(stderr, "%s: how many seconds? (a number over 0)\n", argv[0]);
      return 2;
    }
  }
  // Every thread inherits the mask: the signals come to sigtimedwait below, not to the loops.
  sigset_t signals{};
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  app::ServeSettings settings;
  settings.port = 0;                 // a free one
  settings.isolation = true;         // a state directory of its own, gone at the end
  settings.poll_interval_s = 1;      // between two looks at each WebRTC connection
  settings.webrtc_metrics_port = 0;  // their Prometheus port, a free one too
  auto server = app::App::open(settings);
  if (!server) {
    std::fprintf(stderr, "no server: %s\n", server.error().detail.c_str());
    return 1;
  }
  (*server)->start();
  std::printf("%s/login#code=%s\n", (*server)->url().c_str(),
              (*server)->first_run().login_code.c_str());
  std::fflush(stdout);

  const timespec tick{.tv_sec = 1, .tv_nsec = 0};
  for (int passed = 0; seconds == 0 || passed < seconds; ++passed) {
    if (::sigtimedwait(&signals, nullptr, &tick) > 0) break;
    const auto* const monitor = (*server)->webrtc_monitor();  // null: --disable-webrtc-monitor
    if (monitor == nullptr) continue;
    const auto figures = monitor->figures();
    for (const auto& one : figures.connections)
      std::printf("%s: health %d, %.0f kbit/s\n", one.id.c_str(), one.health.value_or(-1),
                  one.outbound_kbps);
    std::printf("%llu connections open, %llu in all\n",
                static_cast<unsigned long long>(figures.active),
                static_cast<unsigned long long>(figures.connections_total));
  }
  (*server)->stop();
  return 0;
}
