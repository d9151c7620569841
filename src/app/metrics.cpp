// The figures of /metrics (docs/metrics.md), read from snapshots.
#include <array>

#include "app/hub.hpp"
#include "base/log.hpp"
#include "exposition/metrics_text.hpp"
#include "net/process.hpp"

namespace telltale::app {
namespace {

using exposition::MetricsText;
using Type = MetricsText::Type;

constexpr std::array<std::string_view, 7> kStatuses{
    "healthy", "degraded", "disconnected", "circuit_open", "starting", "stopped", "disabled"};

using Figure = std::optional<double>;

// What /metrics says of one server, read from its view once and without a copy
// of it.
struct ServerFigures {
  fleet::ViewPtr view;  // holds the texts
  std::string_view name;
  std::string_view status;
  Figure up, response_seconds, checks, checks_failed, restarts, calls, calls_failed, circuit_open,
      findings, memory_bytes, cpu_percent;
};

double number_at(const base::JsonObject* inner, std::string_view key) {
  return inner == nullptr ? 0 : base::find_number(*inner, key).value_or(0);
}

ServerFigures figures_of(fleet::ViewPtr view) {
  const auto& record = view->record;
  ServerFigures out{.view = view,
                    .name = base::find_string(record, "name").value_or(""),
                    .status = base::find_string(record, "health_status").value_or("")};
  out.up = out.status == "healthy" || out.status == "degraded" ? 1 : 0;
  if (const auto ms = base::find_number(record, "response_time_ms"))
    out.response_seconds = *ms / 1000;
  const auto* const checks = base::find_object(record, "checks");
  out.checks = number_at(checks, "total");
  out.checks_failed = number_at(checks, "failed");
  out.restarts = base::find_number(record, "restarts");
  const auto* const calls = base::find_object(record, "calls");
  out.calls = number_at(calls, "total");
  out.calls_failed = number_at(calls, "failed");
  out.circuit_open = base::find_string(record, "circuit_state") == "open" ? 1 : 0;
  out.findings = base::find_number(record, "findings");
  if (const auto* const process = base::find_object(record, "process")) {
    out.memory_bytes = number_at(process, "memory_bytes");
    out.cpu_percent = number_at(process, "cpu_percent");
  }
  return out;
}

void fleet_metrics(MetricsText& out, const fleet::Registry::Servers& fleet) {
  std::vector<ServerFigures> servers;
  servers.reserve(fleet.size());
  for (const auto& [name, server] : fleet) servers.push_back(figures_of(server->view()));
  out.family("telltale_server_status", Type::gauge, "1 for the state a server is in");
  for (const auto& server : servers)
    for (const auto status : kStatuses)
      out.sample(server.status == status ? 1 : 0, {{"server", server.name}, {"status", status}});
  const auto each = [&](std::string_view name, Type type, std::string_view help,
                        Figure ServerFigures::* figure) {
    out.family(name, type, help);
    for (const auto& server : servers)
      if (const auto& value = server.*figure) out.sample(*value, {{"server", server.name}});
  };
  using S = ServerFigures;
  each("telltale_server_up", Type::gauge, "1 when the server is healthy or degraded", &S::up);
  each("telltale_server_response_seconds", Type::gauge, "Round trip of the last good health check",
       &S::response_seconds);
  each("telltale_server_checks_total", Type::counter, "Health checks", &S::checks);
  each("telltale_server_checks_failed_total", Type::counter, "Failed health checks",
       &S::checks_failed);
  each("telltale_server_restarts_total", Type::counter, "Starts after the first", &S::restarts);
  each("telltale_server_calls_total", Type::counter, "Tool calls", &S::calls);
  each("telltale_server_calls_failed_total", Type::counter, "Failed tool calls, isError included",
       &S::calls_failed);
  each("telltale_server_circuit_open", Type::gauge, "1 when the circuit is open", &S::circuit_open);
  each("telltale_server_findings_total", Type::counter, "Protocol findings", &S::findings);
  each("telltale_server_memory_bytes", Type::gauge, "Resident memory of the server's process",
       &S::memory_bytes);
  each("telltale_server_cpu_percent", Type::gauge, "CPU of the server's process, of one core",
       &S::cpu_percent);
}

void content_metrics(MetricsText& out, content::Library& library) {
  const auto one = [&](std::string_view name, Type type, std::string_view help, auto value) {
    out.family(name, type, help);
    out.sample(static_cast<double>(value));
  };
  const auto disk = library.disk().stats();
  one("telltale_content_disk_bytes", Type::gauge, "Content on disk", disk.bytes);
  one("telltale_content_disk_limit_bytes", Type::gauge, "Its limit", disk.limit_bytes);
  one("telltale_content_pinned_bytes", Type::gauge, "Content on disk that is pinned",
      disk.pinned_bytes);
  one("telltale_content_blocks", Type::gauge, "Blocks on disk", disk.blocks);
  one("telltale_content_evicted_total", Type::counter, "Blocks pushed out by others", disk.evicted);
  one("telltale_content_corrupt_total", Type::counter, "Blocks on disk that did not match",
      disk.corrupt);
  const auto memory = library.memory().stats();
  one("telltale_content_memory_bytes", Type::gauge, "Content in memory", memory.bytes);
  one("telltale_content_memory_hits_total", Type::counter, "Blocks found in memory", memory.hits);
  one("telltale_content_memory_misses_total", Type::counter, "Blocks not found in memory",
      memory.misses);
  const auto gateways = library.fetcher().stats();
  const auto each = [&](std::string_view name, std::string_view help,
                        std::uint64_t content::GatewayStats::* figure) {
    out.family(name, Type::counter, help);
    for (const auto& gateway : gateways)
      out.sample(static_cast<double>(gateway.*figure), {{"gateway", gateway.url}});
  };
  using S = content::GatewayStats;
  each("telltale_content_fetched_blocks_total", "Blocks a gateway sent", &S::blocks);
  each("telltale_content_fetched_bytes_total", "Bytes of these blocks", &S::bytes);
  each("telltale_content_gateway_failures_total", "Failed requests to a gateway", &S::failures);
  each("telltale_content_gateway_wrong_total", "Blocks refused: not what was asked for", &S::wrong);
}

void alert_metrics(MetricsText& out, const alert::Engine& alerts) {
  out.family("telltale_alerts_firing", Type::gauge, "Alerts that fire, silenced ones included");
  const auto firing = alerts.firing();
  constexpr std::array<std::string_view, 3> kSeverities{"info", "warning", "critical"};
  for (std::size_t i = 0; i < firing.size(); ++i)
    out.sample(static_cast<double>(firing.at(i)), {{"severity", kSeverities.at(i)}});
  out.family("telltale_alert_notifications_total", Type::counter,
             "Notifications by the kind of the channel and what became of them");
  const auto& total = alerts.deliveries().total;
  for (std::size_t kind = 0; kind < total.size(); ++kind)
    for (std::size_t outcome = 0; outcome < total.at(kind).size(); ++outcome)
      out.sample(static_cast<double>(total.at(kind).at(outcome).load()),
                 {{"kind", alert::kKinds.at(kind)}, {"outcome", alert::kOutcomes.at(outcome)}});
}

}  // namespace

std::string App::metrics_text() const {
  MetricsText out;
  fleet_metrics(out, *fleet_->servers());
  const auto http = http_->stats();
  const auto one = [&](std::string_view name, Type type, std::string_view help, double value) {
    out.family(name, type, help);
    out.sample(value);
  };
  one("telltale_http_requests_total", Type::counter, "HTTP requests",
      static_cast<double>(http.requests_total));
  one("telltale_http_connections_open", Type::gauge, "Open connections, WebSockets included",
      static_cast<double>(http.connections_open));
  one("telltale_http_connections_total", Type::counter, "Accepted connections",
      static_cast<double>(http.connections_total));
  one("telltale_http_refused_total", Type::counter, "Connections over the limit",
      static_cast<double>(http.refused_total));
  one("telltale_http_rate_limited_total", Type::counter, "Requests answered 429",
      static_cast<double>(face_->rate_limited()));
  out.family("telltale_tls_certificate_expiry_timestamp_seconds", Type::gauge,
             "When the certificate of the port ends");
  if (const auto certificate = http_->certificate())
    out.sample(base::unix_seconds(certificate->not_after));
  one("telltale_websocket_clients", Type::gauge, "Open dashboard sockets",
      static_cast<double>(live_->clients()));
  one("telltale_websocket_dropped_total", Type::counter,
      "Events collapsed or left out for slow clients", static_cast<double>(live_->dropped()));
  one("telltale_events_sequence", Type::gauge, "The last event number",
      static_cast<double>(bus_->last_seq()));
  const auto operations = dispatcher_->stats();
  one("telltale_operations_started_total", Type::counter, "Operations started",
      static_cast<double>(operations.started));
  one("telltale_operations_failed_total", Type::counter, "Operations failed",
      static_cast<double>(operations.failed));
  one("telltale_operations_running", Type::gauge, "Operations that run now",
      static_cast<double>(operations.running));
  const auto store = store_->stats();
  one("telltale_store_commits_total", Type::counter, "Commits", static_cast<double>(store.commits));
  one("telltale_store_dropped_total", Type::counter, "Telemetry dropped for want of room",
      static_cast<double>(store.dropped));
  one("telltale_store_failed_total", Type::counter, "Writes that failed",
      static_cast<double>(store.failed));
  one("telltale_store_size_bytes", Type::gauge,
      "Size of the database on disk, with its write-ahead log",
      static_cast<double>(store.size_bytes));
  one("telltale_store_queue", Type::gauge, "Writes that wait", static_cast<double>(store.queued));
  const auto audit = audit_->stats();
  one("telltale_audit_entries_total", Type::counter, "Audit entries written by this process",
      static_cast<double>(audit.entries));
  one("telltale_audit_failed_total", Type::counter, "Audit entries that could not be written",
      static_cast<double>(audit.failed));
  one("telltale_audit_heads_total", Type::counter, "Heads of the audit signed",
      static_cast<double>(audit.heads));
  const auto metrics = series_->stats();
  one("telltale_metrics_series", Type::gauge, "Series of metrics",
      static_cast<double>(metrics.series));
  one("telltale_metrics_points_total", Type::counter, "Points of metrics taken",
      static_cast<double>(metrics.points));
  one("telltale_metrics_refused_total", Type::counter, "Points refused: too late, or too many",
      static_cast<double>(metrics.refused));
  const auto presence = presence_->engine.stats();
  one("telltale_presence_people", Type::gauge, "Browser tabs that are shown to others",
      static_cast<double>(presence.people));
  one("telltale_presence_sockets", Type::gauge, "Sockets that hear of people",
      static_cast<double>(presence.sockets));
  one("telltale_presence_messages_total", Type::counter, "Messages of presence sent to sockets",
      static_cast<double>(presence.messages));
  one("telltale_presence_cursors_coalesced_total", Type::counter,
      "Cursors that a later one replaced before it was sent",
      static_cast<double>(presence.coalesced));
  one("telltale_presence_refused_total", Type::counter, "Sockets over the limits of presence",
      static_cast<double>(presence.refused));
  alert_metrics(out, *alerts_);
  content_metrics(out, content_->library());
  webrtc_->metrics(out);
  const auto lag = [&](std::string_view name, std::string_view help,
                       std::uint64_t runtime::LoopStats::* micros) {
    out.family(name, Type::gauge, help);
    for (std::size_t i = 0; i < runtime_.size(); ++i) {
      const auto stats = runtime_.loop(i).stats();
      out.sample(static_cast<double>(stats.*micros) / 1e6, {{"loop", stats.name}});
    }
  };
  lag("telltale_loop_lag_p50_seconds", "How late the loop's timers fire, the median",
      &runtime::LoopStats::lag_p50_us);
  lag("telltale_loop_lag_p99_seconds", "How late the loop's timers fire, 99 in 100",
      &runtime::LoopStats::lag_p99_us);
  out.family("telltale_loop_stalls_total", Type::counter, "Tasks that held a loop for over 100 ms");
  for (std::size_t i = 0; i < runtime_.size(); ++i) {
    const auto stats = runtime_.loop(i).stats();
    out.sample(static_cast<double>(stats.stalls), {{"loop", stats.name}});
  }
  const auto lost = base::log_losses();
  out.family("telltale_log_lines_lost_total", Type::counter, "Log lines that could not be written");
  out.sample(static_cast<double>(lost.standard_error), {{"to", "stderr"}});
  out.sample(static_cast<double>(lost.file), {{"to", "file"}});
  const auto self = net::sample_self();
  one("telltale_process_memory_bytes", Type::gauge, "Resident memory",
      static_cast<double>(self.memory_bytes));
  one("telltale_process_fds", Type::gauge, "Open descriptors", static_cast<double>(self.fds));
  one("telltale_process_threads", Type::gauge, "Threads", static_cast<double>(self.threads));
  return out.take();
}

}  // namespace telltale::app
