#include "lab/conformance/sample.hpp"

#include <gtest/gtest.h>

#include "mcp/json_schema.hpp"

namespace telltale::lab {
namespace {

base::Json json(std::string_view text) {
  return *base::parse_json(text);
}

TEST(Sample, WhatIsMadeFitsTheSchema) {
  for (const auto* text :
       {R"({"type":"string","minLength":5})", R"({"type":"integer","minimum":7})",
        R"({"type":"array","items":{"type":"boolean"},"minItems":2})", R"({"enum":["x","y"]})",
        R"({"anyOf":[{"type":"null"},{"type":"string"}]})", R"({"type":["number","null"]})",
        R"({"type":"object","required":["a"],"properties":{"a":{"type":"object","required":["b"],
            "properties":{"b":{"const":3}}}}})"}) {
    const auto schema = json(text);
    const auto value = sample_value(schema);
    ASSERT_TRUE(value) << text;
    EXPECT_TRUE(mcp::JsonSchema(schema).validate(*value).empty()) << text;
  }
}

TEST(Sample, WhatIsBeyondUsIsNotGuessed) {
  for (const auto* text : {R"({"$ref":"#/a"})", R"({"type":"string","pattern":"^[A-Z]{3}$"})",
                           R"({"type":"string","minLength":100000})", "false", "17"})
    EXPECT_FALSE(sample_value(json(text))) << text;
}

TEST(Sample, OnlyReadOnlyOrAllowedToolsMayBeCalled) {
  const auto tool = json(R"({"name":"wipe"})").as_object();
  EXPECT_FALSE(may_call(tool, {}));
  EXPECT_TRUE(may_call(tool, {"wipe"}));
  EXPECT_FALSE(
      may_call(json(R"({"name":"a","annotations":{"readOnlyHint":"yes"}})").as_object(), {}));
  EXPECT_TRUE(
      may_call(json(R"({"name":"a","annotations":{"readOnlyHint":true}})").as_object(), {}));
}

}  // namespace
}  // namespace telltale::lab
