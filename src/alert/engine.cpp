// How alerts come and go: evaluation, what fires, who is told.
#include "alert/engine.hpp"

#include <algorithm>

#include "alert/metric_reading.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::alert {
namespace {

constexpr base::Duration kLeastWait = std::chrono::milliseconds(20);

Machine::Settings settings_of(const Rule& rule) {
  return {.for_ms = static_cast<std::int64_t>(rule.for_s * 1'000),
          .keep_firing_ms = static_cast<std::int64_t>(rule.keep_firing_for_s * 1'000)};
}

// A path names its server by {server}: what is put there must not become more of the path.
std::string runbook_of(const Rule& rule, Labels labels) {
  for (auto& [label, value] : labels) value = base::percent_encode(value);
  Rule with = rule;
  with.summary = rule.runbook;
  return rule.runbook.empty() ? std::string() : fill(with, labels, 0);
}

runtime::Severity severity_of(const Alert& alert) {
  if (alert.resolved_at) return runtime::Severity::info;
  const auto rank = rank_of(alert.severity);
  return rank == 2   ? runtime::Severity::critical
         : rank == 1 ? runtime::Severity::warning
                     : runtime::Severity::info;
}

struct Reading {
  std::string rule;
  std::shared_ptr<const Condition> condition;
  std::int64_t since_ms = 0;
  base::Result<std::vector<Observation>> seen = std::vector<Observation>();
};

}  // namespace

Engine::Engine(Parts parts)
    : parts_(std::move(parts)),
      delivery_({.loop = parts_.loop,
                 .events = parts_.bus,
                 .mailer = parts_.mailer,
                 .outbound = parts_.outbound}),
      changed_(parts_.loop),
      tasks_(parts_.loop, "alert") {}

void Engine::start() {
  events_ = parts_.bus.subscribe(parts_.loop, [this](std::span<const bus::PublishedPtr> batch) {
    for (const auto& item : batch)
      if (event_types_.contains(item->event.type)) take(item->event);
  });
  tasks_.spawn("alert.watch", watch(this));
}

runtime::Task<> Engine::stop() {
  events_ = {};
  co_await tasks_.stop();
  co_await delivery_.stop();
}

runtime::Task<> Engine::watch(Engine* self) {
  auto looked = self->parts_.loop.clock().now() - kInterval;
  for (;;) {
    const auto steady = self->parts_.loop.clock().now();
    if (steady - looked >= kInterval) {
      looked = steady;
      co_await evaluate(self);
    }
    const auto now_ms = base::unix_ms(self->now());
    auto wait = looked + kInterval - self->parts_.loop.clock().now();
    const auto look_at = [&](std::int64_t at_ms) {
      wait = std::min<base::Duration>(wait, std::chrono::milliseconds(at_ms - now_ms));
    };
    for (auto& [id, held] : self->rules_) {
      if (!held.watch) continue;
      self->step(id, held, held.watch->observe(now_ms));
      if (const auto at = held.watch->next_deadline(now_ms)) look_at(*at);
      if (const auto at = held.machine.next_deadline()) look_at(*at);
    }
    self->settle();
    if (self->next_) look_at(base::unix_ms(*self->next_));
    co_await self->changed_.wait_for(std::max(wait, kLeastWait));
  }
}

runtime::Task<> Engine::evaluate(Engine* self) {
  std::vector<Reading> readings;
  for (const auto& [id, held] : self->rules_)
    if (held.rule.enabled && held.condition && !held.watch)
      readings.push_back({.rule = id, .condition = held.condition, .since_ms = held.since_ms});
  const auto now_ms = base::unix_ms(self->now());
  auto read = co_await self->parts_.store.read(
      [readings = std::move(readings), index = &self->parts_.series,
       now_ms](store::Connection& db) mutable -> base::Result<std::vector<Reading>> {
        for (auto& one : readings)
          one.seen = observe(db, *index, *one.condition, {one.since_ms, now_ms});
        return std::move(readings);
      });
  if (!read) {
    base::log(base::LogLevel::warning, "alert", "the rules were not looked at: {}",
              read.error().detail);
    co_return;
  }
  for (const auto& one : *read) {
    const auto found = self->rules_.find(one.rule);
    // Changed meanwhile: what was read is not of this rule any more.
    if (found == self->rules_.end() || found->second.condition != one.condition) continue;
    found->second.trouble = one.seen ? "" : one.seen.error().detail;
    if (one.seen && found->second.rule.enabled) self->step(one.rule, found->second, *one.seen);
  }
  self->settle();
}

void Engine::take(const runtime::Event& event) {
  bool any = false;
  for (auto& [id, held] : rules_) {
    if (!held.watch || !held.rule.enabled || !held.watch->take(event)) continue;
    step(id, held, held.watch->observe(base::unix_ms(now())));
    any = true;
  }
  if (any) changed_.notify_all();
}

void Engine::step(const std::string& id, Held& held, const std::vector<Observation>& seen) {
  if (!held.rule.enabled) return;
  for (const auto& one : held.machine.step(seen, base::unix_ms(now()))) {
    if (one.change == Change::fired) {
      fire(id, held, one);
      continue;
    }
    if (auto* const alert = find_open(id, series::series_key("", one.labels))) {
      alert->value = one.value;
      resolve(*alert);
    }
  }
}

Alert* Engine::find_open(const std::string& rule, const std::string& key) {
  const auto found = firing_.find({rule, key});
  return found == firing_.end() ? nullptr : &alerts_.at(found->second);
}

void Engine::fire(const std::string& id, const Held& held, const Transition& transition) {
  if (firing_.size() >= kOpenMax) {
    base::log(base::LogLevel::error, "alert", "{} fires, and 2000 alerts do already", id);
    return;
  }
  Labels labels = transition.labels;
  for (const auto& [label, value] : held.rule.labels)
    if (std::ranges::find(labels, label, &Labels::value_type::first) == labels.end())
      labels.emplace_back(label, value);
  Alert alert{.id = base::new_id("alr"),
              .rule = id,
              .rule_name = held.rule.name,
              .severity = held.rule.severity,
              .labels = to_json(labels),
              .series = to_json(transition.labels),
              .summary = fill(held.rule, labels, transition.value),
              .runbook = runbook_of(held.rule, labels),
              .value = transition.value,
              .pending_since = base::from_unix_ms(transition.pending_ms),
              .fired_at = now()};
  firing_[{id, series::series_key("", transition.labels)}] = alert.id;
  keep(alert);
  publish(alert, "fired");
  alerts_.emplace(alert.id, std::move(alert));
  changed_.notify_all();
}

void Engine::resolve(Alert& alert) {
  std::erase_if(firing_, [&](const auto& item) { return item.second == alert.id; });
  alert.resolved_at = now();
  keep(alert);
  publish(alert, "resolved");
  changed_.notify_all();
}

void Engine::retire(const std::string& rule) {
  for (auto& [id, alert] : alerts_)
    if (alert.rule == rule && !alert.resolved_at) resolve(alert);
}

void Engine::settle() {
  const auto at = now();
  std::erase_if(silences_, [&](const Silence& one) { return one.record.until <= at; });
  auto planned = plan({.alerts = alerts_,
                       .channels = channels_,
                       .silences = silences_,
                       .rule = [this](const std::string& id) -> const Rule* {
                         const auto found = rules_.find(id);
                         return found == rules_.end() ? nullptr : &found->second.rule;
                       }},
                      at);
  for (const auto& id : planned.escalated) {
    auto& alert = alerts_.at(id);
    alert.escalated_at = at;
    publish(alert, "escalated");
    keep(alert);
  }
  for (const auto& told : planned.tell) tell(told, at);
  for (const auto& id : planned.over) alerts_.erase(id);
  next_ = planned.next;
  count();
}

void Engine::tell(const Told& told, base::WallTime at) {
  const auto rule = rules_.find(told.rule);
  Notification one{.id = base::new_id("ntf"),
                   .channel = told.channel,
                   .rule = told.rule,
                   .resolved = told.resolved,
                   .dashboard = parts_.dashboard(),
                   .at = at};
  if (rule != rules_.end()) {
    one.name = rule->second.rule.name;
    one.sentence = sentence(rule->second.rule);
  }
  for (const auto& id : told.alerts) {
    auto& alert = alerts_.at(id);
    if (one.name.empty()) one.name = alert.rule_name;
    if (!told.resolved) {
      alert.told.push_back(told.channel);
      keep(alert);
    }
    one.alerts.push_back(alert);
  }
  delivery_.send(channels_.at(told.channel), std::move(one));
}

void Engine::keep(const Alert& alert) {
  parts_.store.write_later([alert](store::Connection& db) { return store::save_alert(db, alert); },
                           [id = alert.id](const base::Result<void>& done) {
                             if (!done)
                               base::log(base::LogLevel::error, "alert", "{} was not kept: {}", id,
                                         done.error().detail);
                           });
}

void Engine::publish(const Alert& alert, std::string_view what) {
  auto data = alert_json(alert);
  data["event"] = what;
  parts_.bus.publish({.type = "alert",
                      .channel = "alerts",
                      .subject = alert.id,
                      .severity = severity_of(alert),
                      .data = std::move(data)});
}

void Engine::count() {
  std::array<std::size_t, 3> now{};
  for (const auto& [id, alert] : alerts_)
    if (!alert.resolved_at) ++now.at(static_cast<std::size_t>(rank_of(alert.severity)));
  for (std::size_t i = 0; i < now.size(); ++i) counts_.at(i) = now.at(i);
}

std::array<std::size_t, 3> Engine::firing() const {
  return {counts_[0].load(), counts_[1].load(), counts_[2].load()};
}

Engine::Held Engine::hold(Rule rule) {
  Held out{.rule = std::move(rule), .condition = {}, .watch = {}, .since_ms = base::unix_ms(now())};
  auto condition = check(out.rule);
  if (!condition) {
    out.trouble = condition.error().detail;
    return out;
  }
  out.condition = std::move(*condition);
  out.machine = Machine(settings_of(out.rule));
  if (!out.condition->event.empty()) out.watch.emplace(out.condition, out.since_ms);
  return out;
}

void Engine::events_changed() {
  event_types_.clear();
  for (const auto& [id, held] : rules_)
    if (held.watch && held.rule.enabled) event_types_.insert(held.condition->event);
}

}  // namespace telltale::alert
