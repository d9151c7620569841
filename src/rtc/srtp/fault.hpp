// Why a packet was not protected or not taken. Counted, never logged one by one: anybody can send
// such packets.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace telltale::rtc::srtp {

enum class Fault : std::uint8_t {
  malformed,         // too short, or not RTP/RTCP version 2
  replayed,          // the index was used before, or is older than the window
  not_authentic,     // the tag does not fit
  no_room,           // the buffer has no room for the tag
  index_reused,      // the sender has used this index: another packet under it would break GCM
  too_many_streams,  // more than kMaxStreams SSRCs
  key_exhausted,     // 2^48 RTP or 2^31 RTCP packets: a new key is needed
  cipher,            // OpenSSL refused
};

std::string_view name_of(Fault fault) noexcept;

template <class T>
using Outcome = std::expected<T, Fault>;

}  // namespace telltale::rtc::srtp
