#include "store/log_search.hpp"

#include "store/test_support.hpp"

namespace telltale::store {
namespace {

class LogSearchTest : public StoreTest {
 protected:
  // Lines 1 to `count` of each server in turn, two in each millisecond.
  void fill(int count) {
    for (int i = 1; i <= count; ++i)
      for (const std::string server : {"a", "b"})
        record_log(*store_, {.log_seq = i,
                             .server = server,
                             .time = base::from_unix_ms(1000 + i),
                             .stream = "stderr",
                             .level = i % 5 == 0 ? "error" : "info",
                             .message = "Line " + std::to_string(i)});
    flush();
  }
  FoundLogs find(LogSearch query) {
    return run(store_->read([&](Connection& db) { return search_logs(db, query); })).value();
  }
};

TEST_F(LogSearchTest, PagesBackwardsAndOnwardsMissNothingAndRepeatNothing) {
  fill(50);
  std::vector<std::string> seen;
  std::optional<LogPlace> before;
  for (;;) {
    const auto page = find({.before = before, .limit = 7});
    if (page.lines.empty()) break;
    std::vector<std::string> names;
    names.reserve(page.lines.size());
    for (const auto& line : page.lines) names.push_back(line.server + std::to_string(line.log_seq));
    seen.insert(seen.begin(), names.begin(), names.end());
    before = place_of(cursor_of(*page.first));
  }
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 100U);
  EXPECT_EQ(seen.front(), "a1");
  EXPECT_EQ(seen.back(), "b50");
  const auto first = find({.limit = 3});
  const auto after = find({.after = find({.before = first.first, .limit = 2}).last, .limit = 10});
  EXPECT_EQ(after.lines.size(), 3U);
  EXPECT_EQ(after.lines.front().log_seq, first.lines.front().log_seq);
}

// What the database does for it: "SEARCH logs USING INDEX …", one line a step.
std::string plan_of(Connection& db, const LogSearch& query) {
  std::string out;
  const auto read = db.query("EXPLAIN QUERY PLAN " + statement_of(query),
                             {"a", "", "", std::int64_t{2000}, std::int64_t{1}, std::int64_t{10}},
                             [&](const Row& row) { out += row.text(3) + "\n"; });
  EXPECT_TRUE(read);
  return out;
}

TEST_F(LogSearchTest, ReadsNoOtherServersLinesAndSortsNothing) {
  const auto plan = [&](LogSearch query) {
    return run(store_->read(
                   [&](Connection& db) -> base::Result<std::string> { return plan_of(db, query); }))
        .value();
  };
  for (const auto& query :
       {LogSearch{.servers = {{"a"}}}, LogSearch{.servers = {{"a"}}, .after = LogPlace{1, 1}},
        LogSearch{.servers = {{"a"}}, .levels = {"error"}, .text = "x"}}) {
    const auto steps = plan(query);
    EXPECT_NE(steps.find("SEARCH logs USING INDEX logs_by_server (server=? AND time"),
              std::string::npos)
        << steps;
    EXPECT_EQ(steps.find("TEMP B-TREE"), std::string::npos) << steps;
  }
  for (const auto& query : {LogSearch{}, LogSearch{.servers = {{"a", "b"}}}}) {
    const auto steps = plan(query);
    EXPECT_NE(steps.find("SEARCH logs USING INDEX logs_by_time"), std::string::npos) << steps;
    EXPECT_EQ(steps.find("TEMP B-TREE"), std::string::npos) << steps;
  }
}

TEST_F(LogSearchTest, OneServersPagesAreThoseOfAllWithoutTheOthers) {
  fill(50);
  std::vector<std::int64_t> seen;
  std::optional<LogPlace> before;
  for (;;) {
    const auto page = find({.servers = {{"b"}}, .before = before, .limit = 7});
    if (page.lines.empty()) break;
    for (auto i = page.lines.size(); i > 0; --i) {
      EXPECT_EQ(page.lines[i - 1].server, "b");
      seen.push_back(page.lines[i - 1].log_seq);
    }
    before = page.first;
  }
  std::vector<std::int64_t> expected;
  for (std::int64_t i = 50; i > 0; --i) expected.push_back(i);
  EXPECT_EQ(seen, expected);
  const auto onwards = find({.servers = {{"b"}}, .after = find({.limit = 1}).first, .limit = 5});
  EXPECT_TRUE(onwards.lines.empty()) << "b50 is the last of all";
}

TEST_F(LogSearchTest, ByServersLevelsAndText) {
  fill(20);
  EXPECT_EQ(find({.servers = {{"a"}}}).lines.size(), 20U);
  EXPECT_TRUE(find({.servers = std::vector<std::string>{}}).lines.empty())
      << "none is not all: who sees no server sees no line";
  EXPECT_EQ(find({.levels = {"error", "warning"}}).lines.size(), 8U);
  EXPECT_EQ(find({.text = "LINE 1"}).lines.size(), 22U) << "1 and 10 to 19";
}

TEST_F(LogSearchTest, APlaceIsFoundAndNonsenseIsNone) {
  fill(3);
  const auto place = run(store_->read([](Connection& db) { return find_log(db, "b", 2); })).value();
  EXPECT_EQ(place.time_ms, 1002);
  EXPECT_EQ(find({.after = place}).lines.size(), 2U);
  EXPECT_EQ(run(store_->read([](Connection& db) { return find_log(db, "b", 9); })).error().code,
            base::Code::not_found);
  for (const auto* wrong : {"", "1", "1.", ".1", "1.x", "x.1", "1.1.1"})
    EXPECT_FALSE(place_of(wrong)) << wrong;
}

}  // namespace
}  // namespace telltale::store
