#include "mcp/jsonrpc.hpp"

#include <gtest/gtest.h>

#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

RpcInput read(std::string_view text) {
  return read_messages(text, "stdio.not-json");
}

TEST(Jsonrpc, TellsRequestsNotificationsAndResponsesApart) {
  const auto request = read(R"({"jsonrpc":"2.0","id":"a","method":"ping"})");
  ASSERT_EQ(request.messages.size(), 1U);
  EXPECT_EQ(std::get<RpcRequest>(request.messages[0]).method, "ping");
  const auto notification =
      read(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})");
  EXPECT_EQ(base::string_or(std::get<RpcNotification>(notification.messages[0]).params, "level"),
            "info");
  const auto response = read(R"({"jsonrpc":"2.0","id":7,"result":{"x":1}})");
  EXPECT_EQ(std::get<RpcResponse>(response.messages[0]).id, 7);
  EXPECT_TRUE(request.findings.empty() && notification.findings.empty() &&
              response.findings.empty());
}

TEST(Jsonrpc, ErrorKeepsItsCodeAndData) {
  const auto input = read(
      R"({"jsonrpc":"2.0","id":1,
    "error":{"code":-32022,"message":"no","data":{"supported":["x"]}}})");
  const auto& error = std::get<RpcResponse>(input.messages[0]).outcome.error();
  EXPECT_EQ(rpc_code(error), rpc::kUnsupportedVersion);
  ASSERT_NE(rpc_data(error), nullptr);
  EXPECT_TRUE(rpc_data(error)->contains("supported"));
  EXPECT_EQ(rpc_code(base::Error{.code = base::Code::internal}), 0);
}

struct Case {
  std::string text;
  std::string rule;  // "" is no finding
  std::size_t messages;
};

class Hostile : public ::testing::TestWithParam<Case> {};

TEST_P(Hostile, BecomesAFindingAndNeverACrash) {
  const auto input = read(GetParam().text);
  EXPECT_EQ(input.messages.size(), GetParam().messages);
  if (GetParam().rule.empty())
    EXPECT_TRUE(input.findings.empty());
  else
    ASSERT_FALSE(input.findings.empty());
  if (!GetParam().rule.empty()) EXPECT_EQ(input.findings.front().rule, GetParam().rule);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Hostile,
    ::testing::Values(
        Case{"Server started on port 80", "stdio.not-json", 0},
        Case{"{\"jsonrpc\":\"2.0\",\"id\":1", "stdio.not-json", 0},
        Case{std::string("\xff\xfe\x00\x01", 4), "stdio.not-json", 0},
        Case{std::string(100'000, '['), "stdio.not-json", 0},
        Case{"{\"jsonrpc\":\"2.0\",\"method\":\"x\xc3\x28\"}", "stdio.not-json", 0},
        Case{"42", "jsonrpc.not-an-object", 0}, Case{"null", "jsonrpc.not-an-object", 0},
        Case{"[]", "jsonrpc.batch", 0},
        Case{R"([{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","id":1,"result":{}}])", "", 2},
        Case{R"([1,{"jsonrpc":"2.0","method":"a"}])", "jsonrpc.not-an-object", 1},
        Case{R"({"id":1,"result":{}})", "jsonrpc.version", 1},
        Case{R"({"jsonrpc":"2.0","method":7})", "jsonrpc.method", 0},
        Case{R"({"jsonrpc":"2.0","id":null,"method":"x"})", "jsonrpc.request-id", 0},
        Case{R"({"jsonrpc":"2.0","id":1})", "jsonrpc.no-result", 1},
        Case{R"({"jsonrpc":"2.0","id":1,"result":[]})", "jsonrpc.no-result", 1},
        Case{R"({"jsonrpc":"2.0","id":1,"error":"boom"})", "jsonrpc.error", 1},
        Case{R"({"jsonrpc":"2.0","method":"x","params":[1]})", "jsonrpc.params", 1},
        Case{"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", "encoding.byte-order-mark", 1}));

TEST(Jsonrpc, IdsOfOtherTypesAreUnknownNotErrors) {
  for (const auto* id : {"\"7\"", "null", "1.5", "99999999999999999999", "{}"}) {
    const auto input = read(std::string(R"({"jsonrpc":"2.0","result":{},"id":)") + id + "}");
    ASSERT_EQ(input.messages.size(), 1U) << id;
    EXPECT_FALSE(std::get<RpcResponse>(input.messages[0]).id) << id;
  }
  EXPECT_EQ(std::get<RpcResponse>(read(R"({"jsonrpc":"2.0","result":{},"id":7.0})").messages[0]).id,
            7);
}

TEST(Jsonrpc, AnOversizedBatchIsRefusedWhole) {
  std::string text = "[{}";
  for (std::size_t i = 0; i < kBatchLimit; ++i) text += ",{}";
  const auto input = read(text + "]");
  EXPECT_TRUE(input.messages.empty());
  EXPECT_EQ(input.findings.size(), 1U);
}

TEST(Jsonrpc, Writes) {
  EXPECT_EQ(base::write_json(request_message(3, "ping", {})),
            R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
  EXPECT_EQ(base::write_json(result_message("x", {})), R"({"jsonrpc":"2.0","id":"x","result":{}})");
  EXPECT_EQ(base::write_json(error_message(1, -32601, "no")),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}})");
}

}  // namespace
}  // namespace telltale::mcp
