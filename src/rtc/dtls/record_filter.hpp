// What may be handed to OpenSSL. OpenSSL 3.0 gives an association up for good when a record of a
// keyed epoch is shorter than its cipher's overhead, which anybody can send who knows the address.
// So datagrams that are not whole DTLS records (RFC 6347 section 4.1), or whose keyed records
// cannot be authentic, are dropped before.
#pragma once

#include <cstdint>
#include <span>

namespace telltale::rtc::dtls {

// The explicit nonce and the tag of AES-GCM; what our other ciphers add is more.
inline constexpr std::size_t kKeyedRecordBytesMin = 24;

bool is_plausible(std::span<const std::uint8_t> datagram) noexcept;

}  // namespace telltale::rtc::dtls
