// SCTP packets (RFC 9260 section 3): the common header, chunks and parameters, read by views and
// written in place. A reader never leaves its span; what is cut short ends the walk and says so.
// Pure, no allocation.
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/bytes.hpp"

namespace telltale::rtc::sctp {

enum class ChunkType : std::uint8_t {
  data = 0,
  init = 1,
  init_ack = 2,
  sack = 3,
  heartbeat = 4,
  heartbeat_ack = 5,
  abort = 6,
  shutdown = 7,
  shutdown_ack = 8,
  error = 9,
  cookie_echo = 10,
  cookie_ack = 11,
  ecn_echo = 12,
  congestion_window_reduced = 13,
  shutdown_complete = 14,
  re_config = 130,    // RFC 6525
  forward_tsn = 192,  // RFC 3758
};

// Error causes, section 3.3.10.
enum class Cause : std::uint16_t {
  invalid_stream = 1,
  missing_parameter = 2,
  stale_cookie = 3,
  out_of_resource = 4,
  unresolvable_address = 5,
  unrecognized_chunk = 6,
  invalid_parameter = 7,
  unrecognized_parameters = 8,
  no_user_data = 9,
  cookie_while_shutting_down = 10,
  restart_with_new_addresses = 11,
  user_abort = 12,
  protocol_violation = 13,
};

inline constexpr std::size_t kCommonHeader = 12;
inline constexpr std::size_t kChunkHeader = 4;
inline constexpr std::size_t kDataHeader = 16;       // of a DATA chunk, its chunk header included
inline constexpr std::uint8_t kReflectedTag = 0x01;  // the T bit of ABORT and SHUTDOWN COMPLETE

inline constexpr std::uint8_t kDataEnd = 0x01;
inline constexpr std::uint8_t kDataBegin = 0x02;
inline constexpr std::uint8_t kDataUnordered = 0x04;
inline constexpr std::uint8_t kDataImmediate = 0x08;  // RFC 7053: acknowledge at once

constexpr std::size_t padded(std::size_t size) noexcept {
  return (size + 3U) & ~std::size_t{3};
}

// What to do with a type nobody here knows: its two highest bits (sections 3.2 and 3.2.1).
constexpr bool skips_unknown(std::uint8_t high) noexcept {
  return (high & 0x80U) != 0;
}
constexpr bool reports_unknown(std::uint8_t high) noexcept {
  return (high & 0x40U) != 0;
}

struct CommonHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t tag = 0;
};

// Nullopt: too short, or the checksum is wrong.
std::optional<CommonHeader> read_common_header(Bytes packet) noexcept;

struct Chunk {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  Bytes value;  // without padding
  Bytes whole;  // with its header, without padding

  bool is(ChunkType other) const noexcept { return type == static_cast<std::uint8_t>(other); }
};

class ChunkReader {
 public:
  // After the common header.
  explicit ChunkReader(Bytes chunks) noexcept : left_(chunks) {}
  std::optional<Chunk> next() noexcept;
  bool done() const noexcept { return left_.empty(); }
  bool broken() const noexcept { return broken_; }  // a length lies

 private:
  Bytes left_;
  bool broken_ = false;
};

// Parameters of INIT, INIT ACK and RE-CONFIG, and error causes: they share their form.
struct Parameter {
  std::uint16_t type = 0;
  Bytes value;
  Bytes whole;
};

class ParameterReader {
 public:
  explicit ParameterReader(Bytes parameters) noexcept : left_(parameters) {}
  std::optional<Parameter> next() noexcept;
  bool broken() const noexcept { return broken_; }

 private:
  Bytes left_;
  bool broken_ = false;
};

// One packet into `out`. Chunks that do not fit are refused whole.
class PacketWriter {
 public:
  PacketWriter(MutableBytes out, const CommonHeader& header) noexcept;
  // The place of a chunk's value, zeroed; nullopt when it does not fit.
  std::optional<MutableBytes> add(ChunkType type, std::uint8_t flags, std::size_t size) noexcept;
  bool add(ChunkType type, std::uint8_t flags, Bytes value) noexcept;
  bool add_whole(Bytes chunk) noexcept;  // a chunk with its header
  // For the value of one more chunk.
  std::size_t room() const noexcept;
  bool empty() const noexcept { return size_ == kCommonHeader; }
  // Writes the checksum; the packet's size.
  std::size_t finish() noexcept;

 private:
  MutableBytes out_;
  std::size_t size_ = kCommonHeader;
};

}  // namespace telltale::rtc::sctp
