#include <gmock/gmock.h>

#include "lab/replay/compare.hpp"
#include "lab/replay/import.hpp"
#include "lab/replay/infer.hpp"
#include "lab/standard_kinds.hpp"
#include "lab/suite/suite.hpp"

namespace telltale::lab {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;

mcp::Recording recorded(std::initializer_list<std::pair<char, const char*>> messages,
                        const std::string& name = "mine") {
  auto text = mcp::recording_head({.name = name, .time = {}, .command = "node", .args = {"x"}});
  for (const auto& [direction, message] : messages)
    text += "\n" + mcp::recording_line(direction == '>', {}, message);
  auto out = mcp::read_recording(text + "\n");
  EXPECT_TRUE(out);
  return out ? std::move(*out) : mcp::Recording();
}

// Two requests, one of the server, two notifications.
mcp::Recording session() {
  return recorded({{'>', R"({"id":1,"method":"tools/call","params":{"name":"a"}})"},
                   {'<', R"({"method":"notifications/progress","params":{"progress":1}})"},
                   {'<', R"({"method":"notifications/message","params":{"data":"x"}})"},
                   {'<', R"({"id":0,"method":"roots/list"})"},
                   {'>', R"({"id":0,"result":{"roots":[]}})"},
                   {'<', R"({"id":1,"result":{"content":[{"type":"text","text":"one"}]}})"},
                   {'>', R"({"id":2,"method":"tools/list"})"},
                   {'<', R"({"id":2,"result":{"tools":[]}})"}});
}

// As if the server had said all of it again; `change` may spoil it.
Compared again(const CompareSettings& settings, const std::function<void(Played&)>& change = {}) {
  const auto recording = session();
  const auto script = script_of(recording.messages);
  Played played;
  for (std::size_t i = 0; i < script.size(); ++i) {
    const auto& line = script[i];
    if (line.to_server()) continue;
    const auto& message = line.recorded->message;
    if (line.part == Line::Part::answer) played.answers[line.partner] = message;
    if (line.part == Line::Part::request) played.requests[line.method].push_back(message);
    if (line.part == Line::Part::notification) played.notifications.push_back(message);
  }
  if (change) change(played);
  return compare(script, played, settings);
}

TEST(ReplayScript, AnswersAreBesideTheirRequestsInEitherDirection) {
  const auto recording = session();
  const auto script = script_of(recording.messages);
  EXPECT_EQ(script[0].partner, 5U);
  EXPECT_EQ(script[4].partner, 3U) << "the id 0 of the server is another one";
  EXPECT_EQ(script[4].method, "roots/list");
  EXPECT_EQ(script[6].partner, 7U);
  EXPECT_EQ(describe(script[0]), "line 2: tools/call a");
}

TEST(ReplayScript, IdsAreThoseOfTheirSession) {
  auto text = mcp::recording_head({.name = "x", .time = {}});
  const auto say = [&text](bool to_server, std::string_view message, int session) {
    text += "\n" + mcp::recording_line(to_server, {}, message, session);
  };
  say(true, R"({"id":1,"method":"tools/call","params":{"name":"dies"}})", 1);
  say(false, R"({"id":0,"method":"roots/list"})", 1);
  say(false, R"({"id":0,"method":"roots/list"})", 2);
  say(true, R"({"id":0,"result":{"roots":[]}})", 2);
  say(false, R"({"id":1,"result":{}})", 2);
  const auto recording = mcp::read_recording(text + "\n");
  ASSERT_TRUE(recording) << recording.error().detail;
  const auto script = script_of(recording->messages);
  EXPECT_EQ(script[0].partner, Line::kNone) << "the answer is of the next session";
  EXPECT_EQ(script[1].partner, Line::kNone);
  EXPECT_EQ(script[2].nth, 0U) << "the first of its session";
  EXPECT_EQ(script[2].partner, 3U);
  const auto sessions = sessions_of(*recording);
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].size(), 2U);
  EXPECT_EQ(script_of(sessions[1])[0].partner, 1U);
}

TEST(ReplayCompare, WhatBelongsToNothingIsComparedToo) {
  const auto recording =
      recorded({{'>', R"({"id":1,"method":"server/discover"})"},
                {'<', R"({"error":{"code":-32000,"message":"not initialized"},"id":null})"},
                {'<', "a banner"}});
  const auto script = script_of(recording.messages);
  ASSERT_TRUE(script[1].is_stray());
  ASSERT_TRUE(script[2].is_stray());
  EXPECT_EQ(script[2].nth, 1U);
  Played played;
  played.others = {"a banner",
                   R"({"id":null,"error":{"code":-32000,"message":"not initialized"}})"};
  EXPECT_EQ(compare(script, played, {}).differ, 0U);
  played.others.pop_back();
  EXPECT_EQ(compare(script, played, {}).differ, 1U) << "one is missing";
  played.others = {"a banner", R"({"id":null,"error":{"code":-1,"message":"else"}})"};
  EXPECT_EQ(compare(script, played, {}).differ, 2U) << "one is missing, another is new";
}

TEST(ReplayCompare, AServerThatEndsBeforeAnotherSessionIsAsRecorded) {
  const auto ends = [](Played& played) { played.ended = "the server exited with 1"; };
  EXPECT_EQ(again({}, ends).differ, 1U);
  EXPECT_EQ(again({.may_end = true}, ends).differ, 0U);
}

TEST(ReplayCompare, TheSameIsTheSame) {
  const auto same = again({});
  EXPECT_THAT(same.mismatches, testing::IsEmpty());
  EXPECT_EQ(same.answers, 2U);
  EXPECT_EQ(same.notifications, 2U);
}

TEST(ReplayCompare, IdsAndTheOrderOfNotificationsDoNotCount) {
  const auto other = again({}, [](Played& played) {
    std::swap(played.notifications[0], played.notifications[1]);
    played.answers[0].as_object()["id"] = "another";
    played.requests["roots/list"][0].as_object()["id"] = 77;
  });
  EXPECT_EQ(other.differ, 0U);
}

TEST(ReplayCompare, EachDifferenceIsAMismatchWithADiff) {
  const auto differs = again({}, [](Played& played) {
    played.answers[0].at("result").at("content").at(0).as_object()["text"] = "two";
    played.answers.erase(6);
    played.no_answer[6] = "none within 30 s";
    played.requests.clear();
    played.notifications[0].at("params").as_object()["progress"] = 2;
  });
  ASSERT_EQ(differs.mismatches.size(), 4U);
  EXPECT_THAT(differs.mismatches[0].diff, HasSubstr("-        \"text\": \"one\""));
  EXPECT_THAT(differs.mismatches[0].diff, HasSubstr("+        \"text\": \"two\""));
  EXPECT_EQ(differs.mismatches[1].actual, "none within 30 s");
  EXPECT_EQ(differs.mismatches[2].what, "the server asks");
  EXPECT_EQ(differs.mismatches[3].what, "the recorded notification");
}

TEST(ReplayCompare, WhatIsVolatileIsDeclaredByPath) {
  const auto ignore = *suite::parse_paths({"$.result.content[*].text", "$.params.progress"});
  const auto change = [](Played& played) {
    played.answers[0].at("result").at("content").at(0).as_object()["text"] = "two";
    played.notifications[0].at("params").as_object().erase("progress");
  };
  EXPECT_EQ(again({.ignore = ignore}, change).differ, 0U);
  EXPECT_EQ(again({}, change).differ, 2U);
}

TEST(ReplayCompare, MoreThanWasRecordedIsADifferenceToo) {
  const auto more = [](Played& played) {
    played.notifications.push_back(Json{{"method", "notifications/message"}});
  };
  EXPECT_EQ(again({}, more).differ, 1U);
  EXPECT_EQ(again({.ignore = {}, .notifications = false}, more).differ, 0U);
}

TEST(Infer, WhatLooksLikeAMomentIsVolatile) {
  for (const auto* text :
       {"at 2026-11-20T10:00:00Z", "2026-11-20 10:00", "took until 10:00:01", "in /tmp/x",
        "6f1ed002-ab5d-4a3c-9c3a-0d7f2a3b4c5d", "id 0123456789abcdef01", "1732096800123",
        "http://127.0.0.1:4711/", "••••"})
    EXPECT_TRUE(looks_volatile(Json(text))) << text;
  for (const auto* text : {"Echo: hello", "The sum of 2 and 3 is 5.", "2026", "deadbeef", "a/b"})
    EXPECT_FALSE(looks_volatile(Json(text))) << text;
  EXPECT_TRUE(looks_volatile(Json(1'732'096'800)));
  EXPECT_FALSE(looks_volatile(Json(42)));
}

TEST(Infer, WhatDiffersAmongResultsHasItsTypeOnly) {
  const Json one{{"content", {{{"type", "text"}, {"text", "1"}}}}, {"same", 5}, {"isError", false}};
  const Json two{{"content", {{{"type", "text"}, {"text", "2"}}}}, {"same", 5}};
  std::vector<std::string> said;
  for (const auto& rule : infer({&one, &two}))
    said.push_back(rule.path + " " + rule.rule + " " + base::write_json(rule.value));
  EXPECT_THAT(said, ElementsAre("$.content[0].type equals \"text\"",
                                "$.content[0].text type \"string\"", "$.same equals 5"));
}

TEST(Infer, ALongTextBeginsAsItDid) {
  EXPECT_EQ(beginning("ää", 3), "ä");
  const Json umlauts{{"text", [] {
                        std::string out = "x";
                        for (int i = 0; i < 300; ++i) out += "ä";
                        return out;
                      }()}};
  const auto rules = infer({&umlauts});
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].rule, "contains");
  EXPECT_EQ(rules[0].value.get_string().size(), 199U) << "not through a character";
}

TEST(Import, MakesASuiteThatIsRight) {
  const auto recording = recorded(
      {{'>', R"({"id":1,"method":"initialize","params":{}})"},
       {'<', R"({"id":1,"result":{}})"},
       {'>', R"({"id":2,"method":"tools/list"})"},
       {'<', R"({"id":2,"result":{"tools":[{"name":"echo"},{"name":"a \"b\""}]}})"},
       {'>', R"({"id":3,"method":"tools/call","params":{"name":"echo","_meta":{"x":1},)"
             R"("arguments":{"message":"costs ${price} # no: comment"}}})"},
       {'<', R"({"id":3,"result":{"content":[{"type":"text","text":"costs ${price}\n- x"}],)"
             R"("odd key":{"it's":1,"n":0.5},"none":null}})"},
       {'>', R"({"id":4,"method":"tools/call","params":{"name":"echo","arguments":{}}})"},
       {'<', R"({"id":4,"result":{"isError":true,"content":[{"type":"text","text":"no"}]}})"},
       {'>', R"({"id":5,"method":"resources/read","params":{"uri":"nope://x"}})"},
       {'<', R"({"id":5,"error":{"code":-32602,"message":"no such"}})"},
       {'>', R"({"id":6,"method":"tools/call","params":{"name":"login","arguments":)"
             R"({"password":"x"}}})"},
       {'<', R"({"id":6,"result":{"content":[]}})"},
       {'>', R"({"id":7,"method":"own/method","params":{"deep":{"list":[1,2]}}})"},
       {'<', R"({"id":7,"result":{}})"},
       {'>', R"({"id":8,"method":"tools/call","params":{"name":"echo"}})"}},
      "it's: mine");
  const auto imported = import_suite(recording);
  ASSERT_TRUE(imported) << imported.error().detail;
  EXPECT_EQ(imported->cases, 6U);
  EXPECT_EQ(imported->left_out, 1U);
  const auto reading = suite::read_suite(imported->yaml, standard_kinds().table());
  ASSERT_TRUE(reading.ok()) << suite::describe(reading.problems.front(), "") << "\n"
                            << imported->yaml;
  const auto& cases = reading.suite.cases;
  EXPECT_EQ(cases[0].spec.name, "lists its tools");
  EXPECT_EQ(cases[1].spec.name, "echo");
  EXPECT_EQ(cases[2].spec.name, "echo (2)");
  EXPECT_EQ(cases[1].spec.steps[0].arguments.at("message"), "costs $${price} # no: comment");
  EXPECT_EQ(cases[1].spec.steps[0].expect.json[1].equals, Json("costs $${price}\n- x"));
  EXPECT_EQ(cases[2].spec.steps[0].expect.status, "tool_error");
  EXPECT_EQ(cases[3].spec.steps[0].expect.code, -32602);
  EXPECT_THAT(cases[4].spec.skip, HasSubstr("hides a secret"));
  EXPECT_EQ(cases[5].spec.steps[0].request, "own/method");
  EXPECT_TRUE(std::ranges::all_of(cases, [](const auto& one) { return one.spec.serial; }));
  EXPECT_EQ(reading.suite.spec.servers.at("it's: mine").command, "node");
}

TEST(Import, OfAServerOfTheFleet) {
  const auto imported = import_suite(session(), {.fleet = "mine", .name = "a name"});
  ASSERT_TRUE(imported);
  const auto reading = suite::read_suite(imported->yaml, standard_kinds().table());
  ASSERT_TRUE(reading.ok()) << imported->yaml;
  EXPECT_EQ(reading.suite.spec.servers.at("mine").fleet, "mine");
  EXPECT_EQ(reading.suite.spec.name, "a name");
}

TEST(Import, NothingToAskAgainIsSaid) {
  const auto imported = import_suite(
      recorded({{'>', R"({"id":1,"method":"ping"})"}, {'<', R"({"id":1,"result":{}})"}}));
  ASSERT_FALSE(imported);
  EXPECT_THAT(imported.error().detail, HasSubstr("handshake"));
}

}  // namespace
}  // namespace telltale::lab
