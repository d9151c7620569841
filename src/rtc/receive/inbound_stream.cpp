#include "rtc/receive/inbound_stream.hpp"

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 50ms;
constexpr base::Duration kFirstKeyWithin = 300ms;

rtp::Codec assembler_codec(Codec codec) {
  switch (codec) {
    case Codec::h264:
      return rtp::Codec::h264;
    case Codec::vp8:
      return rtp::Codec::vp8;
    case Codec::opus:
      break;
  }
  return rtp::Codec::opus;
}

rtp::FrameAssembler::Settings assembler_settings(const InboundStream::Settings& settings) {
  const bool audio = settings.codec == Codec::opus;
  return {.codec = assembler_codec(settings.codec),
          .slots = audio ? settings.slots / 8 : settings.slots,
          // Sound does not wait for what is not repaired soon.
          .patience = audio ? base::Duration(100ms) : base::Duration(1s),
          .keeps_payload = settings.keeps_payload};
}

}  // namespace

InboundStream::InboundStream(const Settings& settings)
    : settings_(settings),
      reception_(settings.stream.codec.clock),
      assembler_(assembler_settings(settings)),
      needs_key_(settings.codec != Codec::opus) {
  stats_.kind = settings.codec == Codec::opus ? "audio" : "video";
  stats_.mid = settings.stream.mid;
  stats_.codec = stats_.kind + "/" + settings.stream.codec.name;
}

void InboundStream::on_packet(const rtp::PacketView& packet, bool repaired, base::SteadyTime now) {
  const auto ssrc = packet.header.ssrc;
  if (ssrc_ && *ssrc_ != ssrc) return;  // one encoding a line: the first stays
  ssrc_ = ssrc;
  // The first key frame is on its way most likely.
  if (!any_) asked_key_ = now - kAskKeyEvery + kFirstKeyWithin;
  any_ = true;
  const auto before = assembler_.counters();
  assembler_.insert(packet, now);
  const auto& after = assembler_.counters();
  if (after.duplicates != before.duplicates || (repaired && after.late != before.late)) {
    ++stats_.packets_duplicate;
    return;
  }
  const auto number =
      reception_.on_packet(packet.header.sequence, packet.header.timestamp, repaired, now);
  ++stats_.packets_received;
  stats_.bytes_received += packet.payload.size();
  stats_.header_bytes_received += rtp::kMinHeaderSize + packet.extensions.size() +
                                  (packet.extension_profile != 0 ? 4U : 0U) + packet.padding;
  if (settings_.stream.nack && !nacks_.on_packet(number, now))
    needs_key_ = settings_.codec != Codec::opus;
}

std::optional<rtp::AssembledFrame> InboundStream::next_frame(base::SteadyTime now) {
  while (auto frame = assembler_.pop(now)) {
    if (settings_.codec == Codec::opus) {
      ++frames_;
      return frame;
    }
    if (frame->after_gap) needs_key_ = true;
    if (frame->key) {
      if (frame->after_gap) nacks_.forget_before(static_cast<std::uint16_t>(frame->first));
      needs_key_ = false;
      ++key_frames_;
    } else if (needs_key_) {
      ++useless_;
      continue;
    }
    ++frames_;
    return frame;
  }
  look_at_ = now + kLook;
  return std::nullopt;
}

std::size_t InboundStream::poll_nack(base::Duration round_trip, base::SteadyTime now,
                                     std::span<std::uint16_t> out) {
  if (!settings_.stream.nack || !any_) return 0;
  const auto count = nacks_.poll(round_trip, now, out);
  if (count > 0) ++stats_.nack_count;
  return count;
}

bool InboundStream::poll_pli(base::SteadyTime now) {
  if (!needs_key_ || !any_ || !settings_.stream.pli || now - asked_key_ < kAskKeyEvery)
    return false;
  asked_key_ = now;
  ++stats_.pli_count;
  return true;
}

std::optional<base::SteadyTime> InboundStream::next_deadline(
    base::Duration round_trip) const noexcept {
  if (!any_) return std::nullopt;
  auto next = look_at_;
  if (const auto at = nacks_.next_deadline(round_trip); at && *at < next) next = *at;
  return next;
}

InboundRtpStats InboundStream::stats() const {
  auto out = stats_;
  out.ssrc = ssrc_.value_or(0);
  out.packets_lost = reception_.lost();
  out.jitter_s = reception_.jitter_seconds();
  out.frames_received = frames_;
  out.key_frames_received = key_frames_;
  out.frames_dropped = assembler_.counters().gaps + useless_;
  out.malformed_packets = assembler_.counters().malformed;
  return out;
}

}  // namespace telltale::rtc
