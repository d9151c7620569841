// Blocks on disk: what is kept over a restart, what is pushed out, what stays, what was torn, and
// what a full disk leaves behind.
#include "content/disk_store.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/encoding.hpp"
#include "content/memory_cache.hpp"

namespace telltale::content {
namespace {

namespace fs = std::filesystem;

class DiskStoreTest : public testing::Test {
 protected:
  DiskStoreTest() {
    std::string name = (fs::temp_directory_path() / "telltale-content-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    open();
  }
  ~DiskStoreTest() override { fs::remove_all(folder); }
  void open(std::uint64_t limit = 1U << 20U) {
    auto opened = DiskStore::open({.folder = folder + "/content", .limit_bytes = limit});
    ASSERT_TRUE(opened) << opened.error().detail;
    store = std::move(*opened);
    store->on_corrupt([this](const Hash&) { ++corrupt; });
  }
  static std::string bytes_of(int number, std::size_t size = 1000) {
    return std::to_string(number) + std::string(size - std::to_string(number).size(), 'x');
  }
  static Hash hash_of(int number, std::size_t size = 1000) {
    return base::sha256(bytes_of(number, size));
  }
  bool put(int number, bool pin = false) {
    return store->put(hash_of(number), bytes_of(number), pin).has_value();
  }
  bool here(int number) {
    const auto block = store->get(hash_of(number));
    EXPECT_TRUE(block);
    return block && *block && **block == bytes_of(number);
  }
  std::string path(int number) const {
    const auto name = to_hex(hash_of(number));
    return folder + "/content/blocks/" + name.substr(0, 2) + "/" + name;
  }
  std::size_t files() const {
    std::size_t out = 0;
    for (const auto& item : fs::recursive_directory_iterator(folder))
      if (item.is_regular_file()) ++out;
    return out;
  }

  std::string folder;
  std::unique_ptr<DiskStore> store;
  int corrupt = 0;
};

TEST_F(DiskStoreTest, KeepsBlocksOverARestart) {
  ASSERT_TRUE(put(1));
  ASSERT_TRUE(put(1)) << "twice is once";
  EXPECT_TRUE(here(1));
  EXPECT_FALSE(here(2));
  EXPECT_EQ(store->stats().bytes, 1000U);
  ASSERT_TRUE(store->settle());
  std::ofstream(folder + "/content/new/7") << "half written";
  std::ofstream(folder + "/content/blocks/notes.txt") << "not ours";
  open();
  EXPECT_TRUE(here(1));
  EXPECT_EQ(store->stats().blocks, 1U);
  EXPECT_FALSE(fs::exists(folder + "/content/new/7"));
  struct stat facts{};
  ASSERT_EQ(::stat((folder + "/content").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat(path(1).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(DiskStoreTest, PushesOutWhatWasUsedLongestAgo) {
  open(5'500);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put(i, i == 1));
  EXPECT_TRUE(here(0));
  ASSERT_TRUE(put(5));
  EXPECT_TRUE(here(0)) << "used just now";
  EXPECT_TRUE(here(1)) << "pinned";
  EXPECT_FALSE(here(2)) << "the oldest";
  EXPECT_LE(store->stats().bytes, 5'500U);
  EXPECT_GE(store->stats().evicted, 1U);
}

TEST_F(DiskStoreTest, FullOfPinsIsAClearError) {
  open(3'500);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(put(i, true));
  const auto refused = store->put(hash_of(9), bytes_of(9), true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::storage);
  EXPECT_NE(refused.error().detail.find("--disk-cache-size"), std::string::npos);
  EXPECT_EQ(store->stats().pinned_bytes, 3'000U);
  EXPECT_EQ(files(), 3U);
  const std::vector<Hash> one{hash_of(0)};
  store->unpin(one);
  EXPECT_TRUE(put(9));
  EXPECT_FALSE(here(0));
}

TEST_F(DiskStoreTest, PinsAreCountedAndCollectingLeavesThem) {
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(put(i));
  const std::vector<Hash> two{hash_of(1), hash_of(2)}, one{hash_of(1)};
  store->pin(two);
  store->pin(one);
  store->unpin(two);
  const auto collected = store->collect();
  EXPECT_EQ(collected.blocks, 599U);
  EXPECT_EQ(collected.bytes, 599'000U);
  EXPECT_TRUE(here(1));
  EXPECT_FALSE(here(2));
  EXPECT_EQ(store->remove(one).blocks, 0U) << "still pinned once";
  store->unpin(one);
  EXPECT_EQ(store->remove(one).blocks, 1U);
  EXPECT_EQ(files(), 0U);
}

TEST_F(DiskStoreTest, ATornBlockIsRemovedAndNamed) {
  ASSERT_TRUE(put(1, true));
  ASSERT_TRUE(put(2));
  fs::resize_file(path(1), 500);
  std::ofstream(path(2), std::ios::in | std::ios::out).seekp(10) << "Y";
  EXPECT_FALSE(here(1));
  EXPECT_FALSE(here(2));
  EXPECT_EQ(corrupt, 2);
  EXPECT_EQ(store->stats().corrupt, 2U);
  EXPECT_EQ(files(), 0U);
  ASSERT_TRUE(put(1)) << "as it comes anew";
  EXPECT_EQ(store->stats().pinned_bytes, 1000U) << "the pin is still there";
  fs::remove(path(1));
  EXPECT_FALSE(here(1)) << "somebody removed the file";
  EXPECT_EQ(store->stats().blocks, 0U);
}

TEST_F(DiskStoreTest, AWriteThatFailsLeavesNothing) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto refused = store->put(hash_of(1, 9000), bytes_of(1, 9000), true);
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::storage);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(store->stats().bytes, 0U);
  EXPECT_TRUE(store->put(hash_of(1, 9000), bytes_of(1, 9000)));
  EXPECT_EQ(store->stats().pinned_bytes, 0U);
}

TEST(MemoryCache, HoldsWhatWasUsedLast) {
  MemoryCache cache(2'500);
  const auto block = [](char c) {
    return std::make_shared<const std::string>(std::string(1000, c));
  };
  const auto hash = [](char c) { return base::sha256(std::string(1000, c)); };
  for (const char c : {'a', 'b'}) cache.put(hash(c), block(c));
  EXPECT_NE(cache.get(hash('a')), nullptr);
  cache.put(hash('c'), block('c'));
  EXPECT_EQ(cache.get(hash('b')), nullptr);
  EXPECT_TRUE(cache.has(hash('a')));
  EXPECT_EQ(cache.stats().bytes, 2000U);
  cache.put(hash('d'), std::make_shared<const std::string>(std::string(3000, 'd')));
  EXPECT_EQ(cache.stats().blocks, 2U) << "larger than the whole cache";
  cache.erase(hash('a'));
  EXPECT_EQ(cache.stats().bytes, 1000U);
}

}  // namespace
}  // namespace telltale::content
