// RTCP packets: what they say, as views into the datagram or plain values. Units as on the wire:
// NTP times are 32.32 fixed point seconds since 1900, `last_sr` and delays 16.16 seconds, jitter in
// timestamp units. rtcp_reader.hpp takes compounds apart, rtcp_writer.hpp writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "rtc/bytes.hpp"
#include "rtc/rtp/transport_feedback.hpp"

namespace telltale::rtc::rtp {

namespace rtcp_type {
inline constexpr std::uint8_t kSenderReport = 200;
inline constexpr std::uint8_t kReceiverReport = 201;
inline constexpr std::uint8_t kSourceDescription = 202;
inline constexpr std::uint8_t kBye = 203;
inline constexpr std::uint8_t kTransportFeedback = 205;  // RTPFB, RFC 4585
inline constexpr std::uint8_t kPayloadFeedback = 206;    // PSFB
inline constexpr std::uint8_t kExtendedReport = 207;     // RFC 3611
}  // namespace rtcp_type

// RFC 3550 section 6.4.1.
struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;    // of 256
  std::int32_t cumulative_lost = 0;  // 24 bits signed
  std::uint32_t highest_sequence = 0;
  std::uint32_t jitter = 0;
  std::uint32_t last_sr = 0;  // middle 32 bits of the NTP time; 0: none
  std::uint32_t delay_since_last_sr = 0;
  bool operator==(const ReportBlock&) const = default;
};

class ReportBlocks {
 public:
  ReportBlocks() = default;
  explicit ReportBlocks(Bytes bytes) noexcept : bytes_(bytes) {}
  std::size_t size() const noexcept { return bytes_.size() / kSize; }
  ReportBlock operator[](std::size_t index) const noexcept;
  static constexpr std::size_t kSize = 24;

 private:
  Bytes bytes_;
};

struct SenderInfo {
  std::uint64_t ntp = 0;
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  bool operator==(const SenderInfo&) const = default;
};
struct SenderReport {
  std::uint32_t ssrc = 0;
  SenderInfo info;
  ReportBlocks blocks;
};
struct ReceiverReport {
  std::uint32_t ssrc = 0;
  ReportBlocks blocks;
};
// One chunk of an SDES packet: the first; CNAME only (RFC 3550 section 6.5.1).
struct SourceDescription {
  std::uint32_t ssrc = 0;
  std::string_view cname;
};
struct Bye {
  Bytes ssrcs;  // 4 bytes each
  std::string_view reason;
};

// RFC 4585 section 6.2.1: entries of a packet number and a mask of the 16 after it.
struct Nack {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  Bytes entries;

  template <class Take>
  void for_each(Take&& take) const {
    for (std::size_t at = 0; at + 4 <= entries.size(); at += 4) {
      const auto first = load_u16(entries, at);
      const auto mask = load_u16(entries, at + 2);
      take(first);
      for (unsigned bit = 0; bit < 16; ++bit)
        if ((mask >> bit & 1U) != 0) take(static_cast<std::uint16_t>(first + 1U + bit));
    }
  }
};
struct Pli {  // RFC 4585 section 6.3.1
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
};
// RFC 5104 section 4.3.1; entries of 8 bytes: SSRC, command number, reserved.
struct Fir {
  std::uint32_t sender_ssrc = 0;
  Bytes entries;

  template <class Take>  // take(ssrc, command number)
  void for_each(Take&& take) const {
    for (std::size_t at = 0; at + 8 <= entries.size(); at += 8)
      take(load_u32(entries, at), entries[at + 4]);
  }
};
struct Remb {  // draft-alvestrand-rmcat-remb-03
  std::uint32_t sender_ssrc = 0;
  std::uint64_t bitrate_bps = 0;
  Bytes ssrcs;
};
struct ReceiverReferenceTime {  // XR block 4, RFC 3611 section 4.4
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0;
};
// One sub-block of XR block 5 (RFC 3611 section 4.5): round trip time without being a sender.
struct DelaySinceLastReference {
  std::uint32_t ssrc = 0;  // who reports
  std::uint32_t receiver_ssrc = 0;
  std::uint32_t last_rr = 0;
  std::uint32_t delay = 0;
};
// A type or format we do not know: whole and well-formed, to be ignored.
struct UnknownRtcp {
  std::uint8_t type = 0;
  std::uint8_t format = 0;
};

using Rtcp =
    std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Nack, Pli, Fir, Remb,
                 TransportFeedback, ReceiverReferenceTime, DelaySinceLastReference, UnknownRtcp>;

}  // namespace telltale::rtc::rtp
