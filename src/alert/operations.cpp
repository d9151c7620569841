// alerts.list, .get, .ack, .unack, .history, and silences.
#include "alert/operations.hpp"

#include "runtime/run.hpp"
#include "series/selection.hpp"

namespace telltale::alert {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;

constexpr std::int64_t kMonthMs = 30LL * 86'400'000;

struct AlertById {
  std::string alert_id;
};
BOOST_DESCRIBE_STRUCT(AlertById, (), (alert_id))

struct AcknowledgeAlert {
  std::string alert_id, note;
};
BOOST_DESCRIBE_STRUCT(AcknowledgeAlert, (), (alert_id, note))
constexpr auto field_rules(const AcknowledgeAlert*) {
  return std::array{FieldRule{.name = "note", .maximum = 500, .has_default = true}};
}

struct AlertHistory {
  std::optional<std::string> start, end, range;
  std::string rule, severity, server, cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(AlertHistory, (), (start, end, range, rule, severity, server, cursor, limit))
constexpr auto field_rules(const AlertHistory*) {
  return std::array{
      FieldRule{.name = "start", .help = "RFC 3339 or Unix time", .maximum = 64},
      FieldRule{.name = "end", .help = "RFC 3339 or Unix time; default: now", .maximum = 64},
      FieldRule{.name = "range", .help = "back from the end; default 30d", .maximum = 64},
      FieldRule{.name = "rule", .help = "its id", .maximum = 64, .has_default = true},
      FieldRule{.name = "severity", .maximum = 16, .has_default = true},
      FieldRule{.name = "server", .maximum = 200, .has_default = true},
      FieldRule{.name = "cursor", .maximum = 64, .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

struct AddSilence {
  std::string matchers, reason;
  std::optional<std::string> duration, until;
};
BOOST_DESCRIBE_STRUCT(AddSilence, (), (matchers, reason, duration, until))
constexpr auto field_rules(const AddSilence*) {
  return std::array{
      FieldRule{.name = "matchers",
                .help = "over an alert's labels, rule, rule_name, severity and alert (its id)",
                .minimum = 1,
                .maximum = 2000,
                .example = "rule=\"server_down\", server=~\"test-.*\""},
      FieldRule{.name = "reason", .maximum = 500, .has_default = true},
      FieldRule{.name = "duration", .help = "1h, 1d; at most 90d", .maximum = 32},
      FieldRule{.name = "until", .help = "RFC 3339 or Unix time, in place of it", .maximum = 64}};
}

struct SilenceById {
  std::string silence_id;
};
BOOST_DESCRIBE_STRUCT(SilenceById, (), (silence_id))

base::Result<void> check_sees_all(const runtime::Actor& actor) {
  if (actor.sees_all()) return {};
  return base::fail(base::Code::permission_denied,
                    "rules, silences and channels are of all servers: you see some of them");
}

namespace {

constexpr auto kLongestSilence = std::chrono::hours(24 * 90);

Engine::Answer items_of(Engine* engine, runtime::Actor actor,
                        base::JsonArray (Engine::*what)(const runtime::Actor&) const) {
  co_return JsonObject{{"items", (engine->*what)(actor)}};
}

Engine::Answer list(Engine* engine, ContextPtr context, runtime::Nothing) {
  return runtime::call_on(engine->loop(), items_of(engine, context->actor(), &Engine::list));
}

Engine::Answer get(Engine* engine, ContextPtr context, AlertById input) {
  return runtime::call_on(engine->loop(),
                          Engine::get(engine, context->actor(), std::move(input.alert_id)));
}

Engine::Answer acknowledge(Engine* engine, ContextPtr context, AcknowledgeAlert input) {
  return runtime::call_on(engine->loop(),
                          Engine::acknowledge(engine, context->actor(), std::move(input.alert_id),
                                              std::move(input.note), false));
}

Engine::Answer take_back(Engine* engine, ContextPtr context, AlertById input) {
  return runtime::call_on(engine->loop(), Engine::acknowledge(engine, context->actor(),
                                                              std::move(input.alert_id), "", true));
}

Engine::Answer history(Engine* engine, ContextPtr context, AlertHistory input) {
  auto span =
      series::span_of({input.start, input.end, input.range}, engine->loop().clock(), kMonthMs);
  if (!span) co_return std::unexpected(span.error());
  co_return co_await runtime::call_on(
      engine->loop(),
      Engine::history(engine, {.what = {.from = base::from_unix_ms(span->from_ms),
                                        .to = base::from_unix_ms(span->to_ms),
                                        .rule = std::move(input.rule),
                                        .severity = std::move(input.severity),
                                        .server = std::move(input.server),
                                        .before_id = std::move(input.cursor),
                                        .limit = static_cast<std::size_t>(input.limit)},
                               .actor = context->actor()}));
}

Engine::Answer silences(Engine* engine, ContextPtr context, runtime::Nothing) {
  return runtime::call_on(engine->loop(),
                          items_of(engine, context->actor(), &Engine::list_silences));
}

Engine::Answer add_silence(Engine* engine, ContextPtr context, AddSilence input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  const auto now = engine->loop().clock().wall();
  store::AlertSilence silence{.id = "",
                              .matchers = std::move(input.matchers),
                              .reason = std::move(input.reason),
                              .created_by = context->actor().name,
                              .created_at = now};
  if (input.duration.has_value() == input.until.has_value())
    co_return base::bad_field("/duration", "give either a duration or until");
  if (input.duration) {
    auto length = series::parse_duration(*input.duration, "/duration");
    if (!length) co_return std::unexpected(length.error());
    silence.until = now + std::chrono::milliseconds(*length);
  } else {
    auto until = series::time_of(std::string_view(*input.until), "/until");
    if (!until) co_return std::unexpected(until.error());
    silence.until = base::from_unix_ms(*until);
  }
  if (silence.until - now > kLongestSilence)
    co_return base::bad_field(input.duration ? "/duration" : "/until",
                              "must be within 90 days: what is never of use is switched off");
  co_return co_await runtime::call_on(engine->loop(),
                                      Engine::add_silence(engine, std::move(silence)));
}

Engine::Answer end_silence(Engine* engine, ContextPtr context, SilenceById input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  co_return co_await runtime::call_on(engine->loop(),
                                      Engine::end_silence(engine, std::move(input.silence_id)));
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Engine& engine) {
  add(registry, engine,
      {.name = "alerts.list",
       .help = "What fires now, the worst first: firing, acknowledged or silenced",
       .permission = "alerts:read",
       .routes = {{"GET", "/api/alerts"}}},
      list);
  add(registry, engine,
      {.name = "alerts.history",
       .help = "What fired, newest first",
       .permission = "alerts:read",
       .routes = {{"GET", "/api/alerts/history"}}},
      history);
  add(registry, engine,
      {.name = "alerts.get",
       .help = "An alert with the figures that made it fire",
       .permission = "alerts:read",
       .routes = {{"GET", "/api/alerts/{alert_id}"}}},
      get);
  add(registry, engine,
      {.name = "alerts.ack",
       .help = "Somebody is at it: no more notifications, no escalation",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"POST", "/api/alerts/{alert_id}/ack"}}},
      acknowledge);
  add(registry, engine,
      {.name = "alerts.unack",
       .help = "Takes an acknowledgement back",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"DELETE", "/api/alerts/{alert_id}/ack"}}},
      take_back);
  add(registry, engine,
      {.name = "alerts.silences",
       .help = "What keeps alerts quiet, and until when",
       .permission = "alerts:read",
       .routes = {{"GET", "/api/alerts/silences"}}},
      silences);
  add(registry, engine,
      {.name = "alerts.silence",
       .help = "Nobody is told of alerts that match, for a while",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"POST", "/api/alerts/silences", 201}}},
      add_silence);
  add(registry, engine,
      {.name = "alerts.unsilence",
       .help = "Ends a silence: who was not told of what still fires is told now",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"DELETE", "/api/alerts/silences/{silence_id}"}}},
      end_silence);
  declare_rule_operations(registry, engine);
  declare_channel_operations(registry, engine);
}

}  // namespace telltale::alert
