#include "store/store.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/runtime.hpp"
#include "store/operations.hpp"
#include "store/webrtc_history.hpp"

namespace telltale::store {
namespace {

class StoreFileTest : public testing::Test {
 protected:
  StoreFileTest() : runtime(1) {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-store-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  ~StoreFileTest() override {
    runtime.stop();
    std::filesystem::remove_all(folder);
  }
  std::string path() const { return folder + "/t.db"; }
  base::Result<std::unique_ptr<Store>> open() {
    return Store::open({.path = path()}, runtime.clock(), runtime.blocking());
  }
  template <class T>
  T run(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime.loop(0), "test");
    return std::move(*runtime::run_to_completion(runtime.loop(0), unused, "test", std::move(task)));
  }
  runtime::Runtime runtime;
  std::string folder;
};

OperationRecord record(std::string id, std::string status = "completed") {
  return {.operation_id = std::move(id),
          .operation = "fleet.restart",
          .actor = "ada",
          .subject = "files",
          .arguments = base::JsonObject{{"id", "files"}},
          .status = std::move(status),
          .trace_id = "t"};
}

TEST_F(StoreFileTest, WhatIsWrittenIsReadAndAFailingWriteLosesNoOther) {
  auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  runtime.start();
  EXPECT_TRUE(run(
      (*store)->write("one", [](Connection& db) { return upsert_operation(db, record("op_1")); })));
  const auto failed = run((*store)->write("bad", [](Connection& db) -> base::Result<void> {
    if (auto done = upsert_operation(db, record("op_2")); !done) return done;
    return base::fail(base::Code::conflict, "no");
  }));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, base::Code::conflict);
  EXPECT_TRUE(run((*store)->write(
      "three", [](Connection& db) { return upsert_operation(db, record("op_3")); })));
  const auto all = run(list_operations(**store, {}));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U) << "the failed write left nothing";
  EXPECT_EQ(all->front().operation_id, "op_3") << "newest first";
  EXPECT_EQ(run(list_operations(**store, {.before_id = "op_3"}))->size(), 1U);
}

TEST_F(StoreFileTest, TheHistoryOfConnectionsIsReadByWhenTheyEnded) {
  auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  runtime.start();
  const auto at = [](int seconds) {
    return base::from_unix_ms(1'800'000'000'000 + seconds * 1000L);
  };
  // The first to begin was the last to end; two ended in one moment.
  const std::vector<std::pair<std::string, int>> all{
      {"rtc_1", 90}, {"rtc_2", 30}, {"rtc_3", 30}, {"rtc_4", 50}};
  for (const auto& [id, closed] : all)
    ASSERT_TRUE(run(keep_webrtc(**store, {.id = id, .created = at(0), .closed = at(closed)})));
  std::string seen;
  WebrtcHistoryQuery query{.limit = 1};
  for (int page = 0; page < 5; ++page) {
    const auto found = run(list_webrtc(**store, query));
    ASSERT_TRUE(found) << found.error().detail;
    for (const auto& one : *found) {
      seen += one.id + " ";
      query.before = {one.closed, one.id};
    }
  }
  EXPECT_EQ(seen, "rtc_1 rtc_4 rtc_3 rtc_2 ");
}

TEST_F(StoreFileTest, OneProcessOnly) {
  auto first = open();
  ASSERT_TRUE(first);
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::conflict);
}

TEST_F(StoreFileTest, ABrokenFileIsRefusedAndNotTouched) {
  std::ofstream(path()) << std::string(8192, 'x');
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("not a usable database"), std::string::npos)
      << opened.error().detail;
  EXPECT_EQ(std::filesystem::file_size(path()), 8192U);
}

TEST_F(StoreFileTest, ANewerSchemaIsRefused) {
  {
    ASSERT_TRUE(open());
  }
  {
    auto db = Connection::open(path(), false);
    ASSERT_TRUE((*db)->run("PRAGMA user_version=999"));
  }
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("newer"), std::string::npos);
}

TEST_F(StoreFileTest, WhatRanWhenTheProcessEndedIsInterrupted) {
  {
    auto store = open();
    ASSERT_TRUE((*store)->write_now(
        [](Connection& db) { return upsert_operation(db, record("op_1", "started")); }));
  }
  auto store = open();
  ASSERT_TRUE((*store)->write_now(
      [this](Connection& db) { return fail_interrupted(db, runtime.clock().wall()); }));
  runtime.start();
  const auto found = run(get_operation(**store, "op_1"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->status, "failed");
}

TEST_F(StoreFileTest, AKeyIsForOneBodyOnlyAndOfWhoCameFirst) {
  auto store = open();
  runtime.start();
  const auto claim = [&](const std::string& actor, const std::string& hash, const std::string& id) {
    return run(claim_idempotent(**store, actor, "k", hash, record(id, "started")));
  };
  EXPECT_EQ(*claim("ada", "hash", "op_1"), "op_1");
  EXPECT_EQ(*claim("ada", "hash", "op_2"), "op_1");
  EXPECT_EQ(claim("ada", "other", "op_3").error().code, base::Code::conflict);
  EXPECT_TRUE(*run(get_operation(**store, "op_1"))) << "it is kept with its key";
  EXPECT_FALSE(*run(get_operation(**store, "op_2")));
  EXPECT_EQ(*run(find_idempotent(**store, "ada", "k", "hash")), "op_1");
  EXPECT_FALSE(run(find_idempotent(**store, "ada", "k", "other")));
  EXPECT_EQ(*run(find_idempotent(**store, "bob", "k", "other")), std::nullopt)
      << "another person's key is another key";
  EXPECT_EQ(*claim("bob", "other", "op_4"), "op_4");
}

// A process that writes as fast as it can and says each write that was acknowledged, killed after
// `life`. How many it said.
std::size_t acknowledged_until_killed(const std::string& path, int round,
                                      std::chrono::milliseconds life) {
  int ends[2];
  CHECK(::pipe(ends) == 0);
  const auto child = ::fork();
  if (child == 0) {
    base::SystemClock clock;
    runtime::BlockingPool pool(1);
    auto store = Store::open({.path = path}, clock, pool);
    for (int i = 0; store; ++i) {
      const auto id = "op_" + std::to_string(round) + "_" + std::to_string(i);
      if (!(*store)->write_now([&](Connection& db) { return upsert_operation(db, record(id)); }))
        ::_exit(1);
      if (::write(ends[1], "x", 1) != 1) ::_exit(1);
    }
    ::_exit(1);
  }
  ::close(ends[1]);
  std::size_t acked = 0;
  char byte = 0;
  const base::SystemClock clock;
  const auto end = clock.now() + life;
  for (auto left = life; left.count() > 0;
       left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock.now())) {
    pollfd readable{.fd = ends[0], .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, static_cast<int>(left.count())) != 1) break;
    if (::read(ends[0], &byte, 1) != 1) break;
    ++acked;
  }
  ::kill(child, SIGKILL);
  while (::read(ends[0], &byte, 1) == 1) ++acked;
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return acked;
}

// kill -9 at any moment: every write that was acknowledged is there afterwards, and the database is
// whole. TELLTALE_KILLS for more than a few.
TEST_F(StoreFileTest, NothingAcknowledgedIsLostByAKill) {
  const auto* const wanted = std::getenv("TELLTALE_KILLS");
  const int rounds = wanted == nullptr ? 8 : std::atoi(wanted);
  std::size_t all = 0;
  for (int round = 0; round < rounds; ++round) {
    // Primes: any moment of the first 200 ms, the opening included, in no order.
    const auto acked =
        acknowledged_until_killed(path(), round, std::chrono::milliseconds(round * 7919 % 199));
    all += acked;
    auto db = Connection::open(path(), false);
    if (!db && acked == 0) continue;  // killed before there was a database
    ASSERT_TRUE(db) << "round " << round << ": " << db.error().detail;
    std::int64_t tables = 0;
    ASSERT_TRUE((*db)->query("SELECT count(*) FROM sqlite_master WHERE name = 'operations'", {},
                             [&](const Row& row) { tables = row.integer(0); }));
    if (tables == 0 && acked == 0) continue;
    std::int64_t found = 0;
    std::int64_t highest = -1;
    ASSERT_TRUE((*db)->query(
        "SELECT count(*), max(CAST(substr(operation_id, ?) AS INTEGER)) FROM operations WHERE "
        "operation_id LIKE ?",
        {static_cast<std::int64_t>(("op_" + std::to_string(round) + "_").size() + 1),
         "op_" + std::to_string(round) + "_%"},
        [&](const Row& row) {
          found = row.integer(0);
          if (found > 0) highest = row.integer(1);
        }));
    ASSERT_GE(static_cast<std::size_t>(found), acked) << "round " << round;
    ASSERT_EQ(highest, found - 1) << "round " << round << ": none in the middle is missing";
    std::string verdict;
    ASSERT_TRUE(
        (*db)->query("PRAGMA integrity_check", {}, [&](const Row& row) { verdict = row.text(0); }));
    ASSERT_EQ(verdict, "ok") << "round " << round;
  }
  EXPECT_GT(all, 0U) << "nothing was ever acknowledged: the test has tested nothing";
}

}  // namespace
}  // namespace telltale::store
