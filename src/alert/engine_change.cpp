// What people change: rules, silences, channels, acknowledgements. On disk before it holds.
#include <algorithm>

#include "alert/defaults.hpp"
#include "alert/engine.hpp"
#include "base/random.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::alert {

using base::JsonObject;
using store::Connection;

namespace {

std::unexpected<base::Error> no_such(std::string_view what, const std::string& id) {
  return base::fail(base::Code::not_found, "there is no " + std::string(what) + " " + id);
}

}  // namespace

runtime::TaskResult<bool> Engine::write(Engine* self, store::Store::Work work) {
  co_return co_await runtime::uncancelled(self->parts_.store.write("alert", std::move(work)));
}

base::Result<std::shared_ptr<const Condition>> Engine::check(const Rule& rule) const {
  if (auto fine = alert::check(rule); !fine) return std::unexpected(fine.error());
  auto condition = compile(rule.condition);
  if (!condition) return std::unexpected(condition.error());
  if (!condition->event.empty() && !parts_.is_event_type(condition->event))
    return base::bad_field("/condition/event",
                           "there is no such event; docs/websocket.md has them");
  return std::make_shared<const Condition>(std::move(*condition));
}

void Engine::put_rule(const std::string& id, Held held) {
  const auto old = rules_.find(id);
  // What fires goes on when it still holds; what was counted of other events does not.
  const bool same = old != rules_.end() && old->second.condition && old->second.rule.enabled &&
                    held.rule.enabled &&
                    base::write_json(base::to_json(old->second.rule.condition)) ==
                        base::write_json(base::to_json(held.rule.condition));
  if (same) {
    held.watch = std::move(old->second.watch);
    held.since_ms = old->second.since_ms;
    for (const auto& [key, series] : old->second.machine.series())
      if (series.firing)
        held.machine.restore(series.labels, series.value, series.pending_ms, base::unix_ms(now()));
  } else {
    retire(id);
  }
  rules_.insert_or_assign(id, std::move(held));
  events_changed();
  changed_.notify_all();
}

Engine::Answer Engine::keep_rule(Engine* self, runtime::Actor actor, std::string id, Rule rule) {
  const bool is_new = id.empty();
  if (!is_new && !self->rules_.contains(id)) co_return no_such("rule", id);
  if (is_new && self->rules_.size() >= kRulesMax)
    co_return base::fail(base::Code::conflict, "there are 200 rules, the most there may be");
  if (auto good = self->check(rule); !good) co_return std::unexpected(good.error());
  for (const auto& [list, pointer] :
       {std::pair(&rule.channels, "/channels/"), std::pair(&rule.escalate_to, "/escalate_to/")})
    for (std::size_t i = 0; i < list->size(); ++i)
      if (!self->channels_.contains((*list)[i]))
        co_return base::bad_field(pointer + std::to_string(i), "there is no such channel");
  if (is_new) id = base::new_id("rul");
  const store::AlertRuleRecord record{.id = id,
                                      .definition = base::to_json(rule).as_object(),
                                      .changed_by = actor.name,
                                      .changed_at = self->now()};
  auto written =
      co_await write(self, [record](Connection& db) { return store::save_alert_rule(db, record); });
  if (!written) co_return std::unexpected(written.error());
  auto held = self->hold(std::move(rule));
  held.changed = find_default(id) != nullptr;
  held.changed_by = record.changed_by;
  held.changed_at = record.changed_at;
  self->put_rule(id, std::move(held));
  co_return self->rule_json(id, self->rules_.at(id));
}

Engine::Answer Engine::remove_rule(Engine* self, std::string id) {
  if (!self->rules_.contains(id)) co_return no_such("rule", id);
  if (find_default(id) != nullptr)
    co_return base::fail(base::Code::conflict,
                         "it is a default rule: switch it off, or reset what was changed");
  auto written =
      co_await write(self, [id](Connection& db) { return store::delete_alert_rule(db, id); });
  if (!written) co_return std::unexpected(written.error());
  self->retire(id);
  self->rules_.erase(id);
  self->events_changed();
  co_return JsonObject{{"id", id}, {"removed", true}};
}

Engine::Answer Engine::reset_rule(Engine* self, std::string id) {
  const auto* rule = find_default(id);
  if (rule == nullptr)
    co_return base::fail(self->rules_.contains(id) ? base::Code::conflict : base::Code::not_found,
                         "only a default rule can be reset");
  auto written =
      co_await write(self, [id](Connection& db) { return store::delete_alert_rule(db, id); });
  if (!written) co_return std::unexpected(written.error());
  self->put_rule(id, self->hold(*rule));
  co_return self->rule_json(id, self->rules_.at(id));
}

Engine::Answer Engine::acknowledge(Engine* self, runtime::Actor actor, std::string id,
                                   std::string note, bool undo) {
  const auto found = self->alerts_.find(id);
  if (found == self->alerts_.end() || !visible(actor, found->second))
    co_return no_such("open alert", id);
  if (found->second.resolved_at) co_return base::fail(base::Code::conflict, "it is over already");
  auto changed = found->second;
  changed.acknowledged_by = undo ? "" : actor.name;
  changed.note = undo ? "" : std::move(note);
  changed.acknowledged_at = undo ? std::nullopt : std::optional(self->now());
  auto written =
      co_await write(self, [changed](Connection& db) { return store::save_alert(db, changed); });
  if (!written) co_return std::unexpected(written.error());
  const auto again = self->alerts_.find(id);
  if (again == self->alerts_.end() || again->second.resolved_at)
    co_return base::fail(base::Code::conflict, "it is over already");
  auto& alert = again->second;
  alert.acknowledged_by = changed.acknowledged_by;
  alert.note = changed.note;
  alert.acknowledged_at = changed.acknowledged_at;
  self->keep(alert);  // with what else became of it meanwhile
  self->publish(alert, undo ? "unacknowledged" : "acknowledged");
  self->changed_.notify_all();
  co_return self->alert_json(alert);
}

Engine::Answer Engine::add_silence(Engine* self, store::AlertSilence silence) {
  if (self->silences_.size() >= kSilencesMax)
    co_return base::fail(base::Code::conflict, "there are 500 silences, the most there may be");
  auto matchers = series::parse_matchers(silence.matchers, "/matchers");
  if (!matchers) co_return std::unexpected(matchers.error());
  if (matchers->empty())
    co_return base::bad_field("/matchers", "must say which alerts: rule=\"server_down\"");
  silence.id = base::new_id("sil");
  silence.created_at = self->now();
  if (silence.until <= silence.created_at)
    co_return base::bad_field("/until", "must be in the future");
  auto written = co_await write(
      self, [silence](Connection& db) { return store::save_alert_silence(db, silence); });
  if (!written) co_return std::unexpected(written.error());
  self->silences_.push_back({silence, std::move(*matchers)});
  for (const auto& [id, alert] : self->alerts_)
    if (!alert.resolved_at && silences(self->silences_.back(), alert, self->now()))
      self->publish(alert, "silenced");
  self->changed_.notify_all();
  co_return to_json(silence);
}

Engine::Answer Engine::end_silence(Engine* self, std::string id) {
  const auto is_it = [&](const Silence& one) { return one.record.id == id; };
  if (std::ranges::none_of(self->silences_, is_it)) co_return no_such("silence", id);
  auto written =
      co_await write(self, [id](Connection& db) { return store::delete_alert_silence(db, id); });
  if (!written) co_return std::unexpected(written.error());
  const auto at = std::ranges::find_if(self->silences_, is_it);
  if (at != self->silences_.end()) {
    const auto ended = *at;
    self->silences_.erase(at);
    for (const auto& [alert_id, alert] : self->alerts_)
      if (!alert.resolved_at && silences(ended, alert, self->now()))
        self->publish(alert, "unsilenced");
  }
  self->changed_.notify_all();
  co_return JsonObject{{"id", id}, {"removed", true}};
}

Engine::Answer Engine::keep_channel(Engine* self, runtime::Actor actor, std::string id,
                                    ChannelText text) {
  const bool is_new = id.empty();
  const auto old = self->channels_.find(id);
  if (!is_new && old == self->channels_.end()) co_return no_such("channel", id);
  if (is_new && self->channels_.size() >= kChannelsMax)
    co_return base::fail(base::Code::conflict, "there are 50 channels, the most there may be");
  if (is_new && text.kind == "browser")
    co_return base::bad_field("/kind", "there is one for all browsers already: change that");
  if (!is_new && text.kind != old->second.text.kind)
    co_return base::bad_field("/kind", "stays what it is: make a new channel");
  auto channel = make_channel(is_new ? base::new_id("chn") : id, std::move(text),
                              is_new ? nullptr : &old->second);
  if (!channel) co_return std::unexpected(channel.error());
  auto definition = base::to_json(channel->text).as_object();
  definition.erase("secret_url");
  definition.erase("secret");
  const store::AlertChannelRecord record{
      .id = channel->id,
      .definition = std::move(definition),
      .secrets = {{"url", channel->url.reveal()}, {"secret", channel->secret.reveal()}},
      .changed_by = actor.name,
      .changed_at = self->now()};
  auto written =
      co_await write(self, [record, vault = &self->parts_.store.vault()](Connection& db) {
        return store::save_alert_channel(db, *vault, record);
      });
  if (!written) co_return std::unexpected(written.error());
  id = channel->id;
  self->channels_[id] = std::move(*channel);
  self->channels_changed_[id] = {record.changed_by, record.changed_at};
  self->changed_.notify_all();
  co_return self->channel_json(self->channels_.at(id));
}

Engine::Answer Engine::remove_channel(Engine* self, std::string id) {
  const auto found = self->channels_.find(id);
  if (found == self->channels_.end()) co_return no_such("channel", id);
  if (found->second.text.kind == "browser")
    co_return base::fail(base::Code::conflict, "it is that of all browsers: switch it off");
  for (const auto& [rule_id, held] : self->rules_)
    for (const auto* list : {&held.rule.channels, &held.rule.escalate_to})
      if (std::ranges::find(*list, id) != list->end())
        co_return base::fail(base::Code::conflict, "the rule " + held.rule.name + " names it");
  auto written =
      co_await write(self, [id](Connection& db) { return store::delete_alert_channel(db, id); });
  if (!written) co_return std::unexpected(written.error());
  self->channels_.erase(id);
  self->channels_changed_.erase(id);
  self->delivery_.forget(id);
  co_return JsonObject{{"id", id}, {"removed", true}};
}

Engine::Answer Engine::test_channel(Engine* self, runtime::Actor actor, std::string id) {
  const auto found = self->channels_.find(id);
  if (found == self->channels_.end()) co_return no_such("channel", id);
  const auto now = self->now();
  Alert sample{.id = base::new_id("alr"),
               .rule = "test",
               .rule_name = "Test",
               .severity = "info",
               .labels = {{"channel", id}},
               .series = {},
               .summary = actor.name + " tests the channel " + found->second.text.name,
               .runbook = "",
               .value = 0,
               .pending_since = now,
               .fired_at = now};
  auto sent = co_await Delivery::try_now(&self->delivery_, found->second,
                                         {.id = base::new_id("ntf"),
                                          .channel = id,
                                          .rule = "test",
                                          .name = "Test",
                                          .sentence = "a test of the notification channel",
                                          .test = true,
                                          .alerts = {std::move(sample)},
                                          .dashboard = self->parts_.dashboard(),
                                          .at = now});
  if (!sent) co_return std::unexpected(sent.error());
  co_return JsonObject{{"id", id}, {"delivered", true}};
}

}  // namespace telltale::alert
