#include "base/describe.hpp"

#include <gtest/gtest.h>

namespace telltale::base {

struct Inner {
  std::string name;
  int size = 0;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (name, size))

struct Outer {
  std::string id, mode = "slow", operator_ = "plus";
  std::optional<int> seconds;
  std::optional<bool> sure;
  double ratio = 0.5;
  std::uint8_t small = 0;
  std::vector<Inner> parts;
  std::vector<std::string> tags;
  std::map<std::string, int> counts;
  Json any;
  JsonObject object;
};
BOOST_DESCRIBE_STRUCT(Outer, (),
                      (id, mode, operator_, seconds, sure, ratio, small, parts, tags, counts, any,
                       object))
constexpr auto field_rules(const Outer*) {
  return std::array{FieldRule{.name = "id", .help = "who", .minimum = 1, .maximum = 5},
                    FieldRule{.name = "mode", .one_of = "slow|fast", .has_default = true},
                    FieldRule{.name = "operator", .has_default = true},
                    FieldRule{.name = "seconds", .minimum = 0, .maximum = 60},
                    FieldRule{.name = "ratio", .minimum = 0.25, .maximum = 1, .has_default = true},
                    FieldRule{.name = "small", .has_default = true},
                    FieldRule{.name = "parts", .has_default = true},
                    FieldRule{.name = "tags", .maximum = 2, .one_of = "a|b", .has_default = true},
                    FieldRule{.name = "counts", .has_default = true},
                    FieldRule{.name = "any", .has_default = true},
                    FieldRule{.name = "object", .has_default = true}};
}

namespace {

Result<Outer> read(std::string_view text) {
  return from_json<Outer>(*parse_json(text));
}

// The only complaint, as "pointer message".
std::string complaint(std::string_view text) {
  const auto got = read(text);
  if (got) return "taken";
  if (got.error().fields.size() != 1) return std::to_string(got.error().fields.size()) + " errors";
  return got.error().fields[0].pointer + " " + got.error().fields[0].message;
}

TEST(Describe, WhatIsLeftOutKeepsItsValue) {
  const auto got = read(R"({"id":"x"})");
  ASSERT_TRUE(got.has_value()) << got.error().detail;
  EXPECT_EQ(got->mode, "slow");
  EXPECT_EQ(got->operator_, "plus");
  EXPECT_EQ(got->ratio, 0.5);
  EXPECT_FALSE(got->seconds.has_value());
  EXPECT_TRUE(read(R"({"id":"x","seconds":null,"mode":null})").has_value()) << "null is absent";
}

TEST(Describe, EverythingThereAndBack) {
  const auto* const text =
      R"({"id":"x","mode":"fast","operator":"minus","seconds":60,"sure":false,"ratio":1E0,"small":255,)"
      R"("parts":[{"name":"p","size":-1}],"tags":["a","b"],"counts":{"k":1},"any":[1,null],"object":{"a":{}}})";
  const auto got = read(text);
  ASSERT_TRUE(got.has_value()) << got.error().detail;
  EXPECT_EQ(got->parts[0].name, "p");
  EXPECT_EQ(got->small, 255);
  EXPECT_EQ(to_json(*got), *parse_json(text));
}

TEST(Describe, EachFaultIsNamed) {
  struct Row {
    std::string text, says;
  };
  for (const auto& row : std::vector<Row>{
           {"{}", "/id is required"},
           {R"({"id":null})", "/id is required"},
           {R"({"id":""})", "/id must not be empty"},
           {R"({"id":"123456"})", "/id must have at most 5 characters"},
           {R"({"id":1})", "/id must be a string"},
           {R"({"id":"x","mode":"medium"})", "/mode must be one of slow, fast"},
           {R"({"id":"x","seconds":61})", "/seconds must be at most 60"},
           {R"({"id":"x","seconds":-1})", "/seconds must be at least 0"},
           {R"({"id":"x","seconds":1.5})", "/seconds must be a whole number"},
           {R"({"id":"x","seconds":"1"})", "/seconds must be a whole number"},
           {R"({"id":"x","seconds":99999999999})", "/seconds is out of range"},
           {R"({"id":"x","seconds":1e300})", "/seconds must be a whole number"},
           {R"({"id":"x","sure":1})", "/sure must be true or false"},
           {R"({"id":"x","ratio":0.2})", "/ratio must be at least 0.25"},
           {R"({"id":"x","ratio":"1"})", "/ratio must be a number"},
           {R"({"id":"x","small":256})", "/small is out of range"},
           {R"({"id":"x","small":-1})", "/small is out of range"},
           {R"({"id":"x","parts":{}})", "/parts must be a list"},
           {R"({"id":"x","parts":[1]})", "/parts/0 must be an object"},
           {R"({"id":"x","parts":[{"name":"a","size":1},{"name":"b"}]})",
            "/parts/1/size is required"},
           {R"({"id":"x","tags":["a","b","a"]})", "/tags must have at most 2 items"},
           {R"({"id":"x","tags":["c"]})", "/tags/0 must be one of a, b"},
           {R"({"id":"x","counts":{"a/b":"1"}})", "/counts/a~1b must be a whole number"},
           {R"({"id":"x","counts":[]})", "/counts must be an object"},
           {R"({"id":"x","object":[]})", "/object must be an object"},
           {R"({"id":"x","operator_":"y"})",
            "/operator_ is not known here; known are id, mode, operator, seconds, sure, ratio, "
            "small, parts, tags, counts, any, object"},
           {"[]", " must be an object"}})
    EXPECT_EQ(complaint(row.text), row.says) << row.text;
}

TEST(Describe, AllFaultsAtOnceButNotWithoutEnd) {
  const auto three = read(R"({"id":"","seconds":61,"x":1})");
  ASSERT_FALSE(three.has_value());
  EXPECT_EQ(three.error().fields.size(), 3U);
  EXPECT_EQ(three.error().code, Code::invalid_argument);
  std::string many = R"({"id":"x")";
  for (int i = 0; i < 1000; ++i) many += ",\"k" + std::to_string(i) + "\":1";
  EXPECT_EQ(read(many + "}").error().fields.size(), 20U);
}

TEST(Describe, TheSchemaSaysWhatIsTaken) {
  const auto schema = json_schema<Outer>();
  EXPECT_EQ(schema.at("additionalProperties"), Json(false));
  EXPECT_EQ(schema.at("required"), JsonArray{Json("id")});
  const auto& properties = schema.at("properties").as_object();
  EXPECT_EQ(properties.at("id"),
            *parse_json(R"({"type":"string","description":"who","minLength":1,"maxLength":5})"));
  EXPECT_EQ(properties.at("seconds"),
            *parse_json(R"({"type":"integer","minimum":0,"maximum":60})"));
  EXPECT_EQ(properties.at("ratio"), *parse_json(R"({"type":"number","minimum":0.25,"maximum":1})"));
  EXPECT_EQ(properties.at("mode").at("enum"), *parse_json(R"(["slow","fast"])"));
  EXPECT_EQ(
      properties.at("tags"),
      *parse_json(R"({"type":"array","items":{"type":"string","enum":["a","b"]},"maxItems":2})"));
  EXPECT_TRUE(properties.contains("operator"));
  EXPECT_EQ(properties.at("parts").at("items").at("required"), *parse_json(R"(["name","size"])"));
  EXPECT_EQ(properties.at("any"), Json(JsonObject()));
}

}  // namespace
}  // namespace telltale::base
