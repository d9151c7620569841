// What SRTP remembers of each SSRC of one direction: the packet index with its roll-over counter
// (RFC 3711 section 3.3.1), the SRTCP index, and which indices were used. At most kMaxStreams: a
// peer that holds the key may still not make us remember without end. Memory is allocated only
// when an SSRC is seen for the first time.
#pragma once

#include <cstdint>
#include <vector>

#include "rtc/srtp/replay_window.hpp"

namespace telltale::rtc::srtp {

inline constexpr std::size_t kMaxStreams = 64;
inline constexpr std::uint64_t kMaxRtpIndex = 0xffff'ffff'ffff;
inline constexpr std::uint32_t kMaxRtcpIndex = 0x7fff'ffff;

struct Stream {
  std::uint32_t ssrc = 0;
  ReplayWindow window;
};

class Streams {
 public:
  Stream* find(std::uint32_t ssrc) noexcept {
    if (last_ < streams_.size() && streams_[last_].ssrc == ssrc) return &streams_[last_];
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i].ssrc != ssrc) continue;
      last_ = i;
      return &streams_[i];
    }
    return nullptr;
  }
  bool full() const noexcept { return streams_.size() >= kMaxStreams; }
  Stream& add(std::uint32_t ssrc) {
    last_ = streams_.size();
    return streams_.emplace_back(Stream{.ssrc = ssrc});
  }

 private:
  std::vector<Stream> streams_;
  std::size_t last_ = 0;
};

// The index (ROC << 16 | SEQ) a sequence number most likely stands for, next to the highest so far.
// RFC 3711 appendix A; with no roll-over before the first packet.
constexpr std::uint64_t guess_index(std::uint64_t highest, std::uint16_t sequence) noexcept {
  const auto roc = highest >> 16U;
  const auto low = static_cast<std::uint16_t>(highest);
  auto guessed = roc;
  if (low < 0x8000) {
    if (sequence > low && sequence - low > 0x8000 && roc > 0) guessed = roc - 1;
  } else if (sequence < low - 0x8000) {
    guessed = roc + 1;
  }
  return guessed << 16U | sequence;
}

}  // namespace telltale::rtc::srtp
