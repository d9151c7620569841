#include "bus/bus.hpp"

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"
#include "runtime/testing.hpp"

namespace telltale::bus {
namespace {

runtime::Event event(std::string type, std::string subject = "s") {
  return {.type = std::move(type), .channel = "events", .subject = std::move(subject)};
}

TEST(Bus, NumbersEventsAndReplaysExactlyWhatWasMissed) {
  runtime::TestLoop test;
  Bus bus(test.clock(), 5);
  for (int i = 0; i < 3; ++i) bus.publish(event("a"));
  EXPECT_EQ(bus.last_seq(), 3U);
  const auto missed = bus.since(1, 100);
  EXPECT_FALSE(missed.gap);
  ASSERT_EQ(missed.events.size(), 2U);
  EXPECT_EQ(missed.events[0]->event.seq, 2U);
  EXPECT_TRUE(bus.since(3, 100).events.empty());
}

TEST(Bus, WhatIsReplayedIsWhatWasPublished) {
  runtime::TestLoop test;
  Bus bus(test.clock());
  auto change = event("mcp_status_change");
  change.data = {{"mcp_name", "a \"quoted\" one"}, {"new_status", "healthy"}, {"n", 1.5}};
  change.severity = runtime::Severity::warning;
  bus.publish(change);
  const auto replay = bus.since(0, 10);
  ASSERT_EQ(replay.events.size(), 1U);
  const auto& again = replay.events[0]->event;
  EXPECT_EQ(again.data, change.data);
  EXPECT_EQ(again.type, change.type);
  EXPECT_EQ(again.severity, change.severity);
  EXPECT_EQ(base::parse_json(*replay.events[0]->text)->at("mcp_name"), "a \"quoted\" one");
  EXPECT_EQ(bus.since(0, 10).events[0], replay.events[0]) << "parsed once while it is held";
}

TEST(Bus, SaysAGapWhenTheRingHasForgotten) {
  runtime::TestLoop test;
  Bus bus(test.clock(), 5);
  for (int i = 0; i < 12; ++i) bus.publish(event("a"));
  const auto missed = bus.since(2, 100);
  ASSERT_TRUE(missed.gap);
  EXPECT_EQ(missed.gap->from_seq, 3U);
  EXPECT_EQ(missed.gap->to_seq, 7U);
  EXPECT_EQ(missed.events.front()->event.seq, 8U);
  EXPECT_EQ(missed.events.size(), 5U);
}

TEST(Bus, ANumberFromTheFutureIsAGapOverEverything) {
  runtime::TestLoop test;
  Bus bus(test.clock());
  bus.publish(event("a"));
  const auto missed = bus.since(99, 100);
  ASSERT_TRUE(missed.gap);
  EXPECT_EQ(missed.gap->to_seq, 1U);
}

TEST(Bus, ResumesTheSequenceOfAnEarlierLife) {
  runtime::TestLoop test;
  Bus bus(test.clock());
  auto old = event("old");
  old.seq = 40;
  bus.resume_after(1000, {{.head = old, .data = R"({"server":"demo"})"}});
  bus.publish(event("new"));
  EXPECT_EQ(bus.last_seq(), 1001U);
  const auto replay = bus.since(0, 10);
  ASSERT_EQ(replay.events.size(), 2U);
  EXPECT_EQ(replay.events[0]->event.data, (base::JsonObject{{"server", "demo"}}));
  EXPECT_EQ(base::parse_json(*replay.events[0]->text)->at("data").at("server"), "demo");
}

TEST(Bus, SubscribersGetEverythingAfterTheySubscribedInOrder) {
  runtime::TestLoop test;
  Bus bus(test.clock());
  std::vector<std::uint64_t> first;
  std::vector<std::uint64_t> second;
  test.run([](runtime::TestLoop* t, Bus* b, std::vector<std::uint64_t>* one,
              std::vector<std::uint64_t>* two) -> runtime::Task<> {
    const auto collect = [](std::vector<std::uint64_t>* into) {
      return [into](std::span<const PublishedPtr> batch) {
        for (const auto& item : batch) into->push_back(item->event.seq);
      };
    };
    const auto early = b->subscribe(t->loop(), collect(one));
    b->publish(event("a"));
    {
      const auto late = b->subscribe(t->loop(), collect(two));
      b->publish(event("a"));
      co_await runtime::sleep_for(std::chrono::milliseconds(1));
    }
    b->publish(event("a"));
    co_await runtime::sleep_for(std::chrono::milliseconds(1));
  }(&test, &bus, &first, &second));
  EXPECT_EQ(first, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(second, (std::vector<std::uint64_t>{2}));
}

TEST(Bus, ManyThreadsPublishOneOrder) {
  runtime::Runtime runtime(2);
  runtime.start();
  Bus bus(runtime.clock(), 100'000);
  runtime::TaskGroup background(runtime.loop(0), "test");
  std::vector<std::uint64_t> seen;
  const auto in_order = runtime::run_to_completion(
      runtime.loop(0), background, "collect",
      [](Bus* b, runtime::Loop* loop, std::vector<std::uint64_t>* out) -> runtime::Task<bool> {
        runtime::Notifier more(*loop);
        const auto subscription =
            b->subscribe(*loop, [out, &more](std::span<const PublishedPtr> batch) {
              for (const auto& item : batch) out->push_back(item->event.seq);
              more.notify_all();
            });
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int t = 0; t < 4; ++t)
          threads.emplace_back([b] {
            for (int i = 0; i < 500; ++i) b->publish(event("a"));
          });
        while (out->size() < 2000) co_await more.wait();
        co_return std::ranges::is_sorted(*out);
      }(&bus, &runtime.loop(0), &seen));
  EXPECT_EQ(in_order, true);
  EXPECT_EQ(seen.back(), 2000U);
  runtime.stop();
}

// On another loop too, which could be awake before the second of them.
TEST(Bus, WhatIsPublishedWithoutAWaitArrivesTogether) {
  runtime::Runtime runtime(2);
  runtime.start();
  Bus bus(runtime.clock());
  runtime::TaskGroup background(runtime.loop(0), "test");
  struct Far {
    explicit Far(runtime::Loop& loop) : more(loop) {}
    runtime::Notifier more;
    std::vector<std::size_t> batches;
    Subscription subscription;
  } far(runtime.loop(1));
  runtime::run_to_completion(
      runtime.loop(0), background, "publish",
      [](Bus* b, runtime::Loop* other, Far* there) -> runtime::Task<bool> {
        co_await runtime::call_on(*other, [](Bus* from, Far* f) -> runtime::Task<> {
          f->subscription =
              from->subscribe(f->more.loop(), [f](std::span<const PublishedPtr> batch) {
                f->batches.push_back(batch.size());
                f->more.notify_all();
              });
          co_return;
        }(b, there));
        for (int i = 0; i < 16; ++i) b->publish(event("a"));
        co_await runtime::call_on(*other, [](Far* f) -> runtime::Task<> {
          while (f->batches.empty()) co_await f->more.wait();
          f->subscription = {};
        }(there));
        co_return true;
      }(&bus, &runtime.loop(1), &far));
  EXPECT_EQ(far.batches, (std::vector<std::size_t>{16}));
  runtime.stop();
}

TEST(EventText, CarriesTheOldTopLevelFields) {
  auto change = event("mcp_status_change");
  change.data = {{"mcp_name", "files"}, {"new_status", "healthy"}};
  const auto text = event_text(change);
  EXPECT_NE(text.find(R"("mcp_name":"files","status":"healthy","data")"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace telltale::bus
