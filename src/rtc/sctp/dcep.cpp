#include "rtc/sctp/dcep.hpp"

#include <algorithm>
#include <chrono>

namespace telltale::rtc::sctp {
namespace {

constexpr std::uint8_t kUnordered = 0x80;
constexpr std::uint8_t kReliable = 0;
constexpr std::uint8_t kRetransmits = 1;
constexpr std::uint8_t kLifetime = 2;

}  // namespace

std::optional<DcepType> dcep_type(Bytes message) noexcept {
  if (message.empty()) return std::nullopt;
  const auto type = static_cast<DcepType>(message[0]);
  if (type != DcepType::ack && type != DcepType::open) return std::nullopt;
  return type;
}

std::optional<DcepOpen> read_open(Bytes message) {
  Reader reader(message);
  if (reader.u8() != static_cast<std::uint8_t>(DcepType::open)) return std::nullopt;
  const auto type = reader.u8();
  DcepOpen open = {.priority = reader.u16()};
  const auto parameter = reader.u32();
  const auto label = reader.u16();
  const auto protocol = reader.u16();
  open.label = as_text(reader.bytes(label));
  open.protocol = as_text(reader.bytes(protocol));
  if (reader.failed() || reader.left() > 0) return std::nullopt;
  open.reliability.ordered = (type & kUnordered) == 0;
  switch (type & static_cast<std::uint8_t>(~kUnordered)) {
    case kReliable:
      return open;
    case kRetransmits:
      open.reliability.retransmits_max = parameter;
      return open;
    case kLifetime:
      open.reliability.lifetime = std::chrono::milliseconds(parameter);
      return open;
    default:
      return std::nullopt;
  }
}

std::vector<std::uint8_t> write_open(const DcepOpen& open) {
  const auto& reliability = open.reliability;
  std::uint8_t type = reliability.ordered ? 0 : kUnordered;
  std::uint32_t parameter = 0;
  if (reliability.retransmits_max) {
    type |= kRetransmits;
    parameter = *reliability.retransmits_max;
  } else if (reliability.lifetime) {
    type |= kLifetime;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*reliability.lifetime);
    parameter = static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms.count(), 0, 0xffff'ffff));
  }
  std::vector<std::uint8_t> message(12 + open.label.size() + open.protocol.size());
  Writer writer(message);
  writer.u8(static_cast<std::uint8_t>(DcepType::open));
  writer.u8(type);
  writer.u16(open.priority);
  writer.u32(parameter);
  writer.u16(open.label.size());
  writer.u16(open.protocol.size());
  writer.bytes(as_bytes(open.label));
  writer.bytes(as_bytes(open.protocol));
  return message;
}

}  // namespace telltale::rtc::sctp
