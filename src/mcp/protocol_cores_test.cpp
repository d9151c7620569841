// The cores without I/O: era verdicts, headers, lists, schemas of tools, elicitation, pending
// calls.
#include <gtest/gtest.h>

#include "mcp/elicitation.hpp"
#include "mcp/era_probe.hpp"
#include "mcp/fake_server.hpp"
#include "mcp/http_headers.hpp"
#include "mcp/param_headers.hpp"

namespace telltale::mcp {
namespace {

using Kind = ProbeVerdict::Kind;

JsonObject object(std::string_view text) {
  auto parsed = base::parse_json(text);
  EXPECT_TRUE(parsed && parsed->is_object()) << text;
  return parsed->get_object();
}

TEST(EraProbe, OnlyWhatIsRecognisablyModernIsModern) {
  EXPECT_EQ(judge_probe(object(R"({"supportedVersions":["2026-07-28"]})")).kind, Kind::modern);
  EXPECT_EQ(judge_probe(object(R"({"supportedVersions":["2030-01-01","2025-06-18"]})")).version,
            "2025-06-18");
  EXPECT_EQ(judge_probe(object(R"({"supportedVersions":["2030-01-01"]})")).kind,
            Kind::incompatible);
  EXPECT_EQ(judge_probe(object("{}")).kind, Kind::legacy);
  for (const auto code : {-32601, -32602, -32000, -32700, 0, 1})
    EXPECT_EQ(judge_probe(std::unexpected(rpc_failure(code))).kind, Kind::legacy) << code;
  EXPECT_EQ(judge_probe(base::fail(base::Code::deadline_exceeded, "")).kind, Kind::legacy);
}

TEST(EraProbe, ModernRefusals) {
  const auto refused = [](std::string_view supported) {
    return judge_probe(std::unexpected(
        rpc_failure(-32022, "no", object(R"({"supported":)" + std::string(supported) + "}"))));
  };
  EXPECT_EQ(refused(R"(["2026-07-28"])").kind, Kind::retry);
  EXPECT_EQ(refused(R"(["2025-11-25","2025-06-18"])").kind, Kind::legacy);
  EXPECT_EQ(refused(R"(["2025-11-25","2025-06-18"])").version, "2025-11-25");
  EXPECT_EQ(refused(R"(["1999-01-01"])").kind, Kind::incompatible);
  EXPECT_EQ(judge_probe(std::unexpected(rpc_failure(-32021))).kind, Kind::incompatible);
  EXPECT_EQ(judge_probe(std::unexpected(rpc_failure(-32020))).kind, Kind::incompatible);
}

TEST(EraProbe, NobodyThereAndNobodyForUs) {
  EXPECT_EQ(judge_probe(base::fail(base::Code::unavailable, "refused")).kind, Kind::unreachable);
  EXPECT_EQ(judge_probe(std::unexpected(refusal(401, "", false))).kind, Kind::unreachable);
  EXPECT_EQ(judge_probe(std::unexpected(refusal(400, "", false))).kind, Kind::legacy);
  EXPECT_EQ(judge_probe(std::unexpected(refusal(404, "<html>", false))).kind, Kind::legacy);
}

TEST(EraProbe, WhatComesAfterARefusedInitialize) {
  const auto refused = rpc_failure(-32602, "version", object(R"({"supported":["2024-11-05"]})"));
  EXPECT_EQ(next_legacy_version(refused, "2025-11-25"), "2024-11-05");
  EXPECT_EQ(next_legacy_version(refused, "2024-11-05"), "");
  EXPECT_EQ(next_legacy_version(rpc_failure(-32602), "2025-11-25"), "");
  EXPECT_TRUE(may_be_sse(refusal(405, "", false)));
  EXPECT_FALSE(may_be_sse(refusal(500, "", false)));
  EXPECT_FALSE(may_be_sse(refusal(400, R"({"error":{"code":-32020}})", false)));
}

// 2026-07-28 streamable-http, "Encoding examples".
TEST(HttpHeaders, ValueEncoding) {
  EXPECT_EQ(encode_header_value("us-west1"), "us-west1");
  EXPECT_EQ(encode_header_value("Hello, 世界"), "=?base64?SGVsbG8sIOS4lueVjA==?=");
  EXPECT_EQ(encode_header_value(" padded "), "=?base64?IHBhZGRlZCA=?=");
  EXPECT_EQ(encode_header_value("line1\nline2"), "=?base64?bGluZTEKbGluZTI=?=");
  EXPECT_EQ(encode_header_value("=?base64?literal?="), "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
  EXPECT_EQ(encode_header_value("=?base64?not the sentinel"), "=?base64?not the sentinel");
  EXPECT_EQ(encode_header_value(""), "");
  EXPECT_EQ(encode_header_value("a\tb c"), "a\tb c");
}

TEST(HttpHeaders, EachEraSaysItsOwn) {
  const SendHints hints{
      .id = 1, .method = "tools/call", .name = "add", .parameters = {{"Region", "eu"}}};
  net::Headers own;
  own.set("authorization", "Bearer x");
  own.set("mcp-method", "forged");
  const auto modern =
      http_headers(own, {.era = Era::modern, .version = "2026-07-28", .session_id = "s"}, hints);
  EXPECT_EQ(modern.get("mcp-protocol-version"), "2026-07-28");
  EXPECT_EQ(modern.get("mcp-method"), "tools/call");
  EXPECT_EQ(modern.get("mcp-name"), "add");
  EXPECT_EQ(modern.get("mcp-param-region"), "eu");
  EXPECT_EQ(modern.get("authorization"), "Bearer x");
  EXPECT_FALSE(modern.contains("mcp-session-id"));
  const auto legacy =
      http_headers({}, {.era = Era::legacy, .version = "2025-11-25", .session_id = "s"}, hints);
  EXPECT_EQ(legacy.get("mcp-session-id"), "s");
  EXPECT_EQ(legacy.get("accept"), "application/json, text/event-stream");
  EXPECT_FALSE(legacy.contains("mcp-method"));
  EXPECT_FALSE(legacy.contains("mcp-param-region"));
  EXPECT_EQ(http_stream_headers({}, {.session_id = "s"}, "e-9").get("last-event-id"), "e-9");
}

TEST(HttpHeaders, RefusalsSayWhatTheyMean) {
  EXPECT_EQ(refusal(401, "", false).code, base::Code::unauthenticated);
  EXPECT_TRUE(refusal(404, "", true).data.contains("session_lost"));
  EXPECT_FALSE(refusal(404, "", false).data.contains("session_lost"));
  EXPECT_FALSE(refusal(404, R"({"error":{"code":-32601,"message":"?"}})", true)
                   .data.contains("session_lost"));
  const auto nearly =
      R"({"error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}})";
  EXPECT_TRUE(refusal(400, nearly, true).data.contains("session_lost"));
  EXPECT_FALSE(refusal(400, R"({"error":{"code":-32602,"message":"bad arguments"}})", true)
                   .data.contains("session_lost"));
  EXPECT_EQ(rpc_code(refusal(400, R"({"error":{"code":-32022}})", false)), -32022);
  EXPECT_FALSE(is_session_id(""));
  EXPECT_FALSE(is_session_id("a b"));
  EXPECT_TRUE(is_session_id("1868a90c-x"));
}

TEST(ParamHeaders, ReadsChainsOfPropertiesOnly) {
  const auto schema = object(R"({"type":"object","properties":{
    "region":{"type":"string","x-mcp-header":"Region"},"n":{"type":"integer","x-mcp-header":"N"},
    "on":{"type":"boolean","x-mcp-header":"On"},"q":{"type":"string"},
    "in":{"type":"object","properties":{"deep":{"type":"string","x-mcp-header":"Deep"}}}}})");
  ASSERT_TRUE(check_param_headers(schema));
  const auto headers = param_headers(
      schema, object(R"({"region":"eu","n":42.0,"on":false,"q":"x","in":{"deep":"d"}})"));
  const std::vector<std::pair<std::string, std::string>> expected{
      {"Region", "eu"}, {"N", "42"}, {"On", "false"}, {"Deep", "d"}};
  EXPECT_EQ(headers, expected);
  EXPECT_TRUE(param_headers(schema, object(R"({"region":null,"in":7})")).empty());
}

TEST(ParamHeaders, WrongAnnotations) {
  for (const auto* property :
       {R"({"type":"string","x-mcp-header":""})", R"({"type":"string","x-mcp-header":"a b"})",
        R"({"type":"string","x-mcp-header":7})", R"({"type":"string","x-mcp-header":"a:b"})",
        R"({"type":"string","x-mcp-header":"a\r\nb"})", R"({"type":"number","x-mcp-header":"N"})",
        R"({"type":"object","x-mcp-header":"O"})",
        R"({"type":"array","items":{"type":"string","x-mcp-header":"I"}})",
        R"({"anyOf":[{"type":"string","x-mcp-header":"A"}]})",
        R"({"$ref":"#/x","x-mcp-header":"R"})",
        R"({"if":{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}})"})
    EXPECT_FALSE(
        check_param_headers(object(R"({"properties":{"p":)" + std::string(property) + "}}")))
        << property;
  EXPECT_FALSE(check_param_headers(object(
      R"({"properties":{"a":{"type":"string","x-mcp-header":"X"},
    "b":{"type":"string","x-mcp-header":"x"}}})")));
  EXPECT_FALSE(
      check_param_headers(object(R"({"$defs":{"d":{"type":"string","x-mcp-header":"D"}}})")));
  EXPECT_TRUE(check_param_headers(
      object(R"({"properties":{"a":{"type":"object","default":{"x-mcp-header":"no schema"}}}})")));
}

TEST(Elicitation, DefaultsFillWhatIsLeftOut) {
  const auto params =
      object(R"({"message":"?","requestedSchema":{"type":"object","required":["name"],"properties":{
    "name":{"type":"string","default":"Ada"},"age":{"type":"integer","default":7},
    "colour":{"type":"string","enum":["red","blue"],"default":"red"},
    "ok":{"type":"boolean","default":false},"free":{"type":"string"}}}})");
  const auto answer =
      finish_elicitation(params, object(R"({"action":"accept","content":{"age":9}})"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(base::write_json(answer->at("content")),
            R"({"age":9,"name":"Ada","colour":"red","ok":false})");
  EXPECT_FALSE(
      finish_elicitation(params, object(R"({"action":"accept","content":{"colour":"green"}})")));
  EXPECT_FALSE(finish_elicitation(params, object(R"({"action":"maybe"})")));
  EXPECT_EQ(base::write_json(
                *finish_elicitation(params, object(R"({"action":"decline","content":{"age":1}})"))),
            R"({"action":"decline"})");
}

TEST(Elicitation, Modes) {
  EXPECT_EQ(elicitation_mode({}), ElicitationMode::form);
  EXPECT_EQ(elicitation_mode(object(R"({"mode":"url","url":"https://x.example/"})")),
            ElicitationMode::url);
  EXPECT_FALSE(elicitation_mode(object(R"({"mode":"url","url":"javascript:alert"})")));
  EXPECT_FALSE(elicitation_mode(object(R"({"mode":"hologram"})")));
  const auto url = object(R"({"mode":"url","url":"https://x.example/","message":"sign in"})");
  EXPECT_EQ(base::write_json(*finish_elicitation(
                url, object(R"({"action":"accept","content":{"secret":"x"}})"))),
            R"({"action":"accept"})");
}

TEST(ListCache, FreshAsLongAsTheServerSays) {
  ListCache cache;
  const base::SteadyTime start(1h);
  cache.put("tools/list", {1}, start, 1000);
  EXPECT_TRUE(cache.find("tools/list", start + 999ms));
  EXPECT_FALSE(cache.find("tools/list", start + 1000ms));
  cache.put("resources/list", {1}, start, 1e300);
  EXPECT_TRUE(cache.find("resources/list", start + 59min));
  EXPECT_FALSE(cache.find("resources/list", start + ListCache::kLongest));
  cache.invalidate("resource");
  EXPECT_TRUE(cache.find("resources/list", start));
  cache.invalidate("resources");
  EXPECT_FALSE(cache.find("resources/list", start));
  for (const double ttl : {0.0, -5.0, std::numeric_limits<double>::quiet_NaN()}) {
    cache.put("tools/list", {1}, start, ttl);
    EXPECT_FALSE(cache.find("tools/list", start)) << ttl;
  }
}

TEST(ToolSchemas, DropsWhatMayNotBeUsedAndKeepsTheRestAsItCame) {
  const auto text =
      R"([{"name":"good","extra":1,"inputSchema":{"type":"object","$anchor":"x",
      "properties":{"a":{"type":"string","x-mcp-header":"A"}}}},
    {"name":"bad","inputSchema":{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}},
    {"title":"nameless"},7])";
  const auto tools = base::parse_json(text)->get_array();
  ToolSchemas schemas;
  std::vector<Finding> findings;
  const auto kept = schemas.take(tools, true, findings);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0], tools[0]);
  EXPECT_EQ(findings.size(), 3U);
  EXPECT_EQ(schemas.headers_of("good", {{"a", "1"}}).size(), 1U);
  EXPECT_EQ(schemas.take(tools, false, findings).size(), 2U);  // stdio has no headers
}

TEST(ToolSchemas, ChecksStructuredContent) {
  ToolSchemas schemas;
  std::vector<Finding> findings;
  schemas.take(
      base::parse_json(
          R"([{"name":"t","inputSchema":{},"outputSchema":{"type":"object","required":["sum"]}}])")
          ->get_array(),
      false, findings);
  EXPECT_TRUE(
      schemas.check_result("t", object(R"({"structuredContent":{"sum":3}})")).errors.empty());
  EXPECT_EQ(schemas.check_result("t", object(R"({"structuredContent":{}})")).errors.size(), 1U);
  EXPECT_EQ(schemas.check_result("t", object(R"({"content":[]})")).errors.size(), 1U);
  EXPECT_TRUE(schemas.check_result("t", object(R"({"isError":true})")).errors.empty());
  EXPECT_TRUE(schemas.check_result("other", {}).errors.empty());
}

TEST(PendingCalls, EachIsCompletedOnce) {
  runtime::TestLoop test;
  PendingCalls calls(test.loop());
  const auto begun = calls.begin(1s, 10s, {});
  using Delivery = PendingCalls::Delivery;
  EXPECT_EQ(calls.complete(begun.id, JsonObject{{"first", true}}), Delivery::delivered);
  EXPECT_EQ(calls.complete(begun.id, JsonObject{}), Delivery::duplicate);
  calls.fail_all({.code = base::Code::internal});
  const auto outcome = test.run(PendingCall::wait(begun.call));
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_TRUE((*outcome)->contains("first"));
  EXPECT_FALSE(calls.forget(begun.id));
  EXPECT_EQ(calls.complete(begun.id, JsonObject{}), Delivery::duplicate);
  EXPECT_EQ(calls.complete(99, JsonObject{}), Delivery::unknown);
  const auto given_up = calls.begin(1s, 10s, {});
  EXPECT_TRUE(calls.forget(given_up.id));
  EXPECT_EQ(calls.complete(given_up.id, JsonObject{}), Delivery::late);
  for (int i = 0; i < 600; ++i) calls.forget(calls.begin(1s, 1s, {}).id);
  EXPECT_EQ(calls.complete(given_up.id, JsonObject{}), Delivery::unknown);  // memory is bounded
}

TEST(PendingCalls, ProgressRestartsTheDeadlineUpToTheCeiling) {
  runtime::TestLoop test;
  PendingCalls calls(test.loop());
  int told = 0;
  const auto begun = calls.begin(1s, 3s, {.on_progress = [&](const Progress&) { ++told; }});
  const auto start = test.clock().now();
  for (int i = 0; i < 5; ++i) {
    test.advance(900ms);
    calls.progress(begun.id, {});
  }
  EXPECT_EQ(told, 5);
  EXPECT_EQ(begun.call->deadline(), start + 3s);
  EXPECT_FALSE(test.run(PendingCall::wait(begun.call)));
}

}  // namespace
}  // namespace telltale::mcp
