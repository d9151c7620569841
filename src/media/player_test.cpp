// The player over the test pattern, by virtual time: what is sent decodes again and shows what it
// should, when it should.
#include "media/player.hpp"

#include "media/test_support.hpp"

namespace telltale::media {
namespace {

using namespace std::chrono_literals;
using testing_support::Driven;
using testing_support::flashes;
using testing_support::read_number;
using testing_support::StreamDecoder;

std::unique_ptr<Input> pattern() {
  return std::make_unique<TestPattern>();
}

// Every frame decodes, into one picture of this size, with the number its timestamp asks for.
void expect_numbers(const std::vector<FramePtr>& frames, Codec codec, PictureSize size) {
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
      EXPECT_EQ(number, last + 1);
      EXPECT_EQ(frame->timestamp - last_timestamp, 3000U);
    }
    last = number;
    last_timestamp = frame->timestamp;
  }
  EXPECT_EQ(decoder.errors, 0);
}

class EachRung : public testing::TestWithParam<Codec> {};

TEST_P(EachRung, DecodesInItsSizeWithMovingNumbers) {
  Driven driven(pattern());
  const auto codec = GetParam();
  std::vector<std::shared_ptr<testing_support::KeepingSink>> sinks;
  const auto& rungs = driven.player.info().video;
  ASSERT_EQ(rungs.size(), 3U);
  for (const auto& rung : rungs) sinks.push_back(driven.watch(rung.name, codec));
  driven.run(4s);
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    SCOPED_TRACE(rungs[i].name);
    const auto frames = sinks[i]->frames();
    EXPECT_GE(frames.size(), 117U);
    ASSERT_LE(frames.size(), 121U);
    EXPECT_TRUE(frames[0]->key);
    expect_numbers(frames, codec, {rungs[i].width, rungs[i].height});
    std::vector<std::int64_t> keys;  // every 2 s, at the same pictures in all rungs
    for (std::size_t at = 0; at < frames.size(); ++at)
      if (frames[at]->key) keys.push_back(static_cast<std::int64_t>(at));
    EXPECT_EQ(keys, (std::vector<std::int64_t>{0, 60}));
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
  StreamDecoder pictures(Codec::h264);
  StreamDecoder sound(Codec::opus);
  std::vector<double> flash_s;
  bool lit = false;
  for (const auto& frame : video->frames())
    for (const auto& picture : pictures.decode(*frame)) {
      if (flashes(*picture) && !lit) flash_s.push_back(frame->timestamp / 90'000.0);
      lit = flashes(*picture);
    }
  std::vector<double> beep_s;
  bool loud = false;
  std::uint32_t last = 0;
  for (const auto& frame : audio->frames()) {
    if (last != 0) EXPECT_EQ(frame->timestamp - last, 960U);
    last = frame->timestamp;
    for (const auto& samples : sound.decode(*frame)) {
      const auto* left =
          static_cast<const float*>(static_cast<const void*>(samples->extended_data[0]));
      for (int at = 0; at + 48 <= samples->nb_samples; at += 48) {
        float peak = 0;
        for (int i = at; i < at + 48; ++i) peak = std::max(peak, std::abs(left[i]));
        const bool now = peak > 0.2F;
        if (now && !loud) beep_s.push_back((static_cast<double>(frame->timestamp) + at) / 48'000.0);
        loud = now;
      }
    }
  }
  ASSERT_GE(flash_s.size(), 4U);
  ASSERT_GE(beep_s.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(flash_s[i], beep_s[i], 0.04);
    if (i > 0) EXPECT_NEAR(flash_s[i] - flash_s[i - 1], 1.0, 0.001);
  }
}

}  // namespace
}  // namespace telltale::media
