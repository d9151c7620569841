// The timeline: what goes in comes out, as coarse as it says; bounded; the same after the store.
#include "monitor/timeline.hpp"

#include <gtest/gtest.h>

namespace telltale::monitor {
namespace {

using namespace std::chrono_literals;

const base::WallTime kBegan = base::from_unix_ms(1'800'000'000'000);

Sample sample_at(base::WallTime at, double kbps = 1'234) {
  return {.at = at,
          .seconds = 2,
          .state = rtc::ConnectionState::connected,
          .rendition = rendition_code("medium"),
          .sent_kbps = kbps,
          .available_kbps = 2'500,
          .loss_percent = 1.25,
          .round_trip_ms = 43.5,
          .jitter_ms = 7,
          .sent_fps = 29.5,
          .buffer_ms = 120};
}

TEST(Timeline, gives_back_what_it_was_given) {
  Timeline timeline(kBegan, 10);
  Scores scores;
  scores.health = 87;
  scores.quality = 66;
  timeline.add(sample_at(kBegan + 2s), &scores);
  auto other = sample_at(kBegan + 4040ms);
  other.rendition = rendition_code("source");
  other.state = rtc::ConnectionState::disconnected;
  other.shown_fps = 12;
  other.buffer_ms.reset();
  other.freezes = 1;
  timeline.add(other, nullptr);
  const auto points = timeline.points();
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].at, kBegan + 2s);
  EXPECT_EQ(points[0].state, rtc::ConnectionState::connected);
  EXPECT_EQ(points[0].rendition, "medium");
  EXPECT_EQ(points[0].bitrate_kbps, 1'234);
  EXPECT_EQ(points[0].available_kbps, 2'500);
  EXPECT_NEAR(points[0].loss_percent, 1.25, 0.005);
  EXPECT_NEAR(points[0].round_trip_ms, 43.5, 0.05);
  EXPECT_EQ(points[0].jitter_ms, 7);
  EXPECT_EQ(points[0].frames_per_second, 29.5);
  EXPECT_EQ(points[0].buffer_ms, 120);
  EXPECT_EQ(points[0].health, 87);
  EXPECT_EQ(points[0].quality, 66);
  EXPECT_FALSE(points[0].froze);
  EXPECT_EQ(points[1].at, kBegan + 4040ms);
  EXPECT_EQ(points[1].state, rtc::ConnectionState::disconnected);
  EXPECT_EQ(points[1].rendition, "source");
  EXPECT_EQ(points[1].frames_per_second, 12) << "what is shown, where the player tells";
  EXPECT_FALSE(points[1].buffer_ms || points[1].health || points[1].quality);
  EXPECT_TRUE(points[1].froze);
}

TEST(Timeline, forgets_the_oldest_and_keeps_its_times) {
  Timeline timeline(kBegan, 10);
  for (int i = 1; i <= 35; ++i) timeline.add(sample_at(kBegan + i * 2s, i), nullptr);
  const auto points = timeline.points();
  ASSERT_EQ(points.size(), 10U) << "max_history_points";
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(points[static_cast<std::size_t>(i)].bitrate_kbps, 26 + i);
    EXPECT_EQ(points[static_cast<std::size_t>(i)].at, kBegan + (26 + i) * 2s);
  }
  for (std::size_t i = 0; i < Timeline::kEventsMax + 7; ++i)
    timeline.add(kBegan + std::chrono::seconds(i), {.kind = Happened::froze});
  EXPECT_EQ(timeline.events().size(), Timeline::kEventsMax);
  EXPECT_EQ(timeline.events_forgotten(), 7U);
  EXPECT_EQ(timeline.events().front().at_ms, 7'000U);
}

TEST(Timeline, is_the_same_after_the_store) {
  Timeline timeline(kBegan, 20);
  for (int i = 1; i <= 33; ++i) timeline.add(sample_at(kBegan + i * 2s, i), nullptr);
  timeline.add(kBegan + 5s, {.kind = Happened::switched,
                             .a = rendition_code("low"),
                             .b = rendition_code("high"),
                             .c = reason_code("room")});
  for (std::size_t i = 0; i < Timeline::kEventsMax; ++i)
    timeline.add(kBegan + 6s, {.kind = Happened::error}, "error " + std::to_string(i));
  ASSERT_EQ(timeline.events().back().text, "error 63");
  EXPECT_EQ(timeline.events()[Timeline::kEventsMax - Timeline::kTextsMax - 1].text, "");
  timeline.add(kBegan + 7s, {.kind = Happened::error}, std::string(1'000, 'x'));
  EXPECT_EQ(timeline.events().back().text.size(), Timeline::kTextBytes);
  const auto packed = timeline.pack();
  const auto back = Timeline::unpack(packed);
  ASSERT_TRUE(back);
  EXPECT_EQ(base::write_json(to_json(*back, 1'000)), base::write_json(to_json(timeline, 1'000)));
  for (std::size_t size = 0; size < packed.size(); ++size)
    EXPECT_FALSE(Timeline::unpack(packed.substr(0, size))) << "cut at " << size;
  EXPECT_FALSE(Timeline::unpack(packed + "x"));
}

TEST(Timeline, is_told_with_the_newest_samples_and_readable_events) {
  Timeline timeline(kBegan, 20);
  for (int i = 1; i <= 9; ++i) timeline.add(sample_at(kBegan + i * 2s, i), nullptr);
  timeline.add(kBegan + 5s, {.kind = Happened::switched,
                             .a = rendition_code("low"),
                             .b = rendition_code("high"),
                             .c = reason_code("room")});
  const auto told = to_json(timeline, 4);
  EXPECT_EQ(told.at("samples").as_array().size(), 4U);
  EXPECT_EQ(told.at("samples").as_array().back().as_array().size(),
            told.at("columns").as_array().size());
  EXPECT_EQ(told.at("samples").as_array().back().at(3).to_number<double>(), 9);
  EXPECT_EQ(base::write_json(told.at("events").at(0)),
            R"({"at":"2027-01-15T08:00:05.000Z","type":"switched","from":"low","to":"high",)"
            R"("reason":"room"})");
}

}  // namespace
}  // namespace telltale::monitor
