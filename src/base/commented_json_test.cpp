#include "base/commented_json.hpp"

#include <gtest/gtest.h>

namespace telltale::base {
namespace {

TEST(CommentedJson, TakesCommentsAndLastCommas) {
  const auto parsed = parse_commented_json(R"(// what I use
{
  "url": "http://a//b", /* not a
  comment there */ "list": [1, 2,],
}
// the end)");
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(string_or(parsed->get_object(), "url"), "http://a//b");
  EXPECT_EQ(parsed->at("list").as_array().size(), 2U);
}

TEST(CommentedJson, TakesAByteOrderMark) {
  EXPECT_TRUE(parse_commented_json("\xEF\xBB\xBF{}"));
}

TEST(CommentedJson, SaysWhereItIsWrong) {
  const auto parsed = parse_commented_json("{\n  \"a\": nonsense\n}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::invalid_argument);
  EXPECT_TRUE(parsed.error().detail.contains("line 2, column ")) << parsed.error().detail;
}

TEST(CommentedJson, RefusesWhatIsCutOrFollowedBySomething) {
  for (const auto* text : {"", "{", "{} {}", "/* open", "{\"a\": 1,, }", "\"\xFF\""})
    EXPECT_FALSE(parse_commented_json(text)) << text;
}

TEST(CommentedJson, IsBounded) {
  EXPECT_EQ(parse_commented_json("[1]", {.max_bytes = 2}).error().code, Code::too_large);
  EXPECT_FALSE(parse_commented_json("[[[1]]]", {.max_depth = 2}));
}

}  // namespace
}  // namespace telltale::base
