#include "lab/baseline.hpp"
#include "lab/operations.hpp"

namespace telltale::lab {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct RunTests {
  std::string id;
  std::string yaml;
  std::int64_t version = 0;
  std::vector<std::string> tags;
  std::vector<std::string> cases;
  std::optional<int> parallel;
  std::int64_t seed = 0;
  bool fail_fast = false;
};
BOOST_DESCRIBE_STRUCT(RunTests, (), (id, yaml, version, tags, cases, parallel, seed, fail_fast))
constexpr auto field_rules(const RunTests*) {
  return std::array{
      FieldRule{.name = "id", .help = "of a stored suite", .has_default = true},
      FieldRule{.name = "yaml",
                .help = "or a suite's text",
                .maximum = suite::kYamlBytes,
                .has_default = true},
      FieldRule{
          .name = "version", .help = "of the stored suite", .minimum = 0, .has_default = true},
      FieldRule{.name = "tags",
                .help = "only cases with one of them",
                .maximum = 50,
                .has_default = true},
      FieldRule{.name = "cases",
                .help = "only cases with one of these in their name",
                .maximum = 1000,
                .has_default = true},
      FieldRule{.name = "parallel",
                .help = "cases at a time, instead of what the suite says",
                .minimum = 1,
                .maximum = suite::kParallelLimit},
      FieldRule{.name = "seed", .help = "0: another each time", .minimum = 0, .has_default = true},
      FieldRule{.name = "fail_fast",
                .help = "nothing new is started after a failure",
                .has_default = true}};
}

struct ListRuns {
  std::string suite;
  std::string status;
  std::string cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(ListRuns, (), (suite, status, cursor, limit))
constexpr auto field_rules(const ListRuns*) {
  return std::array{
      FieldRule{.name = "suite", .help = "a suite's id", .has_default = true},
      FieldRule{.name = "status",
                .help = "passed, flaky, failed, cancelled, running or interrupted",
                .has_default = true},
      FieldRule{.name = "cursor", .help = "next_cursor of the page before", .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

struct ResultsOf {
  std::string id;
  std::string cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(ResultsOf, (), (id, cursor, limit))
constexpr auto field_rules(const ResultsOf*) {
  return std::array{
      FieldRule{.name = "cursor", .help = "next_cursor of the page before", .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

struct RunById {
  std::string run_id;
};
BOOST_DESCRIBE_STRUCT(RunById, (), (run_id))

namespace {

// An operation that is cancelled, or out of time, takes its run with it.
class EndsRun {
 public:
  EndsRun(TestRuns& runs, std::string id) : runs_(runs), id_(std::move(id)) {}
  EndsRun(const EndsRun&) = delete;
  EndsRun& operator=(const EndsRun&) = delete;
  ~EndsRun() {
    if (!id_.empty()) runs_.cancel(id_);
  }
  void done() { id_.clear(); }

 private:
  TestRuns& runs_;
  std::string id_;
};

TaskResult<RunRequest> request_of(Desk* desk, ContextPtr context, RunTests input) {
  if (input.id.empty() == input.yaml.empty())
    co_return base::bad_field("/id", "either id or yaml says what to run");
  RunRequest out;
  if (input.yaml.empty()) {
    auto stored = co_await store::get_test_suite(desk->store, input.id, input.version);
    if (!stored) co_return std::unexpected(stored.error());
    if (!*stored)
      co_return base::fail(base::Code::not_found,
                           "there is no suite " + input.id + " of that version");
    out.suite_id = input.id;
    out.version = (*stored)->version;
    auto reading = suite::read_suite((*stored)->text, desk->kinds.table());
    if (!reading.ok())
      co_return base::fail(base::Code::conflict, "the suite is no longer right: " +
                                                     suite::describe(reading.problems.front(), ""));
    // Who wrote it had the right to; who runs it needs those on the fleet's servers.
    if (auto may = check_rights(reading.suite, context->actor(), false); !may)
      co_return std::unexpected(may.error());
    out.suite = std::move(reading.suite);
  } else {
    auto suite = co_await read_given(desk, std::move(input.yaml), context);
    if (!suite) co_return std::unexpected(suite.error());
    out.suite = std::move(*suite);
  }
  out.actor = context->actor().name;
  out.seed = static_cast<std::uint64_t>(input.seed);
  out.parallel = input.parallel;
  out.fail_fast = input.fail_fast;
  out.selection = {.tags = std::move(input.tags), .cases = std::move(input.cases)};
  co_return out;
}

TaskResult<JsonObject> run_tests(Desk* desk, ContextPtr context, RunTests input) {
  auto request = co_await request_of(desk, context, std::move(input));
  if (!request) co_return std::unexpected(request.error());
  context->set_subject(request->suite.spec.name);
  const std::weak_ptr<runtime::OperationContext> asked = context;
  request->progress = [asked](double done, double total, const std::string& what) {
    if (const auto now = asked.lock()) now->progress(done, total, what, {});
  };
  auto begun = co_await desk->runs.start(std::move(*request));
  if (!begun) co_return std::unexpected(begun.error());
  auto id = base::string_or(*begun, "id");
  EndsRun guard(desk->runs, id);
  context->progress(0, std::nullopt, "started", {{"run_id", id}});
  auto ended = co_await desk->runs.wait(std::move(id));
  guard.done();
  co_return ended;
}

TaskResult<JsonObject> runs_page(Desk* desk, store::TestRunQuery query) {
  const auto limit = query.limit++;
  auto found = co_await store::list_test_runs(desk->store, std::move(query));
  if (!found) co_return std::unexpected(found.error());
  const bool more = found->size() > limit;
  if (more) found->pop_back();
  JsonArray items;
  for (auto& one : *found) items.push_back(std::move(one.summary));
  co_return JsonObject{{"items", std::move(items)},
                       {"next_cursor", more ? Json(found->back().id) : Json()}};
}

TaskResult<JsonObject> list_runs(Desk* desk, ContextPtr, ListRuns input) {
  return runs_page(desk, {.suite_id = std::move(input.suite),
                          .status = std::move(input.status),
                          .before_id = std::move(input.cursor),
                          .limit = static_cast<std::size_t>(input.limit)});
}

TaskResult<JsonObject> results_of(Desk* desk, ContextPtr, ResultsOf input) {
  return runs_page(desk, {.suite_id = std::move(input.id),
                          .status = {},
                          .before_id = std::move(input.cursor),
                          .limit = static_cast<std::size_t>(input.limit)});
}

TaskResult<JsonObject> read_run(Desk* desk, ContextPtr, RunById input) {
  return read_stored_run(&desk->store, &desk->blocking, std::move(input.run_id));
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

void declare_run_operations(runtime::OperationRegistry& registry, Desk& desk) {
  runtime::OperationSpec running{.name = "tests.run",
                                 .help = "Runs a test suite, stored or given; ends with its result",
                                 .permission = "tests:run",
                                 .routes = {{"POST", "/api/tests/run"}}};
  running.changes = true;
  running.time_limit = std::chrono::hours(24);
  add(registry, desk, std::move(running), run_tests);
  add(registry, desk,
      {.name = "tests.runs",
       .help = "Runs of test suites, newest first",
       .permission = "tests:read",
       .routes = {{"GET", "/api/tests/runs"}, {"GET", "/api/test-runs"}}},
      list_runs);
  add(registry, desk,
      {.name = "tests.run_read",
       .help = "A run with all its cases",
       .permission = "tests:read",
       .routes = {{"GET", "/api/tests/runs/{run_id}"}, {"GET", "/api/test-runs/{run_id}"}}},
      read_run);
  add(registry, desk,
      {.name = "tests.results",
       .help = "The runs of a suite, newest first",
       .permission = "tests:read",
       .routes = {{"GET", "/api/tests/{id}/results"}}},
      results_of);
}

}  // namespace telltale::lab
