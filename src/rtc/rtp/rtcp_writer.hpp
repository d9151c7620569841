// Writes RTCP packets one behind the other into a buffer. Each call is all or nothing: false, and
// nothing written, when it does not fit (or asks for the impossible). The caller orders a compound:
// SR or RR first, then SDES (RFC 3550 section 6.1), unless reduced size was negotiated (RFC 5506).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rtc/rtp/rtcp.hpp"

namespace telltale::rtc::rtp {

class RtcpWriter {
 public:
  explicit RtcpWriter(MutableBytes out) noexcept : writer_(out) {}

  // At most 31 blocks.
  bool sender_report(std::uint32_t ssrc, const SenderInfo& info,
                     std::span<const ReportBlock> blocks = {}) noexcept;
  bool receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> blocks = {}) noexcept;
  bool cname(std::uint32_t ssrc, std::string_view cname) noexcept;  // at most 255 bytes
  bool bye(std::span<const std::uint32_t> ssrcs, std::string_view reason = {}) noexcept;
  // `lost` in ascending order (round the wrap), without doubles.
  bool nack(std::uint32_t sender, std::uint32_t media,
            std::span<const std::uint16_t> lost) noexcept;
  bool pli(std::uint32_t sender, std::uint32_t media) noexcept;
  bool fir(std::uint32_t sender, std::uint32_t media, std::uint8_t command) noexcept;
  // The bitrate is rounded down to 18 bits of precision.
  bool remb(std::uint32_t sender, std::uint64_t bitrate_bps,
            std::span<const std::uint32_t> ssrcs) noexcept;
  // As write_transport_feedback: how many of the arrivals it took.
  std::size_t transport_feedback(std::uint32_t sender, std::uint32_t media,
                                 std::uint16_t base_sequence, std::uint8_t feedback_number,
                                 std::span<const std::optional<ArrivalTime>> arrivals) noexcept;
  bool receiver_reference_time(std::uint32_t ssrc, std::uint64_t ntp) noexcept;
  bool delay_since_last_reference(std::uint32_t ssrc, std::uint32_t receiver_ssrc,
                                  std::uint32_t last_rr, std::uint32_t delay) noexcept;

  Bytes written() const noexcept { return writer_.written(); }
  std::size_t size() const noexcept { return writer_.position(); }

 private:
  template <class Body>
  bool packet(std::uint8_t format, std::uint8_t type, Body&& body) noexcept;

  Writer writer_;
};

}  // namespace telltale::rtc::rtp
