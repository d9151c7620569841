// CRC32c, the checksum of SCTP packets (RFC 9260 appendix A). By the processor's instruction where
// it has one, else by table. Pure.
#pragma once

#include "rtc/bytes.hpp"

namespace telltale::rtc::sctp {

std::uint32_t crc32c(Bytes bytes) noexcept;
// The same without the instruction, so that both can be compared.
std::uint32_t crc32c_by_table(Bytes bytes) noexcept;

// Of a packet whose checksum field (bytes 8 to 11) counts as zero; at least 12 bytes.
std::uint32_t packet_checksum(Bytes packet) noexcept;

}  // namespace telltale::rtc::sctp
