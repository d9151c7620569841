// The CIDs that npm's ipfs-unixfs-importer gives to the same trees (the interop test compares many
// more), and what is no tree.
#include "content/directory.hpp"

#include <gtest/gtest.h>

#include "content/murmur3.hpp"

namespace telltale::content {
namespace {

base::Result<void> ignore(const Cid&, std::string_view) {
  return {};
}

TreeChild file(std::string_view bytes, ImportOptions options = {}) {
  Importer importer(options, ignore);
  EXPECT_TRUE(importer.feed(bytes));
  const auto done = importer.finish();
  EXPECT_TRUE(done);
  return {.cid = done->root, .tree_bytes = done->block_bytes};
}

// What was made: its CID, and the bytes of all its blocks.
std::string made(DirectoryBuilder& builder) {
  const auto root = builder.finish(ignore);
  if (!root) return root.error().detail;
  return to_text(root->cid) + " " + std::to_string(root->tree_bytes);
}

std::string nested(int cid_version) {
  const ImportOptions options{.cid_version = cid_version, .raw_leaves = cid_version == 1};
  DirectoryBuilder builder(cid_version);
  EXPECT_TRUE(builder.add("e", file("also", options)));
  EXPECT_TRUE(builder.add_directory("a/c/"));
  EXPECT_TRUE(builder.add("a/c/d", file("deep", options)));
  EXPECT_TRUE(builder.add("a/b.txt", file("in a directory", options)));
  return made(builder);
}

std::string wide(std::size_t shard_bytes) {
  DirectoryBuilder builder(0, shard_bytes);
  for (int i = 0; i < 2000; ++i) {
    const auto number = std::to_string(i);
    EXPECT_TRUE(builder.add("file-" + number, file("number " + number)));
  }
  return made(builder);
}

TEST(Directory, HashesAsTheSpecificationDoes) {
  EXPECT_EQ(murmur3(""), 0U);
  EXPECT_EQ(murmur3("hello"), 0xcbd8a7b341bd9b02U);
  EXPECT_EQ(murmur3("The quick brown fox jumps over the lazy dog"), 0xe34bbc7bbc071b6cU);
}

TEST(Directory, TreesHaveTheCidsOfKubo) {
  DirectoryBuilder empty(0);
  EXPECT_EQ(made(empty), "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn 4");
  EXPECT_EQ(nested(0), "QmUaakp2Bv9QjiUqr59f77xwQyDrbeHQo6b5nzeRnTFpJa 278");
  EXPECT_EQ(nested(1), "bafybeigbtuywx4nphwn5w2rhhgvpi22m7hpncpkatcyyypndn2hh4e4ku4 264");
}

TEST(Directory, ManyNamesAreSharded) {
  EXPECT_EQ(wide(kShardBytes), "QmNww7Ey1x3L49XtD1kJpWdHspEyRbNdXryqz1xnmAJ9Jg 137784");
  EXPECT_EQ(wide(1000), "QmVE8A9Y5Aj9dNFk1iNTW5E8RxQXiXbDodS6p5MNmKMbMr 166496");
}

TEST(Directory, WhatIsNoTreeIsRefused) {
  DirectoryBuilder builder(0);
  ASSERT_TRUE(builder.add("a/b", file("x")));
  const std::string long_name(kNameBytes + 1, 'x');
  std::string deep;
  for (std::size_t i = 0; i < kPathParts + 1; ++i) deep += "d/";
  for (const std::string& path :
       {std::string("a/b"), std::string("a"), std::string("a/b/c"), std::string(""),
        std::string("."), std::string("a/../c"), std::string("/a"), std::string("c//d"),
        std::string("x\0y", 3), std::string("\xff"), long_name, deep + "x"}) {
    const auto added = builder.add(path, file("x"));
    ASSERT_FALSE(added) << path;
    EXPECT_EQ(added.error().code, base::Code::invalid_argument);
  }
  EXPECT_FALSE(builder.add_directory("a/b"));
  EXPECT_TRUE(builder.add_directory("a"));
}

TEST(Directory, AFullSinkEndsIt) {
  DirectoryBuilder builder(0);
  ASSERT_TRUE(builder.add("a/b", file("x")));
  const auto root = builder.finish([](const Cid&, std::string_view) -> base::Result<void> {
    return base::fail(base::Code::storage, "full");
  });
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().detail, "full");
}

}  // namespace
}  // namespace telltale::content
