// What can be asked of it: records as JSON, history, rehearsals.
#include <algorithm>

#include "alert/defaults.hpp"
#include "alert/engine.hpp"
#include "alert/rehearsal.hpp"

namespace telltale::alert {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::int64_t kEvidenceMs = 3'600'000;  // before it began

Json time_json(const std::optional<base::WallTime>& at) {
  return at ? Json(base::format_rfc3339(*at)) : Json(nullptr);
}

Machine::Settings settings_of(const Rule& rule) {
  return {.for_ms = static_cast<std::int64_t>(rule.for_s * 1'000),
          .keep_firing_ms = static_cast<std::int64_t>(rule.keep_firing_for_s * 1'000)};
}

}  // namespace

JsonObject to_json(const Labels& labels) {
  JsonObject out;
  for (const auto& [label, value] : labels) out[label] = value;
  return out;
}

bool visible(const runtime::Actor& actor, const Alert& alert) {
  if (actor.sees_all()) return true;
  const auto server = base::string_or(alert.labels, "server");
  return !server.empty() && actor.sees(server);
}

JsonObject to_json(const Rehearsal& rehearsal) {
  JsonArray episodes;
  std::int64_t total = 0, longest = 0;
  for (const auto& one : rehearsal.episodes) {
    const auto lasted = one.to_ms.value_or(rehearsal.span.to_ms) - one.from_ms;
    total += lasted;
    longest = std::max(longest, lasted);
    if (episodes.size() < kEpisodesShown)
      episodes.push_back(
          {{"labels", to_json(one.labels)},
           {"from", base::format_rfc3339(base::from_unix_ms(one.from_ms))},
           {"to",
            one.to_ms ? Json(base::format_rfc3339(base::from_unix_ms(*one.to_ms))) : Json(nullptr)},
           {"duration_s", static_cast<double>(lasted) / 1'000},
           {"value", one.value}});
  }
  JsonArray curves;
  for (const auto& curve : rehearsal.curves) {
    JsonArray points;
    for (const auto& point : curve.points)
      points.push_back(JsonArray{Json(point.time_ms), Json(point.value)});
    curves.push_back(
        {{"name", curve.name}, {"labels", to_json(curve.labels)}, {"points", std::move(points)}});
  }
  return {{"start", base::format_rfc3339(base::from_unix_ms(rehearsal.span.from_ms))},
          {"end", base::format_rfc3339(base::from_unix_ms(rehearsal.span.to_ms))},
          {"step_ms", rehearsal.step_ms},
          {"fired", rehearsal.episodes.size()},
          {"total_s", static_cast<double>(total) / 1'000},
          {"longest_s", static_cast<double>(longest) / 1'000},
          {"series", rehearsal.series},
          {"events", rehearsal.events},
          {"cut", rehearsal.cut},
          {"episodes", std::move(episodes)},
          {"curves", std::move(curves)}};
}

JsonObject Engine::alert_json(const Alert& alert) const {
  auto out = to_json(alert, alert.resolved_at ? nullptr : silence_of(silences_, alert, now()));
  if (const auto rule = rules_.find(alert.rule); rule != rules_.end())
    out["condition"] = sentence(rule->second.rule);
  return out;
}

JsonArray Engine::list(const runtime::Actor& actor) const {
  std::vector<const Alert*> open;
  for (const auto& [id, alert] : alerts_)
    if (!alert.resolved_at && visible(actor, alert)) open.push_back(&alert);
  std::ranges::sort(open, [](const Alert* a, const Alert* b) {
    if (a->severity != b->severity) return rank_of(a->severity) > rank_of(b->severity);
    return a->fired_at != b->fired_at ? a->fired_at > b->fired_at : a->id > b->id;
  });
  JsonArray out;
  for (const auto* alert : open) {
    auto one = alert_json(*alert);
    if (const auto held = rules_.find(alert->rule); held != rules_.end()) {
      Labels labels;
      for (const auto& item : alert->series)
        if (item.value().is_string())
          labels.emplace_back(item.key(), std::string(item.value().get_string()));
      const auto& all = held->second.machine.series();
      if (const auto now = all.find(series::series_key("", labels)); now != all.end())
        one["value"] = now->second.value;
    }
    out.push_back(std::move(one));
  }
  return out;
}

Engine::Answer Engine::get(Engine* self, runtime::Actor actor, std::string id) {
  auto found = co_await self->parts_.store.read(
      [id](store::Connection& db) -> base::Result<std::vector<Alert>> {
        return store::find_alert(db, id);
      });
  if (!found) co_return std::unexpected(found.error());
  const auto open = self->alerts_.find(id);
  if (open != self->alerts_.end()) found->assign(1, open->second);  // the newer one
  if (found->empty() || !visible(actor, found->front()))
    co_return base::fail(base::Code::not_found, "there is no alert " + id);
  const auto alert = found->front();
  auto out = self->alert_json(alert);
  const auto rule = self->rules_.find(alert.rule);
  if (rule == self->rules_.end() || !rule->second.condition) co_return out;
  out["threshold"] = rule->second.rule.condition.threshold;
  const auto end = base::unix_ms(alert.resolved_at.value_or(self->now()));
  // As the rule saw it, of this series alone.
  auto evidence = co_await self->parts_.store.read(
      [condition = rule->second.condition, settings = settings_of(rule->second.rule),
       index = &self->parts_.series, series = alert.series,
       span = series::Span{base::unix_ms(alert.pending_since) - kEvidenceMs, end + 1}](
          store::Connection& db) {
        return rehearse(db, *index, condition, settings, span,
                        [&](const Labels& labels) { return to_json(labels) == series; });
      });
  if (evidence) out["evidence"] = to_json(*evidence);
  co_return out;
}

Engine::Answer Engine::history(Engine* self, HistoryQuery query) {
  const auto limit = query.what.limit;
  JsonArray items;
  std::string cursor;
  bool more = true;
  // What one may not see is not counted, so that a page is a page for everybody.
  while (more && items.size() < limit) {
    auto read = co_await self->parts_.store.read(
        [what = query.what](store::Connection& db) { return store::list_alerts(db, what); });
    if (!read) co_return std::unexpected(read.error());
    more = read->size() == query.what.limit;
    for (const auto& alert : *read) {
      if (items.size() == limit) {
        more = true;
        break;
      }
      cursor = query.what.before_id = alert.id;
      if (visible(query.actor, alert)) items.push_back(to_json(alert, nullptr));
    }
  }
  co_return JsonObject{{"items", std::move(items)},
                       {"next_cursor", more ? Json(cursor) : Json(nullptr)}};
}

JsonObject Engine::rule_json(const std::string& id, const Held& held) const {
  auto out = base::to_json(held.rule).as_object();
  std::size_t firing = 0, pending = 0;
  for (const auto& [key, series] : held.machine.series()) ++(series.firing ? firing : pending);
  out["id"] = id;
  out["built_in"] = find_default(id) != nullptr;
  out["changed"] = held.changed;
  out["changed_by"] = held.changed_by;
  out["changed_at"] = time_json(held.changed_at);
  out["sentence"] = sentence(held.rule);
  out["firing"] = firing;
  out["pending"] = pending;
  out["left_out"] = held.machine.left_out();
  out["trouble"] = held.trouble;
  return out;
}

JsonArray Engine::list_rules() const {
  JsonArray out;
  for (const auto& one : default_rules()) out.push_back(rule_json(one.id, rules_.at(one.id)));
  for (const auto& [id, held] : rules_)
    if (find_default(id) == nullptr) out.push_back(rule_json(id, held));
  return out;
}

base::Result<JsonObject> Engine::rule(const std::string& id) const {
  const auto found = rules_.find(id);
  if (found == rules_.end()) return base::fail(base::Code::not_found, "there is no rule " + id);
  return rule_json(id, found->second);
}

Engine::Answer Engine::preview(Engine* self, Rule rule, series::Span span) {
  auto condition = self->check(rule);
  if (!condition) co_return std::unexpected(condition.error());
  auto done =
      co_await self->parts_.store.read([condition = *condition, settings = settings_of(rule),
                                        index = &self->parts_.series, span](store::Connection& db) {
        return rehearse(db, *index, condition, settings, span, [](const Labels&) { return true; });
      });
  if (!done) co_return std::unexpected(done.error());
  auto out = to_json(*done);
  out["sentence"] = sentence(rule);
  out["threshold"] = rule.condition.threshold;
  co_return out;
}

JsonArray Engine::list_silences(const runtime::Actor& actor) const {
  JsonArray out;
  for (const auto& one : silences_)
    if (actor.sees_all() || one.record.created_by == actor.name) out.push_back(to_json(one.record));
  return out;
}

JsonObject Engine::channel_json(const Channel& channel) const {
  auto out = base::to_json(channel.text).as_object();
  out["id"] = channel.id;
  out["secret_url"] = channel.url_shown();
  out["secret"] = channel.secret.empty() ? "" : base::Secret::kShown;
  out["quiet_now"] = channel.is_quiet(now());
  const auto last = delivery_.last(channel.id);
  out["delivered_at"] = time_json(last.delivered_at);
  out["failed_at"] = time_json(last.failed_at);
  out["error"] = last.error;
  const auto changed = channels_changed_.find(channel.id);
  const bool known = changed != channels_changed_.end();
  out["changed_by"] = known ? changed->second.first : "";
  out["changed_at"] = known ? Json(base::format_rfc3339(changed->second.second)) : Json(nullptr);
  return out;
}

JsonArray Engine::list_channels() const {
  JsonArray out;
  for (const auto& [id, channel] : channels_) out.push_back(channel_json(channel));
  return out;
}

}  // namespace telltale::alert
