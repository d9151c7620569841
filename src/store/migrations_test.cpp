// S7: a database of every earlier schema comes forward with what is in it, after a copy; a step
// that a crash cut short has not happened.
#include "store/migrations.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"
#include "store/servers.hpp"
#include "store/users.hpp"

namespace telltale::store {
namespace {

class MigrationsTest : public testing::TestWithParam<int> {
 protected:
  MigrationsTest() : runtime(1) {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-schema-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  ~MigrationsTest() override {
    runtime.stop();
    std::filesystem::remove_all(folder);
  }
  std::string path() const { return folder + "/t.db"; }
  // As a Telltale of that schema left it, in the columns that all of them have.
  void leave(int schema) {
    auto db = Connection::open(path(), false);
    ASSERT_TRUE(db);
    ASSERT_TRUE((*db)->run("PRAGMA journal_mode=WAL"));
    ASSERT_TRUE(migrate(**db, schema));
    ASSERT_TRUE((*db)->run(
        "INSERT INTO users VALUES('u1','ada','','admin','$argon2id$x',0,0,7,1000,NULL);"
        "INSERT INTO sessions(family_id, user_id, token_hash, issued_at, expires_at, revoked, "
        "agent, address) VALUES('f1','u1','h',1000,9000,0,'curl','127.0.0.1');"
        "INSERT INTO servers VALUES('files','{\"command\":\"/bin/true\"}','ada',1000);"));
  }
  base::Result<std::unique_ptr<Store>> open() {
    return Store::open({.path = path()}, runtime.clock(), runtime.blocking());
  }

  runtime::Runtime runtime;
  std::string folder;
};

TEST_P(MigrationsTest, ComesForwardWithWhatIsInIt) {
  leave(GetParam());
  if (HasFatalFailure()) return;
  auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  const auto servers = load_servers(**store);
  ASSERT_TRUE(servers);
  ASSERT_EQ(servers->size(), 1U);
  EXPECT_EQ(base::string_or(servers->front().definition, "command"), "/bin/true");
  std::int64_t epoch = 0, sessions = 0;
  ASSERT_TRUE((*store)->write_now([&](Connection& db) -> base::Result<void> {
    if (auto read = db.query("SELECT token_epoch FROM users WHERE username='ada'", {},
                             [&](const Row& row) { epoch = row.integer(0); });
        !read)
      return read;
    return db.query(
        "SELECT count(*) FROM sessions WHERE last_used_at=issued_at OR "
        "last_used_at=0",
        {}, [&](const Row& row) { sessions = row.integer(0); });
  }));
  EXPECT_EQ(epoch, 7);
  EXPECT_EQ(sessions, 1);
  const auto copies = std::filesystem::directory_iterator(folder + "/backups");
  auto copy = Connection::open(begin(copies)->path().string(), true);
  ASSERT_TRUE(copy);
  EXPECT_EQ(*schema_version(**copy), GetParam()) << "the copy is as it was before";
}

TEST_P(MigrationsTest, AStepCutShortHasNotHappened) {
  leave(GetParam());
  if (HasFatalFailure()) return;
  {
    auto db = Connection::open(path(), false);
    ASSERT_TRUE(
        (*db)->run("BEGIN IMMEDIATE; CREATE TABLE half(x); ALTER TABLE users ADD COLUMN "
                   "half TEXT; PRAGMA user_version=99;"));
  }  // the process is gone before COMMIT
  auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  bool half = false;
  ASSERT_TRUE((*store)->write_now([&](Connection& db) {
    return db.query("SELECT 1 FROM sqlite_schema WHERE name='half'", {},
                    [&](const Row&) { half = true; });
  }));
  EXPECT_FALSE(half);
}

INSTANTIATE_TEST_SUITE_P(EverySchema, MigrationsTest, testing::Range(1, newest_schema()));

}  // namespace
}  // namespace telltale::store
