#include "lab/faults/injector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telltale::lab {
namespace {

using namespace std::chrono_literals;
using base::SteadyTime;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const SteadyTime kBegin = SteadyTime{} + 100s;
constexpr std::string_view kAnswer = R"({"jsonrpc":"2.0","id":7,"result":{}})";

FaultInjector injector(std::vector<FaultSpec> faults, base::Duration lasts = 60s,
                       std::uint64_t seed = 1) {
  FaultInjector out(std::move(faults), seed);
  out.start(kBegin, kBegin + lasts);
  return out;
}

TEST(FaultInjector, LetsThroughWhatNoFaultMeans) {
  auto one = injector({{.kind = "drop", .way = "requests"},
                       {.kind = "drop", .method = "tools/list"},
                       {.kind = "drop", .after_ms = 5000}});
  const auto passed = one.pass(Way::answer, "tools/call", std::string(kAnswer), kBegin + 1s);
  ASSERT_THAT(passed, SizeIs(1));
  EXPECT_EQ(passed[0].text, kAnswer);
  EXPECT_EQ(passed[0].at, kBegin + 1s);
  EXPECT_THAT(one.events(), IsEmpty());
}

TEST(FaultInjector, DoesNothingBeforeItsStart) {
  FaultInjector one({{.kind = "drop"}, {.kind = "kill"}}, 1);
  int told = 0;
  one.when_started(&told, [&] { ++told; });
  EXPECT_THAT(one.pass(Way::request, "initialize", "{}", kBegin), SizeIs(1));
  EXPECT_EQ(one.next_deed(), std::nullopt);
  EXPECT_FALSE(one.active(kBegin, 1s));
  one.start(kBegin, kBegin + 1s);
  EXPECT_EQ(told, 1);
  EXPECT_THAT(one.pass(Way::request, "ping", "{}", kBegin), IsEmpty());
  EXPECT_EQ(one.next_deed(), kBegin);
  one.when_started(&one, [&] { ++told; });
  EXPECT_EQ(told, 2);
}

TEST(FaultInjector, DropsWithinItsWindowOnly) {
  auto one = injector({{.kind = "drop", .after_ms = 1000, .lasts_ms = 1000}});
  const auto passes = [&](base::Duration at) {
    return one.pass(Way::request, "ping", "{}", kBegin + at).size();
  };
  EXPECT_EQ(passes(999ms), 1U);
  EXPECT_EQ(passes(1000ms), 0U);
  EXPECT_EQ(passes(1999ms), 0U);
  EXPECT_EQ(passes(2000ms), 1U);
  ASSERT_THAT(one.events(), SizeIs(2));
  EXPECT_EQ(one.events()[0].detail, "the request ping (2 bytes)");
  EXPECT_TRUE(one.active(kBegin + 1500ms, 0s));
  EXPECT_FALSE(one.active(kBegin + 2500ms, 0s));
  EXPECT_TRUE(one.active(kBegin + 2500ms, 1s));
  EXPECT_EQ(one.last_end(), kBegin + 2s);
}

TEST(FaultInjector, KeepsTheOrderThroughAnyDelay) {
  auto one = injector({{.kind = "delay", .delay_ms = 50, .jitter_ms = 500}});
  auto last = kBegin;
  bool later = false;
  for (int i = 0; i < 200; ++i) {
    const auto now = kBegin + i * 1ms;
    const auto passed = one.pass(Way::answer, "", std::string(kAnswer), now);
    ASSERT_THAT(passed, SizeIs(1));
    EXPECT_GE(passed[0].at, last);
    EXPECT_GE(passed[0].at, now + 50ms);
    later = later || passed[0].at > now + 100ms;
    last = passed[0].at;
  }
  EXPECT_TRUE(later);
}

TEST(FaultInjector, HoldsUntilTheWindowEnds) {
  auto one = injector({{.kind = "hold", .after_ms = 1000, .lasts_ms = 3000}});
  EXPECT_EQ(one.pass(Way::request, "ping", "a", kBegin + 2s)[0].at, kBegin + 4s);
  EXPECT_EQ(one.pass(Way::request, "ping", "b", kBegin + 4s)[0].at, kBegin + 4s);
}

TEST(FaultInjector, SlowIsARate) {
  auto one = injector({{.kind = "slow", .bytes_per_second = 100}});
  EXPECT_EQ(one.pass(Way::request, "", std::string(50, 'x'), kBegin)[0].at, kBegin + 500ms);
  EXPECT_EQ(one.pass(Way::request, "", std::string(50, 'x'), kBegin)[0].at, kBegin + 1s);
  // The other way has a line of its own.
  EXPECT_EQ(one.pass(Way::answer, "", std::string(10, 'x'), kBegin)[0].at, kBegin + 100ms);
}

TEST(FaultInjector, AltersWithoutALineBreak) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    auto corrupt = injector({{.kind = "corrupt"}}, 60s, seed);
    const auto text = corrupt.pass(Way::answer, "", std::string(kAnswer), kBegin)[0].text;
    EXPECT_NE(text, kAnswer);
    EXPECT_EQ(text.size(), kAnswer.size());
    EXPECT_EQ(text.find_first_of("\r\n"), std::string::npos);
    auto truncate = injector({{.kind = "truncate"}}, 60s, seed);
    const auto cut = truncate.pass(Way::answer, "", std::string(kAnswer), kBegin)[0].text;
    EXPECT_LT(cut.size(), kAnswer.size());
    EXPECT_TRUE(kAnswer.starts_with(cut));
  }
}

TEST(FaultInjector, DuplicatesAndAddsGarbage) {
  auto one = injector({{.kind = "duplicate"}, {.kind = "garbage"}});
  const auto passed = one.pass(Way::answer, "", std::string(kAnswer), kBegin);
  ASSERT_THAT(passed, SizeIs(3));
  EXPECT_FALSE(base::parse_json(passed[0].text).has_value());
  EXPECT_EQ(passed[1].text, kAnswer);
  EXPECT_EQ(passed[2].text, kAnswer);
}

TEST(FaultInjector, SwapsTheIdForTheOneBefore) {
  auto one = injector({{.kind = "swap_ids", .way = "answers"}});
  const auto pass = [&](int id) {
    const auto text = R"({"id":)" + std::to_string(id) + R"(,"result":1})";
    return one.pass(Way::answer, "", text, kBegin)[0].text;
  };
  EXPECT_EQ(pass(1), R"({"id":1,"result":1})");
  EXPECT_EQ(pass(2), R"({"id":1,"result":1})");
  EXPECT_EQ(pass(3), R"({"id":2,"result":1})");
}

TEST(FaultInjector, DeedsAreDueOnceAndAgain) {
  using Deed = FaultInjector::Deed;
  auto one = injector({{.kind = "kill", .after_ms = 1000, .every_ms = 2000},
                       {.kind = "pause", .after_ms = 500, .lasts_ms = 200}},
                      4s);
  EXPECT_EQ(one.next_deed(), kBegin + 500ms);
  EXPECT_THAT(one.due(kBegin + 499ms), IsEmpty());
  EXPECT_THAT(one.due(kBegin + 500ms), ElementsAre(Deed::pause));
  EXPECT_TRUE(one.active(kBegin + 600ms, 0s));
  EXPECT_THAT(one.due(kBegin + 1s), ElementsAre(Deed::resume, Deed::kill));
  EXPECT_FALSE(one.active(kBegin + 1001ms, 0s));
  EXPECT_THAT(one.due(kBegin + 10s), ElementsAre(Deed::kill));
  EXPECT_EQ(one.next_deed(), std::nullopt);
  EXPECT_EQ(one.count(), 4U);
}

TEST(FaultInjector, AFullDiskLastsAndMayOverlapAPause) {
  using Deed = FaultInjector::Deed;
  auto one = injector({{.kind = "full_disk", .after_ms = 100},
                       {.kind = "pause", .after_ms = 200, .lasts_ms = 100},
                       {.kind = "full_disk", .after_ms = 1000, .lasts_ms = 500}},
                      4s);
  EXPECT_THAT(one.due(kBegin + 200ms), ElementsAre(Deed::full_disk, Deed::pause));
  EXPECT_THAT(one.due(kBegin + 300ms), ElementsAre(Deed::resume));
  EXPECT_TRUE(one.active(kBegin + 400ms, 0s)) << "the disk is still full";
  EXPECT_THAT(one.due(kBegin + 2s), ElementsAre(Deed::full_disk, Deed::free_disk));
  EXPECT_THAT(one.due(kBegin + 4s), ElementsAre(Deed::free_disk)) << "at the end at the latest";
  EXPECT_FALSE(one.active(kBegin + 4001ms, 0s));
}

TEST(FaultInjector, TheSameSeedIsTheSameFate) {
  const auto fates = [](std::uint64_t seed) {
    auto one = injector({{.kind = "drop", .chance = 0.5}}, 60s, seed);
    std::string out;
    for (int i = 0; i < 64; ++i)
      out += one.pass(Way::request, "ping", "{}", kBegin).empty() ? '.' : 'x';
    return out;
  };
  EXPECT_EQ(fates(5), fates(5));
  EXPECT_NE(fates(5), fates(6));
}

TEST(FaultInjector, EventsAreBounded) {
  auto one = injector({{.kind = "drop"}});
  for (std::size_t i = 0; i < kFaultEventLimit + 10; ++i)
    one.pass(Way::request, "ping", "{}", kBegin);
  EXPECT_THAT(one.events(), SizeIs(kFaultEventLimit));
  EXPECT_EQ(one.count(), kFaultEventLimit + 10);
}

}  // namespace
}  // namespace telltale::lab
