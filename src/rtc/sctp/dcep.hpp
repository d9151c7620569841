// The Data Channel Establishment Protocol (RFC 8832) and the payload protocol identifiers of data
// channels (RFC 8831 section 8). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "rtc/bytes.hpp"

namespace telltale::rtc::sctp {

namespace ppid {
inline constexpr std::uint32_t kDcep = 50;
inline constexpr std::uint32_t kString = 51;
inline constexpr std::uint32_t kBinaryPartial = 52;  // 52 and 54: the beginning of a message,
inline constexpr std::uint32_t kBinary = 53;         // as Firefox once sent long ones
inline constexpr std::uint32_t kStringPartial = 54;
inline constexpr std::uint32_t kStringEmpty = 56;  // one byte stands for none
inline constexpr std::uint32_t kBinaryEmpty = 57;
}  // namespace ppid

// How a channel carries its messages: all of them unless one limit is given.
struct Reliability {
  bool ordered = true;
  std::optional<std::uint32_t> retransmits_max = {};
  std::optional<base::Duration> lifetime = {};  // whole milliseconds

  bool operator==(const Reliability&) const = default;
};

struct DcepOpen {
  Reliability reliability = {};
  std::uint16_t priority = 256;
  std::string label = {};
  std::string protocol = {};
};

enum class DcepType : std::uint8_t { ack = 2, open = 3 };

std::optional<DcepType> dcep_type(Bytes message) noexcept;
std::optional<DcepOpen> read_open(Bytes message);
std::vector<std::uint8_t> write_open(const DcepOpen& open);

}  // namespace telltale::rtc::sctp
