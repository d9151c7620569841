#include "lab/fuzz/mutate.hpp"

#include <set>

#include <gtest/gtest.h>

namespace telltale::lab {
namespace {

const std::vector<base::JsonObject> kRight{
    {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "ping"}},
    {{"jsonrpc", "2.0"}, {"id", 2}, {"method", "tools/call"}, {"params", {{"name", "none"}}}}};

TEST(BrokenMessage, IsOneLineWithinItsLimitAndNeverEmpty) {
  base::Random random(3);
  std::set<std::string> different;
  std::size_t no_json = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto text = broken_message(kRight, random, 5000);
    EXPECT_LE(text.size(), 5000U);
    EXPECT_EQ(text.find_first_of("\r\n"), std::string::npos);
    EXPECT_NE(text.find_first_not_of(" \t"), std::string::npos);
    no_json += base::parse_json(text) ? 0 : 1;
    different.insert(text);
  }
  EXPECT_GT(different.size(), 2000U);
  // Both sorts: what no parser takes, and what it takes and is wrong all the same.
  EXPECT_GT(no_json, 1000U);
  EXPECT_LT(no_json, 4000U);
}

TEST(BrokenMessage, TheSameSeedBreaksTheSame) {
  base::Random one(8);
  base::Random other(8);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(broken_message(kRight, one, 1000), broken_message(kRight, other, 1000));
}

TEST(SmallerTexts, AreSmallerAndReachTheCore) {
  std::string text = "aaaaaaaaaaaaaaaXbbbbbbbbbbbbbbbbbbbbbbbb";
  for (bool better = true; better;) {
    better = false;
    for (const auto& candidate : smaller_texts(text)) {
      ASSERT_LT(candidate.size(), text.size());
      if (!candidate.contains('X')) continue;
      text = candidate;
      better = true;
      break;
    }
  }
  EXPECT_EQ(text, "X");
  EXPECT_TRUE(smaller_texts("x").empty());
  EXPECT_TRUE(smaller_texts("").empty());
}

}  // namespace
}  // namespace telltale::lab
