#include "cli/tap_report.hpp"

#include <gtest/gtest.h>

namespace telltale::cli {
namespace {

using namespace std::chrono_literals;

class TapReaderTest : public testing::Test {
 protected:
  Tapped read(Direction direction, std::string_view text, base::Duration at = 0s) {
    return reader.read(direction, text, base::SteadyTime(1h + at), {});
  }
  TapReader reader;
};

TEST_F(TapReaderTest, AnAnswerHasTheMethodAndTheTimeOfItsRequest) {
  EXPECT_EQ(read(Direction::to_server, R"({"id":1,"method":"tools/list"})").kind, "request");
  const auto answer = read(Direction::to_client, R"({"id":1,"result":{}})", 250ms);
  EXPECT_EQ(answer.kind, "result");
  EXPECT_EQ(answer.method, "tools/list");
  EXPECT_DOUBLE_EQ(answer.duration_ms.value_or(0), 250);
  // A second answer to the same id belongs to nothing.
  EXPECT_FALSE(read(Direction::to_client, R"({"id":1,"result":{}})").duration_ms);
}

TEST_F(TapReaderTest, BothSidesMayUseTheSameId) {
  read(Direction::to_server, R"({"id":1,"method":"tools/call"})");
  read(Direction::to_client, R"({"id":1,"method":"sampling/createMessage"})");
  EXPECT_EQ(read(Direction::to_server, R"({"id":1,"error":{}})").method, "sampling/createMessage");
  EXPECT_EQ(read(Direction::to_client, R"({"id":1,"result":{}})").method, "tools/call");
}

TEST_F(TapReaderTest, TheIdOneIsNotTheIdStringOne) {
  read(Direction::to_server, R"({"id":1,"method":"a"})");
  EXPECT_EQ(read(Direction::to_client, R"({"id":"1","result":{}})").method, "");
}

TEST_F(TapReaderTest, WhatIsNoMessageIsSaidToBeInvalid) {
  for (const auto* text : {"", "hello", "[]", "{}", "{\"id\":1}", "\xff\xfe", "{\"method\":5}"})
    EXPECT_EQ(read(Direction::to_client, text).kind, "invalid") << text;
  EXPECT_EQ(read(Direction::to_client, R"({"method":"notifications/message"})").kind,
            "notification");
}

}  // namespace
}  // namespace telltale::cli
