#include "rtc/receive/receive_side.hpp"

#include <algorithm>

#include "rtc/codec.hpp"
#include "rtc/rtp/extensions.hpp"
#include "rtc/rtp/rtx.hpp"
#include "rtc/sdp/text.hpp"

namespace telltale::rtc {
namespace {

constexpr std::size_t kNackMax = 128;  // numbers of one message

}  // namespace

ReceiveSide::ReceiveSide(const Settings& settings, const Ntp& ntp, Listener& listener,
                         base::SteadyTime now)
    : settings_(settings), ntp_(ntp), listener_(listener), report_at_(now + kReportEvery) {
  for (const auto& stream : settings.streams) {
    const auto codec = codec_of(stream.codec);
    if (!codec || !stream.we_receive) continue;
    streams_.emplace_back(InboundStream::Settings{.stream = stream,
                                                  .codec = *codec,
                                                  .keeps_payload = settings.keeps_payload,
                                                  .slots = settings.slots});
    if (stream.transport_cc && transport_id_ == 0)
      transport_id_ = stream.extension_id(rtp::kTransportSequenceUri);
  }
}

InboundStream* ReceiveSide::by_payload_type(std::uint8_t type, bool& rtx) noexcept {
  for (auto& stream : streams_) {
    rtx = stream.stream().rtx_payload_type == type;
    if (rtx || stream.stream().codec.payload_type == type) return &stream;
  }
  return nullptr;
}

bool ReceiveSide::on_rtp(MutableBytes packet, base::SteadyTime now) {
  auto view = rtp::PacketView::parse(packet);
  if (!view) return false;
  if (transport_id_ != 0) {
    if (const auto data = view->extension(transport_id_))
      if (const auto number = rtp::read_transport_sequence(*data))
        arrivals_.on_packet(*number, now);
  }
  bool rtx = false;
  auto* const stream = by_payload_type(view->header.payload_type, rtx);
  if (stream == nullptr) return false;
  if (rtx) {
    stream->on_rtx(view->payload.size());
    if (!stream->ssrc()) return true;  // of a stream we have seen nothing of
    const auto original = rtp::unwrap_rtx(
        packet, {.ssrc = *stream->ssrc(), .payload_type = stream->stream().codec.payload_type});
    if (!original) return true;  // padding that probes
    view = rtp::PacketView::parse(*original);
    if (!view) return true;
  }
  stream->on_packet(*view, rtx, now);
  give_frames(*stream, now);
  return true;
}

void ReceiveSide::give_frames(InboundStream& stream, base::SteadyTime now) {
  while (const auto frame = stream.next_frame(now)) listener_.on_frame(stream, *frame, now);
}

void ReceiveSide::on_rtcp(const rtp::Rtcp& item, base::SteadyTime now) {
  if (const auto* report = std::get_if<rtp::SenderReport>(&item)) {
    for (auto& stream : streams_)
      if (stream.ssrc() == report->ssrc) stream.on_sender_report(report->info, now);
  } else if (const auto* delay = std::get_if<rtp::DelaySinceLastReference>(&item)) {
    if (delay->receiver_ssrc != settings_.local_ssrc || delay->last_rr == 0) return;
    const auto seconds = round_trip_seconds(ntp_middle(ntp_.at(now)), delay->last_rr, delay->delay);
    round_trip_ =
        std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
  }
}

void ReceiveSide::on_time(base::SteadyTime now) {
  for (auto& stream : streams_) give_frames(stream, now);
}

void ReceiveSide::ask_for_key() {
  for (auto& stream : streams_)
    if (stream.codec() != Codec::opus) stream.ask_for_key();
}

bool ReceiveSide::write_feedback(rtp::RtcpWriter& writer, base::SteadyTime now) {
  bool written = write_report(writer, now);
  for (auto& stream : streams_) {
    if (!stream.ssrc()) continue;
    std::array<std::uint16_t, kNackMax> lost = {};
    const auto count = stream.poll_nack(round_trip_, now, lost);
    if (count > 0)
      written = writer.nack(settings_.local_ssrc, *stream.ssrc(), std::span(lost).first(count)) ||
                written;
    if (stream.poll_pli(now)) written = writer.pli(settings_.local_ssrc, *stream.ssrc()) || written;
  }
  if (arrivals_.due(now)) {
    const auto media = streams_.empty() ? 0 : streams_.front().ssrc().value_or(0);
    written = arrivals_.write(writer, settings_.local_ssrc, media, now) || written;
  }
  return written;
}

bool ReceiveSide::write_report(rtp::RtcpWriter& writer, base::SteadyTime now) {
  if (now < report_at_) return false;
  report_at_ = now + kReportEvery;
  std::array<rtp::ReportBlock, 8> blocks = {};
  std::size_t count = 0;
  for (auto& stream : streams_)
    if (stream.ssrc() && stream.reception().any() && count < blocks.size())
      blocks[count++] = stream.reception().report(*stream.ssrc(), now);
  if (count == 0) return false;
  return writer.receiver_report(settings_.local_ssrc, std::span(blocks).first(count)) &&
         writer.cname(settings_.local_ssrc, settings_.cname) &&
         writer.receiver_reference_time(settings_.local_ssrc, ntp_.at(now));
}

std::optional<base::SteadyTime> ReceiveSide::next_deadline() const noexcept {
  if (streams_.empty()) return std::nullopt;
  auto next = report_at_;
  if (const auto at = arrivals_.next_deadline()) next = std::min(next, *at);
  for (const auto& stream : streams_)
    if (const auto at = stream.next_deadline(round_trip_)) next = std::min(next, *at);
  return next;
}

}  // namespace telltale::rtc
