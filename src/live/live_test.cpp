#include <gtest/gtest.h>

#include "live/event_filter.hpp"
#include "live/event_types.hpp"
#include "live/outbox.hpp"

namespace telltale::live {
namespace {

using namespace std::chrono_literals;

bus::PublishedPtr event(std::uint64_t seq, std::string channel, std::string subject,
                        std::size_t size = 10) {
  runtime::Event out{.seq = seq,
                     .type = channel == "logs" ? "log" : "mcp_status_change",
                     .channel = std::move(channel),
                     .subject = std::move(subject)};
  return std::make_shared<const bus::Published>(bus::Published{
      std::move(out),
      std::make_shared<const std::string>(std::string(size, 'x') + std::to_string(seq))});
}

std::vector<std::string> drain(Outbox& box) {
  std::vector<std::string> out;
  while (!box.empty())
    for (const auto& text : box.take(1U << 20U)) out.push_back(*text);
  return out;
}

TEST(Outbox, WithinItsBoundsEverythingGoesOutInOrder) {
  Outbox box;
  for (std::uint64_t i = 1; i <= 5; ++i) box.push(event(i, "logs", "a", 0), {});
  EXPECT_EQ(drain(box), (std::vector<std::string>{"1", "2", "3", "4", "5"}));
  EXPECT_EQ(box.bytes(), 0U);
}

TEST(Outbox, BeyondThemStatesCollapseAndLogsBecomeAGap) {
  Outbox box({.messages = 2, .bytes = 1U << 20U});
  box.push(event(1, "logs", "a", 0), base::SteadyTime(1s));
  box.push(event(2, "logs", "a", 0), base::SteadyTime(1s));
  EXPECT_FALSE(box.behind_since());
  box.push(event(3, "logs", "a", 0), base::SteadyTime(2s));
  box.push(event(4, "status", "a", 0), base::SteadyTime(3s));
  box.push(event(5, "status", "b", 0), base::SteadyTime(3s));
  box.push(event(6, "status", "a", 0), base::SteadyTime(3s));
  box.push(event(7, "logs", "a", 0), base::SteadyTime(3s));
  EXPECT_EQ(box.behind_since(), base::SteadyTime(2s));
  const auto out = drain(box);
  EXPECT_EQ(out, (std::vector<std::string>{"1", "2", gap_text({3, 7}), "5", "6"}));
  EXPECT_FALSE(box.behind_since());
  EXPECT_EQ(box.dropped(), 3U);
}

TEST(Outbox, ItsMemoryStaysBoundedHoweverLongAClientSleeps) {
  Outbox box;
  for (std::uint64_t i = 1; i <= 200'000; ++i)
    box.push(event(i, i % 2 == 0 ? "logs" : "status", std::to_string(i % 20), 300), {});
  EXPECT_LE(box.bytes(), (1U << 20U));
  EXPECT_LE(box.messages(), 1'020U);
}

base::Result<EventFilter> filter(std::string_view text) {
  return EventFilter::parse(base::parse_json(text)->as_object());
}

TEST(EventFilter, ChannelsTypesAndFiltersAllHold) {
  runtime::Event down{.type = "mcp_status_change",
                      .channel = "status",
                      .severity = runtime::Severity::error,
                      .data = {{"mcp_name", "files"}, {"new_status", "disconnected"}}};
  EXPECT_TRUE(filter(R"({})")->wants(down)) << "status is the default";
  EXPECT_FALSE(filter(R"({"channels":["logs"]})")->wants(down));
  EXPECT_TRUE(filter(R"({"event_types":["mcp_status_change"]})")->wants(down));
  EXPECT_TRUE(filter(R"({"filters":{"mcp_names":["files"],"severity":["error"]}})")->wants(down));
  EXPECT_FALSE(filter(R"({"filters":{"mcp_names":["files"],"severity":["info"]}})")->wants(down));
  EXPECT_FALSE(filter(R"({"filters":{"mcp_names":["other"]}})")->wants(down));
  EXPECT_TRUE(filter(R"({"filters":{"old_status":["healthy"]}})")->wants(down))
      << "a field it lacks passes";
  EXPECT_TRUE(filter(R"({"filters":{"new_status":["DISCONNECTED"]}})")->wants(down))
      << "old clients write upper case";
}

TEST(EventFilter, BadSubscriptionsAreNamed) {
  for (const std::string_view bad :
       {R"({"channels":["nosuch"]})", R"({"event_types":["nosuch"]})",
        R"({"filters":{"nosuch":["x"]}})", R"({"filters":[]})", R"({"channels":[1]})",
        R"({"filters":{"failure_cycles":"x"}})"}) {
    const auto parsed = filter(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_FALSE(parsed.error().fields.empty()) << bad;
  }
}

TEST(EventTypes, MetadataNamesEveryType) {
  const auto text = base::write_json(metadata());
  for (const auto& type : event_types())
    EXPECT_NE(text.find('"' + std::string(type.id) + '"'), std::string::npos) << type.id;
}

}  // namespace
}  // namespace telltale::live
