#include "rtc/rtp/rtcp_writer.hpp"

#include <bit>

namespace telltale::rtc::rtp {
namespace {

constexpr std::size_t kMaxCount = 31;  // five bits

void put(Writer& writer, const ReportBlock& block) noexcept {
  writer.u32(block.ssrc);
  writer.u8(block.fraction_lost);
  // 24 bits: what is over stays at the end of the range.
  writer.u24(static_cast<std::uint32_t>(std::clamp(block.cumulative_lost, -0x80'0000, 0x7f'ffff)) &
             0xff'ffffU);
  writer.u32(block.highest_sequence);
  writer.u32(block.jitter);
  writer.u32(block.last_sr);
  writer.u32(block.delay_since_last_sr);
}

}  // namespace

template <class Body>
bool RtcpWriter::packet(std::uint8_t format, std::uint8_t type, Body&& body) noexcept {
  const auto begin = writer_.position();
  writer_.u8(0x80U | format);
  writer_.u8(type);
  writer_.u16(0);
  body();
  if (!writer_.failed()) writer_.zeros((4 - (writer_.position() - begin) % 4) % 4);
  if (writer_.failed()) {
    writer_.rewind(begin);
    return false;
  }
  const auto written = writer_.written().subspan(begin);
  store_u16(written, 2, static_cast<std::uint16_t>(written.size() / 4 - 1));
  return true;
}

bool RtcpWriter::sender_report(std::uint32_t ssrc, const SenderInfo& info,
                               std::span<const ReportBlock> blocks) noexcept {
  if (blocks.size() > kMaxCount) return false;
  return packet(static_cast<std::uint8_t>(blocks.size()), rtcp_type::kSenderReport, [&] {
    writer_.u32(ssrc);
    writer_.u64(info.ntp);
    writer_.u32(info.rtp_timestamp);
    writer_.u32(info.packets);
    writer_.u32(info.octets);
    for (const auto& block : blocks) put(writer_, block);
  });
}

bool RtcpWriter::receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> blocks) noexcept {
  if (blocks.size() > kMaxCount) return false;
  return packet(static_cast<std::uint8_t>(blocks.size()), rtcp_type::kReceiverReport, [&] {
    writer_.u32(ssrc);
    for (const auto& block : blocks) put(writer_, block);
  });
}

bool RtcpWriter::cname(std::uint32_t ssrc, std::string_view cname) noexcept {
  if (cname.size() > 255) return false;
  return packet(1, rtcp_type::kSourceDescription, [&] {
    writer_.u32(ssrc);
    writer_.u8(1);
    writer_.u8(cname.size());
    writer_.bytes(as_bytes(cname));
    writer_.u8(0);  // ends the chunk; padding to a word is zero too
  });
}

bool RtcpWriter::bye(std::span<const std::uint32_t> ssrcs, std::string_view reason) noexcept {
  if (ssrcs.size() > kMaxCount || reason.size() > 255) return false;
  return packet(static_cast<std::uint8_t>(ssrcs.size()), rtcp_type::kBye, [&] {
    for (const auto ssrc : ssrcs) writer_.u32(ssrc);
    if (reason.empty()) return;
    writer_.u8(reason.size());
    writer_.bytes(as_bytes(reason));
  });
}

bool RtcpWriter::nack(std::uint32_t sender, std::uint32_t media,
                      std::span<const std::uint16_t> lost) noexcept {
  if (lost.empty()) return false;
  return packet(1, rtcp_type::kTransportFeedback, [&] {
    writer_.u32(sender);
    writer_.u32(media);
    for (std::size_t i = 0; i < lost.size();) {
      const auto first = lost[i++];
      std::uint32_t mask = 0;
      for (; i < lost.size(); ++i) {
        const auto distance = static_cast<std::uint16_t>(lost[i] - first);
        if (distance == 0 || distance > 16) break;
        mask |= 1U << (distance - 1U);
      }
      writer_.u16(first);
      writer_.u16(mask);
    }
  });
}

bool RtcpWriter::pli(std::uint32_t sender, std::uint32_t media) noexcept {
  return packet(1, rtcp_type::kPayloadFeedback, [&] {
    writer_.u32(sender);
    writer_.u32(media);
  });
}

bool RtcpWriter::fir(std::uint32_t sender, std::uint32_t media, std::uint8_t command) noexcept {
  return packet(4, rtcp_type::kPayloadFeedback, [&] {
    writer_.u32(sender);
    writer_.u32(0);
    writer_.u32(media);
    writer_.u8(command);
    writer_.zeros(3);
  });
}

bool RtcpWriter::remb(std::uint32_t sender, std::uint64_t bitrate_bps,
                      std::span<const std::uint32_t> ssrcs) noexcept {
  if (ssrcs.size() > 255) return false;
  const auto width = static_cast<std::uint64_t>(std::bit_width(bitrate_bps));
  const auto exponent = width > 18 ? width - 18 : 0;
  return packet(15, rtcp_type::kPayloadFeedback, [&] {
    writer_.u32(sender);
    writer_.u32(0);
    writer_.bytes(as_bytes("REMB"));
    writer_.u8(ssrcs.size());
    writer_.u24(exponent << 18U | bitrate_bps >> exponent);
    for (const auto ssrc : ssrcs) writer_.u32(ssrc);
  });
}

std::size_t RtcpWriter::transport_feedback(
    std::uint32_t sender, std::uint32_t media, std::uint16_t base_sequence,
    std::uint8_t feedback_number, std::span<const std::optional<ArrivalTime>> arrivals) noexcept {
  const auto begin = writer_.position();
  std::size_t taken = 0;
  const bool written = packet(15, rtcp_type::kTransportFeedback, [&] {
    writer_.u32(sender);
    writer_.u32(media);
    if (!writer_.failed())
      taken = write_transport_feedback(writer_, base_sequence, feedback_number, arrivals);
  });
  if (!written || taken == 0) {
    writer_.rewind(begin);
    return 0;
  }
  return taken;
}

bool RtcpWriter::receiver_reference_time(std::uint32_t ssrc, std::uint64_t ntp) noexcept {
  return packet(0, rtcp_type::kExtendedReport, [&] {
    writer_.u32(ssrc);
    writer_.u8(4);
    writer_.u8(0);
    writer_.u16(2);
    writer_.u64(ntp);
  });
}

bool RtcpWriter::delay_since_last_reference(std::uint32_t ssrc, std::uint32_t receiver_ssrc,
                                            std::uint32_t last_rr, std::uint32_t delay) noexcept {
  return packet(0, rtcp_type::kExtendedReport, [&] {
    writer_.u32(ssrc);
    writer_.u8(5);
    writer_.u8(0);
    writer_.u16(3);
    writer_.u32(receiver_ssrc);
    writer_.u32(last_rr);
    writer_.u32(delay);
  });
}

}  // namespace telltale::rtc::rtp
