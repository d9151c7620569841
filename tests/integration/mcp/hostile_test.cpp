// Servers that misbehave (reliability.md, K1 to K11): bounded, counted, never fatal to us.
#include <csignal>

#include "client_fixture.hpp"

namespace telltale::mcp {
namespace {

class Hostile : public ClientTest {
 protected:
  base::Result<SessionInfo> start(std::vector<std::string> behaviour,
                                  std::map<std::string, std::string> more = {}) {
    return connect(
        StdioTarget{node(kServers + "hostile.mjs", std::move(behaviour), std::move(more))});
  }
  void expect_echo() { EXPECT_EQ(text_of(call("echo", {{"text", "fine"}})), "fine"); }
};

TEST_F(Hostile, ExitsAtOnce) {
  const auto info = start({"exit-at-once", "3"});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::unavailable);
  EXPECT_NE(info.error().detail.find('3'), std::string::npos) << info.error().detail;
}

TEST_F(Hostile, NeverAnswersInitialize) {
  settings_.probe_timeout = 500ms;
  settings_.connect_timeout = 2s;
  const auto info = start({"hang-initialize"});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::deadline_exceeded);
}

TEST_F(Hostile, StartsSlowly) {
  const auto info = start({"slow-start", "1500"});
  ASSERT_TRUE(info) << info.error().detail;
  expect_echo();
}

TEST_F(Hostile, SpeaksAnOldProtocol) {
  const auto info = start({"old-protocol"});
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(info->protocol_version, "2024-11-05");
  expect_echo();
}

TEST_F(Hostile, NeverAnswersCalls) {
  ASSERT_TRUE(start({"hang-call"}));
  const auto outcome = call("echo", {{"text", "x"}}, {.timeout = 300ms});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::Code::deadline_exceeded);
  EXPECT_TRUE(run(client_->check(5s)));
  EXPECT_TRUE(on_loop([this] {
    return std::ranges::any_of(sent_, [](const std::string& text) {
      return text.find("notifications/cancelled") != std::string::npos;
    });
  }));
}

TEST_F(Hostile, ExitsInTheMiddleOfACall) {
  ASSERT_TRUE(start({"exit-on-call"}));
  const auto outcome = call("echo", {{"text", "x"}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::Code::unavailable);
  EXPECT_NE(outcome.error().detail.find('7'), std::string::npos) << outcome.error().detail;
  EXPECT_EQ(on_loop([this] { return closed_because_.size(); }), 1U);
  EXPECT_FALSE(on_loop([this] { return client_->connected(); }));
}

TEST_F(Hostile, ClosesStdoutAndLives) {
  ASSERT_TRUE(start({"close-stdout"}));
  EXPECT_TRUE(eventually([this] { return !closed_because_.empty(); }));
  EXPECT_FALSE(call("echo", {{"text", "x"}}));
}

TEST_F(Hostile, WritesGarbageBetweenTheLines) {
  const auto info = start({"garbage"});
  ASSERT_TRUE(info) << info.error().detail;
  expect_echo();
  EXPECT_TRUE(found("stdio.not-json"));
  EXPECT_TRUE(found("encoding.byte-order-mark"));
}

TEST_F(Hostile, WritesALineThatIsTooLong) {
  ASSERT_TRUE(start({"long-line"}));
  const auto outcome = call("echo", {{"text", "x"}});
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(found("stdio.line-too-long"));
}

TEST_F(Hostile, AnswersWithForeignIds) {
  ASSERT_TRUE(start({"wrong-id"}));
  expect_echo();
  EXPECT_TRUE(found("response.unknown-id"));
}

TEST_F(Hostile, AnswersTwice) {
  ASSERT_TRUE(start({"double-answer"}));
  expect_echo();
  expect_echo();
  EXPECT_TRUE(found("response.duplicate"));
}

TEST_F(Hostile, AnswersWithErrors) {
  ASSERT_TRUE(start({"error-answers"}));
  const auto outcome = call("echo", {{"text", "x"}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::Code::remote);
  EXPECT_EQ(base::find_object(outcome.error().data, "rpc")->at("code"), -32603);
}

TEST_F(Hostile, FloodsStderr) {
  ASSERT_TRUE(start({"stderr-flood", "20000"}));
  expect_echo();
  EXPECT_GT(on_loop([this] { return stderr_lines_; }), 0U);
}

TEST_F(Hostile, IgnoresEverySignalItCan) {
  ASSERT_TRUE(start({"ignore-sigterm"}));
  const int pid = on_loop([this] { return client_->pid(); });
  const auto before = std::chrono::steady_clock::now();
  close(200ms);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(Hostile, TakesItsGrandchildrenAlong) {
  ASSERT_TRUE(start({"normal"}));
  const auto grandchild = std::stoi(text_of(call("fork")));
  ASSERT_EQ(::kill(grandchild, 0), 0);
  close(500ms);
  EXPECT_NE(::kill(grandchild, 0), 0);
}

TEST_F(Hostile, TalksBeforeEveryAnswer) {
  ASSERT_TRUE(start({"chatty"}));
  expect_echo();
  EXPECT_TRUE(eventually([this] { return changed_lists_.size() >= 2; }));
}

TEST_F(Hostile, IsKilled) {
  ASSERT_TRUE(start({"normal"}));
  on_loop([this] {
    client_->kill_process();
    return true;
  });
  EXPECT_TRUE(eventually([this] { return !closed_because_.empty(); }));
  EXPECT_NE(on_loop([this] { return closed_because_.at(0); }).find("signal 9"), std::string::npos);
}

TEST_F(Hostile, GetsNoMoreThanItsDue) {
  ASSERT_TRUE(start({"normal"}, {{"ONLY", "this"}}));
  const auto seen = call("fds");
  ASSERT_TRUE(seen) << seen.error().detail;
  for (const auto& item : seen->result.at("structuredContent").at("fds").as_object()) {
    const auto target = std::string(item.value().as_string());
    const bool of_node = target.starts_with("anon_inode:") || target.starts_with("/dev/") ||
                         target.starts_with("/proc/");
    EXPECT_TRUE(std::stoi(std::string(item.key())) < 3 || of_node || target.starts_with("pipe:"))
        << item.key() << " " << target;
  }
}

TEST_F(Hostile, ASlowCountIsCancelledByItsCaller) {
  ASSERT_TRUE(start({"normal"}));
  const auto outcome = call("slow_count", {{"to", 10'000}, {"pause_ms", 20}}, {.timeout = 300ms});
  ASSERT_FALSE(outcome);
  expect_echo();
  // With progress the same timeout never runs out.
  int heard = 0;
  const auto counted =
      call("slow_count", {{"to", 15}, {"pause_ms", 50}},
           {.timeout = 300ms, .on_progress = [&heard](const Progress&) { ++heard; }});
  EXPECT_EQ(text_of(counted), "counted to 15");
  EXPECT_EQ(heard, 15);
}

}  // namespace
}  // namespace telltale::mcp
