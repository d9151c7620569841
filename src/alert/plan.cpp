#include "alert/plan.hpp"

#include <algorithm>

#include "base/duration.hpp"

namespace telltale::alert {
namespace {

base::WallTime later(base::WallTime from, double seconds) {
  return from + std::chrono::duration_cast<std::chrono::milliseconds>(base::from_seconds(seconds));
}

// The alerts of one rule wait for each other from the first that nobody was told of.
struct Group {
  const Rule* rule = nullptr;
  base::WallTime first;
  std::vector<const Alert*> alerts;
};

bool was_told(const Alert& alert, const std::string& channel) {
  return std::ranges::find(alert.told, channel) != alert.told.end();
}

bool is_meant(const Rule& rule, const Alert& alert, const Channel& channel) {
  const auto names = [&](const std::vector<std::string>& list) {
    return std::ranges::find(list, channel.id) != list.end();
  };
  if (alert.escalated_at && names(rule.escalate_to)) return true;
  if (!rule.channels.empty()) return names(rule.channels);
  // Those that others escalate to are not for everything.
  return rule.escalate_to.empty() || !names(rule.escalate_to);
}

void look_at(Plan& out, base::WallTime at, base::WallTime now) {
  if (at > now && (!out.next || at < *out.next)) out.next = at;
}

// What is over is told to those who were told that it began.
void plan_ends(const PlanInput& input, base::WallTime now, Plan& out) {
  std::map<std::string, std::vector<const Alert*>> by_rule;
  for (const auto& [id, alert] : input.alerts)
    if (alert.resolved_at) by_rule[alert.rule].push_back(&alert);
  for (const auto& [id, alerts] : by_rule) {
    const auto* rule = input.rule(id);
    const auto first = (*std::ranges::min_element(alerts, {}, &Alert::resolved_at))->resolved_at;
    const auto ready = rule == nullptr ? now : later(*first, rule->group_s);
    if (ready > now) {
      look_at(out, ready, now);
      continue;
    }
    std::map<std::string, Told> tell;
    for (const auto* alert : alerts) {
      out.over.push_back(alert->id);
      for (const auto& told : alert->told) {
        const auto channel = input.channels.find(told);
        if (channel == input.channels.end() || !channel->second.text.enabled ||
            !channel->second.text.resolved || channel->second.is_quiet(now))
          continue;
        auto& one = tell[told];
        one.channel = told;
        one.rule = id;
        one.resolved = true;
        one.alerts.push_back(alert->id);
      }
    }
    for (auto& [channel, told] : tell) out.tell.push_back(std::move(told));
  }
}

void plan_group(const PlanInput& input, const Group& group, base::WallTime now, Plan& out) {
  const auto ready = later(group.first, group.rule->group_s);
  for (const auto& [channel_id, channel] : input.channels) {
    if (!channel.text.enabled) continue;
    Told told{.channel = channel_id, .rule = group.alerts.front()->rule, .alerts = {}};
    for (const auto* alert : group.alerts) {
      if (was_told(*alert, channel_id) || !is_meant(*group.rule, *alert, channel) ||
          rank_of(alert->severity) < rank_of(channel.text.least_severity))
        continue;
      // A channel that fails is not told by itself that it fails.
      if (base::string_or(alert->labels, "channel") == channel_id) continue;
      if (alert->told.empty() && ready > now)
        look_at(out, ready, now);
      else
        told.alerts.push_back(alert->id);
    }
    if (!told.alerts.empty() && !channel.is_quiet(now)) out.tell.push_back(std::move(told));
  }
}

}  // namespace

Plan plan(const PlanInput& input, base::WallTime now) {
  Plan out;
  std::map<std::string, Group> groups;
  std::vector<Alert> escalating;
  escalating.reserve(input.alerts.size());  // groups point into it
  for (const auto& [id, alert] : input.alerts) {
    const auto* rule = alert.resolved_at ? nullptr : input.rule(alert.rule);
    if (rule == nullptr) continue;
    if (const auto* silence = silence_of(input.silences, alert, now)) {
      look_at(out, silence->record.until, now);
      continue;
    }
    if (alert.acknowledged_at) continue;
    const auto* seen = &alert;
    if (rule->escalate_after_s > 0 && !alert.escalated_at) {
      const auto at = later(alert.fired_at, rule->escalate_after_s);
      look_at(out, at, now);
      if (at <= now) {
        out.escalated.push_back(id);
        seen = &escalating.emplace_back(alert);
        escalating.back().escalated_at = now;
      }
    }
    auto& group = groups[alert.rule];
    if (group.rule == nullptr) group = {.rule = rule, .first = now, .alerts = {}};
    if (alert.told.empty()) group.first = std::min(group.first, alert.fired_at);
    group.alerts.push_back(seen);
  }
  for (const auto& [id, group] : groups) plan_group(input, group, now, out);
  plan_ends(input, now, out);
  return out;
}

}  // namespace telltale::alert
