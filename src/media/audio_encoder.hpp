// AudioEncoder: 48 kHz stereo samples in, Opus packets of 20 ms out (RFC 6716, RFC 7587), each with
// the time of its first sample. Small gaps and overlaps of the input are smoothed over, large ones
// become silence. One thread.
#pragma once

#include <span>
#include <vector>

#include "media/ffmpeg.hpp"
#include "media/frame.hpp"

namespace telltale::media {

struct EncodedAudio {
  base::Duration at = {};
  std::vector<std::uint8_t> bytes;
};

class AudioEncoder {
 public:
  static constexpr int kFrameSamples = 960;
  static constexpr int kBitrateBps = 96'000;
  // Containers round their times; beyond this, sound would be seen to be late.
  static constexpr base::Duration kTolerance = std::chrono::milliseconds(20);
  static constexpr base::Duration kSilenceMax = std::chrono::milliseconds(500);

  static base::Result<AudioEncoder> open();
  // Interleaved left and right; `at`: when the first of them is to be heard.
  base::Result<std::vector<EncodedAudio>> encode(std::span<const float> samples, base::Duration at);
  void reset();  // what comes next does not continue what came

 private:
  explicit AudioEncoder(AvCodecContext context);
  base::Result<void> encode_frame(std::vector<EncodedAudio>& out);
  base::Duration head() const;  // the time after the last sample held

  AvCodecContext context_;
  AvFrame frame_;
  AvPacket packet_;
  std::vector<float> held_;
  base::Duration anchor_{};    // of the sample counted as 0
  std::int64_t encoded_ = -1;  // samples since the anchor; -1: no anchor yet
  std::int64_t pts_ = 0;
};

}  // namespace telltale::media
