// alerts.rules, and what changes them; their rehearsal.
#include "alert/operations.hpp"
#include "runtime/run.hpp"
#include "series/selection.hpp"

namespace telltale::alert {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;

struct RuleById {
  std::string rule_id;
};
BOOST_DESCRIBE_STRUCT(RuleById, (), (rule_id))

struct ChangeRule : Rule {
  std::string rule_id;
};
BOOST_DESCRIBE_STRUCT(ChangeRule, (Rule), (rule_id))
constexpr auto field_rules(const ChangeRule*) {
  return kRuleRules;
}

struct PreviewRule : Rule {
  std::string range = "7d";
};
BOOST_DESCRIBE_STRUCT(PreviewRule, (Rule), (range))
constexpr auto field_rules(const PreviewRule*) {
  std::array<FieldRule, kRuleRules.size() + 1> out{};
  std::ranges::copy(kRuleRules, out.begin());
  out.back() = {.name = "range",
                .help = "how far to look back; 30d at most",
                .maximum = 32,
                .has_default = true};
  return out;
}

namespace {

constexpr std::int64_t kLookBackMax = 30LL * 86'400'000;

Engine::Answer list_here(Engine* engine) {
  co_return JsonObject{{"items", engine->list_rules()}};
}
Engine::Answer list(Engine* engine, ContextPtr, runtime::Nothing) {
  return runtime::call_on(engine->loop(), list_here(engine));
}

Engine::Answer get_here(Engine* engine, std::string id) {
  co_return engine->rule(id);
}
Engine::Answer get(Engine* engine, ContextPtr, RuleById input) {
  return runtime::call_on(engine->loop(), get_here(engine, std::move(input.rule_id)));
}

Engine::Answer create(Engine* engine, ContextPtr context, Rule input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  co_return co_await runtime::call_on(
      engine->loop(), Engine::keep_rule(engine, context->actor(), "", std::move(input)));
}

Engine::Answer update(Engine* engine, ContextPtr context, ChangeRule input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  auto id = std::move(input.rule_id);
  Rule rule = std::move(input);
  co_return co_await runtime::call_on(
      engine->loop(), Engine::keep_rule(engine, context->actor(), std::move(id), std::move(rule)));
}

template <Engine::Answer (*what)(Engine*, std::string)>
Engine::Answer of_one(Engine* engine, ContextPtr context, RuleById input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  co_return co_await runtime::call_on(engine->loop(), what(engine, std::move(input.rule_id)));
}

Engine::Answer preview(Engine* engine, ContextPtr context, PreviewRule input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  auto length = series::parse_duration(input.range, "/range");
  if (!length) co_return std::unexpected(length.error());
  if (*length > kLookBackMax) co_return base::bad_field("/range", "must be 30 days at most");
  const auto now = base::unix_ms(engine->loop().clock().wall());
  Rule rule = std::move(input);
  co_return co_await runtime::call_on(
      engine->loop(), Engine::preview(engine, std::move(rule), {now - *length, now + 1}));
}

}  // namespace

void declare_rule_operations(runtime::OperationRegistry& registry, Engine& engine) {
  add(registry, engine,
      {.name = "alerts.rules",
       .help = "The rules: those that are always there first",
       .permission = "alerts:read",
       .routes = {{"GET", "/api/alerts/rules"}}},
      list);
  add(registry, engine,
      {.name = "alerts.create_rule",
       .help = "Adds a rule",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"POST", "/api/alerts/rules", 201}}},
      create);
  add(registry, engine,
      {.name = "alerts.preview",
       .help = "Replays a rule over what is stored: when it would have fired",
       .permission = "alerts:read",
       .time_limit = std::chrono::milliseconds(60'000),
       .routes = {{"POST", "/api/alerts/rules/preview"}}},
      preview);
  add(registry, engine,
      {.name = "alerts.rule",
       .help = "A rule, in plain words too",
       .permission = "alerts:read",
       .routes = {{"GET", "/api/alerts/rules/{rule_id}"}}},
      get);
  add(registry, engine,
      {.name = "alerts.update_rule",
       .help = "Replaces a rule; a default one can be reset",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"PUT", "/api/alerts/rules/{rule_id}"}}},
      update);
  add(registry, engine,
      {.name = "alerts.delete_rule",
       .help = "Removes a rule; what fires by it is over",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"DELETE", "/api/alerts/rules/{rule_id}"}}},
      of_one<Engine::remove_rule>);
  add(registry, engine,
      {.name = "alerts.reset_rule",
       .help = "A default rule as it was made",
       .permission = "alerts:write",
       .changes = true,
       .routes = {{"POST", "/api/alerts/rules/{rule_id}/reset"}}},
      of_one<Engine::reset_rule>);
}

}  // namespace telltale::alert
