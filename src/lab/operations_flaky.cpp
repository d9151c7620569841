// tests.flaky: cases that do not stand by what they say.
#include "lab/flaky.hpp"
#include "lab/operations.hpp"

namespace telltale::lab {

struct FlakyOf {
  std::string suite;
  int runs = 30;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(FlakyOf, (), (suite, runs, limit))
constexpr auto field_rules(const FlakyOf*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "suite", .help = "a suite's id; default: all", .has_default = true},
      FieldRule{.name = "runs",
                .help = "the last of each case that are looked at",
                .minimum = 2,
                .maximum = 200,
                .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

namespace {

runtime::TaskResult<base::JsonObject> flaky(Desk* desk, FlakyOf input) {
  auto items = co_await desk->store.read(
      [input = std::move(input)](store::Connection& db) -> base::Result<base::JsonArray> {
        FlakyCases all;
        auto done =
            store::read_test_cases(db, input.suite, static_cast<std::size_t>(input.runs),
                                   [&all](store::TestCaseOutcome one) { all.add(std::move(one)); });
        if (!done) return std::unexpected(done.error());
        return all.result(static_cast<std::size_t>(input.limit));
      });
  if (!items) co_return std::unexpected(items.error());
  co_return base::JsonObject{{"items", std::move(*items)}, {"next_cursor", nullptr}};
}

}  // namespace

void declare_flaky_operation(runtime::OperationRegistry& registry, Desk& desk) {
  registry.add(runtime::declare<FlakyOf, base::JsonObject>(
      {.name = "tests.flaky",
       .help = "Cases that pass only on a retry, or go to and fro between passing and failing",
       .permission = "tests:read",
       .routes = {{"GET", "/api/tests/flaky"}},
       .group = "Tests"},
      [desk = &desk](runtime::ContextPtr, FlakyOf input) {
        return flaky(desk, std::move(input));
      }));
}

}  // namespace telltale::lab
