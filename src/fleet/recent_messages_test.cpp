#include "fleet/recent_messages.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace telltale::fleet {
namespace {

using namespace std::chrono_literals;

class RecentMessagesTest : public testing::Test {
 protected:
  RecentMessagesTest() { kept.begin(base::SteadyTime(1h)); }
  void say(bool to_server, const std::string& text) {
    kept.add(to_server, text, base::SteadyTime(1h + 5ms * ++said));
  }
  void shake() {
    say(true, R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{}})");
    say(false, R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25"}})");
    say(true, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  }
  void call(int id, const std::string& text = "y") {
    say(true, fmt::format(R"({{"id":{},"method":"tools/call","params":{{"x":"{}"}}}})", id, text));
  }
  std::vector<std::string> methods() const {
    std::vector<std::string> out;
    const auto read = mcp::read_recording(kept.recording({.name = "x", .time = {}}));
    if (read)
      for (const auto& one : read->messages)
        out.push_back(base::string_or(one.message.get_object(), "method", "answer"));
    return out;
  }
  RecentMessages kept;
  int said = 0;
};

TEST_F(RecentMessagesTest, TheHandshakeStaysWhenTheOldestGo) {
  shake();
  const std::string text(10'000, 'x');
  for (int i = 2; i < 50; ++i) call(i, text);
  const auto all = methods();
  ASSERT_GT(all.size(), 10U);
  EXPECT_LT(all.size(), 3 + 14U);
  EXPECT_EQ(all[0], "initialize");
  EXPECT_EQ(all[2], "notifications/initialized");
  EXPECT_EQ(all[3], "tools/call");
  EXPECT_EQ(all.size() + kept.left_out(), 51U);
}

TEST_F(RecentMessagesTest, ChecksAreNotKept) {
  shake();
  say(true, R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  say(false, R"({"result":{},"id":2,"jsonrpc":"2.0"})");
  say(true, R"({"jsonrpc":"2.0","id":3,"method":"tools/list"})");
  say(false, R"({"jsonrpc":"2.0","id":3,"result":{"tools":[]}})");
  EXPECT_EQ(methods(),
            (std::vector<std::string>{"initialize", "answer", "notifications/initialized",
                                      "tools/list", "answer"}));
}

TEST_F(RecentMessagesTest, WhatIsTooLongIsCounted) {
  shake();
  say(false, R"({"x":")" + std::string(RecentMessages::kMessageBytes, 'y') + "\"}");
  EXPECT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept.left_out(), 1U);
}

TEST_F(RecentMessagesTest, GoesOnOverARestart) {
  shake();
  call(2);
  kept.begin(base::SteadyTime(2h));
  shake();
  call(2);
  const auto read = mcp::read_recording(kept.recording({.name = "x", .time = {}}));
  ASSERT_TRUE(read) << read.error().detail;
  std::vector<int> sessions;
  for (const auto& one : read->messages) sessions.push_back(one.session);
  EXPECT_EQ(sessions, (std::vector<int>{1, 1, 1, 1, 2, 2, 2, 2}));
  EXPECT_EQ(kept.left_out(), 0U);
}

TEST_F(RecentMessagesTest, ASessionOfNothingButAHandshakeIsNotKept) {
  shake();
  kept.begin(base::SteadyTime(1h));
  EXPECT_EQ(kept.size(), 0U);
  shake();
  EXPECT_EQ(methods().size(), 3U);
}

TEST_F(RecentMessagesTest, TheOldestSessionsGoFirst) {
  for (std::size_t i = 0; i < RecentMessages::kSessions + 2; ++i) {
    kept.begin(base::SteadyTime(1h));
    shake();
    call(2);
  }
  EXPECT_EQ(kept.size(), 4 * RecentMessages::kSessions);
  EXPECT_EQ(kept.left_out(), 8U);
  const std::string text(RecentMessages::kMessageBytes - 100, 'x');
  for (int i = 3; i < 7; ++i) call(i, text);
  EXPECT_EQ(methods(),
            (std::vector<std::string>{"initialize", "answer", "notifications/initialized",
                                      "tools/call", "tools/call"}))
      << "only this session is left, with its handshake";
  EXPECT_EQ(kept.size() + kept.left_out(), 4 * (RecentMessages::kSessions + 2) + 4);
}

}  // namespace
}  // namespace telltale::fleet
