#include "mcp/recording.hpp"

#include <gmock/gmock.h>

namespace telltale::mcp {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(Recording, WhatIsWrittenIsRead) {
  const auto text = recording_head({.name = "mine",
                                    .time = base::from_unix_ms(1'800'000'000'000),
                                    .command = "node",
                                    .args = {"server.js", "--fast"},
                                    .left_out = 3}) +
                    "\n" +
                    recording_line(true, 1500us, R"({"jsonrpc":"2.0","id":1,"method":"ping"})") +
                    "\n" + recording_line(false, 2ms, "no \xff JSON") + "\n";
  const auto read = read_recording(text);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->head.name, "mine");
  EXPECT_EQ(base::unix_ms(read->head.time), 1'800'000'000'000);
  EXPECT_EQ(read->head.args, (std::vector<std::string>{"server.js", "--fast"}));
  EXPECT_EQ(read->head.left_out, 3U);
  ASSERT_EQ(read->messages.size(), 2U);
  EXPECT_TRUE(read->messages[0].to_server);
  EXPECT_EQ(read->messages[0].at, base::Duration(1500us));
  EXPECT_EQ(read->messages[0].message.at("method"), "ping");
  EXPECT_EQ(read->messages[1].line, 3);
  EXPECT_TRUE(read->messages[1].message.is_null());
  EXPECT_THAT(read->messages[1].text, HasSubstr("JSON"));
}

TEST(Recording, SessionsAreInOrder) {
  const auto head = recording_head({.name = "x", .time = {}}) + "\n";
  const auto line = [](int session) { return recording_line(true, 0ms, "{}", session) + "\n"; };
  EXPECT_THAT(line(1), Not(HasSubstr("session"))) << "one session is written as ever";
  const auto read = read_recording(head + line(1) + line(2) + line(2) + line(4));
  ASSERT_TRUE(read) << read.error().detail;
  std::vector<int> sessions;
  for (const auto& one : read->messages) sessions.push_back(one.session);
  EXPECT_THAT(sessions, testing::ElementsAre(1, 2, 2, 4));
  const auto back = read_recording(head + line(2) + line(1));
  ASSERT_FALSE(back);
  EXPECT_THAT(back.error().detail, HasSubstr("line 3: session must not be less"));
  for (const auto* wrong : {"0", "-1", "1001", "\"2\"", "1.5"}) {
    const auto bad = read_recording(head + R"({"at_ms":0,"direction":"to_server","message":{},)" +
                                    R"("session":)" + wrong + "}\n");
    ASSERT_FALSE(bad) << wrong;
    EXPECT_THAT(bad.error().detail, HasSubstr("line 2: session must be")) << wrong;
  }
}

TEST(Recording, HasNoSecrets) {
  const auto line = recording_line(
      true, 0ms,
      R"({"id":1,"method":"tools/call","params":{"name":"login","arguments":{"user":"ada",)"
      R"("password":"hunter2","headers":{"X-Key":"k1"}},"_meta":{"progressToken":7}}})");
  EXPECT_THAT(line, Not(HasSubstr("hunter2")));
  EXPECT_THAT(line, Not(HasSubstr("k1")));
  EXPECT_THAT(line, HasSubstr("ada"));
  EXPECT_THAT(line, HasSubstr(R"("progressToken":7)")) << "a word of the protocol is no secret";
  const auto head =
      recording_head({.name = "x",
                      .time = {},
                      .command = "server",
                      .args = {"--api-key", "plain", "--token=t0k3n", "--token", "s3cret", "-v"},
                      .url = "https://ada:pass@example.com/mcp?key=q#f"});
  for (const auto* secret : {"t0k3n", "s3cret", "pass", "key=q"})
    EXPECT_THAT(head, Not(HasSubstr(secret)));
  EXPECT_THAT(head, HasSubstr("https://example.com/mcp"));
  EXPECT_THAT(head, HasSubstr("\"-v\""));
}

TEST(Recording, ALongTextIsKeptWhole) {
  const std::string text(100'000, 'x');
  const auto line = recording_line(false, 0ms, R"({"id":1,"result":{"text":")" + text + "\"}}");
  EXPECT_THAT(line, HasSubstr(text));
}

TEST(Recording, AFaultNamesItsLine) {
  const std::string head = "{\"recording\":1,\"name\":\"x\"}\n";
  const auto why = [](const std::string& text) {
    const auto read = read_recording(text);
    return read ? std::string("read") : read.error().detail;
  };
  EXPECT_THAT(why(""), HasSubstr("empty"));
  EXPECT_THAT(why("{}\n"), HasSubstr("line 1"));
  EXPECT_THAT(why("{\"recording\":2}\n"), HasSubstr("line 1"));
  EXPECT_THAT(why(head + "\n{\"at_ms\":1}\n"), HasSubstr("line 3: direction"));
  EXPECT_THAT(why(head + "{\"at_ms\":-1,\"direction\":\"to_server\"}\n"),
              HasSubstr("line 2: at_ms"));
  EXPECT_THAT(why(head + "{\"at_ms\":1,\"direction\":\"to_server\"}\n"), HasSubstr("message"));
  EXPECT_THAT(why(head + "nonsense\n"), HasSubstr("line 2"));
  EXPECT_EQ(why(head + "{\"at_ms\":1,\"direc"), "read") << "the recorder died in this line";
}

}  // namespace
}  // namespace telltale::mcp
