// One frame as RTP payloads: made once, shared by every viewer. All payloads of one NAL unit or VP8
// frame are of the same size but the last, which is smaller: with equal headers that is one
// UDP_SEGMENT send. Reuse one object; after the first frames nothing is allocated.
#pragma once

#include <cstdint>
#include <vector>

#include "rtc/bytes.hpp"

namespace telltale::rtc::rtp {

inline constexpr std::size_t kDefaultPayload = 1180;  // with headers, tag and UDP under 1,280

struct Packetized {
  struct Piece {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
    bool marker = false;  // the last of its frame
  };
  std::vector<std::uint8_t> bytes;
  std::vector<Piece> pieces;
  bool key_frame = false;

  void clear() noexcept {
    bytes.clear();
    pieces.clear();
    key_frame = false;
  }
  std::size_t size() const noexcept { return pieces.size(); }
  Bytes payload(std::size_t index) const noexcept {
    return Bytes(bytes).subspan(pieces[index].at, pieces[index].size);
  }
  void begin_piece() { pieces.push_back({.at = static_cast<std::uint32_t>(bytes.size())}); }
  void append(Bytes part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
    pieces.back().size += static_cast<std::uint32_t>(part.size());
  }
  void append(std::uint8_t byte) { append(Bytes(&byte, 1)); }
};

// The size of each of the fewest pieces of at most `limit`, so that all are equal but the last.
constexpr std::size_t equal_size(std::size_t total, std::size_t limit) noexcept {
  const auto pieces = (total + limit - 1) / limit;
  return pieces == 0 ? 0 : (total + pieces - 1) / pieces;
}

}  // namespace telltale::rtc::rtp
