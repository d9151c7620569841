#include "audit/test_support.hpp"

namespace telltale::audit {
namespace {

TEST_F(AuditTest, WhatIsAppendedIsChainedSignedAndListed) {
  open();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(append(i));
  const auto running = verdict();
  EXPECT_TRUE(running.ok) << running.detail;
  EXPECT_EQ(running.entries, 5);
  EXPECT_EQ(running.signed_up_to, 0) << "no head yet";
  const auto listed = run(store->read([](store::Connection& db) {
    return list(db, {.action = "fleet.restart", .before = 5, .limit = 2});
  }));
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ(listed->front().seq, 4);
  EXPECT_EQ(listed->front().entry.arguments.at("n").to_number<int>(), 4);
  EXPECT_EQ(events.of_type["audit"], 5);
  close();
  const auto stopped = verdict();
  EXPECT_TRUE(stopped.ok) << stopped.detail;
  EXPECT_EQ(stopped.signed_up_to, 5);
  open();  // a second life goes on where the first ended
  ASSERT_TRUE(append(6));
  close();
  EXPECT_EQ(verdict().last_seq, 6);
  EXPECT_TRUE(verdict().ok);
}

TEST_F(AuditTest, AHeadIsSignedEveryNEntries) {
  open(10);
  for (int i = 1; i <= 25; ++i) ASSERT_TRUE(append(i));
  // The heads are written by a task: two of them come, and nothing else has to happen for it.
  while (log->stats().heads < 2) ASSERT_TRUE(append(0));
  EXPECT_GE(verdict().signed_up_to, 10);
}

TEST_F(AuditTest, TheTableRefusesChanges) {
  open();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(append(i));
  for (const std::string sql :
       {"UPDATE audit SET actor='eve' WHERE seq=2", "DELETE FROM audit WHERE seq=2",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT 9,time,1,'','','','','','','','','' FROM audit",
        "INSERT OR REPLACE INTO audit SELECT 2,time,1,'','','','','','','','','' FROM audit",
        "DELETE FROM audit_heads", "UPDATE audit_heads SET hash=''"}) {
    const auto refused =
        run(store->write("test", [sql](store::Connection& db) { return db.execute(sql); }));
    ASSERT_FALSE(refused) << sql;
    EXPECT_NE(refused.error().detail.find("append-only"), std::string::npos) << sql;
  }
  EXPECT_TRUE(verdict().ok);
}

TEST_F(AuditTest, ARefusalThatRepeatsIsCountedNotRepeated) {
  open();
  const auto refuse = [&] {
    run([](Log* all) -> runtime::Task<bool> {
      co_await all->refuse({.address = "10.0.0.9", .action = "request.refused", .detail = "no"});
      co_return true;
    }(log.get()));
  };
  for (int i = 0; i < 40; ++i) refuse();
  close();
  open();
  const auto listed = run(store->read([](store::Connection& db) { return list(db, {}); }));
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ(listed->back().entry.detail, "no");
  EXPECT_EQ(listed->front().entry.detail, "and 39 more like it: no");
}

TEST_F(AuditTest, WithoutRoomNothingIsAcknowledged) {
  open();
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(run(store->write("test", [](store::Connection& db) {
    return db.run(
        "CREATE TRIGGER no_room BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");
  })));
  bool done = false;
  const auto refused = run(log->append({.action = "x"}, [&done](store::Connection& db) {
    done = true;
    return db.execute("CREATE TABLE effect(a)");
  }));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::storage);
  EXPECT_TRUE(done);
  EXPECT_NE(log->health(), "");
  EXPECT_FALSE(run(store->read([](store::Connection& db) -> base::Result<bool> {
    if (auto read = db.execute("SELECT * FROM effect"); !read) return std::unexpected(read.error());
    return true;
  }))) << "what belongs to the entry is not there either";
  ASSERT_TRUE(run(
      store->write("test", [](store::Connection& db) { return db.run("DROP TRIGGER no_room"); })));
  EXPECT_TRUE(append(2));
  EXPECT_EQ(log->health(), "");
  EXPECT_TRUE(verdict().ok);
}

// What is not waited for goes to the store together; one that is refused takes no other with it.
TEST_F(AuditTest, OneThatIsRefusedTakesNoOtherWithIt) {
  open();
  ASSERT_TRUE(run(store->write("test", [](store::Connection& db) {
    return db.run(
        "CREATE TRIGGER no_bad BEFORE INSERT ON audit WHEN NEW.action='bad' BEGIN SELECT "
        "RAISE(ABORT, 'bad'); END");
  })));
  const auto settle = [&] {
    run([](Log* all) -> runtime::Task<bool> {
      co_await all->settle();
      co_return true;
    }(log.get()));
  };
  for (const auto* const action : {"one", "bad", "two", "bad", "three"})
    log->append_later({.action = action});
  settle();
  EXPECT_EQ(log->stats().entries, 3U);
  EXPECT_EQ(log->stats().failed, 2U);
  EXPECT_NE(log->health(), "");
  EXPECT_TRUE(verdict().ok);
  EXPECT_EQ(verdict().entries, 3);
  log->append_later({.action = "four"});
  settle();
  EXPECT_EQ(log->health(), "");
  EXPECT_EQ(verdict().entries, 4);
}

TEST_F(AuditTest, AKeyThatOthersMayReadIsRefused) {
  open();
  close();
  std::filesystem::permissions(folder + "/audit.key", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto opened = Signer::open(folder);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("others may read it"), std::string::npos);
}

}  // namespace
}  // namespace telltale::audit
