// Input: what a player reads from, in media time from 0 on: the test pattern, or a file. Pulled by
// the player's thread; a read may block, cancel() ends that from any thread.
#pragma once

#include <variant>

#include "media/picture.hpp"

namespace telltale::media {

struct InputInfo {
  std::optional<PictureSize> picture;  // as shown
  double frame_rate = 0;
  std::optional<Rendition> pass_video;  // rendition `source`: fits browsers as it is
  bool audio = false;
  bool pass_audio = false;
  bool seekable = false;
  bool rewindable = false;  // it can be played again from its start
  std::optional<base::Duration> duration;
};

// What one read gave.
struct PictureUnit {
  base::Duration at = {};
  Picture picture;
};
struct PacketUnit {  // passed through
  base::Duration at = {};
  std::vector<std::uint8_t> bytes;
  Codec codec = Codec::h264;
  bool key = false;
  PictureSize size = {};
};
struct SoundUnit {
  base::Duration at = {};
  std::vector<float> samples;  // 48 kHz, left and right in turn
};
using Unit = std::variant<PictureUnit, PacketUnit, SoundUnit>;

struct Wanted {
  bool pictures = false;
  bool sound = false;
  PictureSize size = {};  // the largest that is watched: who draws need not draw larger
};

struct InputStatistics {
  std::uint64_t packets_read = 0;
  std::uint64_t pictures_decoded = 0;
  std::uint64_t decode_errors = 0;
};

class Input {
 public:
  virtual ~Input() = default;
  virtual InputInfo info() const = 0;
  // Appends to `out`, may append nothing; false at the end.
  virtual base::Result<bool> read(Wanted wanted, std::vector<Unit>& out) = 0;
  // To the key frame at or before `to`; where that is.
  virtual base::Result<base::Duration> seek(base::Duration to) = 0;
  // The player is late: pictures nothing depends on need not be decoded.
  virtual void hurry(bool on) { static_cast<void>(on); }
  virtual InputStatistics statistics() const = 0;
  virtual void cancel() {}  // any thread: reads end now and from now on
};

}  // namespace telltale::media
