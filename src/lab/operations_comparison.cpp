// tests.compare and the baselines of suites: what became of a run since another one.
#include "lab/baseline.hpp"
#include "lab/operations.hpp"

namespace telltale::lab {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

constexpr double kThresholdMax = 1'000;

struct CompareRuns {
  std::string run_id;
  std::string other;
  double threshold_percent = 100 * kLeastShare;
};
BOOST_DESCRIBE_STRUCT(CompareRuns, (), (run_id, other, threshold_percent))
constexpr auto field_rules(const CompareRuns*) {
  return std::array{FieldRule{.name = "other", .help = "the run before it"},
                    FieldRule{.name = "threshold_percent",
                              .help = "a smaller difference of speed is none",
                              .minimum = 0,
                              .maximum = kThresholdMax,
                              .has_default = true}};
}

struct PinBaseline {
  std::string id;
  std::string run_id;
  bool gate = false;
  double threshold_percent = 100 * kLeastShare;
};
BOOST_DESCRIBE_STRUCT(PinBaseline, (), (id, run_id, gate, threshold_percent))
constexpr auto field_rules(const PinBaseline*) {
  return std::array{
      FieldRule{.name = "run_id", .help = "of the suite, and ended", .minimum = 1, .maximum = 100},
      FieldRule{.name = "gate", .help = "a run that is worse ends failed", .has_default = true},
      FieldRule{.name = "threshold_percent",
                .help = "a smaller difference of speed is none",
                .minimum = 0,
                .maximum = kThresholdMax,
                .has_default = true}};
}

struct BaselineOf {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(BaselineOf, (), (id))

namespace {

// A run without what explains it.
JsonObject head_of(const JsonObject& run) {
  JsonObject out;
  for (const auto& member : run)
    if (member.key() != "cases" && member.key() != "samples" && member.key() != "comparison")
      out[member.key()] = member.value();
  return out;
}

TaskResult<JsonObject> compare(Desk* desk, ContextPtr, CompareRuns input) {
  auto after = co_await read_ended_run(&desk->store, &desk->blocking, input.run_id);
  if (!after) co_return std::unexpected(after.error());
  auto before = co_await read_ended_run(&desk->store, &desk->blocking, input.other);
  if (!before) co_return std::unexpected(before.error());
  co_return co_await desk->blocking.run(
      [before = base::Json(std::move(*before)), after = base::Json(std::move(*after)),
       least = input.threshold_percent / 100]() -> base::Result<JsonObject> {
        auto compared = compare_runs(before, after, least);
        if (!compared) return std::unexpected(compared.error());
        auto out = to_json(*compared);
        out["before"] = head_of(before.as_object());
        out["after"] = head_of(after.as_object());
        return out;
      });
}

TaskResult<JsonObject> pin(Desk* desk, ContextPtr context, PinBaseline input) {
  auto run = co_await read_ended_run(&desk->store, &desk->blocking, input.run_id);
  if (!run && run.error().code == base::Code::not_found)
    co_return base::bad_field("/run_id", run.error().detail);
  if (!run) co_return std::unexpected(run.error());
  if (base::string_or(*run, "suite_id") != input.id)
    co_return base::bad_field("/run_id", "must be a run of this suite");
  store::TestBaselineRecord record{.suite_id = std::move(input.id),
                                   .run_id = std::move(input.run_id),
                                   .gate = input.gate,
                                   .threshold_percent = input.threshold_percent,
                                   .actor = context->actor().name,
                                   .time = desk->store.clock().wall()};
  context->set_subject(base::string_or(*run, "suite"));
  auto slim = co_await desk->blocking.run(
      [run = base::Json(std::move(*run))]() -> base::Result<std::string> {
        return base::write_json(slim_run(run));
      });
  if (!slim) co_return std::unexpected(slim.error());
  record.run = std::move(*slim);
  auto stored = co_await store::put_test_baseline(desk->store, record);
  if (!stored) co_return std::unexpected(stored.error());
  co_return to_json(record);
}

TaskResult<JsonObject> read(Desk* desk, ContextPtr, BaselineOf input) {
  auto found = co_await store::get_test_baseline(desk->store, input.id, false);
  if (!found) co_return std::unexpected(found.error());
  if (!*found)
    co_return base::fail(base::Code::not_found, "the suite " + input.id + " has no baseline");
  co_return to_json(**found);
}

TaskResult<JsonObject> unpin(Desk* desk, ContextPtr, BaselineOf input) {
  auto gone = co_await store::remove_test_baseline(desk->store, input.id);
  if (!gone) co_return std::unexpected(gone.error());
  co_return JsonObject{{"suite_id", input.id}, {"removed", true}};
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

void declare_comparison_operations(runtime::OperationRegistry& registry, Desk& desk) {
  add(registry, desk,
      {.name = "tests.compare",
       .help = "What became of a run since another one: failures, speed",
       .permission = "tests:read",
       .routes = {{"GET", "/api/tests/runs/{run_id}/compare/{other}"}}},
      compare);
  add(registry, desk,
      {.name = "tests.baseline",
       .help = "The run that a suite's runs are measured by",
       .permission = "tests:read",
       .routes = {{"GET", "/api/tests/{id}/baseline"}}},
      read);
  add(registry, desk,
      {.name = "tests.baseline_pin",
       .help = "Measures the runs of a suite by one of them, from now on",
       .permission = "tests:write",
       .changes = true,
       .routes = {{"PUT", "/api/tests/{id}/baseline"}}},
      pin);
  add(registry, desk,
      {.name = "tests.baseline_remove",
       .help = "Measures the runs of a suite by none",
       .permission = "tests:write",
       .changes = true,
       .routes = {{"DELETE", "/api/tests/{id}/baseline"}}},
      unpin);
}

}  // namespace telltale::lab
