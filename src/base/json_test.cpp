#include "base/json.hpp"

#include <gtest/gtest.h>

namespace telltale::base {
namespace {

TEST(Json, TakesOneDocument) {
  for (const auto* const text : {"{}", "[]", "1", "\"x\"", "null", " {\"a\": [1, 2.5, true]} \r\n"})
    EXPECT_TRUE(parse_json(text).has_value()) << text;
  for (const auto* const text :
       {"",         " ",        "{",   "{}{}",           "{} x",    "[1,]", "{\"a\":1,}", "{a:1}",
        "'x'",      "// c\n{}", "NaN", "Infinity",       "01",      "+1",   "1.",         ".5",
        "\"\x01\"", "\"\\x\"",  "tru", "\xef\xbb\xbf{}", "nullnull"})
    EXPECT_EQ(parse_json(text).error().code, Code::invalid_argument) << text;
}

TEST(Json, RefusesTextThatIsNoUtf8) {
  EXPECT_FALSE(parse_json("{\"a\":\"\xc0\xaf\"}").has_value());
  EXPECT_FALSE(parse_json("{\"\xff\":1}").has_value());
  EXPECT_FALSE(parse_json("\"\\ud800\"").has_value()) << "half a surrogate pair";
  EXPECT_EQ(parse_json("\"\\ud83d\\ude00\"")->get_string(), "😀");
}

TEST(Json, DepthAndSizeAreBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(64)).has_value());
  EXPECT_FALSE(parse_json(nested(65)).has_value());
  EXPECT_TRUE(parse_json(nested(3), {.max_depth = 3}).has_value());
  EXPECT_FALSE(parse_json(nested(4), {.max_depth = 3}).has_value());
  EXPECT_FALSE(parse_json(nested(1'000'000)).has_value());
  EXPECT_EQ(parse_json("\"12345678\"", {.max_bytes = 9}).error().code, Code::too_large);
  EXPECT_TRUE(parse_json("\"12345678\"", {.max_bytes = 10}).has_value());
}

TEST(Json, AnErrorSaysWhere) {
  const auto detail = parse_json("{\"a\": x}").error().detail;
  EXPECT_NE(detail.find("byte 6"), std::string::npos) << detail;
}

TEST(Json, ReadersTakeNothingOfAnotherType) {
  const auto object =
      parse_json(R"({"s":"x","n":1.5,"i":-3,"f":2.0,"big":1e30,"u":18446744073709551615,
                     "b":true,"o":{"k":1},"a":[1],"z":null})")
          ->get_object();
  EXPECT_EQ(find_string(object, "s"), "x");
  EXPECT_EQ(find_string(object, "n"), std::nullopt);
  EXPECT_EQ(find_string(object, "none"), std::nullopt);
  EXPECT_EQ(find_number(object, "n"), 1.5);
  EXPECT_EQ(find_number(object, "i"), -3);
  EXPECT_EQ(find_number(object, "s"), std::nullopt);
  EXPECT_EQ(find_integer(object, "i"), -3);
  EXPECT_EQ(find_integer(object, "f"), 2);
  EXPECT_EQ(find_integer(object, "n"), std::nullopt);
  EXPECT_EQ(find_integer(object, "big"), std::nullopt);
  EXPECT_EQ(find_integer(object, "u"), std::nullopt) << "not as a negative number";
  EXPECT_EQ(find_bool(object, "b"), true);
  EXPECT_EQ(find_bool(object, "i"), std::nullopt);
  EXPECT_NE(find_object(object, "o"), nullptr);
  EXPECT_EQ(find_object(object, "a"), nullptr);
  EXPECT_NE(find_array(object, "a"), nullptr);
  EXPECT_EQ(find_array(object, "z"), nullptr);
  EXPECT_EQ(string_or(object, "z", "other"), "other");
  EXPECT_EQ(find(Json("text"), "k"), nullptr);
}

TEST(Json, PointerSteps) {
  EXPECT_EQ(pointer_step("a"), "/a");
  EXPECT_EQ(pointer_step("a/b~c"), "/a~1b~0c");
  EXPECT_EQ(pointer_step(""), "/");
}

}  // namespace
}  // namespace telltale::base
