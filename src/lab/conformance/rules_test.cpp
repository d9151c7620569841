// Judges over frames written by hand: no server, no I/O. Each case is a conversation that keeps a
// rule and one that breaks it. The mutants of tests/lab do the same over the wire.
#include <set>

#include <gtest/gtest.h>

#include "lab/conformance/judging.hpp"

namespace telltale::lab {
namespace {

// One scene "session" with the steps given as name, request, answer.
struct Said {
  std::string name, sent, answer;
};
Record record_of(std::vector<Said> all, mcp::Era era = mcp::Era::legacy, bool stdio = true) {
  Record out{.era = era, .stdio = stdio};
  auto& scene = out.scenes.emplace_back();
  scene.name = "session";
  scene.initialized = true;
  for (const auto& one : all) {
    auto& step = scene.steps.emplace_back();
    step.name = one.name;
    step.sent = one.sent;
    if (auto request = base::parse_json(one.sent); request && request->is_object())
      step.request = request->get_object();
    step.answer_text = one.answer;
    if (auto answer = base::parse_json(one.answer); answer && answer->is_object()) {
      step.answer = answer->get_object();
      step.end = Step::End::answered;
    }
    if (one.answer.empty()) continue;
    Message message{.text = one.answer, .step = scene.steps.size() - 1};
    if (auto json = base::parse_json(one.answer)) {
      message.json = *json;
      message.is_json = true;
    }
    step.messages.push_back(scene.messages.size());
    scene.messages.push_back(std::move(message));
  }
  return out;
}

Judgement judge(std::string_view id, const Record& record) {
  const auto* rule = find_rule(id);
  EXPECT_NE(rule, nullptr) << id;
  return rule->judge(record);
}

const std::string kAsk = R"({"jsonrpc":"2.0","id":1,"method":"m"})";

Record listing(const std::string& tool) {
  auto out = record_of(
      {{"tools/list", kAsk, R"({"jsonrpc":"2.0","id":1,"result":{"tools":[)" + tool + "]}}"}});
  out.capabilities["tools"] = base::JsonObject();
  return out;
}

TEST(Rules, EachHasAnIdOfItsOwnASectionAndARemedy) {
  std::set<std::string_view> seen;
  for (const auto* rule : all_rules()) {
    EXPECT_TRUE(seen.insert(rule->id).second) << rule->id;
    EXPECT_NE(rule->judge, nullptr) << rule->id;
    EXPECT_TRUE(rule->remedy.ends_with('.')) << rule->id;
    EXPECT_FALSE(rule->sections.legacy.empty() && rule->sections.modern.empty()) << rule->id;
    EXPECT_NE(rule->id.find('.'), std::string_view::npos);
  }
  EXPECT_GE(seen.size(), 80U);
}

// A record in which nothing happened breaks nothing, and no judge trips over it.
TEST(Rules, NothingSaidIsNothingBrokenAndNoJudgeFalls) {
  Record empty;
  for (const auto* rule : all_rules())
    EXPECT_NE(rule->judge(empty).outcome, RuleOutcome::failed) << rule->id;
  empty.scenes.push_back({.name = "session"});
  for (const auto* rule : all_rules())
    EXPECT_NE(rule->judge(empty).outcome, RuleOutcome::failed) << rule->id;
}

struct Case {
  std::string rule, good, bad;
};
class ToolRules : public ::testing::TestWithParam<Case> {};
TEST_P(ToolRules, OneKeepsItOneBreaksIt) {
  EXPECT_EQ(judge(GetParam().rule, listing(GetParam().good)).outcome, RuleOutcome::passed);
  const auto verdict = judge(GetParam().rule, listing(GetParam().bad));
  EXPECT_EQ(verdict.outcome, RuleOutcome::failed);
  EXPECT_EQ(verdict.evidence.size(), 2U);
}
INSTANTIATE_TEST_SUITE_P(
    All, ToolRules,
    ::testing::Values(
        Case{"tools.name-given", R"({"name":"a"})", R"({"title":"a"})"},
        Case{"tools.name-characters", R"({"name":"a.b-c_1"})", R"({"name":"a b"})"},
        Case{"tools.input-schema", R"({"name":"a","inputSchema":{"type":"object"}})",
             R"({"name":"a","inputSchema":null})"},
        Case{"tools.schema-valid",
             R"({"inputSchema":{"type":"object","properties":{"a":{"type":["string","null"]}}}})",
             R"({"inputSchema":{"type":"object","properties":{"a":{"type":"text"}}}})"},
        Case{"tools.annotations-typed", R"({"name":"a","annotations":{"readOnlyHint":false}})",
             R"({"name":"a","annotations":{"readOnlyHint":"false"}})"},
        Case{"tools.header-annotations",
             R"({"inputSchema":{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}})",
             R"({"inputSchema":{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}})"},
        Case{"security.hidden-text", R"({"name":"a","description":"plain – text 😀"})",
             "{\"name\":\"a\",\"description\":\"plain\xf3\xa0\x81\x81\"}"},
        Case{"security.injected-instructions", R"({"name":"a","description":"important things"})",
             R"({"name":"a","description":"<IMPORTANT> obey"})"},
        Case{"security.remote-schema", R"({"inputSchema":{"$ref":"#/$defs/a"}})",
             R"({"inputSchema":{"properties":{"a":{"$ref":"https://a.example/b"}}}})"}));

struct Answer {
  std::string rule, good, bad;
};
class MessageRules : public ::testing::TestWithParam<Answer> {};
TEST_P(MessageRules, OneKeepsItOneBreaksIt) {
  const auto& [rule, good, bad] = GetParam();
  EXPECT_EQ(judge(rule, record_of({{"x", kAsk, good}})).outcome, RuleOutcome::passed) << good;
  EXPECT_EQ(judge(rule, record_of({{"x", kAsk, bad}})).outcome, RuleOutcome::failed) << bad;
}
INSTANTIATE_TEST_SUITE_P(
    All, MessageRules,
    ::testing::Values(
        Answer{"jsonrpc.version-member", R"({"jsonrpc":"2.0","id":1,"result":{}})",
               R"({"id":1,"result":{}})"},
        Answer{"jsonrpc.result-or-error", R"({"jsonrpc":"2.0","id":1,"result":{}})",
               R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})"},
        Answer{"jsonrpc.result-object", R"({"jsonrpc":"2.0","id":1,"result":{}})",
               R"({"jsonrpc":"2.0","id":1,"result":[]})"},
        Answer{"jsonrpc.error-code", R"({"jsonrpc":"2.0","id":1,"error":{"code":-1}})",
               R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5}})"},
        Answer{"jsonrpc.known-id", R"({"jsonrpc":"2.0","id":1,"result":{}})",
               R"({"jsonrpc":"2.0","id":2,"result":{}})"},
        Answer{"jsonrpc.meta-keys",
               R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"a.b/c-d":1,"plain":2}}})",
               R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"1a/b":1}}})"},
        Answer{"jsonrpc.reserved-codes", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32020}})",
               R"({"jsonrpc":"2.0","id":1,"error":{"code":-32050}})"},
        Answer{"stdio.only-messages", R"({"jsonrpc":"2.0","id":1,"result":{}})", "INFO ready"},
        Answer{"stdio.one-line", R"({"jsonrpc":"2.0","id":1,"result":{}})", "{\"jsonrpc\":"},
        Answer{"security.error-stack-trace",
               R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"look\n    at home"}})",
               R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"x\n    at f a.js:1:2"}})"},
        Answer{"security.secrets-in-results", R"({"jsonrpc":"2.0","id":1,"result":{"a":"AKIA"}})",
               R"({"jsonrpc":"2.0","id":1,"result":{"a":"AKIAABCDEFGHIJKLMNOP"}})"}));

TEST(Rules, AnAnswerToANotificationIsFound) {
  const std::string sent = R"({"jsonrpc":"2.0","method":"notifications/x"})";
  EXPECT_EQ(judge("jsonrpc.silent-notifications", record_of({{"n", sent, ""}})).outcome,
            RuleOutcome::passed);
  EXPECT_EQ(judge("jsonrpc.silent-notifications",
                  record_of({{"n", sent, R"({"jsonrpc":"2.0","id":null,"result":{}})"}}))
                .outcome,
            RuleOutcome::failed);
}

TEST(Rules, TwoAnswersToOneRequestAreFound) {
  auto record = record_of({{"x", kAsk, R"({"jsonrpc":"2.0","id":1,"result":{}})"}});
  EXPECT_EQ(judge("jsonrpc.one-answer", record).outcome, RuleOutcome::passed);
  auto& messages = record.scenes.front().messages;
  messages.push_back(messages.front());
  EXPECT_EQ(judge("jsonrpc.one-answer", record).outcome, RuleOutcome::failed);
}

TEST(Rules, WhatHoldsInAnotherEraOrTransportDoesNotApply) {
  const Record legacy{.era = mcp::Era::legacy, .stdio = true};
  EXPECT_NE(why_not(*find_rule("caching.ttl-given"), legacy), "");
  EXPECT_NE(why_not(*find_rule("http.origin-checked"), legacy), "");
  EXPECT_EQ(why_not(*find_rule("stdio.only-messages"), legacy), "");
  EXPECT_EQ(find_rule("tools.name-given")->section(mcp::Era::modern),
            "2026-07-28 server/tools#tool");
}

TEST(Rules, EvidenceIsBounded) {
  const auto record = listing("{\"name\":\"" + std::string(100'000, 'x') + " \"}");
  const auto verdict = judge("tools.name-characters", record);
  ASSERT_EQ(verdict.outcome, RuleOutcome::failed);
  EXPECT_LE(verdict.detail.size(), kDetailLimit + 4);
  for (const auto& line : verdict.evidence) EXPECT_LE(line.size(), kEvidenceLimit + 8);
}

}  // namespace
}  // namespace telltale::lab
