#include "alert/alert.hpp"

#include <algorithm>

namespace telltale::alert {
namespace {

using base::Json;

Json time_json(const std::optional<base::WallTime>& at) {
  return at ? Json(base::format_rfc3339(*at)) : Json(nullptr);
}

std::string_view text_of(const Alert& alert, std::string_view label) {
  if (label == "rule") return alert.rule;
  if (label == "rule_name") return alert.rule_name;
  if (label == "severity") return alert.severity;
  if (label == "alert") return alert.id;
  return base::find_string(alert.labels, label).value_or("");
}

}  // namespace

Labels labels_of(const Alert& alert) {
  Labels out;
  for (const auto& item : alert.labels)
    if (item.value().is_string())
      out.emplace_back(item.key(), std::string(item.value().get_string()));
  std::ranges::sort(out);
  return out;
}

bool silences(const Silence& silence, const Alert& alert, base::WallTime now) {
  return now < silence.record.until && std::ranges::all_of(
                                           silence.matchers,
                                           [&](const series::Matcher& matcher) {
                                             return matcher.matches(text_of(alert, matcher.label));
                                           });
}

const Silence* silence_of(const std::vector<Silence>& all, const Alert& alert, base::WallTime now) {
  const auto found =
      std::ranges::find_if(all, [&](const Silence& one) { return silences(one, alert, now); });
  return found == all.end() ? nullptr : &*found;
}

int rank_of(std::string_view severity) {
  return severity == "critical" ? 2 : severity == "warning" ? 1 : 0;
}

std::string_view state_of(const Alert& alert, const Silence* silence) {
  if (alert.resolved_at) return "resolved";
  if (silence != nullptr) return "silenced";
  return alert.acknowledged_at ? "acknowledged" : "firing";
}

base::JsonObject to_json(const Alert& alert, const Silence* silence) {
  base::JsonArray told(alert.told.begin(), alert.told.end());
  base::JsonObject out{{"id", alert.id},
                       {"rule", alert.rule},
                       {"name", alert.rule_name},
                       {"state", state_of(alert, silence)},
                       {"severity", alert.severity},
                       {"labels", alert.labels},
                       {"summary", alert.summary},
                       {"value", alert.value},
                       {"runbook", alert.runbook},
                       {"pending_since", base::format_rfc3339(alert.pending_since)},
                       {"fired_at", base::format_rfc3339(alert.fired_at)},
                       {"resolved_at", time_json(alert.resolved_at)},
                       {"acknowledged_by", alert.acknowledged_by},
                       {"acknowledged_at", time_json(alert.acknowledged_at)},
                       {"note", alert.note},
                       {"escalated_at", time_json(alert.escalated_at)},
                       {"told", std::move(told)}};
  // The name under which everything that is about a server says so (catalog/visibility.hpp).
  if (const auto server = base::find_string(alert.labels, "server")) out["server"] = *server;
  if (silence != nullptr && !alert.resolved_at) out["silence"] = to_json(silence->record);
  return out;
}

base::JsonObject to_json(const store::AlertSilence& silence) {
  return {{"id", silence.id},
          {"matchers", silence.matchers},
          {"reason", silence.reason},
          {"created_by", silence.created_by},
          {"created_at", base::format_rfc3339(silence.created_at)},
          {"until", base::format_rfc3339(silence.until)}};
}

}  // namespace telltale::alert
