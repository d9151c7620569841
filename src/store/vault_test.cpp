#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "runtime/runtime.hpp"
#include "store/servers.hpp"

namespace telltale::store {
namespace {

constexpr std::string_view kCanary = "canary-5a1f-do-not-store-me-in-the-open";

class VaultTest : public testing::Test {
 protected:
  VaultTest() : runtime(1) {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-vault-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  ~VaultTest() override {
    ::unsetenv("TELLTALE_MASTER_KEY");
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
  static ServerRecord server(const std::string& name) {
    return {.name = name,
            .definition = {{"command", "x"}, {"env", base::JsonObject{{"KEY", kCanary}}}},
            .created_by = "ada"};
  }
  void save(const std::string& name) {
    auto store = open();
    ASSERT_TRUE(store) << store.error().detail;
    runtime.start();
    ASSERT_TRUE(run(save_server(**store, server(name))));
  }
  std::string definition_of(const std::string& name) {
    std::string out;
    auto db = Connection::open(path(), true);
    EXPECT_TRUE((*db)->query("SELECT definition FROM servers WHERE name=?", {name},
                             [&](const Row& row) { out = row.text(0); }));
    return out;
  }
  std::set<std::string> files_with_canary() const {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string all((std::istreambuf_iterator<char>(in)), {});
      if (all.find(kCanary) != std::string::npos) out.insert(entry.path().filename());
    }
    return out;
  }
  runtime::Runtime runtime;
  std::string folder;
};

TEST_F(VaultTest, WhatIsSecretIsNowhereInTheFiles) {
  auto store = open();
  ASSERT_TRUE(store);
  runtime.start();
  ASSERT_TRUE(run(save_server(**store, server("a"))));
  EXPECT_TRUE(files_with_canary().empty()) << *files_with_canary().begin();
  EXPECT_TRUE(Vault::is_sealed(definition_of("a")));
  struct stat about{};
  ASSERT_EQ(::stat((folder + "/master.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST_F(VaultTest, ItOpensInTheNextLife) {
  save("a");
  auto store = open();
  ASSERT_TRUE(store);
  const auto servers = load_servers(**store);
  ASSERT_TRUE(servers);
  ASSERT_EQ(servers->size(), 1U);
  EXPECT_EQ(servers->front().definition, server("a").definition);
}

TEST_F(VaultTest, EachValueHasItsOwnNonceAndPlace) {
  auto store = open();
  ASSERT_TRUE(store);
  const auto& vault = (*store)->vault();
  const auto one = vault.seal("x", "servers/a/definition");
  const auto two = vault.seal("x", "servers/a/definition");
  ASSERT_TRUE(one && two);
  EXPECT_NE(*one, *two);
  EXPECT_EQ(vault.unseal(*one, "servers/a/definition")->reveal(), "x");
  EXPECT_FALSE(vault.unseal(*one, "servers/b/definition")) << "moved to another row";
  for (std::size_t i = one->rfind(':') + 1; i < one->size(); ++i) {
    auto changed = *one;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto opened = vault.unseal(changed, "servers/a/definition");
    // base64's last digit may hold unused bits: then the bytes are the same.
    if (opened) EXPECT_GE(i + 4, one->size()) << i;
  }
  EXPECT_FALSE(vault.unseal("enc1:9:AAAA", "servers/a/definition"));
  EXPECT_FALSE(vault.unseal("", "servers/a/definition"));
  EXPECT_FALSE(vault.unseal("enc1:1:", "servers/a/definition"));
}

TEST_F(VaultTest, AMovedValueIsLeftOutAndTakesNoOtherWithIt) {
  save("a");
  {
    auto db = Connection::open(path(), false);
    ASSERT_TRUE((*db)->run("INSERT INTO servers SELECT 'b', definition, 'eve', 0 FROM servers"));
  }
  auto store = open();
  ASSERT_TRUE(store);
  const auto servers = load_servers(**store);
  ASSERT_TRUE(servers);
  ASSERT_EQ(servers->size(), 1U);
  EXPECT_EQ(servers->front().name, "a");
}

TEST_F(VaultTest, AnotherMasterKeyIsRefusedAndNothingIsTouched) {
  save("a");
  const auto before = definition_of("a");
  ::setenv("TELLTALE_MASTER_KEY",
           "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 1);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("another master key"), std::string::npos);
  EXPECT_EQ(definition_of("a"), before);
  ::setenv("TELLTALE_MASTER_KEY", "too short", 1);
  EXPECT_NE(open().error().detail.find("64 hex digits"), std::string::npos);
  ::unsetenv("TELLTALE_MASTER_KEY");
  EXPECT_TRUE(open());
}

TEST_F(VaultTest, AKeyFileThatOthersMayReadIsRefused) {
  save("a");
  ::chmod((folder + "/master.key").c_str(), 0640);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("read by others"), std::string::npos);
}

TEST_F(VaultTest, WhatLayInTheOpenIsSealedAtTheStart) {
  save("a");
  {
    auto db = Connection::open(path(), false);
    ASSERT_TRUE((*db)->execute("INSERT INTO servers VALUES('old', ?, 'ada', 0)",
                               {base::write_json(server("old").definition)}));
  }
  EXPECT_FALSE(files_with_canary().empty());
  auto store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(load_servers(**store)->size(), 2U);
  EXPECT_TRUE(files_with_canary().empty()) << "in " << *files_with_canary().begin();
}

TEST_F(VaultTest, ARotationSealsEverythingAnew) {
  auto store = open();
  ASSERT_TRUE(store);
  runtime.start();
  ASSERT_TRUE(run(save_server(**store, server("a"))));
  const auto before = definition_of("a");
  std::filesystem::copy_file(folder + "/master.key", folder + "/old.key");
  const auto rotated = run((*store)->rotate_secrets());
  ASSERT_TRUE(rotated) << rotated.error().detail;
  EXPECT_EQ(rotated->values, 1);
  EXPECT_TRUE(rotated->master_too);
  EXPECT_NE(definition_of("a"), before);
  EXPECT_FALSE((*store)->vault().unseal(before, "servers/a/definition")) << "the old key is gone";
  ASSERT_TRUE(run(save_server(**store, server("b"))));
  ASSERT_TRUE(run((*store)->rotate_secrets()));
  store->reset();
  store = open();
  ASSERT_TRUE(store) << store.error().detail;
  EXPECT_EQ(load_servers(**store)->size(), 2U);
  store->reset();
  std::filesystem::rename(folder + "/old.key", folder + "/master.key");
  EXPECT_FALSE(open()) << "the old master key opens nothing now";
}

// A crash after the commit and before the new key file is in its place, and one before the commit.
TEST_F(VaultTest, ARotationThatACrashCutShortIsFinishedOrForgotten) {
  save("a");
  std::filesystem::copy_file(folder + "/master.key", folder + "/before.key");
  std::filesystem::copy_file(path(), folder + "/before.db");
  {
    auto store = open();
    ASSERT_TRUE(run((*store)->rotate_secrets()));
  }
  std::filesystem::rename(folder + "/master.key", folder + "/master.key.next");
  std::filesystem::copy_file(folder + "/before.key", folder + "/master.key");
  std::filesystem::permissions(folder + "/master.key", std::filesystem::perms(0600));
  {
    auto store = open();
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_EQ(load_servers(**store)->size(), 1U);
  }
  EXPECT_FALSE(std::filesystem::exists(folder + "/master.key.next"));
  // Not committed: the store is the old one, a next key lies there, the old key opens it.
  std::filesystem::copy_file(folder + "/master.key", folder + "/master.key.next");
  std::filesystem::rename(folder + "/before.key", folder + "/master.key");
  std::filesystem::rename(folder + "/before.db", path());
  auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  EXPECT_EQ(load_servers(**store)->size(), 1U);
}

}  // namespace
}  // namespace telltale::store
