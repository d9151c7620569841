// A publisher's timestamps on one clock: each stream begins where the arrival of its first frame
// puts it, and once both streams' sender reports are there (RFC 3550 section 6.4.1), sound is moved
// to fit the pictures, as the publisher's own clock says. One per publisher.
#pragma once

#include <array>
#include <cmath>
#include <optional>

#include "rtc/receive/inbound_stream.hpp"
#include "rtc/rtp/unwrap.hpp"

namespace telltale::rtc {

class LipSync {
 public:
  // In the stream's clock; goes on evenly but for the one correction.
  std::uint32_t map(const InboundStream& stream, std::uint32_t timestamp, base::SteadyTime now) {
    const bool audio = stream.codec() == Codec::opus;
    auto& line = lines_[audio ? 0 : 1];
    const double clock = stream.stream().codec.clock;
    if (!begun_) begun_ = now;
    const auto ticks = line.unwrapper.unwrap(timestamp);
    if (!line.offset_s)
      line.offset_s = base::to_seconds(now - *begun_) - static_cast<double>(ticks) / clock;
    if (const auto mark = stream.last_report()) {
      const auto at = static_cast<double>(line.unwrapper.peek(mark->timestamp)) / clock;
      line.ntp_s = static_cast<double>(mark->ntp) / 4'294'967'296.0 - at;
    }
    if (audio && !aligned_) align();
    return static_cast<std::uint32_t>(
        std::llround(static_cast<double>(ticks) + *line.offset_s * clock));
  }

 private:
  struct Line {
    rtp::TimestampUnwrapper unwrapper;
    std::optional<double> offset_s;  // added to the stream's own time
    std::optional<double> ntp_s;     // what the publisher's clock adds to it
  };
  void align() {
    auto& audio = lines_[0];
    const auto& video = lines_[1];
    if (!audio.ntp_s || !video.ntp_s || !video.offset_s) return;
    aligned_ = true;
    const double wanted = *video.offset_s + (*audio.ntp_s - *video.ntp_s);
    constexpr double kBelievable = 2;  // seconds; else its reports are nonsense
    if (std::abs(wanted - *audio.offset_s) < kBelievable) audio.offset_s = wanted;
  }

  std::array<Line, 2> lines_ = {};  // audio, video
  std::optional<base::SteadyTime> begun_;
  bool aligned_ = false;
};

}  // namespace telltale::rtc
