// The daemon's side of a run, on a real store: told, stored, found interrupted after a death.
#include "lab/runs.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "lab/baseline.hpp"
#include "lab/standard_kinds.hpp"
#include "runtime/runtime.hpp"

namespace telltale::lab {
namespace {

class Collected final : public runtime::EventSink {
 public:
  void publish(runtime::Event event) override { all.push_back(std::move(event)); }
  std::vector<runtime::Event> all;
};

class TestRunsTest : public ::testing::Test {
 protected:
  TestRunsTest() {
    auto name = (std::filesystem::temp_directory_path() / "telltale-runs-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) folder_ = name;
    open();
    runtime_.start();
  }
  ~TestRunsTest() override {
    ask(runs_->stop());
    runs_.reset();
    store_.reset();
    runtime_.stop();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    auto opened =
        store::Store::open({.path = folder_ + "/t.db"}, runtime_.clock(), runtime_.blocking());
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
    runs_ = std::make_unique<TestRuns>(RunsSettings{.kinds = &standard_kinds()}, runtime_.loop(0),
                                       *store_, runtime_.blocking(), events_);
  }
  template <class T>
  T ask(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime_.loop(0), "test");
    return std::move(
        *runtime::run_to_completion(runtime_.loop(0), unused, "test", std::move(task)));
  }
  void ask(runtime::Task<> task) {
    (void)ask([](runtime::Task<> inner) -> runtime::Task<bool> {
      co_await std::move(inner);
      co_return true;
    }(std::move(task)));
  }

  std::string folder_;
  runtime::Runtime runtime_{1};
  Collected events_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<TestRuns> runs_;
};

suite::Suite suite_of(std::string_view text) {
  auto reading = suite::read_suite(text, standard_kinds().table());
  EXPECT_TRUE(reading.ok());
  return std::move(reading.suite);
}

TEST_F(TestRunsTest, ARunIsToldAndStored) {
  auto begun = ask(runs_->start(
      {.suite = suite_of("name: s\nservers: {a: {command: /bin/false}}\n"
                         "cases: [{name: c, steps: [{ping: true}]}, {name: d, skip: later, "
                         "steps: [{ping: true}]}]"),
       .suite_id = "suite_1"}));
  ASSERT_TRUE(begun) << begun.error().detail;
  EXPECT_EQ(base::string_or(*begun, "status"), "running");
  const auto id = base::string_or(*begun, "id");
  auto ended = ask(runs_->wait(id));
  ASSERT_TRUE(ended);
  EXPECT_EQ(base::string_or(*ended, "status"), "failed");
  const auto stored = ask(store::get_test_run(*store_, id));
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->status, "failed");
  const auto whole = base::parse_json((*stored)->result);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->at("cases").at(0).at("status"), "error");
  EXPECT_EQ(whole->at("cases").at(1).at("status"), "skipped");
  EXPECT_EQ(base::string_or(events_.all.front().data, "event"), "started");
  EXPECT_EQ(base::string_or(events_.all.back().data, "event"), "ended");
  EXPECT_EQ(ask(store::list_test_runs(*store_, {.suite_id = "suite_1"}))->size(), 1U);
}

TEST_F(TestRunsTest, ARunOfASuiteIsMeasuredByItsBaseline) {
  ASSERT_TRUE(ask(store::put_test_suite(*store_, {.id = "suite_1", .name = "s"}, true, 0)));
  const auto baseline = [&](std::string run) {
    return ask(store::put_test_baseline(
        *store_, {.suite_id = "suite_1", .run_id = "run_0", .gate = true, .run = std::move(run)}));
  };
  const auto ended = [&](run::Selection selection) {
    auto begun =
        ask(runs_->start({.suite = suite_of("name: s\nservers: {a: {command: /bin/false}}\n"
                                            "cases: [{name: c, steps: [{ping: true}]}]"),
                          .suite_id = "suite_1",
                          .selection = std::move(selection)}));
    return *ask(runs_->wait(base::string_or(*begun, "id")));
  };
  ASSERT_TRUE(baseline(R"({"cases":[{"suite":"s","name":"c","status":"passed"},)"
                       R"({"suite":"s","name":"gone","status":"passed"}]})"));
  auto one = ended({});
  const auto* verdict = base::find_object(one, "baseline");
  ASSERT_NE(verdict, nullptr);
  EXPECT_EQ(base::string_or(*verdict, "run_id"), "run_0");
  EXPECT_EQ(base::string_or(*verdict, "summary"), "1 newly failing, 1 gone");
  EXPECT_EQ(base::find_bool(*verdict, "worse"), true);
  const auto kept =
      ask(read_stored_run(store_.get(), &runtime_.blocking(), base::string_or(one, "id")));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->at("comparison").at("broken").at(0).at("case"), "c");
  EXPECT_EQ(base::find_bool(*kept, "partial"), false);

  one = ended({.cases = {"c"}});
  EXPECT_EQ(base::find_bool(one, "partial"), true);
  EXPECT_EQ(one.at("baseline").at("summary"), "1 newly failing") << "not selected is not gone";

  ASSERT_TRUE(baseline("not JSON"));
  one = ended({});
  EXPECT_EQ(one.if_contains("baseline"), nullptr);
  EXPECT_NE(base::string_or(one, "message").find("not compared with the baseline"),
            std::string::npos);
  EXPECT_EQ(ask(read_ended_run(store_.get(), &runtime_.blocking(), "nosuch")).error().code,
            base::Code::not_found);
}

TEST_F(TestRunsTest, OneThatTelltaleDiedInIsFoundInterrupted) {
  store::TestRunRecord record{
      .id = "run_1", .status = "running", .summary = {{"status", "running"}}};
  ASSERT_TRUE(ask(store::put_test_run(*store_, record)));
  ASSERT_TRUE(ask(store_->write("test", [this](store::Connection& db) {
    return store::interrupt_test_runs(db, runtime_.clock().wall());
  })));
  const auto found = ask(store::get_test_run(*store_, "run_1"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->status, "interrupted");
  EXPECT_EQ(base::string_or((*found)->summary, "status"), "interrupted");
}

TEST_F(TestRunsTest, ASuiteKeepsItsVersions) {
  store::TestSuiteRecord record{.id = "suite_1", .name = "s", .text = "one"};
  ASSERT_TRUE(ask(store::put_test_suite(*store_, record, true, 0)));
  record.text = "two";
  EXPECT_EQ(ask(store::put_test_suite(*store_, record, false, 1))->version, 2);
  EXPECT_EQ(ask(store::put_test_suite(*store_, record, false, 1)).error().code,
            base::Code::conflict);
  EXPECT_EQ((*ask(store::get_test_suite(*store_, "suite_1", 1)))->text, "one");
  EXPECT_EQ((*ask(store::get_test_suite(*store_, "suite_1", 0)))->text, "two");
  ASSERT_TRUE(ask(store::remove_test_suite(*store_, "suite_1")));
  EXPECT_FALSE(*ask(store::get_test_suite(*store_, "suite_1", 0)));
}

}  // namespace
}  // namespace telltale::lab
