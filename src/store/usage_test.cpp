// What is stored and for how long; the fleet's versions.
#include "store/usage.hpp"

#include "store/fleet_versions.hpp"
#include "store/history.hpp"
#include "store/test_support.hpp"

namespace telltale::store {
namespace {

using namespace std::chrono_literals;

class UsageTest : public StoreTest {
 protected:
  void log_at(int number, base::WallTime time) {
    record_log(*store_, {.log_seq = number, .server = "a", .time = time, .message = "hello"});
  }
};

TEST_F(UsageTest, WhatIsTooOldGoesHoweverMuchItIs) {
  const auto now = clock_.wall();
  for (int i = 0; i < 50; ++i) log_at(i, now - 3h);
  log_at(50, now - 30min);
  flush();
  ASSERT_TRUE(run(apply_retention(*store_, 7)));
  EXPECT_EQ(count("SELECT count(*) FROM logs"), 51) << "a week is usual";
  ASSERT_TRUE(
      run(store_->write("test", [](Connection& db) { return save_retention(db, {.logs = 1}); })));
  ASSERT_TRUE(run(apply_retention(*store_, 7)));
  EXPECT_EQ(count("SELECT count(*) FROM logs"), 1) << "in more than one batch";
}

TEST_F(UsageTest, AKindHasItsRowsItsBytesAndItsGrowth) {
  const auto now = clock_.wall();
  for (int i = 0; i < 100; ++i) log_at(i, now - std::chrono::hours(i / 2));  // 48 of them today
  flush();
  const auto kinds =
      run(store_->read([now](Connection& db) { return read_usage(db, now); })).value();
  const auto logs = std::ranges::find(kinds, "logs", &KindUsage::kind);
  ASSERT_NE(logs, kinds.end());
  EXPECT_EQ(logs->rows, 100);
  EXPECT_GT(logs->bytes, 4096);
  EXPECT_DOUBLE_EQ(logs->rows_per_day, 48);
  EXPECT_EQ(logs->keep_hours, 24 * 7);
  EXPECT_GT(kinds.back().bytes, 0) << "the rest";
}

TEST(Forecast, WhatHasAnEndSettlesAndWhatHasNoneFillsTheDisk) {
  const KindUsage kept{.kind = "logs",
                       .rows = 100,
                       .bytes = 1000,
                       .rows_per_day = 100,
                       .keep_hours = 72};  // 1,000 bytes a day for three days
  auto next = forecast({kept}, 5000, 1999);
  EXPECT_DOUBLE_EQ(next.bytes_per_day, 1000);
  EXPECT_DOUBLE_EQ(next.settles_bytes.value_or(0), 7000) << "two days' more than now";
  EXPECT_EQ(next.days_until_full, 2);
  EXPECT_FALSE(forecast({kept}, 5000, 2000).days_until_full) << "it settles before";
  const KindUsage for_ever{.kind = "audit", .rows = 10, .bytes = 100, .rows_per_day = 10};
  next = forecast({kept, for_ever}, 5000, 2500);
  EXPECT_FALSE(next.settles_bytes);
  EXPECT_EQ(next.days_until_full, 6) << "2,000 of the one, 100 a day of the other";
}

TEST_F(UsageTest, AVersionIsTheFleetAsItWasAndHoldsNoSecretInTheOpen) {
  const auto change = [&](std::string name, std::string kind, int n) {
    return FleetChange{.name = std::move(name),
                       .kind = std::move(kind),
                       .origin = "api",
                       .definition = {{"url", "http://x"}, {"n", n}, {"key", "hush-hush"}}};
  };
  const auto save = [&](std::vector<FleetChange> changes) {
    ASSERT_TRUE(run(save_fleet_version(*store_, "ada", "create", std::move(changes))));
  };
  save({change("a", "added", 1), change("b", "added", 1)});
  save({change("a", "changed", 2)});
  save({change("b", "removed", 0), change("c", "added", 3)});
  const auto at = [&](std::int64_t version) {
    std::string out;
    for (const auto& [name, kept] : run(read_fleet_version(*store_, version)).value())
      out += name + std::to_string(kept.definition.at("n").to_number<int>()) + " ";
    return out;
  };
  EXPECT_EQ(at(1), "a1 b1 ");
  EXPECT_EQ(at(2), "a2 b1 ");
  EXPECT_EQ(at(3), "a2 c3 ");
  EXPECT_EQ(at(0), "a2 c3 ");
  EXPECT_EQ(run(read_fleet_version(*store_, 4)).error().code, base::Code::not_found);
  EXPECT_EQ(count("SELECT count(*) FROM fleet_versions WHERE instr(definition, 'hush')>0"), 0);
  const auto listed = run(list_fleet_versions(*store_, 3, 10)).value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed.front().version, 2);
  EXPECT_EQ(listed.back().changes.size(), 2U);
  ASSERT_TRUE(run(store_->rotate_secrets()));
  EXPECT_EQ(at(1), "a1 b1 ") << "sealed anew";
}

TEST_F(UsageTest, TheOldestVersionsBecomeOne) {
  for (int i = 1; i <= 1002; ++i)
    ASSERT_TRUE(run(save_fleet_version(*store_, "ada", "update",
                                       {{.name = i % 2 == 0 ? "even" : "odd",
                                         .kind = "changed",
                                         .origin = "api",
                                         .definition = {{"n", i}}}})));
  EXPECT_EQ(count("SELECT min(version) FROM fleet_versions"), 2);
  const auto oldest = run(read_fleet_version(*store_, 2)).value();
  EXPECT_EQ(oldest.at("odd").definition.at("n").to_number<int>(), 1);
  EXPECT_EQ(oldest.at("even").definition.at("n").to_number<int>(), 2);
}

}  // namespace
}  // namespace telltale::store
