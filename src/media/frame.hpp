// What media gives away: encoded frames of one playing, in the renditions of its ladder, and what
// is known of the playing. Values; every frame exists once and is shared.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/histogram.hpp"

namespace telltale::media {

enum class Codec : std::uint8_t { h264, vp8, opus };
std::string_view codec_name(Codec codec) noexcept;

inline constexpr std::int64_t kVideoRate = 90'000;  // RTP units a second
inline constexpr std::int64_t kAudioRate = 48'000;

// `timestamp` is `due` in RTP units since the playing began, so audio and video stay together, and
// both go on evenly over loops, seeks and pauses. A frame is given when it is due; one that was
// encoded comes later by the time that took.
struct Frame {
  std::vector<std::uint8_t>
      bytes;  // H.264: Annex B with SPS and PPS before each IDR; VP8, Opus: one
  Codec codec = Codec::h264;
  bool key = false;  // decodable without the frames before it; always so for Opus
  std::uint32_t timestamp = 0;
  base::SteadyTime due = {};
  std::uint16_t width = 0;  // video
  std::uint16_t height = 0;
};
using FramePtr = std::shared_ptr<const Frame>;

struct Rendition {
  std::string name;  // low, medium, high, or source for what is passed through
  int width = 0;
  int height = 0;
  double frame_rate = 0;
  std::int64_t bitrate_bps = 0;
  std::vector<Codec> codecs;
};

struct PlayingInfo {
  std::string name;
  std::vector<Rendition> video;  // lowest rate first; empty: audio only
  bool audio = false;            // Opus, 48 kHz
  bool live = false;             // no seek, no pause, no end of its own
  bool seekable = false;
  std::optional<base::Duration> duration;
};

struct PlayState {
  base::Duration position = {};
  bool paused = false;
  bool loop = true;
  bool ended = false;
};

// Called under the lock of the rendition, one call at a time: hand over and return; never watch,
// stop watching or control from in here.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_frame(const FramePtr& frame) = 0;
  // Nothing comes after it. An empty reason: the end of the content.
  virtual void on_end(const std::string& reason) = 0;
};

struct TrackStatistics {
  std::string rendition;  // or audio
  Codec codec = Codec::h264;
  std::size_t watchers = 0;
  bool encoding = false;
  std::uint64_t encoder_starts = 0;
  std::uint64_t frames = 0;
  std::uint64_t key_frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;  // the encoder was too slow for them
  std::uint64_t encode_errors = 0;
  double bitrate_bps = 0;  // of the last seconds
  base::Histogram encode_us;
};

struct Statistics {
  std::uint64_t packets_read = 0;
  std::uint64_t pictures_decoded = 0;
  std::uint64_t decode_errors = 0;
  std::uint64_t late_pictures = 0;  // decoded too late to be shown
  std::uint64_t stalls = 0;         // the input came too late: time was stretched
  std::uint64_t loops = 0;
  std::vector<TrackStatistics> tracks;
};

}  // namespace telltale::media
