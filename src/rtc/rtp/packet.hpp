// RTP packets (RFC 3550 section 5.1) with header extensions (RFC 8285): a view that parses without
// copying and a writer of headers. No allocation. What does not parse is nullopt: count and drop.
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/bytes.hpp"

namespace telltale::rtc::rtp {

inline constexpr std::size_t kMinHeaderSize = 12;
inline constexpr std::uint16_t kOneByteProfile = 0xbede;  // RFC 8285 section 4.2
inline constexpr std::uint16_t kTwoByteProfile = 0x1000;  // section 4.3; low 4 bits: appbits

// Of the fixed header, CSRCs and extension; nullopt when `packet` is not RTP version 2 or shorter.
std::optional<std::size_t> header_size(Bytes packet) noexcept;

struct Header {
  bool marker = false;
  std::uint8_t payload_type = 0;  // 0-127
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
};

// Points into the packet it was parsed from.
struct PacketView {
  Header header;
  Bytes csrcs;                          // 4 bytes each
  std::uint16_t extension_profile = 0;  // 0: no extension
  Bytes extensions;                     // behind profile and length
  Bytes payload;                        // without padding
  std::size_t padding = 0;

  static std::optional<PacketView> parse(Bytes packet) noexcept;
  // Of the one- or two-byte form; nullopt when it is not there. An element may be empty.
  std::optional<Bytes> extension(std::uint8_t id) const noexcept;
};

// Calls `take(id, data)` for each element (RFC 8285 sections 4.2 and 4.3); stops at the first
// malformed one. False: it was malformed.
template <class Take>
bool for_each_extension(std::uint16_t profile, Bytes extensions, Take&& take) {
  const bool one_byte = profile == kOneByteProfile;
  if (!one_byte && (profile & 0xfff0U) != kTwoByteProfile) return true;
  Reader reader(extensions);
  while (reader.left() > 0) {
    const auto head = reader.u8();
    if (head == 0) continue;  // padding
    std::uint8_t id = head;
    std::size_t size = 0;
    if (one_byte) {
      id = static_cast<std::uint8_t>(head >> 4U);
      size = (head & 0xfU) + 1U;
      if (id == 15) return true;  // reserved: stop, ignore the rest
      if (id == 0) return false;  // a length without an id
    } else {
      size = reader.u8();
    }
    const auto data = reader.bytes(size);
    if (reader.failed()) return false;
    take(id, data);
  }
  return true;
}

// Writes a header into a buffer: fixed part first, then extensions one by one, then finish().
class HeaderWriter {
 public:
  enum class Form : std::uint8_t { none, one_byte, two_byte };

  HeaderWriter(MutableBytes out, const Header& header, Form form = Form::none,
               Bytes csrcs = {}) noexcept;
  // One-byte form: id 1-14 and 1-16 bytes; two-byte form: id 1-255 and 0-255 bytes. Returns where
  // the data lies in the buffer, for what is rewritten per peer; nullopt when it does not fit.
  std::optional<std::size_t> extension(std::uint8_t id, Bytes data) noexcept;
  // Pads the extension block and writes its length. The size of the header; nullopt: no room.
  std::optional<std::size_t> finish() noexcept;

 private:
  MutableBytes out_;
  Writer writer_;
  Form form_;
  std::size_t block_at_ = 0;  // of the extension block's own header
};

// In place, of a packet already written.
inline void set_sequence(MutableBytes packet, std::uint16_t value) noexcept {
  store_u16(packet, 2, value);
}
inline void set_timestamp(MutableBytes packet, std::uint32_t value) noexcept {
  store_u32(packet, 4, value);
}
inline void set_ssrc(MutableBytes packet, std::uint32_t value) noexcept {
  store_u32(packet, 8, value);
}
inline void set_payload_type(MutableBytes packet, std::uint8_t value) noexcept {
  packet[1] = static_cast<std::uint8_t>((packet[1] & 0x80U) | (value & 0x7fU));
}

}  // namespace telltale::rtc::rtp
