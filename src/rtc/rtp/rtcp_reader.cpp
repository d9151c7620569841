#include "rtc/rtp/rtcp_reader.hpp"

namespace telltale::rtc::rtp {
namespace {

constexpr std::uint8_t kNackFormat = 1;
constexpr std::uint8_t kTransportWideFormat = 15;
constexpr std::uint8_t kPliFormat = 1;
constexpr std::uint8_t kFirFormat = 4;
constexpr std::uint8_t kApplicationFormat = 15;
constexpr std::uint32_t kRembName = 0x52454d42;  // "REMB"
constexpr std::uint8_t kCname = 1;

std::optional<Rtcp> sender_report(std::uint8_t count, Bytes body) noexcept {
  Reader reader(body);
  SenderReport report;
  report.ssrc = reader.u32();
  report.info.ntp = reader.u64();
  report.info.rtp_timestamp = reader.u32();
  report.info.packets = reader.u32();
  report.info.octets = reader.u32();
  report.blocks = ReportBlocks(reader.bytes(count * ReportBlocks::kSize));
  if (reader.failed()) return std::nullopt;
  return report;
}

std::optional<Rtcp> receiver_report(std::uint8_t count, Bytes body) noexcept {
  Reader reader(body);
  ReceiverReport report;
  report.ssrc = reader.u32();
  report.blocks = ReportBlocks(reader.bytes(count * ReportBlocks::kSize));
  if (reader.failed()) return std::nullopt;
  return report;
}

std::optional<Rtcp> source_description(std::uint8_t count, Bytes body) noexcept {
  SourceDescription out;
  if (count == 0) return out;
  Reader reader(body);
  out.ssrc = reader.u32();
  while (reader.left() > 0) {
    const auto type = reader.u8();
    if (type == 0) break;
    const auto text = reader.bytes(reader.u8());
    if (reader.failed()) return std::nullopt;
    if (type == kCname) out.cname = as_text(text);
  }
  if (reader.failed()) return std::nullopt;
  return out;
}

std::optional<Rtcp> bye(std::uint8_t count, Bytes body) noexcept {
  Reader reader(body);
  Bye out{.ssrcs = reader.bytes(count * 4UL), .reason = {}};
  if (reader.left() > 0) out.reason = as_text(reader.bytes(reader.u8()));
  if (reader.failed()) return std::nullopt;
  return out;
}

std::optional<Rtcp> remb(std::uint32_t sender, Bytes body) noexcept {
  Reader reader(body);
  reader.u32();  // the name
  const std::size_t count = reader.u8();
  const auto packed = reader.u24();
  const auto ssrcs = reader.bytes(count * 4);
  const auto exponent = packed >> 18U;
  const std::uint64_t mantissa = packed & 0x3'ffffU;
  if (reader.failed() || mantissa << exponent >> exponent != mantissa) return std::nullopt;
  return Remb{.sender_ssrc = sender, .bitrate_bps = mantissa << exponent, .ssrcs = ssrcs};
}

std::optional<Rtcp> transport_feedback(std::uint8_t format, std::uint32_t sender,
                                       std::uint32_t media, Bytes body) noexcept {
  if (format == kNackFormat) {
    if (body.empty() || body.size() % 4 != 0) return std::nullopt;
    return Nack{.sender_ssrc = sender, .media_ssrc = media, .entries = body};
  }
  if (format == kTransportWideFormat) return TransportFeedback::parse(sender, media, body);
  return UnknownRtcp{.type = rtcp_type::kTransportFeedback, .format = format};
}

std::optional<Rtcp> payload_feedback(std::uint8_t format, std::uint32_t sender, std::uint32_t media,
                                     Bytes body) noexcept {
  if (format == kPliFormat) return Pli{.sender_ssrc = sender, .media_ssrc = media};
  if (format == kFirFormat) {
    if (body.empty() || body.size() % 8 != 0) return std::nullopt;
    return Fir{.sender_ssrc = sender, .entries = body};
  }
  if (format == kApplicationFormat && body.size() >= 8 && load_u32(body, 0) == kRembName)
    return remb(sender, body);
  return UnknownRtcp{.type = rtcp_type::kPayloadFeedback, .format = format};
}

}  // namespace

ReportBlock ReportBlocks::operator[](std::size_t index) const noexcept {
  Reader reader(bytes_.subspan(index * kSize, kSize));
  ReportBlock block;
  block.ssrc = reader.u32();
  block.fraction_lost = reader.u8();
  const auto lost = static_cast<std::int32_t>(reader.u24());
  block.cumulative_lost = lost >= 0x80'0000 ? lost - 0x100'0000 : lost;
  block.highest_sequence = reader.u32();
  block.jitter = reader.u32();
  block.last_sr = reader.u32();
  block.delay_since_last_sr = reader.u32();
  return block;
}

std::optional<Rtcp> RtcpReader::fail() noexcept {
  malformed_ = true;
  rest_ = blocks_ = sub_blocks_ = {};
  return std::nullopt;
}

std::optional<Rtcp> RtcpReader::next() noexcept {
  while (true) {
    if (!sub_blocks_.empty() || !blocks_.empty()) {
      if (auto block = next_block()) return block;
      if (malformed_) return std::nullopt;
      continue;
    }
    if (rest_.empty()) return std::nullopt;
    if (rest_.size() < 4 || rest_[0] >> 6U != 2) return fail();
    const auto size = 4 + 4U * load_u16(rest_, 2);
    if (size > rest_.size()) return fail();
    const auto format = static_cast<std::uint8_t>(rest_[0] & 0x1fU);
    const auto type = rest_[1];
    auto body = rest_.subspan(4, size - 4);
    if ((rest_[0] & 0x20U) != 0) {
      // The last byte counts the padding, itself included.
      if (body.empty() || body.back() == 0 || body.back() > body.size()) return fail();
      body = body.first(body.size() - body.back());
    }
    rest_ = rest_.subspan(size);
    if (type == rtcp_type::kExtendedReport) {
      if (body.size() < 4) return fail();
      xr_ssrc_ = load_u32(body, 0);
      blocks_ = body.subspan(4);
      continue;
    }
    auto out = packet(type, format, body);
    return out ? out : fail();
  }
}

// RFC 3611 section 3: type, its own byte, length in words.
std::optional<Rtcp> RtcpReader::next_block() noexcept {
  if (!sub_blocks_.empty()) {
    Reader reader(sub_blocks_.first(12));
    sub_blocks_ = sub_blocks_.subspan(12);
    DelaySinceLastReference out{.ssrc = xr_ssrc_};
    out.receiver_ssrc = reader.u32();
    out.last_rr = reader.u32();
    out.delay = reader.u32();
    return out;
  }
  if (blocks_.size() < 4) return fail();
  const auto type = blocks_[0];
  const auto size = 4U * load_u16(blocks_, 2);
  if (size > blocks_.size() - 4) return fail();
  const auto body = blocks_.subspan(4, size);
  blocks_ = blocks_.subspan(4 + size);
  if (type == 4) {
    if (size != 8) return fail();
    return ReceiverReferenceTime{.ssrc = xr_ssrc_, .ntp = load_be<8>(body, 0)};
  }
  if (type == 5) {
    if (size % 12 != 0) return fail();
    sub_blocks_ = body;
    return std::nullopt;
  }
  return UnknownRtcp{.type = rtcp_type::kExtendedReport, .format = type};
}

std::optional<Rtcp> RtcpReader::packet(std::uint8_t type, std::uint8_t format,
                                       Bytes body) noexcept {
  switch (type) {
    case rtcp_type::kSenderReport:
      return sender_report(format, body);
    case rtcp_type::kReceiverReport:
      return receiver_report(format, body);
    case rtcp_type::kSourceDescription:
      return source_description(format, body);
    case rtcp_type::kBye:
      return bye(format, body);
    case rtcp_type::kTransportFeedback:
    case rtcp_type::kPayloadFeedback: {
      if (body.size() < 8) return std::nullopt;
      const auto sender = load_u32(body, 0);
      const auto media = load_u32(body, 4);
      return type == rtcp_type::kTransportFeedback
                 ? transport_feedback(format, sender, media, body.subspan(8))
                 : payload_feedback(format, sender, media, body.subspan(8));
    }
    default:
      return UnknownRtcp{.type = type, .format = format};
  }
}

}  // namespace telltale::rtc::rtp
