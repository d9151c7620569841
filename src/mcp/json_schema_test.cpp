#include "mcp/json_schema.hpp"

#include <gtest/gtest.h>

namespace telltale::mcp {
namespace {

base::Json json(std::string_view text) {
  auto parsed = base::parse_json(text, {.max_depth = 2000});
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : base::Json();
}

struct Case {
  const char* schema;
  const char* good;
  const char* bad;  // nullptr: nothing is
};

class Keyword : public ::testing::TestWithParam<Case> {};

TEST_P(Keyword, DividesGoodFromBad) {
  const auto schema = json(GetParam().schema);
  JsonSchema validator(schema);
  for (const auto& fault : validator.validate(json(GetParam().good))) ADD_FAILURE() << fault;
  if (GetParam().bad != nullptr) EXPECT_FALSE(validator.validate(json(GetParam().bad)).empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, Keyword,
    ::testing::Values(
        Case{"true", "1", nullptr}, Case{R"({"not":{"type":"null"}})", "1", "null"},
        Case{R"({"type":"integer"})", "3.0", "3.5"},
        Case{R"({"type":["string","null"]})", "null", "1"},
        Case{R"({"enum":["a",1]})", "1.0", "\"b\""},
        Case{R"({"const":{"a":1}})", R"({"a":1})", R"({"a":2})"},
        Case{R"({"required":["a"]})", R"({"a":null})", "{}"},
        Case{R"({"properties":{"a":{"type":"string"}}})", R"({"a":"x","b":1})", R"({"a":1})"},
        Case{R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})", R"({"b":1})"},
        Case{R"({"additionalProperties":{"type":"number"}})", R"({"b":1})", R"({"b":"x"})"},
        Case{R"({"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false})",
             R"({"x-a":"1"})", R"({"y":"1"})"},
        Case{R"({"propertyNames":{"maxLength":2}})", R"({"ab":1})", R"({"abc":1})"},
        Case{R"({"dependentRequired":{"a":["b"]}})", R"({"b":1})", R"({"a":1})"},
        Case{R"({"items":{"type":"number"}})", "[1,2]", R"([1,"2"])"},
        Case{R"({"prefixItems":[{"type":"string"}],"items":false})", R"(["a"])", R"(["a",1])"},
        Case{R"({"contains":{"const":1},"maxContains":1})", "[1,2]", "[1,1]"},
        Case{R"({"contains":{"const":1}})", "[0,1]", "[0]"},
        Case{R"({"uniqueItems":true})", "[1,2]", "[1,1.0]"},
        Case{R"({"minItems":1,"maxItems":2})", "[1]", "[1,2,3]"},
        Case{R"({"minProperties":1})", R"({"a":1})", "{}"},
        Case{R"({"minimum":1,"maximum":3})", "3", "4"},
        Case{R"({"exclusiveMinimum":1})", "1.1", "1"}, Case{R"({"exclusiveMaximum":1})", "0", "1"},
        Case{R"({"multipleOf":0.1})", "0.3", "0.35"},
        Case{R"({"minLength":2,"maxLength":2})", "\"世界\"", "\"x\""},
        Case{R"({"pattern":"^[a-z]+$"})", "\"abc\"", "\"aBc\""},
        Case{R"({"allOf":[{"minimum":1},{"maximum":2}]})", "2", "3"},
        Case{R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "5", "4"},
        Case{R"({"oneOf":[{"minimum":1},{"minimum":5}]})", "2", "6"},
        Case{R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
             R"({"a":1,"b":1})", R"({"a":1})"},
        Case{R"({"$ref":"#/$defs/n","$defs":{"n":{"type":"number"}}})", "1", "\"1\""},
        Case{R"({"$ref":"#/$defs/a~1b%20c","$defs":{"a/b c":{"type":"number"}}})", "1", "\"1\""},
        Case{R"({"type":"object","properties":{"next":{"$ref":"#"}},"additionalProperties":false})",
             R"({"next":{"next":{}}})", R"({"next":{"nxt":1}})"},
        Case{R"({"unknownKeyword":7,"format":"email"})", "\"x\"", nullptr}));

TEST(JsonSchema, SaysWhere) {
  const auto schema = json(R"({"properties":{"a/b":{"items":{"type":"string"}}}})");
  const auto faults = JsonSchema(schema).validate(json(R"({"a/b":["x",1]})"));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0], "/a~1b/1 must be of type string");
}

TEST(JsonSchema, NeverLeavesTheDocument) {
  for (const auto* reference :
       {"http://127.0.0.1:1/x", "file:///etc/passwd", "other.json", "#anchor", "#/missing"}) {
    const auto schema = json(R"({"$ref":")" + std::string(reference) + "\"}");
    JsonSchema validator(schema);
    EXPECT_TRUE(validator.validate(json("1")).empty()) << reference;
    EXPECT_FALSE(validator.complete()) << reference;
  }
}

TEST(JsonSchema, BoundsItsWork) {
  for (const auto* text :
       {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})", R"({"not":{"$ref":"#"}})",
        R"({"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]})"}) {
    const auto schema = json(text);
    JsonSchema validator(schema);
    EXPECT_TRUE(validator.validate(json("1")).empty()) << text;
    EXPECT_FALSE(validator.complete()) << text;
  }
  const auto numbers = json(R"({"items":{"type":"string"}})");
  base::JsonArray many;
  for (int i = 0; i < 1'000; ++i) many.push_back(i);
  EXPECT_EQ(JsonSchema(numbers).validate(many).size(), JsonSchema::kMaxErrors);
  const auto unique = json(R"({"uniqueItems":true})");
  base::JsonArray large;
  for (int i = 0; i < 20'000; ++i) large.push_back(i);
  JsonSchema validator(unique);
  EXPECT_TRUE(validator.validate(large).empty());
  EXPECT_FALSE(validator.complete());
}

TEST(JsonSchema, EvilPatternsEndSoon) {
  const base::Json text(std::string(600, 'a') + "!");
  for (const auto* pattern : {"^(a+)+$", "^(a|aa)+$", "^(a*)*b$", "((a{30}){30})+", "(a?){900}b",
                              "(((((((x{9}){9}){9}){9})))", "(?<=x)", "[", "(a)\\\\1"}) {
    const auto schema = json(R"({"pattern":")" + std::string(pattern) + "\"}");
    JsonSchema(schema).validate(text);  // neither hangs nor overflows the stack
  }
  EXPECT_GE(pattern_states("(a{100}){100}"), 10'000);
  EXPECT_GE(pattern_states("a{1,99999999999999999999}"), 100'000);
  EXPECT_LE(pattern_states("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"), 60);
  EXPECT_LE(pattern_states("\\{100000\\}"), 20);
}

TEST(JsonSchema, CommonPatternsAreTried) {
  const auto schema =
      json(R"({"pattern":"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"})");
  JsonSchema validator(schema);
  EXPECT_TRUE(validator.validate("01234567-89ab-cdef-0123-456789abcdef").empty());
  EXPECT_FALSE(validator.validate("01234567-89ab-cdef-0123-456789abcdeg").empty());
  EXPECT_TRUE(validator.complete());
}

}  // namespace
}  // namespace telltale::mcp
