// What the tests of media share: a sink that keeps what it was given, streams decoded again with
// FFmpeg, the digits and the flash of the test pattern read back, a player driven by virtual time.
#pragma once

#include <cmath>

#include <gtest/gtest.h>

#include "media/pattern_reader.hpp"
#include "media/player.hpp"
#include "media/test_pattern.hpp"

namespace telltale::media::testing_support {

struct Collected {
  std::vector<FramePtr> frames;
  std::optional<std::string> ended;
};

class KeepingSink final : public Sink {
 public:
  void on_frame(const FramePtr& frame) override {
    kept.change([&](Collected& all) { all.frames.push_back(frame); });
  }
  void on_end(const std::string& reason) override {
    kept.change([&](Collected& all) { all.ended = reason; });
  }
  std::vector<FramePtr> frames() const {
    return kept.look([](const Collected& all) { return all.frames; });
  }
  std::optional<std::string> ended() const {
    return kept.look([](const Collected& all) { return all.ended; });
  }
  std::size_t count() const { return frames().size(); }
  bool wait_for_frames(std::size_t count) {
    return kept.wait_for(
        std::chrono::seconds(30),
        [count](const Collected& all) { return all.frames.size() >= count || all.ended; },
        [count](const Collected& all) { return all.frames.size() >= count; });
  }
  bool wait_for_end() {
    return kept.wait_for(
        std::chrono::seconds(30), [](const Collected& all) { return all.ended.has_value(); },
        [](const Collected& all) { return all.ended.has_value(); });
  }
  base::Monitor<Collected> kept;
};

// A picture as decoded: what a browser would show.
class StreamDecoder {
 public:
  explicit StreamDecoder(Codec codec)
      : context_(avcodec_alloc_context3(avcodec_find_decoder(
            codec == Codec::h264 ? AV_CODEC_ID_H264
                                 : (codec == Codec::vp8 ? AV_CODEC_ID_VP8 : AV_CODEC_ID_OPUS)))),
        packet_(new_packet()) {
    if (codec == Codec::opus) {
      context_->sample_rate = static_cast<int>(kAudioRate);
      av_channel_layout_default(&context_->ch_layout, 2);
    }
    context_->flags |= AV_CODEC_FLAG_LOW_DELAY;
    context_->thread_count = 1;
    context_->err_recognition = AV_EF_EXPLODE;
    EXPECT_EQ(avcodec_open2(context_.get(), nullptr, nullptr), 0);
  }
  // Nothing: it could not be decoded.
  std::vector<AvFrame> decode(const Frame& frame) {
    std::vector<AvFrame> out;
    EXPECT_EQ(av_new_packet(packet_.get(), static_cast<int>(frame.bytes.size())), 0);
    std::copy(frame.bytes.begin(), frame.bytes.end(), packet_->data);
    if (avcodec_send_packet(context_.get(), packet_.get()) < 0) ++errors;
    av_packet_unref(packet_.get());
    for (;;) {
      auto decoded = new_frame();
      if (avcodec_receive_frame(context_.get(), decoded.get()) < 0) return out;
      out.push_back(std::move(decoded));
    }
  }
  int errors = 0;

 private:
  AvCodecContext context_;
  AvPacket packet_;
};

// -1: not readable.
inline std::int64_t read_number(const AVFrame& frame) {
  return media::read_number(frame).value_or(-1);
}

inline bool flashes(const AVFrame& frame) {
  const double cell = frame.height / static_cast<double>(TestPattern::kCellsHigh);
  return luma(frame, (TestPattern::kFlashColumn + TestPattern::kFlashCells / 2.0) * cell,
              (TestPattern::kFlashRow + TestPattern::kFlashCells / 2.0) * cell) > 128;
}

// When the square begins to be white, and the beep to be heard, in seconds of their timestamps.
inline std::vector<double> flashes_of(const std::vector<FramePtr>& frames) {
  std::vector<double> out;
  StreamDecoder decoder(frames.at(0)->codec);
  bool lit = false;
  for (const auto& frame : frames)
    for (const auto& picture : decoder.decode(*frame)) {
      if (flashes(*picture) && !lit) out.push_back(frame->timestamp / 90'000.0);
      lit = flashes(*picture);
    }
  return out;
}

inline std::vector<double> beeps_of(const std::vector<FramePtr>& frames) {
  std::vector<double> out;
  StreamDecoder decoder(Codec::opus);
  bool loud = false;
  for (const auto& frame : frames)
    for (const auto& samples : decoder.decode(*frame)) {
      const auto* left = reinterpret_cast<const float*>(samples->extended_data[0]);
      for (int at = 0; at + 48 <= samples->nb_samples; at += 48) {
        float peak = 0;
        for (int i = at; i < at + 48; ++i) peak = std::max(peak, std::abs(left[i]));
        if (peak > 0.2F && !loud)
          out.push_back((static_cast<double>(frame->timestamp) + at) / 48'000.0);
        loud = peak > 0.2F || (loud && peak > 0.1F);
      }
    }
  return out;
}

// Each flash of the pictures with a beep beside it.
inline void expect_together(const std::vector<FramePtr>& video, const std::vector<FramePtr>& sound,
                            std::size_t at_least) {
  ASSERT_FALSE(video.empty() || sound.empty());
  const auto flash_s = flashes_of(video);
  const auto beep_s = beeps_of(sound);
  EXPECT_GE(flash_s.size(), at_least);
  EXPECT_GE(beep_s.size(), at_least);
  for (const auto flash : flash_s) {
    double nearest = 1e9;
    for (const auto beep : beep_s)
      if (std::abs(beep - flash) < std::abs(nearest)) nearest = beep - flash;
    EXPECT_LT(std::abs(nearest), 0.04) << "at " << flash;
  }
}

// Steps a player as its thread would, by virtual time.
class Driven {
 public:
  explicit Driven(std::unique_ptr<Input> input, PlayerSettings settings = {})
      : player(std::move(input), without_threads(std::move(settings)), clock, [] {}) {}

  void run(base::Duration span) {
    const auto until = clock.now() + span;
    for (;;) {
      const auto next = player.step();
      if (next && *next <= clock.now()) continue;
      if (!next || *next > until) break;
      clock.advance(*next - clock.now());
    }
    clock.advance(until - clock.now());
  }
  std::shared_ptr<KeepingSink> watch(const std::string& rendition, Codec codec = Codec::h264) {
    auto sink = std::make_shared<KeepingSink>();
    auto watching = player.watch_video(rendition, codec, sink);
    EXPECT_TRUE(watching) << watching.error().detail;
    if (watching) watches.push_back(*watching);
    return sink;
  }
  std::shared_ptr<KeepingSink> listen() {
    auto sink = std::make_shared<KeepingSink>();
    auto watching = player.watch_audio(sink);
    EXPECT_TRUE(watching) << watching.error().detail;
    if (watching) watches.push_back(*watching);
    return sink;
  }
  TrackStatistics track(const std::string& rendition, Codec codec = Codec::h264) const {
    for (auto& one : player.statistics().tracks)
      if (one.rendition == rendition && one.codec == codec) return one;
    return {};
  }

  base::VirtualClock clock;
  Player player;
  std::vector<Watch> watches;

 private:
  static PlayerSettings without_threads(PlayerSettings settings) {
    settings.lanes.threads = false;
    return settings;
  }
};

}  // namespace telltale::media::testing_support
