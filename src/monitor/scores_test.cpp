// Scores: what a perfect path scores, that more of anything bad never scores higher, whatever the
// rest is like, and what is said.
#include "monitor/scores.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::monitor {
namespace {

const base::WallTime kNow = *base::parse_rfc3339("2026-11-21T14:03:20.000Z");

Sample fine() {
  return {.at = kNow,
          .seconds = 2,
          .state = rtc::ConnectionState::connected,
          .sent_kbps = 1'200,
          .available_kbps = 3'000,
          .round_trip_ms = 20,
          .jitter_ms = 2,
          .sent_fps = 30,
          .shown_fps = 30,
          .width = 1280,
          .height = 720};
}

Scores of(const Sample& sample) {
  return score(std::span(&sample, 1), {});
}

TEST(Scores, a_good_path_costs_nothing) {
  const auto scores = of(fine());
  EXPECT_EQ(scores.health, 100);
  EXPECT_GT(scores.quality, 80);
  EXPECT_EQ(sentence(scores), "health 100");
  auto large = fine();
  large.width = 1920;
  large.height = 1080;
  large.sent_kbps = 2'500;
  EXPECT_GT(of(large).quality, scores.quality);
  auto small = fine();
  small.width = 640;
  small.height = 360;
  EXPECT_LT(of(small).quality, scores.quality);
}

TEST(Scores, says_what_is_wrong_and_since_when) {
  auto sample = fine();
  sample.loss_percent = 6;
  sample.freezes = 2;
  auto scores = of(sample);
  EXPECT_EQ(sentence(scores), "health 28: 6 % loss since 14:03, video froze twice");
  // Later it says the same time; once it was over, a new one.
  auto later = sample;
  later.at += std::chrono::minutes(7);
  scores = score(std::span(&later, 1), scores);
  EXPECT_NE(sentence(scores).find("since 14:03"), std::string::npos);
  auto good = fine();
  good.at += std::chrono::minutes(8);
  scores = score(std::span(&good, 1), scores);
  EXPECT_EQ(sentence(scores), "health 100");
  later.at += std::chrono::minutes(3);
  scores = score(std::span(&later, 1), scores);
  EXPECT_NE(sentence(scores).find("since 14:13"), std::string::npos);
}

TEST(Scores, silence_is_the_end_of_health) {
  auto sample = fine();
  sample.state = rtc::ConnectionState::disconnected;
  EXPECT_EQ(of(sample).health, 0);
}

// A hundred made-up windows: worsening one field of one sample never raises a score.
TEST(Scores, are_monotone_in_everything_bad) {
  using Worsen = void (*)(Sample&, double);
  const std::pair<const char*, Worsen> ways[] = {
      {"loss", [](Sample& at, double by) { at.loss_percent += 100 * by; }},
      {"inbound loss", [](Sample& at, double by) { at.inbound_loss_percent += 100 * by; }},
      {"round trip", [](Sample& at, double by) { at.round_trip_ms += 2'000 * by; }},
      {"jitter", [](Sample& at, double by) { at.jitter_ms += 300 * by; }},
      {"queue", [](Sample& at, double by) { at.queue_ms += 1'000 * by; }},
      {"freezes", [](Sample& at, double by) { at.freezes += std::floor(8 * by); }},
      {"frozen share",
       [](Sample& at, double by) { at.frozen_share = std::min(1.0, at.frozen_share + by); }},
      {"dropped", [](Sample& at, double by) { at.frames_dropped += std::floor(40 * by); }},
      {"shown", [](Sample& at, double by) { at.shown_fps = *at.shown_fps * (1 - by); }}};
  base::Random random(7);
  const auto uniform = [&] { return static_cast<double>(random.below(10'001)) / 10'000; };
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Sample> window;
    for (std::uint64_t i = 0; i <= random.below(kWindow); ++i) {
      auto one = fine();
      one.loss_percent = 20 * uniform() * uniform();
      one.round_trip_ms = 600 * uniform();
      one.jitter_ms = 100 * uniform();
      one.queue_ms = 300 * uniform();
      one.freezes = std::floor(3 * uniform());
      one.frozen_share = 0.4 * uniform();
      one.shown_fps = 30 * uniform();
      window.push_back(one);
    }
    const auto before = score(window, {});
    EXPECT_GE(before.health, 0);
    EXPECT_LE(before.health, 100);
    EXPECT_GE(before.quality, 0);
    EXPECT_LE(before.quality, 100);
    for (const auto& [name, worsen] : ways) {
      auto worse = window;
      worsen(worse[random.below(worse.size())], uniform());
      const auto after = score(worse, {});
      EXPECT_LE(after.health, before.health) << name << " in round " << round;
      EXPECT_LE(after.quality, before.quality) << name << " in round " << round;
    }
  }
}

TEST(Scores, each_part_counts_by_itself) {
  const std::pair<Part, void (*)(Sample&)> ways[] = {
      {Part::loss, [](Sample& at) { at.loss_percent = 5; }},
      {Part::round_trip, [](Sample& at) { at.round_trip_ms = 400; }},
      {Part::jitter, [](Sample& at) { at.jitter_ms = 60; }},
      {Part::queue, [](Sample& at) { at.queue_ms = 200; }},
      {Part::freezes, [](Sample& at) { at.freezes = 1; }},
      {Part::dropped, [](Sample& at) { at.frames_dropped = 10; }},
      {Part::frame_rate, [](Sample& at) { at.shown_fps = 10; }}};
  for (const auto& [part, worsen] : ways) {
    auto sample = fine();
    worsen(sample);
    const auto scores = of(sample);
    EXPECT_LT(scores.health, 100) << part_name(part);
    for (std::size_t i = 0; i < kParts; ++i)
      EXPECT_EQ(scores.parts[i].points > 0, i == static_cast<std::size_t>(part))
          << part_name(part) << " against " << part_name(static_cast<Part>(i));
    EXPECT_TRUE(scores.parts[static_cast<std::size_t>(part)].since) << part_name(part);
  }
}

}  // namespace
}  // namespace telltale::monitor
