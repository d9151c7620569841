#include "net/sse.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace telltale::net {
namespace {

std::vector<SseEvent> feed(SseParser& parser, std::string_view bytes) {
  auto out = parser.feed(bytes);
  EXPECT_TRUE(out.has_value());
  return out.value_or(std::vector<SseEvent>{});
}

TEST(Sse, EveryLineEnding) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    SseParser parser;
    const auto events =
        feed(parser, fmt::format("event: a{0}data: 1{0}data:2{0}id: 7{0}{0}data: x{0}{0}:c", end));
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].event, "a");
    EXPECT_EQ(events[0].data, "1\n2");
    EXPECT_EQ(events[0].id, "7");
    EXPECT_EQ(events[1].event, "message");
    EXPECT_EQ(events[1].data, "x");
    EXPECT_EQ(events[1].id, "7");
  }
}

TEST(Sse, AnySplitGivesTheSame) {
  const std::string text =
      "\xEF\xBB\xBF: hello\r\nid: 1\r\ndata\r\n\r\nevent: e\rdata:  two\rretry: 1500\r\rdata: "
      "{\"a\":1}\n\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    for (std::size_t second = cut; second <= text.size(); ++second) {
      SseParser parser;
      std::vector<SseEvent> all;
      for (const auto& piece :
           {text.substr(0, cut), text.substr(cut, second - cut), text.substr(second)})
        for (auto& event : feed(parser, piece)) all.push_back(std::move(event));
      ASSERT_EQ(all.size(), 3U) << cut << " " << second;
      EXPECT_FALSE(all[0].has_data);  // a priming event
      EXPECT_TRUE(all[1].has_data);
      EXPECT_EQ(all[0].data, "");
      EXPECT_EQ(all[0].id, "1");
      EXPECT_EQ(all[1].event, "e");
      EXPECT_EQ(all[1].data, " two");
      EXPECT_EQ(all[2].data, "{\"a\":1}");
      EXPECT_EQ(parser.retry(), std::chrono::milliseconds(1500));
      EXPECT_EQ(parser.last_event_id(), "1");
    }
}

TEST(Sse, FieldsThatAreIgnored) {
  SseParser parser;
  EXPECT_TRUE(
      feed(parser, "event: only\n\nnonsense: 1\n\nretry: x1\nretry: -5\nretry:\n\n").empty());
  EXPECT_FALSE(parser.retry());
  using namespace std::string_literals;
  feed(parser, "id: ok\nid: b\0d\n"s);
  EXPECT_EQ(parser.last_event_id(), "ok");
  const auto events = feed(parser, "data: a\nevent:\n\n");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event, "message");
}

TEST(Sse, AnEventOverTheLimitIsRefused) {
  SseParser line(16);
  EXPECT_TRUE(line.feed("data: 12345").has_value());
  EXPECT_EQ(line.feed("67890123").error().code, base::Code::too_large);
  SseParser lines(16);
  EXPECT_EQ(lines.feed("data: 1234567\ndata: 1234567\ndata: 1\ndata: 123\n\n").error().code,
            base::Code::too_large);
  SseParser many(16);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(many.feed("data: 12345\n\n").value().size(), 1U);
}

}  // namespace
}  // namespace telltale::net
