// The parts without FFmpeg: ladder, timeline, key frames, groups of pictures, watchers.
#include "media/annexb.hpp"
#include "media/fanout.hpp"
#include "media/ladder.hpp"
#include "media/test_support.hpp"
#include "media/timeline.hpp"

namespace telltale::media {
namespace {

using namespace std::chrono_literals;
using testing_support::KeepingSink;

TEST(Ladder, RungsFitTheInput) {
  struct Case {
    PictureSize input;
    double frame_rate;
    std::vector<std::string> rungs;
  };
  const std::vector<Case> cases = {
      {{1280, 720}, 60, {"low 640x360@15", "medium 1280x720@30"}},
      {{1920, 1080}, 60, {"low 640x360@15", "medium 1280x720@30", "high 1920x1080@30"}},
      {{3840, 2160}, 24, {"low 640x360@15", "medium 1280x720@24", "high 1920x1080@24"}},
      {{1080, 1920}, 30, {"low 360x640@15", "medium 720x1280@30", "high 1080x1920@30"}},
      {{640, 480}, 60, {"low 480x360@15", "medium 640x480@30"}},
      // The same size more often is worth a rung; the same as often is not.
      {{320, 240}, 60, {"low 320x240@15", "medium 320x240@30"}},
      {{640, 360}, 12, {"low 640x360@12"}},
      {{641, 361}, 30, {"low 640x360@15", "medium 640x360@30"}},
      {{1000, 400}, 60, {"low 640x256@15", "medium 1000x400@30"}},
      {{4000, 20}, 60, {"low 640x16@15", "medium 1280x16@30", "high 1920x16@30"}},
      {{16, 16}, 60, {"low 16x16@15", "medium 16x16@30"}},
      {{640, 360}, 0, {"low 640x360@15", "medium 640x360@30"}}};  // its rate is not known
  for (const auto& [input, frame_rate, expected] : cases) {
    std::vector<std::string> seen;
    std::int64_t below = 0;
    for (const auto& rung : choose_ladder(input, frame_rate)) {
      seen.push_back(rung.name + " " + std::to_string(rung.width) + "x" +
                     std::to_string(rung.height) + "@" +
                     std::to_string(std::lround(rung.frame_rate)));
      EXPECT_GT(static_cast<double>(rung.bitrate_bps), 1.25 * static_cast<double>(below));
      below = rung.bitrate_bps;
    }
    EXPECT_EQ(seen, expected) << input.width << "x" << input.height;
  }
  std::vector<std::int64_t> rates;
  for (const auto& rung : choose_ladder({1920, 1080}, 30)) rates.push_back(rung.bitrate_bps);
  EXPECT_EQ(rates, (std::vector<std::int64_t>{500'000, 1'000'000, 2'500'000}));
}

TEST(FrameRateLimit, ThinsOutEvenlyAndLeavesTheRest) {
  const auto taken = [](double rate, double seconds, base::Duration jitter) {
    FrameRateLimit limit(30);
    int count = 0;
    base::Duration last{};
    base::Duration widest{};
    for (int i = 0; i < rate * seconds; ++i) {
      const auto at = base::Duration(static_cast<std::int64_t>(i * 1e9 / rate)) + i % 2 * jitter;
      if (!limit.take(at)) continue;
      if (count++ > 0) widest = std::max(widest, at - last);
      last = at;
    }
    EXPECT_LT(widest, base::Duration(static_cast<std::int64_t>(2.1e9 / std::min(rate, 30.0))));
    return count;
  };
  EXPECT_NEAR(taken(60, 10, 0ms), 300, 2);
  EXPECT_NEAR(taken(50, 10, 0ms), 300, 51);
  EXPECT_NEAR(taken(120, 10, 0ms), 300, 3);
  EXPECT_EQ(taken(30, 10, 1ms), 300);
  EXPECT_EQ(taken(30, 10, 0ms), 300);
  EXPECT_EQ(taken(25, 10, 2ms), 250);
  EXPECT_EQ(taken(1, 10, 0ms), 10);
  FrameRateLimit back(30);  // never silent after a jump of the times
  EXPECT_TRUE(back.take(100s));
  EXPECT_TRUE(back.take(1s));
}

TEST(Timeline, LoopsSeeksAndPausesAreSeamless) {
  base::VirtualClock clock;
  Timeline timeline(clock.now());
  const auto start = clock.now();
  EXPECT_EQ(timeline.stream_at(clock.now() + 5s), 0s);  // held
  timeline.map(0s, 0s);
  timeline.release(start);
  EXPECT_EQ(timeline.due(2s), start + 2s);
  // A loop of 3 s: the next pass lies behind it.
  timeline.map(0s, 3s);
  EXPECT_EQ(timeline.to_stream(1s), 4s);
  EXPECT_EQ(timeline.to_media(2s), 2s);  // the first pass still plays
  EXPECT_EQ(timeline.to_media(4s), 1s);
  // A pause of 10 s moves all that is to come by as much, and its timestamps too.
  const auto before = timeline.timestamp(5s, kVideoRate);
  timeline.hold(start + 4s);
  EXPECT_EQ(timeline.stream_at(start + 9s), 4s);
  timeline.release(start + 14s);
  EXPECT_EQ(timeline.due(5s), start + 15s);
  EXPECT_EQ(timeline.timestamp(5s, kVideoRate) - before, 900'000U);
  // A seek replaces what was to come.
  timeline.map(60s, 5s);
  timeline.map(70s, 5s);
  EXPECT_EQ(timeline.to_media(6s), 71s);
  timeline.shift(500ms);
  EXPECT_EQ(timeline.due(5s), start + 15500ms);
}

TEST(Timeline, TimestampsAreExactForYears) {
  base::VirtualClock clock;
  Timeline timeline(clock.now());
  timeline.release(clock.now());
  for (const auto from : {base::Duration(0), base::Duration(24h * 400)})
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(timeline.timestamp(from + (i + 1) * 20ms, kAudioRate) -
                    timeline.timestamp(from + i * 20ms, kAudioRate),
                960U);
      const auto frame = [&](int number) {
        return from + base::Duration(1'000'000'000LL * number / 30);
      };
      EXPECT_EQ(
          timeline.timestamp(frame(i + 1), kVideoRate) - timeline.timestamp(frame(i), kVideoRate),
          3000U);
    }
}

TEST(KeyFrames, RhythmAndDemand) {
  KeyFrameRhythm rhythm(2s);
  std::vector<int> keys;
  for (int i = 0; i < 150; ++i)
    if (rhythm.take(base::Duration(1'000'000'000LL * i / 30))) keys.push_back(i);
  EXPECT_EQ(keys, (std::vector<int>{0, 60, 120}));
  KeyFrameDemand demand(1s, 2);
  const base::SteadyTime start{};
  EXPECT_FALSE(demand.take(start));
  demand.ask();
  EXPECT_TRUE(demand.take(start));
  demand.made(start);
  demand.ask();
  EXPECT_TRUE(demand.take(start + 30ms));  // the second at once
  demand.made(start + 30ms);
  demand.ask();
  demand.ask();
  EXPECT_FALSE(demand.take(start + 999ms));
  EXPECT_TRUE(demand.take(start + 1s));
  demand.made(start + 1s);
  EXPECT_FALSE(demand.take(start + 9s));
  // Asked without end: two, and then one a second.
  int made = 0;
  for (auto at = start + 20s; at < start + 30s; at += 10ms) {
    demand.ask();
    if (!demand.take(at)) continue;
    demand.made(at);
    ++made;
  }
  EXPECT_EQ(made, 11);
}

FramePtr frame(bool key, std::size_t bytes = 100, Codec codec = Codec::h264) {
  auto made = std::make_shared<Frame>();
  made->bytes.resize(bytes);
  made->codec = codec;
  made->key = key;
  return made;
}

TEST(GroupCache, KeepsTheNewestGroupWithinItsLimits) {
  GroupCache cache;
  cache.push(frame(false));
  EXPECT_TRUE(cache.frames().empty());
  cache.push(frame(true));
  cache.push(frame(false));
  const auto key = frame(true);
  cache.push(key);
  ASSERT_EQ(cache.frames().size(), 1U);
  EXPECT_EQ(cache.frames()[0], key);
  cache.push(frame(false, GroupCache::kBytesMax));
  EXPECT_TRUE(cache.frames().empty());
  cache.push(frame(true));
  for (std::size_t i = 1; i < GroupCache::kFramesMax; ++i) cache.push(frame(false));
  EXPECT_EQ(cache.frames().size(), GroupCache::kFramesMax);
  cache.push(frame(false));
  EXPECT_TRUE(cache.frames().empty());
}

TEST(Fanout, WatchersStartWithAKeyFrame) {
  int changes = 0;
  const auto fanout = std::make_shared<Fanout>("low", Codec::h264, [&] { ++changes; });
  const auto early = std::make_shared<KeepingSink>();
  auto watch = fanout->add(early);
  EXPECT_TRUE(fanout->starving());
  fanout->deliver(frame(false));
  EXPECT_EQ(early->count(), 0U);
  fanout->deliver(frame(true));
  fanout->deliver(frame(false));
  const auto late = std::make_shared<KeepingSink>();
  auto second = fanout->add(late);
  EXPECT_EQ(late->frames(), early->frames());
  EXPECT_FALSE(fanout->starving());
  fanout->forget_group();  // a seek
  fanout->deliver(frame(false));
  EXPECT_EQ(late->count(), 2U);
  fanout->deliver(frame(true));
  EXPECT_EQ(late->count(), 3U);
  second->reset();
  fanout->deliver(frame(false));
  EXPECT_EQ(late->count(), 3U);
  EXPECT_EQ(early->count(), 4U);
  EXPECT_EQ(changes, 3);
  fanout->end("over");
  EXPECT_EQ(early->ended(), "over");
  EXPECT_FALSE(late->ended());
  EXPECT_EQ(fanout->watchers(), 0U);
  EXPECT_EQ(fanout->add(late).error().code, base::Code::conflict);
  const auto counted = fanout->statistics();
  EXPECT_EQ(counted.frames, 6U);
  EXPECT_EQ(counted.key_frames, 2U);
  EXPECT_EQ(counted.bytes, 600U);
}

TEST(Fanout, AHandleMayOutliveIt) {
  auto fanout = std::make_shared<Fanout>("low", Codec::opus, nullptr);
  auto watch = fanout->add(std::make_shared<KeepingSink>());
  fanout.reset();
  watch->reset();
}

TEST(AnnexB, UnitsAndParameterSets) {
  const std::vector<std::uint8_t> sps{0x67, 0x42, 0xC0, 0x1F, 0x8C, 1};
  const std::vector<std::uint8_t> pps{0x68, 0xCE, 0x3C};
  const std::vector<std::uint8_t> idr{0x65, 0x88, 0x84};
  const auto join = [](const std::vector<std::vector<std::uint8_t>>& units, bool long_code) {
    std::vector<std::uint8_t> out;
    for (const auto& unit : units) {
      if (long_code) out.push_back(0);
      out.insert(out.end(), {0, 0, 1});
      out.insert(out.end(), unit.begin(), unit.end());
    }
    return out;
  };
  EXPECT_TRUE(nal_units({}).empty());
  EXPECT_TRUE(nal_units(std::vector<std::uint8_t>{0, 0, 1}).empty());
  EXPECT_TRUE(nal_units(std::vector<std::uint8_t>{1, 2, 3, 4}).empty());
  EXPECT_EQ(nal_units(join({sps, pps, idr}, false)).size(), 3U);
  EXPECT_EQ(nal_units(join({sps, pps, idr}, true)).size(), 3U);

  ParameterSets sets;
  const std::vector<std::uint8_t> delimiter{0x09, 0xF0};
  auto first = sets.complete(join({delimiter, sps, pps, idr}, false));
  EXPECT_TRUE(first.idr);
  EXPECT_EQ(first.bytes, join({sps, pps, idr}, true));  // once, and no delimiter
  EXPECT_EQ(sets.complete(join({idr}, true)).bytes, join({sps, pps, idr}, true));
  const auto other = sets.complete(join({{0x41, 0x9A, 7}}, true));
  EXPECT_FALSE(other.idr);
  EXPECT_EQ(other.bytes, join({{0x41, 0x9A, 7}}, true));
  auto changed = sps;
  changed[5] = 9;  // the same id: it replaces the old one
  EXPECT_EQ(sets.complete(join({changed, idr}, true)).bytes, join({changed, pps, idr}, true));
}

}  // namespace
}  // namespace telltale::media
