// Health checks, and what stands in for them while there is nothing to check: a server that should
// run and has no session is found absent once an interval, or its history would show only its good
// times.
#include <fmt/format.h>

#include "fleet/server.hpp"

namespace telltale::fleet {

namespace {

constexpr base::Duration kCheckTimeout = std::chrono::seconds(10);
constexpr std::uint64_t kListEvery = 5;  // checks

}  // namespace

runtime::Task<> Server::run_check(std::shared_ptr<Server> self) {
  auto& s = *self;
  const auto client = s.client_;
  if (!client) co_return;
  const bool lists = s.checks_total_ % kListEvery == 0;
  auto took = co_await client->check(kCheckTimeout);
  if (took && lists) {
    const auto before = s.parts_.loop.clock().now();
    if (auto loaded = co_await s.load_lists(); !loaded)
      took = std::unexpected(loaded.error());
    else
      *took = std::max(*took, s.parts_.loop.clock().now() - before);
  }
  if (client == s.client_) s.finish_check(std::move(took));
}

void Server::finish_check(base::Result<base::Duration> took) {
  const auto wall = parts_.loop.clock().wall();
  const bool ok = took.has_value();
  last_check_ = wall;
  last_ms_ = ok ? std::optional(base::to_ms(*took)) : std::nullopt;
  ++checks_total_;
  checks_failed_ += ok ? 0 : 1;
  window_.add({.time = wall, .ms = last_ms_.value_or(0), .ok = ok});
  std::string reason;
  if (!ok) {
    const auto failed = window_.failed_in_a_row();
    reason =
        fmt::format("{} of {} checks failed in a row: {}", failed, failed, took.error().detail);
  } else if (window_.degraded()) {
    reason = window_.why_degraded();
  } else {
    reason = fmt::format("answered in {:.0f} ms", *last_ms_);
  }
  if (!ok) log("telltale", "warning", "health check failed: " + took.error().detail);
  reconciler_.on_check(ok, std::move(reason), window_.degraded(), parts_.loop.clock().now());
  if (client_) usage_ = managed_ ? managed_->sample() : client_->sample();
  changed();
  tell_check({.server = definition_.name,
              .time = wall,
              .ok = ok,
              .health_status = std::string(status_name(reconciler_.status())),
              .response_time_ms = last_ms_,
              .kind = info_ && info_->era == mcp::Era::modern ? "server/discover" : "ping",
              .error = ok ? "" : took.error().detail});
}

void Server::tell_check(store::HealthRecord check) {
  auto shown = record();
  base::JsonObject data{{"mcp_name", definition_.name},
                        {"id", definition_.id},
                        {"ok", check.ok},
                        {"kind", check.kind},
                        {"time", base::format_rfc3339(check.time)},
                        {"error", check.ok ? base::Json(nullptr) : base::Json(check.error)}};
  for (const std::string_view key : {"health_status", "response_time_ms", "p50_ms", "p95_ms",
                                     "process", "circuit", "calls", "next_health_check"})
    data[key] = std::move(shown[key]);
  publish("mcp_health_check", "status",
          check.ok ? runtime::Severity::info : runtime::Severity::warning, std::move(data));
  store::record_health(parts_.store, std::move(check));
}

// At most once an interval, however often it is started in vain: each row stands for as much time.
void Server::absent(std::string_view kind, std::string why) {
  const auto now = parts_.loop.clock().now();
  if (absent_at_ && now - *absent_at_ < definition_.health_interval) return;
  absent_at_ = now;
  tell_check({.server = definition_.name,
              .time = parts_.loop.clock().wall(),
              .ok = false,
              .health_status = std::string(status_name(reconciler_.status())),
              .response_time_ms = {},
              .kind = std::string(kind),
              .error = std::move(why)});
}

// One that failed until it was disabled is as absent; one that was stopped is not wanted.
runtime::Task<> Server::note_absence(std::shared_ptr<Server> self) {
  for (;;) {
    co_await runtime::sleep_for(self->definition_.health_interval);
    const auto phase = self->reconciler_.phase();
    if (self->reconciler_.desired() == Desired::stopped || phase == Phase::connected ||
        phase == Phase::stopping)
      continue;
    self->absent("session", self->reconciler_.reason());
  }
}

}  // namespace telltale::fleet
