// What an earlier life left: rules, alerts that fired, silences, channels.
#include <algorithm>

#include "alert/defaults.hpp"
#include "alert/engine.hpp"
#include "base/log.hpp"

namespace telltale::alert {
namespace {

constexpr std::size_t kEventsBack = 20'000;  // of one rule
constexpr std::string_view kBrowser = "browser";

}  // namespace

base::Result<std::unique_ptr<Engine>> Engine::open(Parts parts) {
  std::unique_ptr<Engine> out(new Engine(std::move(parts)));
  auto read = out->parts_.store.write_now([&](store::Connection& db) { return out->load(db); });
  if (!read) return std::unexpected(read.error());
  out->events_changed();
  out->count();
  return out;
}

base::Result<void> Engine::load(store::Connection& db) {
  for (const auto& [id, rule] : default_rules()) rules_.emplace(id, hold(rule));
  auto records = store::list_alert_rules(db);
  if (!records) return std::unexpected(records.error());
  for (const auto& record : *records) {
    auto rule = base::from_json<Rule>(record.definition);
    if (!rule) {
      base::log(base::LogLevel::error, "alert", "the rule {} is left out: {}", record.id,
                rule.error().detail);
      continue;
    }
    auto held = hold(std::move(*rule));
    held.changed = find_default(record.id) != nullptr;
    held.changed_by = record.changed_by;
    held.changed_at = record.changed_at;
    rules_.insert_or_assign(record.id, std::move(held));
  }
  for (auto& [id, held] : rules_) {
    if (!held.trouble.empty())
      base::log(base::LogLevel::error, "alert", "{} is not looked at: {}", held.rule.name,
                held.trouble);
    if (auto done = look_back(db, held); !done) return done;
  }
  auto open = store::open_alerts(db);
  if (!open) return std::unexpected(open.error());
  for (auto& alert : *open) restore(std::move(alert));
  auto silences = store::list_alert_silences(db, now());
  if (!silences) return std::unexpected(silences.error());
  for (auto& record : *silences) {
    auto matchers = series::parse_matchers(record.matchers, "");
    if (matchers) silences_.push_back({std::move(record), std::move(*matchers)});
  }
  return load_channels(db);
}

base::Result<void> Engine::load_channels(store::Connection& db) {
  ChannelText browser{.name = "Browsers", .kind = std::string(kBrowser)};
  channels_[std::string(kBrowser)] = *make_channel(std::string(kBrowser), browser, nullptr);
  auto records = store::list_alert_channels(db, parts_.store.vault());
  if (!records) return std::unexpected(records.error());
  for (const auto& record : *records) {
    auto definition = record.definition;
    definition["secret_url"] = base::string_or(record.secrets, "url");
    definition["secret"] = base::string_or(record.secrets, "secret");
    auto text = base::from_json<ChannelText>(definition);
    auto channel = text ? make_channel(record.id, std::move(*text), nullptr)
                        : base::Result<Channel>(std::unexpected(text.error()));
    if (!channel) {
      base::log(base::LogLevel::error, "alert", "the channel {} is left out: {}", record.id,
                channel.error().detail);
      continue;
    }
    channels_[record.id] = std::move(*channel);
    channels_changed_[record.id] = {record.changed_by, record.changed_at};
  }
  return {};
}

// The events of its window, as if they came now.
base::Result<void> Engine::look_back(store::Connection& db, Held& held) {
  if (!held.watch || !held.rule.enabled) return {};
  const auto since = now() - std::chrono::milliseconds(held.condition->window_ms);
  auto events = store::journal_events(db, held.condition->event, since, kEventsBack);
  if (!events) return std::unexpected(events.error());
  for (const auto& event : *events) held.watch->take(event);
  return {};
}

// It goes on if its rule does; what became of it meanwhile the next look tells.
void Engine::restore(Alert alert) {
  Labels labels;
  for (const auto& item : alert.series)
    if (item.value().is_string())
      labels.emplace_back(item.key(), std::string(item.value().get_string()));
  const auto rule = rules_.find(alert.rule);
  auto& kept = alerts_[alert.id] = std::move(alert);
  if (rule == rules_.end() || !rule->second.rule.enabled || !rule->second.condition)
    return resolve(kept);
  const auto key = series::series_key("", labels);
  firing_[{kept.rule, key}] = kept.id;
  rule->second.machine.restore(std::move(labels), kept.value, base::unix_ms(kept.pending_since),
                               base::unix_ms(now()));
}

}  // namespace telltale::alert
