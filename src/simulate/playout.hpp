// When a player would show each frame, and whether the picture stood still: a playout buffer in the
// manner of browsers, without decoding. A frame is shown at its time plus the buffer, or when it
// comes if that is later; then the buffer grows to what that frame needed (half a second at most)
// and shrinks slowly while everything is early. A freeze is as in W3C webrtc-stats (freezeCount):
// between two shown frames more than three times the usual and more than the usual plus 150 ms.
// No clock, no I/O.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace telltale::simulate {

class Playout {
 public:
  // A whole frame with its RTP timestamp (90 kHz, wraps). How long the picture stood still before
  // it, if it did.
  std::optional<base::Duration> on_frame(std::uint32_t timestamp, base::SteadyTime arrived);

  base::Duration buffer() const noexcept { return buffer_; }
  base::Duration usual() const noexcept { return usual_; }  // between two shown frames

 private:
  std::uint64_t frames_ = 0;
  std::uint32_t timestamp_ = 0;   // of the last one
  base::Duration media_ = {};     // its time since the first, by the sender's clock
  base::SteadyTime origin_ = {};  // arrival less media time: the least seen
  base::SteadyTime shown_ = {};
  base::Duration buffer_ = {};
  base::Duration usual_ = {};
};

}  // namespace telltale::simulate
