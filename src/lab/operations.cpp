#include "lab/operations.hpp"

#include "base/random.hpp"

namespace telltale::lab {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct ListSuites {
  std::string cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(ListSuites, (), (cursor, limit))
constexpr auto field_rules(const ListSuites*) {
  return std::array{
      FieldRule{.name = "cursor", .help = "next_cursor of the page before", .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

struct WriteSuite {
  std::string yaml;
};
BOOST_DESCRIBE_STRUCT(WriteSuite, (), (yaml))
constexpr auto field_rules(const WriteSuite*) {
  return std::array{FieldRule{.name = "yaml",
                              .help = "the suite's text (docs/lab/suites.md)",
                              .minimum = 1,
                              .maximum = suite::kYamlBytes}};
}

struct ReadSuite {
  std::string id;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(ReadSuite, (), (id, version))
constexpr auto field_rules(const ReadSuite*) {
  return std::array{FieldRule{.name = "version",
                              .help = "an older one; the newest by default",
                              .minimum = 0,
                              .has_default = true}};
}

struct ChangeSuite {
  std::string id;
  std::string yaml;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(ChangeSuite, (), (id, yaml, version))
constexpr auto field_rules(const ChangeSuite*) {
  return std::array{
      FieldRule{.name = "yaml", .minimum = 1, .maximum = suite::kYamlBytes},
      FieldRule{.name = "version",
                .help = "the one it was made from: 409 when it is another by now; 0: whatever",
                .minimum = 0,
                .has_default = true}};
}

struct SuiteById {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(SuiteById, (), (id))

namespace {

JsonObject shown(const store::TestSuiteRecord& record) {
  return {{"id", record.id},
          {"name", record.name},
          {"version", record.version},
          {"author", record.author},
          {"created_at", base::format_rfc3339(record.created)},
          {"updated_at", base::format_rfc3339(record.changed)}};
}

TaskResult<JsonObject> list(Desk* desk, ContextPtr, ListSuites input) {
  const auto limit = static_cast<std::size_t>(input.limit);
  auto found = co_await store::list_test_suites(desk->store, input.cursor, limit + 1);
  if (!found) co_return std::unexpected(found.error());
  const bool more = found->size() > limit;
  if (more) found->pop_back();
  JsonArray items;
  for (const auto& one : *found) {
    auto tags =
        co_await SuiteTags::of(&desk->tags, &desk->store, &desk->blocking, one.id, one.version);
    if (!tags) co_return std::unexpected(tags.error());
    auto item = shown(one);
    item["tags"] = base::JsonArray(tags->begin(), tags->end());
    items.push_back(std::move(item));
  }
  co_return JsonObject{{"items", std::move(items)},
                       {"next_cursor", more ? Json(found->back().id) : Json()}};
}

TaskResult<JsonObject> create(Desk* desk, ContextPtr context, WriteSuite input) {
  auto suite = co_await read_given(desk, input.yaml, context);
  if (!suite) co_return std::unexpected(suite.error());
  const auto now = desk->store.clock().wall();
  auto stored = co_await store::put_test_suite(desk->store,
                                               {.id = base::new_id("suite_"),
                                                .name = suite->spec.name,
                                                .version = 1,
                                                .text = std::move(input.yaml),
                                                .author = context->actor().name,
                                                .created = now,
                                                .changed = now},
                                               true, 0);
  if (!stored) co_return std::unexpected(stored.error());
  context->set_subject(stored->name);
  co_return shown(*stored);
}

TaskResult<JsonObject> read(Desk* desk, ContextPtr, ReadSuite input) {
  auto found = co_await store::get_test_suite(desk->store, input.id, input.version);
  if (!found) co_return std::unexpected(found.error());
  if (!*found)
    co_return base::fail(base::Code::not_found,
                         "there is no suite " + input.id + " of that version");
  auto versions = co_await store::list_test_suite_versions(desk->store, input.id);
  if (!versions) co_return std::unexpected(versions.error());
  auto out = shown(**found);
  JsonArray all;
  for (const auto& one : *versions)
    all.push_back({{"version", one.version},
                   {"author", one.author},
                   {"time", base::format_rfc3339(one.changed)}});
  out["versions"] = std::move(all);
  JsonArray cases;
  // What was valid once may name a kind that is gone.
  const auto reading = suite::read_suite((*found)->text, desk->kinds.table());
  for (const auto& one : reading.suite.cases)
    cases.push_back({{"name", one.spec.name}, {"kind", one.spec.kind}, {"line", one.place.line}});
  out["cases"] = std::move(cases);
  out["problems"] = problems_json(reading.problems);
  out["yaml"] = (*found)->text;
  co_return out;
}

TaskResult<JsonObject> change(Desk* desk, ContextPtr context, ChangeSuite input) {
  auto suite = co_await read_given(desk, input.yaml, context);
  if (!suite) co_return std::unexpected(suite.error());
  auto stored = co_await store::put_test_suite(desk->store,
                                               {.id = std::move(input.id),
                                                .name = suite->spec.name,
                                                .version = 1,
                                                .text = std::move(input.yaml),
                                                .author = context->actor().name,
                                                .created = {},
                                                .changed = desk->store.clock().wall()},
                                               false, input.version);
  if (!stored) co_return std::unexpected(stored.error());
  context->set_subject(stored->name);
  co_return shown(*stored);
}

TaskResult<JsonObject> remove(Desk* desk, ContextPtr, SuiteById input) {
  auto gone = co_await store::remove_test_suite(desk->store, input.id);
  if (!gone) co_return std::unexpected(gone.error());
  co_return JsonObject{{"id", input.id}, {"removed", true}};
}

TaskResult<JsonObject> validate(Desk* desk, ContextPtr, WriteSuite input) {
  auto reading = co_await desk->blocking.run([desk, text = std::move(input.yaml)] {
    return suite::read_suite(text, desk->kinds.table());
  });
  JsonArray cases;
  for (const auto& one : reading.suite.cases)
    cases.push_back({{"name", one.spec.name}, {"kind", one.spec.kind}, {"line", one.place.line}});
  co_return JsonObject{{"valid", reading.ok()},
                       {"name", reading.suite.spec.name},
                       {"cases", std::move(cases)},
                       {"problems", problems_json(reading.problems)}};
}

TaskResult<JsonObject> schema(Desk* desk, ContextPtr, runtime::Nothing) {
  co_return suite::json_schema(desk->kinds.table());
}

template <class Input>
void add(runtime::OperationRegistry& registry, Desk& desk, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Desk*, ContextPtr, Input)) {
  spec.group = "Tests";
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [desk = &desk, body](ContextPtr context, Input input) {
        return body(desk, std::move(context), std::move(input));
      }));
}

}  // namespace

JsonArray problems_json(const std::vector<suite::Problem>& problems) {
  JsonArray out;
  for (const auto& one : problems)
    out.push_back({{"line", one.place.line},
                   {"column", one.place.column},
                   {"field", one.field},
                   {"message", one.message}});
  return out;
}

base::Result<void> check_rights(const suite::Suite& suite, const runtime::Actor& actor,
                                bool defining) {
  const auto lacks = [](const std::string& permission, const std::string& why) {
    return base::fail(base::Code::permission_denied, why + " takes the permission " + permission);
  };
  if (defining && suite.reaches_machine() && !actor.may("server:exec"))
    return lacks("server:exec", "a suite that names a command or reads the environment");
  for (const auto& [name, server] : suite.spec.servers) {
    if (defining && !server.url.empty() && !actor.may("fleet:define"))
      return lacks("fleet:define", "a suite that names a URL");
    if (server.fleet.empty()) continue;
    if (!actor.sees(server.fleet))
      return base::fail(base::Code::not_found, "there is no server " + server.fleet);
    if (!actor.may("tools:call", server.fleet))
      return lacks("tools:call", "testing the server " + server.fleet);
  }
  return {};
}

TaskResult<suite::Suite> read_given(Desk* desk, std::string text, ContextPtr context) {
  // A megabyte of YAML takes its time.
  auto reading = co_await desk->blocking.run(
      [desk, text = std::move(text)] { return suite::read_suite(text, desk->kinds.table()); });
  if (!reading.ok()) {
    base::Error error{.code = base::Code::invalid_argument, .detail = "the suite is wrong"};
    for (const auto& one : reading.problems) {
      error.detail += "; " + suite::describe(one, "");
      error.fields.push_back({"/yaml", suite::describe(one, "")});
    }
    error.detail = run::cut(std::move(error.detail), run::kShownLimit);
    error.data["problems"] = problems_json(reading.problems);
    co_return std::unexpected(std::move(error));
  }
  if (auto may = check_rights(reading.suite, context->actor(), true); !may)
    co_return std::unexpected(may.error());
  co_return std::move(reading.suite);
}

void declare_operations(runtime::OperationRegistry& registry, Desk& desk) {
  const auto reads = [&](std::string name, std::string help, std::vector<runtime::Route> routes) {
    return runtime::OperationSpec{.name = "tests." + name,
                                  .help = std::move(help),
                                  .permission = "tests:read",
                                  .routes = std::move(routes)};
  };
  const auto changes = [&](std::string name, std::string help, std::vector<runtime::Route> routes) {
    runtime::OperationSpec out{.name = "tests." + name,
                               .help = std::move(help),
                               .permission = "tests:write",
                               .routes = std::move(routes)};
    out.changes = true;
    return out;
  };
  add(registry, desk,
      reads("list", "The test suites", {{"GET", "/api/tests"}, {"GET", "/api/test-suites"}}), list);
  add(registry, desk,
      changes("create", "Adds a test suite",
              {{"POST", "/api/tests", 201}, {"POST", "/api/test-suites", 201}}),
      create);
  add(registry, desk,
      reads("read", "A test suite: its text, its cases, its versions",
            {{"GET", "/api/tests/{id}"}, {"GET", "/api/test-suites/{id}"}}),
      read);
  add(registry, desk,
      changes("update", "Gives a test suite a new version",
              {{"PUT", "/api/tests/{id}"}, {"PUT", "/api/test-suites/{id}"}}),
      change);
  add(registry, desk,
      changes("delete", "Removes a test suite; its runs stay",
              {{"DELETE", "/api/tests/{id}"}, {"DELETE", "/api/test-suites/{id}"}}),
      remove);
  add(registry, desk,
      reads("validate", "Everything that is wrong with a suite, with line and column",
            {{"POST", "/api/tests/validate"}}),
      validate);
  add(registry, desk,
      reads("schema", "The suite format as JSON Schema", {{"GET", "/api/tests/schema"}}), schema);
}

}  // namespace telltale::lab
