#include "app/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::app {

base::Result<std::optional<int>> inherited_socket() {
  const int count = ::sd_listen_fds(1);  // and no child will think they are its own
  if (count < 0) return base::fail(base::Code::invalid_argument, "LISTEN_FDS cannot be understood");
  if (count == 0) return std::nullopt;
  if (count > 1)
    return base::fail(base::Code::invalid_argument,
                      "systemd hands over " + std::to_string(count) +
                          " sockets; one ListenStream= in the socket unit is right");
  return SD_LISTEN_FDS_START;
}

void tell_ready(const std::string& status) {
  ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void tell_stopping() {
  ::sd_notify(0, "STOPPING=1\nSTATUS=Finishing what runs");
}

std::optional<base::Duration> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds) / 2;
}

runtime::Task<> keep_watchdog(runtime::Runtime* runtime, base::Duration interval) {
  for (;;) {
    for (std::size_t i = 0; i < runtime->size(); ++i)
      co_await runtime::call_on(runtime->loop(i), []() -> runtime::Task<> { co_return; }());
    ::sd_notify(0, "WATCHDOG=1");
    co_await runtime::sleep_for(interval);
  }
}

}  // namespace telltale::app
