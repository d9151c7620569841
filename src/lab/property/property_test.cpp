#include <gtest/gtest.h>

#include "lab/property/generate.hpp"
#include "lab/property/shrink.hpp"
#include "mcp/json_schema.hpp"

namespace telltale::lab {
namespace {

using base::Json;

Json parse(std::string_view text) {
  return *base::parse_json(text);
}

class Generated : public testing::TestWithParam<const char*> {};

TEST_P(Generated, IsWhatTheSchemaAllows) {
  const auto schema = parse(GetParam());
  Generator generator(schema, 7);
  mcp::JsonSchema judge(schema);
  std::set<std::string> different;
  for (int i = 0; i < 500; ++i) {
    const auto value = generator.next();
    different.insert(base::write_json(value));
    const auto errors = judge.validate(value);
    ASSERT_TRUE(errors.empty()) << base::write_json(value) << ": " << errors.front();
  }
  EXPECT_TRUE(generator.sure());
  EXPECT_GT(different.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Schemas, Generated,
    testing::Values(
        R"({"type":"object","properties":{"a":{"type":"number"},"b":{"type":"string"}},"required":["a"]})",
        R"({"type":"integer","minimum":3,"maximum":9})",
        R"({"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":3})",
        R"({"type":"number","minimum":0.5,"maximum":1})",
        R"({"type":"integer","multipleOf":5,"minimum":7,"maximum":100,"description":"x","enum":[10,15]})",
        R"({"type":"string","minLength":2,"maxLength":4})", R"({"type":["string","null"]})",
        R"({"enum":["a","b",3,null]})",
        R"({"anyOf":[{"type":"string"},{"type":"array","items":{"type":"boolean"}}]})",
        R"({"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3})",
        R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":{"type":"null"},"maxItems":3})",
        R"({"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}],"properties":{"b":{"type":"boolean"}}})",
        R"({"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"},"v":{"type":"integer"}},"required":["v"]}},"$ref":"#/$defs/node"})",
        R"({"type":"object","properties":{"x":{"type":"object","properties":{"y":{"type":"string","format":"date-time"}}}}})"));

TEST(Generator, TheFirstHasWhatItMustTheSecondEverything) {
  const auto schema = parse(
      R"({"type":"object","properties":{"a":{"type":"number"},"b":{"type":"string"}},"required":["a"]})");
  Generator generator(schema, 1);
  EXPECT_EQ(generator.next().as_object().size(), 1U);
  EXPECT_EQ(generator.next().as_object().size(), 2U);
}

TEST(Generator, IsBoundedWhateverTheSchemaSays) {
  for (const auto* const text :
       {R"({"$ref":"#"})",
        R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})",
        R"({"type":"array","minItems":1000000000,"items":{"type":"array","minItems":1000000000}})",
        R"({"type":"string","minLength":1e300})",
        R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})",
        R"({"type":"integer","minimum":5,"maximum":1})", R"({"type":"number","multipleOf":1e-300})",
        R"({"anyOf":[{"$ref":"#"}]})", "true", "[]"}) {
    const auto schema = parse(text);
    Generator generator(schema, 1);
    for (int i = 0; i < 3; ++i)
      EXPECT_LT(base::write_json(generator.next()).size(), 8U << 20U) << text;
  }
}

TEST(Generator, SaysWhatItCannotMake) {
  const auto schema = parse(R"({"type":"string","pattern":"^[a-f]{8}$"})");
  Generator generator(schema, 1);
  generator.next();
  EXPECT_FALSE(generator.sure());
}

// Shrinks to the smallest that holds, as the property kind does.
template <class Fails>
Json smallest(Json value, Fails fails) {
  for (bool found = true; found;) {
    found = false;
    for (auto& candidate : smaller(value)) {
      if (!fails(candidate)) continue;
      value = std::move(candidate);
      found = true;
      break;
    }
  }
  return value;
}

TEST(Shrink, EndsAtTheSmallestThatFails) {
  const auto long_text = [](const Json& value) {
    const auto* text = value.is_object() ? value.as_object().if_contains("t") : nullptr;
    return text != nullptr && text->is_string() && text->as_string().size() >= 5;
  };
  EXPECT_EQ(smallest(parse(R"({"n":17,"list":[1,2],"t":"some longer text"})"), long_text),
            parse(R"({"t":"aaaaa"})"));
  const auto has_negative = [](const Json& value) {
    if (!value.is_array()) return false;
    for (const auto& item : value.as_array())
      if (item.is_int64() && item.as_int64() < 0) return true;
    return false;
  };
  EXPECT_EQ(smallest(parse("[5,-400,7,[1]]"), has_negative), parse("[-1]"));
}

TEST(Shrink, EveryNeighbourIsSimplerAndUtf8) {
  for (const auto* const text : {R"("äöü€😀")", "-9223372036854775808", "18446744073709551615",
                                 "1.5", "-0.25", "[[[]]]", R"({"a":{"b":[true]}})"}) {
    auto value = parse(text);
    int steps = 0;
    for (auto next = smaller(value); !next.empty(); next = smaller(value)) {
      for (const auto& one : next) {
        EXPECT_NE(one, value) << text;
        EXPECT_TRUE(base::parse_json(base::write_json(one)).has_value());
      }
      value = next[std::min<std::size_t>(2, next.size() - 1)];  // not the simplest way only
      ASSERT_LT(++steps, 10'000) << text;
    }
  }
}

}  // namespace
}  // namespace telltale::lab
