#include "app/housekeeping.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "net/process.hpp"
#include "runtime/sync.hpp"
#include "store/retention.hpp"

namespace telltale::app {
namespace {

constexpr base::Duration kMetricsInterval = std::chrono::seconds(5);
constexpr base::Duration kRetentionInterval = std::chrono::minutes(10);

}  // namespace

base::JsonObject process_figures() {
  const auto usage = net::sample_self();
  return {{"pid", usage.pid},
          {"cpu_percent", usage.cpu_percent},
          {"memory_bytes", usage.memory_bytes},
          {"fds", usage.fds},
          {"threads", usage.threads}};
}

// Every five seconds the figures, every ten minutes what is too old goes.
runtime::Task<> keep_house(HouseParts parts) {
  auto last_retention = parts.runtime.clock().now();
  for (;;) {
    co_await runtime::sleep_for(kMetricsInterval);
    const auto servers = parts.fleet.records();
    const auto healthy = std::ranges::count_if(
        servers, [](const base::Json& one) { return one.at("health_status") == "healthy"; });
    base::JsonArray loops;
    for (std::size_t i = 0; i < parts.runtime.size(); ++i) {
      const auto stats = parts.runtime.loop(i).stats();
      loops.push_back(
          {{"name", stats.name}, {"lag_p99_ms", static_cast<double>(stats.lag_p99_us) / 1000}});
    }
    auto data = process_figures();
    data["total_mcps"] = servers.size();
    data["healthy_mcps"] = healthy;
    data["unhealthy_mcps"] = servers.size() - static_cast<std::size_t>(healthy);
    data["loops"] = std::move(loops);
    data["websocket_clients"] = parts.websocket_clients();
    parts.bus.publish({.type = "system_metrics",
                       .channel = "metrics",
                       .subject = "system",
                       .data = std::move(data)});
    const auto now = parts.runtime.clock().now();
    if (now - last_retention < kRetentionInterval) continue;
    last_retention = now;
    if (auto done = co_await store::apply_retention(parts.store); !done)
      base::log(base::LogLevel::warning, "store", "retention failed: {}", done.error().detail);
    if (auto done = co_await parts.forget_old_runs(); !done)
      base::log(base::LogLevel::warning, "lab", "retention failed: {}", done.error().detail);
  }
}

}  // namespace telltale::app
