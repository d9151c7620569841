// The two check sums of STUN: HMAC-SHA1 (RFC 8489 section 14.5) and CRC-32 (section 14.7).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "rtc/bytes.hpp"

namespace telltale::rtc::stun {

// Over two pieces, so that a header with another length needs no copy of the message.
std::array<std::uint8_t, 20> hmac_sha1(std::string_view key, Bytes first, Bytes second) noexcept;
std::uint32_t crc32(Bytes first, Bytes second = {}) noexcept;
inline constexpr std::uint32_t kFingerprintXor = 0x5354554e;

}  // namespace telltale::rtc::stun
