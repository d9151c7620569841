#include "alert/defaults.hpp"

#include <algorithm>

namespace telltale::alert {
namespace {

ConditionText above(std::string query, double at_least, std::string comparison = "at_least") {
  return {.kind = "metric",
          .query = std::move(query),
          .comparison = std::move(comparison),
          .threshold = at_least};
}

std::vector<DefaultRule> servers() {
  return {
      {"server_down",
       {.name = "Server down",
        .condition = above("last(server_down[1m]) by (server)", 1),
        .for_s = 10,
        .keep_firing_for_s = 15,
        .severity = "critical",
        .summary = "{server} is down",
        .runbook = "/servers/{server}"}},
      {"circuit_open",
       {.name = "Circuit open",
        .condition = above("last(server_circuit[1m]) by (server)", 2),
        .keep_firing_for_s = 30,
        .summary = "The circuit of {server} is open: its calls are refused",
        .runbook = "/servers/{server}"}},
      {"error_rate",
       {.name = "Error rate of tool calls",
        .condition = {.kind = "metric",
                      .query = "increase(tool_errors[5m]) by (server)",
                      .divided_by = "increase(tool_calls[5m]) by (server)",
                      .threshold = 0.1,
                      .samples = 10},
        .for_s = 30,
        .keep_firing_for_s = 60,
        .summary = "{percent} % of the calls of {server} fail",
        .runbook = "/servers/{server}"}},
      {"latency_p95",
       {.name = "Latency of tool calls",
        .condition = {.kind = "metric",
                      .query = "p95(tool_duration_ms[5m]) by (server)",
                      .threshold = 2'000,
                      .samples = 10},
        .for_s = 60,
        .keep_firing_for_s = 60,
        .summary = "1 in 20 calls of {server} takes {value} ms or more",
        .runbook = "/analytics/slowest"}},
  };
}

std::vector<DefaultRule> machine() {
  return {
      {"certificate",
       {.name = "Certificate ends",
        .condition = above("last(tls_certificate_days[5m])", 14, "below"),
        .summary = "The certificate of this port ends in {value} days"}},
      {"disk",
       {.name = "Disk nearly full",
        .condition = above("last(disk_free_percent[1m])", 10, "below"),
        .for_s = 30,
        .keep_firing_for_s = 60,
        .severity = "critical",
        .summary = "{value} % of the disk with the data are free",
        .runbook = "/system"}},
      {"stream_health",
       {.name = "Stream health",
        .condition = above("last(webrtc_health_worst[30s])", 50, "below"),
        .for_s = 10,
        .keep_firing_for_s = 30,
        .summary = "A WebRTC stream has a health of {value}",
        .runbook = "/webrtc"}},
      {"suite_failing",
       {.name = "Test suite failing",
        .condition = {.kind = "event",
                      .event = "test_progress",
                      .where = "event=\"ended\", status!=\"passed\", status!=\"canceled\"",
                      .until = "event=\"ended\", status=\"passed\"",
                      .by = {"suite"},
                      .window_s = 86'400},
        .summary = "The suite {suite} fails",
        .runbook = "/tests"}},
      {"loop_stall",
       {.name = "Event loop stalls",
        .condition = above("increase(loop_stalls[5m]) by ()", 10),
        .severity = "info",
        .summary = "Tasks held an event loop {value} times in 5 minutes",
        .runbook = "/system"}},
      {"logins_refused",
       {.name = "Logins refused",
        .condition = above("increase(logins_refused[5m])", 5),
        .summary = "{value} logins were refused in 5 minutes",
        .runbook = "/access/sessions"}},
      {"delivery_failing",
       {.name = "Notifications fail",
        .condition = above("increase(alert_delivery_failures[10m]) by (channel)", 1),
        .summary = "The channel {channel} does not take notifications",
        .runbook = "/alerts/channels"}},
  };
}

std::vector<DefaultRule> all() {
  auto out = servers();
  for (auto& one : machine()) out.push_back(std::move(one));
  return out;
}

}  // namespace

const std::vector<DefaultRule>& default_rules() {
  static const auto kAll = all();
  return kAll;
}

const Rule* find_default(std::string_view id) {
  const auto& rules = default_rules();
  const auto found = std::ranges::find(rules, id, &DefaultRule::id);
  return found == rules.end() ? nullptr : &found->rule;
}

}  // namespace telltale::alert
