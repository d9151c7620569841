#include "rtc/send/send_side.hpp"

#include <algorithm>
#include <utility>

#include "rtc/rtp/extensions.hpp"

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;
using congestion::PacketKind;

constexpr std::size_t kFeedbackMax = 1'024;  // packets of one message that are looked at
constexpr auto kLate = 20ms;
// Who could not send in time what he had does not send more to see what the link carries: the
// worker is at its limit, and padding for all of its viewers would be what drowns it.
constexpr auto kTooBusyToProbe = 10ms;
constexpr auto kNoProbesFor = 1s;
constexpr auto kBurst = 14ms;  // at the pacing rate: four or five segments a GSO send at 1.5 Mbit/s
constexpr auto kAgainAfter = 10ms;  // at the least, before a packet is sent a third time

// What the pacer knows a packet by: the frame's number, then the packet's in it.
constexpr std::uint32_t token_of(std::uint16_t frame, std::size_t packet) noexcept {
  return std::uint32_t{frame} << 16U | static_cast<std::uint32_t>(packet);
}

}  // namespace

SendSide::SendSide(const Settings& settings, const Ntp& ntp, base::SteadyTime now)
    : ntp_(ntp),
      cname_(settings.cname),
      controller_(settings.congestion, now),
      pacer_({.burst_lasts = kBurst}, now),
      report_at_(now + 100ms) {
  if (settings.audio) audio_.emplace(*settings.audio, now);
  if (settings.video) video_.emplace(*settings.video, now);
  for (const auto* stream : {&audio_, &video_})
    if (*stream)
      transport_cc_ = transport_cc_ ||
                      ((*stream)->stream().transport_cc && (*stream)->has_transport_sequence());
  remote_[0].kind = "audio";
  remote_[1].kind = "video";
  if (audio_) remote_[0].ssrc = audio_->ssrc();
  if (video_) remote_[1].ssrc = video_->ssrc();
}

bool SendSide::look_first() noexcept {
  looks_first_ = transport_cc_ && video_ && video_->has_rtx() && !video_->started();
  if (looks_first_) controller_.look_first();
  return looks_first_;
}

bool SendSide::push(const PackedFramePtr& frame, base::SteadyTime now) {
  if (!is_video(frame->codec)) {
    if (!audio_) return true;
    const auto number = audio_->add(frame);
    return pacer_.push(token_of(number, 0), audio_->wire_size(number, 0), PacketKind::audio, now);
  }
  if (!video_) return true;
  if (std::exchange(looks_first_, false)) video_->join(now);
  if (pacer_.waited(now) > kVideoWaitMax) {
    ++video_->stats().frames_dropped;
    return false;
  }
  const auto number = video_->add(frame);
  for (std::size_t i = 0; i < frame->packets.size(); ++i) {
    if (pacer_.push(token_of(number, i), video_->wire_size(number, i), PacketKind::video, now))
      continue;
    ++video_->stats().frames_dropped;
    return false;
  }
  return true;
}

void SendSide::clear_video() noexcept {
  pacer_.clear_video();
  if (video_) video_->forget_sent();
}

OutboundStream::Stamp SendSide::stamp(base::SteadyTime now) const noexcept {
  return {.transport_sequence = transport_sequence_,
          .abs_send_time = rtp::abs_send_time(ntp_.since_epoch(now))};
}

void SendSide::drain(const ice::Path& path, srtp::Sender& srtp, PacketBatch& batch,
                     base::SteadyTime now) noexcept {
  // Late is what leaves well after the pacer allowed it: our loop was busy.
  const auto allowed = pacer_.next_deadline();
  const auto behind =
      allowed ? std::min(now - *allowed, pacer_.waited(now)) : base::Duration::zero();
  late_ = behind > kLate;
  if (behind > kTooBusyToProbe) probes_from_ = now + kNoProbesFor;
  // Padding repeats video packets: there is nothing to probe with without RTX.
  const bool can_probe = video_ && video_->has_rtx() && (video_->started() || looks_first_);
  if (can_probe && now >= probes_from_)
    if (const auto request = controller_.poll_probe(pacer_.busy(), now))
      pacer_.probe(*request, now);
  pacer_.set_rate(controller_.pacing_bps(pacer_.waited(now)), now);
  for (auto packets = pacer_.poll(now); !packets.empty(); packets = pacer_.poll(now)) {
    for (const auto& packet : packets) {
      const auto size = write(packet, srtp, batch.reserve(), now);
      if (packet.kind == PacketKind::padding) pacer_.padded(size);
      if (size == 0) continue;
      batch.commit(path, size);
      const bool again = packet.kind == PacketKind::retransmission;
      if (again && !video_->stamps_again()) continue;
      controller_.on_sent({.sequence = transport_sequence_,
                           .bytes = static_cast<std::uint16_t>(size),
                           .kind = packet.kind,
                           .probe_cluster = packet.probe_cluster},
                          now);
      ++transport_sequence_;
    }
  }
}

std::size_t SendSide::write(const congestion::PacedPacket& packet, srtp::Sender& srtp,
                            MutableBytes out, base::SteadyTime now) noexcept {
  const auto frame = static_cast<std::uint16_t>(packet.token >> 16U);
  const std::size_t index = packet.token & 0xffffU;
  switch (packet.kind) {
    case PacketKind::audio:
      return audio_->write(frame, index, stamp(now), srtp, out, now);
    case PacketKind::video: {
      auto& stats = video_->stats();
      stats.packet_send_delay += packet.waited;
      if (late_) ++stats.late_packets;
      return video_->write(frame, index, stamp(now), srtp, out, now);
    }
    case PacketKind::retransmission:
      return video_->write_again(static_cast<std::uint16_t>(packet.token), stamp(now), srtp, out);
    case PacketKind::padding:
      return video_ ? video_->write_padding(stamp(now), srtp, out) : 0;
  }
  return 0;
}

bool SendSide::write_reports(rtp::RtcpWriter& writer, base::SteadyTime now) noexcept {
  if (now < report_at_) return false;
  report_at_ = now + kReportEvery;
  bool written = false;
  for (auto* stream : {audio(), video()}) {
    if (stream == nullptr) continue;
    const auto timestamp = stream->timestamp_at(now);
    if (!timestamp) continue;
    written = writer.sender_report(stream->ssrc(), {.ntp = ntp_.at(now),
                                                    .rtp_timestamp = *timestamp,
                                                    .packets = stream->packet_count(),
                                                    .octets = stream->octet_count()}) &&
              writer.cname(stream->ssrc(), cname_);
  }
  return written;
}

OutboundStream* SendSide::stream_of(std::uint32_t ssrc) noexcept {
  for (auto* stream : {video(), audio()})
    if (stream != nullptr &&
        (stream->ssrc() == ssrc || (stream->has_rtx() && stream->rtx_ssrc() == ssrc)))
      return stream;
  return nullptr;
}

bool SendSide::on_rtcp(const rtp::Rtcp& item, base::SteadyTime now) {
  if (const auto* report = std::get_if<rtp::SenderReport>(&item)) {
    on_report(report->blocks, now);
  } else if (const auto* blocks = std::get_if<rtp::ReceiverReport>(&item)) {
    on_report(blocks->blocks, now);
  } else if (const auto* nack = std::get_if<rtp::Nack>(&item)) {
    on_nack(*nack, now);
  } else if (const auto* feedback = std::get_if<rtp::TransportFeedback>(&item)) {
    on_feedback(*feedback, now);
  } else if (const auto* remb = std::get_if<rtp::Remb>(&item)) {
    constexpr std::uint64_t kMost = 10'000'000'000;
    controller_.on_remb(static_cast<std::int64_t>(std::min(remb->bitrate_bps, kMost)), now);
  } else if (const auto* pli = std::get_if<rtp::Pli>(&item)) {
    if (!video_ || pli->media_ssrc != video_->ssrc()) return false;
    ++video_->stats().pli_count;
    return true;
  } else if (const auto* fir = std::get_if<rtp::Fir>(&item)) {
    bool ours = false;
    fir->for_each([&](std::uint32_t ssrc, std::uint8_t) {
      ours = ours || (video_ && ssrc == video_->ssrc());
    });
    if (ours) ++video_->stats().fir_count;
    return ours;
  }
  return false;
}

void SendSide::on_report(const rtp::ReportBlocks& blocks, base::SteadyTime now) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto block = blocks[i];
    const auto* const stream = stream_of(block.ssrc);
    if (stream == nullptr || stream->ssrc() != block.ssrc) continue;
    const bool video = stream == &*video_;
    auto& remote = remote_[video ? 1 : 0];
    remote.packets_lost = block.cumulative_lost;
    remote.fraction_lost = block.fraction_lost / 256.0;
    remote.jitter_s = static_cast<double>(block.jitter) / stream->stream().codec.clock;
    base::Duration trip{};
    if (block.last_sr != 0) {
      const auto seconds =
          round_trip_seconds(ntp_middle(ntp_.at(now)), block.last_sr, block.delay_since_last_sr);
      remote.round_trip_s = seconds;
      remote.total_round_trip_s += seconds;
      ++remote.round_trip_measurements;
      trip = std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
    }
    if (video || !video_) controller_.on_receiver_report(remote.fraction_lost, trip, now);
  }
}

void SendSide::on_feedback(const rtp::TransportFeedback& feedback, base::SteadyTime now) noexcept {
  if (!transport_cc_) return;
  std::array<congestion::Arrival, kFeedbackMax> arrivals;
  std::size_t count = 0;
  auto before = std::chrono::microseconds(64'000) * feedback.reference_64ms;
  feedback.for_each([&](std::uint16_t sequence, std::optional<rtp::ArrivalTime> at) {
    if (count == arrivals.size()) return;
    arrivals[count] = {.sequence = sequence, .received = at.has_value()};
    if (at) {
      arrivals[count].delta_us = static_cast<std::int32_t>((*at - before).count());
      before = *at;
    }
    ++count;
  });
  controller_.on_feedback(
      {.reference_64ms = static_cast<std::uint32_t>(feedback.reference_64ms) & 0xff'ffffU,
       .arrivals = std::span(arrivals).first(count)},
      now);
}

void SendSide::on_nack(const rtp::Nack& nack, base::SteadyTime now) {
  if (!video_ || nack.media_ssrc != video_->ssrc()) return;
  ++video_->stats().nack_count;
  const auto& trip = remote_[1].round_trip_s;
  const auto within = std::max<base::Duration>(
      kAgainAfter, std::chrono::duration_cast<base::Duration>(
                       std::chrono::duration<double>(trip.value_or(0) * 0.8)));
  nack.for_each([&](std::uint16_t sequence) {
    const auto size = video_->wire_size_again(sequence);
    if (size == 0 || video_->asked_lately(sequence, within, now)) return;
    pacer_.push(sequence, size, PacketKind::retransmission, now);
  });
}

void SendSide::on_time(base::SteadyTime now) noexcept {
  controller_.on_timer(now);
}

base::SteadyTime SendSide::next_deadline() const noexcept {
  auto next = std::min(controller_.next_deadline(), report_at_);
  if (const auto at = pacer_.next_deadline()) next = std::min(next, *at);
  return next;
}

}  // namespace telltale::rtc
