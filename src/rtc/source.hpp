// What can be sent to viewers: encoded frames of one playing of something (a file, a test pattern,
// a live publisher), in the renditions of its ladder. Declared here because rtc needs it; media
// implements it, and the composition root hands it in. Every frame exists once and is shared.
//
// Threads: a source may call its sinks from any thread, one call at a time for each rendition; a
// sink only hands over. All members of Source may be called on any loop and return at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "rtc/source_notes.hpp"
#include "runtime/task.hpp"

namespace telltale::rtc {

enum class Codec : std::uint8_t { h264, vp8, opus };

// Timestamps and `due` come from one clock of the playing, so audio and video stay together; they
// go on evenly over loops, seeks and pauses.
struct MediaFrame {
  std::vector<std::uint8_t>
      bytes;  // H.264: Annex B with SPS and PPS before each IDR; VP8, Opus: one
  Codec codec = Codec::h264;
  bool key = false;             // decodable without the frames before it; always so for Opus
  std::uint32_t timestamp = 0;  // RTP units: 90 kHz for video, 48 kHz for Opus; wraps
  base::SteadyTime due = {};    // when it is to be sent; sender reports map it to NTP
  std::uint16_t width = 0;      // video
  std::uint16_t height = 0;
};
using MediaFramePtr = std::shared_ptr<const MediaFrame>;

// One rung of the ladder, lowest rate first. A source of unknown rate (live) tells what it
// measured.
struct Rendition {
  std::string name;  // low, medium, high, or source for what is passed through
  int width = 0;
  int height = 0;
  double frame_rate = 0;
  std::int64_t bitrate_bps = 0;
  std::vector<Codec> codecs;  // in which it can be had; asking starts the encoder
};

struct SourceInfo {
  std::string name;                        // what the user asked for: test, a CID, a live name
  std::vector<Rendition> video;            // empty: audio only
  bool audio = false;                      // Opus, 48 kHz, stereo
  bool live = false;                       // no seek, no pause, no end of its own
  std::optional<base::Duration> duration;  // of content
};

class MediaSink {
 public:
  virtual ~MediaSink() = default;
  virtual void on_frame(const MediaFramePtr& frame) = 0;
  // Nothing comes after it. An empty reason: the end of the content.
  virtual void on_end(const std::string& reason) = 0;
};

struct PlayState {
  base::Duration position = {};
  bool paused = false;
  bool loop = true;
  bool ended = false;
  std::uint64_t stalls = 0;  // times that what is read came too late
};

// How content that is not all here is read: what is read and fetched before it is due.
struct Reading {
  static constexpr base::Duration kAheadMax = std::chrono::seconds(60);
  base::Duration ahead = std::chrono::seconds(30);
  double threshold = 0.5;   // less than this share of `ahead` is left: more is fetched
  bool progressive = true;  // false: it begins when all of it is here
};

class Source {
 public:
  virtual ~Source() = default;
  virtual SourceInfo info() const = 0;
  virtual PlayState state() const = 0;

  // Frames of one rendition go to `sink` until the handle is gone; encoders run only while somebody
  // watches. The first video frame is a key frame: the newest group of pictures that is kept is
  // delivered at once, with its old timestamps. invalid_argument: no such rendition or codec.
  using Watch = std::shared_ptr<void>;
  virtual base::Result<Watch> watch_video(const std::string& rendition, Codec codec,
                                          std::shared_ptr<MediaSink> sink) = 0;
  virtual base::Result<Watch> watch_audio(std::shared_ptr<MediaSink> sink) = 0;
  // For each rendition two at once are made (of a publisher: one), and over time one a second; more
  // are as good as one.
  virtual void request_key_frame(const std::string& rendition, Codec codec) = 0;

  // conflict: it is live.
  virtual runtime::TaskResult<bool> seek(base::Duration to) = 0;
  virtual runtime::TaskResult<bool> pause(bool paused) = 0;
  virtual runtime::TaskResult<bool> loop(bool on) = 0;

  // How it is read; none: there is nothing to be fetched (a pattern, a file, a publisher).
  virtual std::optional<Reading> reading() const { return std::nullopt; }
  virtual void read_so(const Reading& /*reading*/) {}
  // What became of it on its way; null: nothing can (a pattern, a file).
  virtual const SourceNotes* notes() const { return nullptr; }
};

// What is published to us (WHIP): frames go in, and the source made of them can be watched.
class Publication {
 public:
  virtual ~Publication() = default;
  // Any thread, one at a time for each kind. False: another publishes in its place.
  virtual bool on_frame(MediaFramePtr frame) = 0;
  // Meant so: who watches is told the end.
  virtual void end() = 0;
  // The publisher was lost: it, or another of the name, may go on for those who watch.
  virtual void lost(const std::string& reason) = 0;
};

// Finds or starts what a name stands for: `test`, a CID, a live name. One playing is shared by all
// who name it alike; with `own` it is this caller's alone, with its own position.
class SourceCatalog {
 public:
  virtual ~SourceCatalog() = default;
  // not_found, invalid_argument (no media in it, and why), unavailable (too many). Who shares a
  // playing shares its reading: the largest that was asked for.
  virtual runtime::TaskResult<std::shared_ptr<Source>> open(std::string name, bool own,
                                                            Reading reading) = 0;
  // conflict: somebody publishes under that name, and is heard. `wants_key` asks the publisher for
  // a key frame, from any thread.
  virtual base::Result<std::unique_ptr<Publication>> publish(std::string name, Codec video,
                                                             bool audio,
                                                             std::function<void()> wants_key) = 0;
};

}  // namespace telltale::rtc
