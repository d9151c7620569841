// The player over the test pattern, by virtual time: what is sent decodes again and shows what it
// should, when it should.
#include "media/player.hpp"

#include "media/pattern_eye.hpp"
#include "media/test_support.hpp"

namespace telltale::media {
namespace {

using namespace std::chrono_literals;
using testing_support::Driven;
using testing_support::read_number;
using testing_support::StreamDecoder;

std::unique_ptr<Input> pattern() {
  return std::make_unique<TestPattern>();
}

// Every frame decodes, into one picture of this size, with the number its timestamp asks for; a
// rung of 15 pictures a second has every second one.
void expect_numbers(const std::vector<FramePtr>& frames, Codec codec, PictureSize size,
                    std::uint32_t step = 1) {
  StreamDecoder decoder(codec);
  std::int64_t last = -1;
  std::uint32_t last_timestamp = 0;
  for (const auto& frame : frames) {
    const auto pictures = decoder.decode(*frame);
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_EQ(pictures[0]->width, size.width);
    EXPECT_EQ(pictures[0]->height, size.height);
    const auto number = read_number(*pictures[0]);
    ASSERT_GE(number, 0) << "the digits cannot be read";
    if (last >= 0) {
      EXPECT_EQ(number, last + step);
      EXPECT_EQ(frame->timestamp - last_timestamp, 3000U * step);
    }
    last = number;
    last_timestamp = frame->timestamp;
  }
  EXPECT_EQ(decoder.errors, 0);
}

// A viewer reads the time of day at which the picture is due, however far ahead it was drawn; a
// pause of what reads the pattern moves it on.
TEST(TestPatternInput, SaysWhenEachPictureIsDue) {
  base::VirtualClock clock;
  TestPattern pattern({.size = {.width = 640, .height = 360}, .clock = &clock});
  const Wanted wanted{.pictures = true, .sound = false, .size = {.width = 640, .height = 360}};
  const auto next = [&] {
    std::vector<Unit> units;
    while (units.empty()) EXPECT_TRUE(pattern.read(wanted, units));
    return *read_day_time(*std::get<PictureUnit>(units[0]).picture.frame);
  };
  const auto of_day = [&] {
    return std::chrono::floor<std::chrono::milliseconds>(clock.wall().time_since_epoch() %
                                                         std::chrono::hours(24));
  };
  const auto began = of_day();
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(base::to_ms(next() - began), i * 1000 / 30.0, 1);
  clock.advance(200ms);
  EXPECT_NEAR(base::to_ms(next() - began), 200, 1) << "drawn in time";
  clock.advance(3s);
  EXPECT_NEAR(base::to_ms(next() - of_day()), 0, 1) << "after a pause";
}

TEST(PatternEyeTest, ReadsAStream) {
  Driven driven(pattern());
  const auto sink = driven.watch("low");
  driven.run(1s);
  auto eye = PatternEye::open(Codec::h264);
  ASSERT_TRUE(eye) << eye.error().detail;
  std::int64_t last = -1;
  for (const auto& frame : sink->frames())
    for (const auto& picture : eye->look(frame->bytes)) {
      EXPECT_EQ(picture.width, 640);
      ASSERT_TRUE(picture.number && picture.day_time);
      EXPECT_GT(*picture.number, last);
      last = *picture.number;
    }
  EXPECT_GT(last, 20);
  EXPECT_EQ(eye->errors(), 0U);
  const std::vector<std::uint8_t> garbage(500, 0x41);
  EXPECT_TRUE(eye->look(garbage).empty());
}

class EachRung : public testing::TestWithParam<Codec> {};

TEST_P(EachRung, DecodesInItsSizeWithMovingNumbers) {
  Driven driven(pattern());
  const auto codec = GetParam();
  std::vector<std::shared_ptr<testing_support::KeepingSink>> sinks;
  const auto& rungs = driven.player.info().video;
  ASSERT_EQ(rungs.size(), 3U);
  sinks.reserve(rungs.size());
  for (const auto& rung : rungs) sinks.push_back(driven.watch(rung.name, codec));
  driven.run(4s);
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    SCOPED_TRACE(rungs[i].name);
    const auto frames = sinks[i]->frames();
    const std::uint32_t step = rungs[i].name == "low" ? 2 : 1;
    EXPECT_EQ(rungs[i].frame_rate, 30.0 / step);
    EXPECT_GE(frames.size(), 117U / step);
    ASSERT_LE(frames.size(), 121U / step);
    EXPECT_TRUE(frames[0]->key);
    expect_numbers(frames, codec, {rungs[i].width, rungs[i].height}, step);
    std::vector<std::int64_t> keys;  // every 2 s, at the same pictures in all rungs
    for (std::size_t at = 0; at < frames.size(); ++at)
      if (frames[at]->key) keys.push_back(static_cast<std::int64_t>(at));
    EXPECT_EQ(keys, (std::vector<std::int64_t>{0, 60 / step}));
    const auto rate = driven.track(rungs[i].name, codec).bitrate_bps;
    EXPECT_GT(rate, 0.4 * static_cast<double>(rungs[i].bitrate_bps));
    EXPECT_LT(rate, 1.2 * static_cast<double>(rungs[i].bitrate_bps));
  }
}
INSTANTIATE_TEST_SUITE_P(Codecs, EachRung, testing::Values(Codec::h264, Codec::vp8));

TEST(Player, FlashAndBeepComeTogether) {
  Driven driven(pattern());
  const auto video = driven.watch("low");
  const auto audio = driven.listen();
  driven.run(4s);
  testing_support::expect_together(video->frames(), audio->frames(), 4);
  const auto flash_s = testing_support::flashes_of(video->frames());
  for (std::size_t i = 1; i < flash_s.size(); ++i)
    EXPECT_NEAR(flash_s[i] - flash_s[i - 1], 1.0, 0.001);
  const auto packets = audio->frames();
  for (std::size_t i = 1; i < packets.size(); ++i)
    EXPECT_EQ(packets[i]->timestamp - packets[i - 1]->timestamp, 960U);
}

std::vector<std::size_t> keys_of(const std::vector<FramePtr>& frames) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < frames.size(); ++i)
    if (frames[i]->key) out.push_back(i);
  return out;
}

TEST(Player, KeyFramesOnDemandTwoAtOnceThenOneASecond) {
  Driven driven(pattern());
  const auto asked = driven.watch("medium");
  const auto beside = driven.watch("low");
  driven.run(1210ms);
  driven.player.request_key_frame("medium", Codec::h264);
  driven.run(100ms);
  const auto keys = keys_of(asked->frames());
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_NEAR(static_cast<double>(keys[1]), 35, 2);
  EXPECT_EQ(keys_of(beside->frames()).size(), 1U);
  for (int i = 0; i < 100; ++i) {  // a storm of requests
    driven.player.request_key_frame("medium", Codec::h264);
    driven.run(20ms);
  }
  const auto after = keys_of(asked->frames());
  // A second one at once, the regular one at 2 s, and one a second.
  EXPECT_LE(after.size(), 5U);
  EXPECT_GE(after.size(), 3U);
  std::size_t close = 0;
  for (std::size_t i = 1; i < after.size(); ++i) close += after[i] - after[i - 1] < 29 ? 1 : 0;
  EXPECT_LE(close, 2U);  // only the second and the regular one may come sooner
}

TEST(Player, NothingRunsUntilSomebodyWatchesAndNotLongAfter) {
  Driven driven(pattern());
  driven.run(10s);
  EXPECT_EQ(driven.player.statistics().packets_read, 0U);
  auto first = driven.watch("low");
  driven.run(1s);
  EXPECT_TRUE(driven.track("low").encoding);
  EXPECT_FALSE(driven.track("medium").encoding);
  EXPECT_FALSE(driven.track("low", Codec::vp8).encoding);
  driven.watches.clear();
  driven.run(4s);  // a short linger: who comes back finds it running
  EXPECT_TRUE(driven.track("low").encoding);
  driven.run(2s);
  EXPECT_FALSE(driven.track("low").encoding);
  const auto read = driven.player.statistics().packets_read;
  const auto position = driven.player.state().position;
  driven.run(20s);
  EXPECT_EQ(driven.player.statistics().packets_read, read);
  EXPECT_EQ(driven.player.state().position, position);
  const auto second = driven.watch("low");
  EXPECT_EQ(second->count(), 0U);
  driven.run(1s);
  ASSERT_GT(second->count(), 10U);
  EXPECT_TRUE(second->frames()[0]->key);
  EXPECT_EQ(driven.track("low").encoder_starts, 2U);
  expect_numbers(second->frames(), Codec::h264, {640, 360}, 2);
}

TEST(Player, ANewWatcherSeesTheNewestGroupAtOnce) {
  Driven driven(pattern());
  const auto first = driven.watch("low");
  driven.run(3s);
  const auto second = driven.watch("low");
  const auto group = second->frames();
  EXPECT_NEAR(static_cast<double>(group.size()), 14, 2);
  ASSERT_FALSE(group.empty());
  EXPECT_TRUE(group[0]->key);
  EXPECT_EQ(group[0], first->frames()[30]);
  driven.run(1s);
  expect_numbers(second->frames(), Codec::h264, {640, 360}, 2);
  EXPECT_EQ(driven.track("low").encoder_starts, 1U);
}

// Of a 1080p pattern nobody watches in 1080p only what is watched is drawn.
TEST(Player, ThePatternIsDrawnInTheSizeOfTheLargestRungWatched) {
  struct Measuring final : Input {
    TestPattern pattern;
    std::vector<PictureSize> drawn;
    InputInfo info() const override { return pattern.info(); }
    base::Result<bool> read(Wanted wanted, std::vector<Unit>& out) override {
      auto more = pattern.read(wanted, out);
      for (const auto& unit : out)
        if (const auto* picture = std::get_if<PictureUnit>(&unit)) {
          const PictureSize size{picture->picture.frame->width, picture->picture.frame->height};
          if (drawn.empty() || !(drawn.back() == size)) drawn.push_back(size);
        }
      return more;
    }
    base::Result<base::Duration> seek(base::Duration to) override { return pattern.seek(to); }
    InputStatistics statistics() const override { return pattern.statistics(); }
  };
  auto input = std::make_unique<Measuring>();
  auto& drawn = input->drawn;
  Driven driven(std::move(input));
  const auto low = driven.watch("low");
  driven.run(1s);
  const auto high = driven.watch("high");
  driven.run(1s);
  driven.watches.pop_back();
  driven.run(7s);  // it lingers
  EXPECT_EQ(drawn, (std::vector<PictureSize>{{640, 360}, {1920, 1080}, {640, 360}}));
  expect_numbers(low->frames(), Codec::h264, {640, 360}, 2);
  expect_numbers(high->frames(), Codec::h264, {1920, 1080});
}

// The key frame that is due falls on a picture this rung leaves out: the next one is it.
TEST(Lane, AKeyFrameThatIsThinnedOutIsOwed) {
  const base::VirtualClock clock;
  Lane lane({.name = "low",
             .width = 320,
             .height = 180,
             .frame_rate = 15,
             .bitrate_bps = 300'000,
             .codecs = {}},
            Codec::h264, {.threads = false}, clock, nullptr);
  const auto sink = std::make_shared<testing_support::KeepingSink>();
  const auto watch = lane.fanout().add(sink);
  lane.update({});
  TestPattern input({.size = {.width = 320, .height = 180}});
  for (int i = 0; i < 12; ++i) {
    std::vector<Unit> units;
    while (units.empty()) EXPECT_TRUE(input.read({.pictures = true}, units));
    auto& unit = std::get<PictureUnit>(units.at(0));
    lane.offer({.picture = unit.picture,
                .stream = unit.at,
                .due = clock.now() + unit.at,
                .timestamp = 0,
                .key = i == 0 || i == 5});
  }
  EXPECT_EQ(sink->count(), 6U);
  EXPECT_EQ(keys_of(sink->frames()), (std::vector<std::size_t>{0, 3}));
}

TEST(Player, NoSuchRendition) {
  Driven driven(pattern());
  const auto sink = std::make_shared<testing_support::KeepingSink>();
  for (const auto& [name, codec] :
       {std::pair{"best", Codec::h264}, {"low", Codec::opus}, {"", Codec::vp8}})
    EXPECT_EQ(driven.player.watch_video(name, codec, sink).error().code,
              base::Code::invalid_argument);
}

// A clock that moves while pictures are scaled and encoded, as a real one does.
TEST(Player, ATimeThatWasLostIsNotMadeUp) {
  Driven driven(pattern());
  const auto sink = driven.watch("medium");
  driven.run(1s);
  driven.clock.advance(600ms);  // the thread did not run
  driven.run(1s);
  auto counted = driven.player.statistics();
  EXPECT_GT(counted.late_pictures, 8U);  // dropped, so as to be in time again
  EXPECT_EQ(counted.stalls, 0U);
  for (const auto& frame : sink->frames()) EXPECT_LT(frame->due, driven.clock.now() + 1ms);
  driven.clock.advance(5s);
  driven.run(1s);
  counted = driven.player.statistics();
  EXPECT_EQ(counted.stalls, 1U);  // too much: it goes on from where it was
  const auto frames = sink->frames();
  EXPECT_LT(driven.clock.now() - frames.back()->due, 50ms);
  StreamDecoder decoder(Codec::h264);
  std::int64_t number = 0;
  for (const auto& frame : frames) number = read_number(*decoder.decode(*frame).at(0));
  EXPECT_NEAR(static_cast<double>(number), 3.6 * 30, 12);
}

// A clock that holds up the thread that encodes, as a slow encoder would.
class HoldingClock final : public base::Clock {
 public:
  base::SteadyTime now() const noexcept override {
    asked.change([](bool& value) { value = true; });
    free.wait([](const bool& value) { return value; }, [](const bool&) {});
    return {};
  }
  base::WallTime wall() const noexcept override { return {}; }
  mutable base::Monitor<bool> asked;
  mutable base::Monitor<bool> free;
};

TEST(Lane, ASlowEncoderDropsAndHoldsNobodyUp) {
  const HoldingClock clock;
  Lane lane({.name = "low",
             .width = 320,
             .height = 180,
             .frame_rate = 30,
             .bitrate_bps = 300'000,
             .codecs = {}},
            Codec::h264, {}, clock, nullptr);
  const auto sink = std::make_shared<testing_support::KeepingSink>();
  const auto watch = lane.fanout().add(sink);
  lane.update({});
  TestPattern input({.size = {.width = 320, .height = 180}});
  const auto offer = [&](int number, bool key) {
    std::vector<Unit> units;
    EXPECT_TRUE(input.seek(base::Duration(number * 1'000'000'000LL / 30 + 1'000'000)));
    EXPECT_TRUE(input.read({.pictures = true}, units));
    const auto& unit = std::get<PictureUnit>(units.at(0));
    lane.offer({.picture = unit.picture, .stream = unit.at, .due = {}, .timestamp = 0, .key = key});
  };
  offer(0, true);
  clock.asked.wait([](const bool& value) { return value; }, [](const bool&) {});
  for (int i = 1; i < 20; ++i) offer(i, i == 10);  // one is being encoded, two may wait
  EXPECT_EQ(lane.fanout().statistics().dropped, 17U);
  clock.free.change([](bool& value) { value = true; });
  ASSERT_TRUE(sink->wait_for_frames(3));
  EXPECT_EQ(keys_of(sink->frames()), (std::vector<std::size_t>{0, 2}));  // the one owed
  offer(20, false);
  ASSERT_TRUE(sink->wait_for_frames(4));
}

}  // namespace
}  // namespace telltale::media
