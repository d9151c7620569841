#include "lab/suite/suite.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lab/standard_kinds.hpp"
#include "lab/suite/json_path.hpp"
#include "mcp/json_schema.hpp"

namespace telltale::lab::suite {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const KindTable& kinds() {
  return standard_kinds().table();
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& one : read_suite(text, kinds()).problems) out.push_back(describe(one, "s"));
  return out;
}

constexpr std::string_view kHead = "name: s\nservers: {a: {command: x}}\n";

TEST(Suite, AGoodOneIsReadWhole) {
  const auto read = read_suite(R"(name: demo
servers:
  a: {command: node, args: [server.js]}
variables: {who: world, n: 3}
tags: [one]
cases:
  - name: first
    tags: [two]
    steps:
      - call: echo
        arguments: {text: "hi ${who}", n: "${n}"}
        expect: {json: [{path: "$.x", equals: null}]}
        save: {x: $.a}
      - read: test://${x}
  - name: second
    steps: [{call: echo}]
    load: {rate: 10, objectives: ["p99_ms <= 5"]}
)",
                               kinds());
  for (const auto& one : read.problems) ADD_FAILURE() << describe(one, "s");
  ASSERT_EQ(read.suite.cases.size(), 2U);
  EXPECT_EQ(read.suite.cases[0].spec.kind, "functional");
  EXPECT_EQ(read.suite.cases[0].place.line, 7);
  ASSERT_TRUE(read.suite.cases[0].spec.steps[0].expect.json[0].equals);
  EXPECT_TRUE(read.suite.cases[0].spec.steps[0].expect.json[0].equals->is_null());
  EXPECT_EQ(read.suite.cases[1].spec.kind, "load");
  EXPECT_EQ(*base::find_number(read.suite.cases[1].options.as_object(), "rate"), 10);
  EXPECT_TRUE(read.suite.reaches_machine());
}

TEST(Suite, EveryFaultIsNamedWithItsPlace) {
  const auto found = problems_of(R"(name: ""
servers:
  a: {command: node, url: "http://x"}
isolation: never
cases:
  - name: first
    steps:
      - {call: 3}
      - {call: echo, read: x}
      - call: echo
        expect: {statos: ok}
      - call: echo
        arguments: {text: "${nobody}"}
  - name: second
    kind: dance
    steps: [{ping: true}]
  - name: second
    server: b
    steps:
      - call: echo
        expect:
          json: [{path: content, equals: 1}]
          matches: "(((("
)");
  EXPECT_THAT(
      found,
      ElementsAre(
          "s:1:7: name must not be empty",
          HasSubstr("s:4:12: isolation must be one of run, case, shared"),
          "s:8:16: cases[0].steps[0].call must be a string",
          HasSubstr("s:11:18: cases[0].steps[2].expect.statos is not known here; known are "
                    "status, code"),
          HasSubstr("s:15:11: cases[1].kind \"dance\" is no kind; known are "),
          "s:17:11: cases[2].name \"second\" is another case's name too",
          HasSubstr("s:18:13: cases[2].server \"b\" is no server of this suite"),
          HasSubstr("s:22:25: cases[2].steps[0].expect.json[0].path \"content\" at character "
                    "1: a JSON path begins with $"),
          HasSubstr("s:23:20: cases[2].steps[0].expect.matches is no regular expression")));
}

TEST(Suite, WhatStructureCannotSayIsCheckedToo) {
  const auto one = [](std::string_view rest) {
    const auto found = problems_of(std::string(kHead) + std::string(rest));
    return found.size() == 1 ? found.front() : std::to_string(found.size()) + " problems";
  };
  EXPECT_EQ(one("cases: []"), "s:3:8: cases is required: a list with one case at least");
  EXPECT_EQ(one("cases: [{name: a, steps: [{call: x, read: y}]}]"),
            "s:3:27: cases[0].steps[0] needs exactly one of call, read, prompt, request, list and "
            "ping: true");
  EXPECT_EQ(one("cases: [{name: a, steps: [{call: \"${x}\"}]}]"),
            "s:3:34: cases[0].steps[0].call ${x} is no variable here");
  EXPECT_EQ(one("cases: [{name: a, steps: []}]"),
            "s:3:26: cases[0].steps is required: a list with one step at least");
  EXPECT_EQ(one("cases: [{name: a, kind: load, steps: [{ping: true}]}]"),
            "s:3:9: cases[0] a case of the kind load needs load: {…}");
  EXPECT_EQ(one("cases: [{name: a, load: {}, soak: {}, steps: [{ping: true}]}]"),
            "s:3:29: cases[0].soak a case is of one kind: load stands here too");
  EXPECT_EQ(one("cases: [{name: a, load: {objectives: [\"speed <= 3\"]}, steps: [{ping: true}]}]")
                .substr(0, 70),
            "s:3:39: cases[0].load.objectives[0] \"speed\" is no figure; there are ca");
  EXPECT_EQ(one("cases: [{name: a, steps: [{ping: true, arguments: {a: 1}}]}]"),
            "s:3:40: cases[0].steps[0].arguments belongs to call and prompt");
  EXPECT_EQ(one("cases: [{name: a, steps: [{ping: true, expect: {golden: ../x}}]}]"),
            "s:3:57: cases[0].steps[0].expect.golden is a file beside the suite: no / at its begin "
            "and no ..");
  EXPECT_EQ(one("matrix: {x: []}\ncases: [{name: a, steps: [{ping: true}]}]"),
            "s:3:13: matrix.x must have one value at least");
}

TEST(Suite, TheYamlItselfIsBounded) {
  EXPECT_THAT(problems_of("a: [1\nb: 2"), ElementsAre(HasSubstr("s:2:")));
  EXPECT_THAT(problems_of("name: a\nname: b"), ElementsAre("s:2:1: \"name\" stands here twice"));
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("there is nothing in it")));
  EXPECT_THAT(problems_of("a: 1\n---\nb: 2"), ElementsAre(HasSubstr("more than one document")));
  EXPECT_THAT(problems_of("- 1"), ElementsAre(HasSubstr("a suite is a mapping")));
  EXPECT_THAT(problems_of("a: &x [*x]"), ElementsAre(HasSubstr("s:1:8: is an alias of something")));
  EXPECT_THAT(problems_of("a: !!binary aGk="), ElementsAre(HasSubstr("a suite has none")));
  EXPECT_THAT(problems_of(std::string(kYamlBytes + 1, ' ')), ElementsAre(HasSubstr("at most")));
  const auto deep = "a: " + std::string(100, '[') + std::string(100, ']');
  EXPECT_THAT(problems_of(deep), ElementsAre(HasSubstr("nested deeper than 40 levels")));
  // Nine aliases of nine aliases of …: 9^9 values.
  std::string laughs = "a0: &a0 ha\n";
  for (int i = 1; i < 10; ++i) {
    laughs += fmt::format("a{0}: &a{0} [", i);
    for (int k = 0; k < 9; ++k) laughs += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(problems_of(laughs), ElementsAre(HasSubstr("unfolds to more than 200000 values")));
  // One long text, repeated.
  std::string wide = "a: &a \"" + std::string(500'000, 'x') + "\"\nb: [";
  for (int i = 0; i < 1'000; ++i) wide += i == 0 ? "*a" : ", *a";
  EXPECT_THAT(problems_of(wide + "]"), ElementsAre(HasSubstr("unfolds to more than")));
}

TEST(Suite, AliasesAndScalarsBecomeWhatTheyMean) {
  const auto read = read_yaml(R"(a: &a {n: 1, f: 1.5, t: true, s: "1", no: no, nil: ~, d: -}
b: *a
)");
  ASSERT_TRUE(read);
  const Json expected{{"n", 1},     {"f", 1.5},       {"t", true}, {"s", "1"},
                      {"no", "no"}, {"nil", nullptr}, {"d", "-"}};
  EXPECT_EQ(read->value.at("b"), expected) << base::write_json(read->value);
  EXPECT_EQ(read->place_of("/b/n").line, 2);
  EXPECT_EQ(read->key_of("/a/f").column, 14);
}

TEST(Suite, TooManyCasesAreRefused) {
  std::string text(kHead);
  text +=
      "matrix: {x: [1,2,3,4,5,6,7,8,9,10], y: [1,2,3,4,5,6,7,8,9,10], z: "
      "[1,2,3,4,5,6,7,8,9,10], w: [1,2]}\ncases: [{name: a, steps: [{ping: true}]}]";
  EXPECT_THAT(problems_of(text), ElementsAre(HasSubstr("matrix has more than 1000 combinations")));
}

TEST(JsonPath, SelectsWhatItSays) {
  const auto root = *base::parse_json(R"({"a": [{"b": 1}, {"b": 2}], "x y": {"k": 3}})");
  const auto select = [&root](std::string_view path) {
    std::string out;
    const auto parsed = JsonPath::parse(path);
    if (!parsed) return parsed.error().detail;
    for (const auto* const one : parsed->select(root)) out += base::write_json(*one) + " ";
    return out;
  };
  EXPECT_EQ(select("$.a[*].b"), "1 2 ");
  EXPECT_EQ(select("$.a[-1].b"), "2 ");
  EXPECT_EQ(select("$['x y'].k"), "3 ");
  EXPECT_EQ(select("$.x.y"), "");
  EXPECT_EQ(select("$.a[7]"), "");
  EXPECT_EQ(select("$.*.k"), "3 ");
  EXPECT_THAT(select("a"), HasSubstr("begins with $"));
  EXPECT_THAT(select("$.a["), HasSubstr("] is missing"));
  EXPECT_THAT(select("$..a"), HasSubstr("a name or *"));
  EXPECT_THAT(select("$[x]"), HasSubstr("a number, a quoted name or *"));
}

TEST(Variables, KeepTheirTypeAndCanBeEscaped) {
  const Variables known{{"n", 3}, {"s", "x"}, {"o", Json{{"k", 1}}}};
  const auto filled = [&known](std::string_view text) {
    const auto out = expand(Json(text), known);
    return out ? base::write_json(*out) : out.error().detail;
  };
  EXPECT_EQ(filled("${n}"), "3");
  EXPECT_EQ(filled("a${n}${s}"), "\"a3x\"");
  EXPECT_EQ(filled("${o}"), R"({"k":1})");
  EXPECT_EQ(filled("$${n} ${n}"), "\"${n} 3\"");
  EXPECT_EQ(filled("${env:TELLTALE_NOT_THERE:-other}"), "\"other\"");
  EXPECT_THAT(filled("${env:TELLTALE_NOT_THERE}"), HasSubstr("is not set"));
  EXPECT_THAT(filled("${q}"), HasSubstr("no variable q"));
  EXPECT_EQ(filled("open ${n"), "\"open ${n\"");
}

TEST(Schema, TakesAGoodSuiteAndRefusesABadOne) {
  const Json schema(json_schema(kinds()));
  const auto good = *base::parse_json(
      R"({"name": "s", "servers": {"a": {"command": "x"}},
          "cases": [{"name": "c", "steps": [{"ping": true}], "load": {"rate": 3}}]})");
  mcp::JsonSchema first(schema);
  EXPECT_THAT(first.validate(good), IsEmpty());
  auto bad = good;
  bad.at("cases").as_array()[0].as_object()["stepz"] = 1;
  mcp::JsonSchema second(schema);
  EXPECT_FALSE(second.validate(bad).empty());
}

}  // namespace
}  // namespace telltale::lab::suite
