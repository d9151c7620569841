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
  for (int i = 2; i < 50; ++i)
    say(true, fmt::format(R"({{"id":{},"method":"tools/call","params":{{"x":"{}"}}}})", i, text));
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

TEST_F(RecentMessagesTest, ANewSessionBeginsAnew) {
  shake();
  kept.begin(base::SteadyTime(1h));
  EXPECT_EQ(kept.size(), 0U);
  shake();
  EXPECT_EQ(methods().size(), 3U);
}

}  // namespace
}  // namespace telltale::fleet
