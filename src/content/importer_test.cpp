// The CIDs kubo gives (the interop test compares many more), and that the shape of what is fed does
// not matter.
#include "content/importer.hpp"

#include <map>

#include <gtest/gtest.h>

namespace telltale::content {
namespace {

Imported import(std::string_view bytes, ImportOptions options = {}, std::size_t piece = 70'000,
                std::size_t* largest = nullptr) {
  Importer importer(options, [&](const Cid& cid, std::string_view block) -> base::Result<void> {
    EXPECT_EQ(cid_of(cid.version, cid.codec, block), cid);
    if (largest != nullptr) *largest = std::max(*largest, block.size());
    return {};
  });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    EXPECT_TRUE(importer.feed(bytes.substr(0, piece)));
  const auto out = importer.finish();
  EXPECT_TRUE(out);
  return out.value_or(Imported{});
}

TEST(Importer, SmallFilesHaveTheCidsOfKubo) {
  EXPECT_EQ(to_text(import("").root), "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH");
  EXPECT_EQ(to_text(import("hello world").root), "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD");
  EXPECT_EQ(to_text(import("hello world\n").root),
            "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o");
  EXPECT_EQ(to_text(import("hello world", {.cid_version = 1, .raw_leaves = true}).root),
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  EXPECT_EQ(to_text(import("", {.cid_version = 1, .raw_leaves = true}).root),
            "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
}

TEST(Importer, PiecesDoNotMatter) {
  std::string bytes(700'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  const auto whole = import(bytes, {}, bytes.size());
  EXPECT_EQ(whole.size, 700'000U);
  EXPECT_EQ(whole.blocks, 4U);
  for (const std::size_t piece : {std::size_t{1'001}, std::size_t{262'144}, std::size_t{300'000}})
    EXPECT_EQ(import(bytes, {}, piece).root, whole.root) << piece;
}

TEST(Importer, TreesOfEveryShapeAddUp) {
  for (std::size_t leaves = 0; leaves <= 30; ++leaves) {
    const std::string bytes(leaves * 2, 'x');
    std::size_t largest = 0;
    const auto out = import(bytes, {.chunk_size = 2, .links_per_node = 3}, 7, &largest);
    EXPECT_EQ(out.size, bytes.size());
    std::uint64_t nodes = 0;
    for (auto level = std::max<std::size_t>(leaves, 1); level > 1; nodes += level)
      level = (level + 2) / 3;
    EXPECT_EQ(out.blocks, std::max<std::size_t>(leaves, 1) + nodes) << leaves;
  }
}

TEST(Importer, AnErrorOfTheSinkEndsIt) {
  Importer importer({.chunk_size = 2}, [](const Cid&, std::string_view) -> base::Result<void> {
    return base::fail(base::Code::storage, "full");
  });
  const auto fed = importer.feed("abcdef");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().detail, "full");
}

}  // namespace
}  // namespace telltale::content
