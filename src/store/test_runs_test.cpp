// What is kept of the lab's runs beside them: each case's outcomes, a suite's baseline; and what
// was changed in the fleet meanwhile.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "store/history_ranges.hpp"
#include "store/migrations.hpp"
#include "store/test_baselines.hpp"
#include "store/test_suites.hpp"
#include "store/test_support.hpp"

namespace telltale::store {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class TestRunsKept : public StoreTest {
 protected:
  void put(const std::string& run, const std::string& suite, base::WallTime at,
           std::vector<TestCaseRecord> cases) {
    ASSERT_TRUE(this->run(put_test_run(*store_, {.id = run,
                                                 .suite_id = suite,
                                                 .suite = "s",
                                                 .status = "passed",
                                                 .started = at,
                                                 .cases = std::move(cases)})));
  }
  std::vector<std::string> outcomes(std::string suite, std::size_t each) {
    return run(store_->read([&](Connection& db) -> base::Result<std::vector<std::string>> {
             std::vector<std::string> out;
             auto done = read_test_cases(db, suite, each, [&](TestCaseOutcome one) {
               out.push_back(one.suite_id + " " + one.name + " " + one.run_id + " " + one.status);
             });
             if (!done) return std::unexpected(done.error());
             return out;
           }))
        .value();
  }
};

TEST_F(TestRunsKept, TheNewestOutcomesOfEachCase) {
  const auto now = clock_.wall();
  put("run_1", "suite_1", now - 2h, {{"a", "passed", ""}, {"b", "failed", "why"}});
  put("run_2", "suite_1", now - 1h, {{"a", "flaky", ""}, {"b", "skipped", ""}});
  put("run_3", "suite_1", now, {{"a", "error", ""}});
  put("run_4", "suite_2", now, {{"a", "passed", ""}});
  put("run_5", "", now, {{"inline", "passed", ""}});
  EXPECT_THAT(outcomes("suite_1", 2), ElementsAre("suite_1 a run_3 error", "suite_1 a run_2 flaky",
                                                  "suite_1 b run_1 failed"));
  EXPECT_EQ(outcomes("", 9).size(), 5U) << "of every suite, none of an inline one";
  ASSERT_TRUE(run(forget_test_runs(*store_, now - 90min)));
  EXPECT_THAT(outcomes("suite_1", 9),
              ElementsAre("suite_1 a run_3 error", "suite_1 a run_2 flaky"));
}

TEST_F(TestRunsKept, ABaselineIsOfASuiteAndGoesWithIt) {
  TestBaselineRecord record{.suite_id = "suite_1", .run_id = "run_1", .gate = true, .run = "{}"};
  EXPECT_EQ(run(put_test_baseline(*store_, record)).error().code, base::Code::not_found);
  ASSERT_TRUE(run(put_test_suite(*store_, {.id = "suite_1", .name = "s"}, true, 0)));
  ASSERT_TRUE(run(put_test_baseline(*store_, record)));
  record.run_id = "run_2";
  ASSERT_TRUE(run(put_test_baseline(*store_, record)));
  const auto found = run(get_test_baseline(*store_, "suite_1", true)).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->run_id, "run_2");
  EXPECT_TRUE(found->gate);
  EXPECT_EQ(found->run, "{}");
  EXPECT_EQ(run(get_test_baseline(*store_, "suite_1", false)).value()->run, "");
  ASSERT_TRUE(run(remove_test_suite(*store_, "suite_1")));
  EXPECT_FALSE(run(get_test_baseline(*store_, "suite_1", false)).value());
  EXPECT_EQ(run(remove_test_baseline(*store_, "suite_1")).error().code, base::Code::not_found);
}

TEST_F(TestRunsKept, WhatAnOperationDidAndTheJournalToldIsOneChange) {
  const auto at = base::unix_ms(clock_.wall());
  const auto row = [&](int seq, std::string_view action, std::string_view outcome,
                       std::int64_t time) {
    return fmt::format(
        "INSERT INTO audit VALUES({0},{1},0,'ada','','{2}','files','{{}}','{3}','','','h{0}');",
        seq, time, action, outcome);
  };
  const auto sql =
      row(1, "fleet.update", "started", at) + row(2, "fleet.update", "ok", at + 5) +
      row(3, "fleet.tool_call", "ok", at) + row(4, "fleet.restart", "ok", at + 60'000) +
      fmt::format(
          "INSERT INTO events VALUES(1,{0},'config_changed','status','files',2,"
          "'{{\"kind\":\"changed\"}}');"
          "INSERT INTO events VALUES(2,{1},'config_changed','status','files',2,"
          "'{{\"kind\":\"capabilities\"}}');"
          "INSERT INTO events VALUES(3,{1},'config_changed','status','other',2,'{{}}');",
          at + 10, at + 120'000);
  ASSERT_TRUE(store_->write_now([&](Connection& db) { return db.run(sql); }));
  const auto found = run(store_->read([&](Connection& db) {
    return change_markers(
        db, {.from = clock_.wall() - 1h, .to = clock_.wall() + 1h, .server = "files"}, 10);
  }));
  ASSERT_TRUE(found) << found.error().detail;
  std::vector<std::string> what;
  for (const auto& one : *found) what.push_back(one.what);
  EXPECT_THAT(what, ElementsAre("config_changed: capabilities", "fleet.restart", "fleet.update"));
}

// Schema 11 takes the cases of runs that were there before it.
TEST(TestRunsBefore, HaveTheirCasesToo) {
  const TempFolder folder;
  auto opened = Connection::open(folder.file("t.db"), false);
  ASSERT_TRUE(opened);
  auto& db = **opened;
  ASSERT_TRUE(migrate(db, 10));
  for (const auto& [run, suite, result] :
       {std::tuple(
            "run_1", "suite_1",
            R"({"cases":[{"name":"a","status":"passed"},{"name":"b"},{"status":"failed"}]})"),
        std::tuple("run_2", "suite_1", ""), std::tuple("run_3", "suite_1", "{\"cases\":"),
        std::tuple("run_4", "", R"({"cases":[{"name":"a","status":"passed"}]})")})
    ASSERT_TRUE(db.execute("INSERT INTO test_runs VALUES(?,?,'s',1,'passed','ada',0,1,'{}',?)",
                           {std::string(run), std::string(suite), std::string(result)}));
  ASSERT_TRUE(migrate(db, 11));
  std::vector<std::string> found;
  ASSERT_TRUE(read_test_cases(db, "", 9, [&](const TestCaseOutcome& one) {
    found.push_back(one.run_id + " " + one.name + " " + one.status);
  }));
  EXPECT_THAT(found, ElementsAre("run_1 a passed"));
}

}  // namespace
}  // namespace telltale::store
