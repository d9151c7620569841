#include "rtc/send/outbound_stream.hpp"

#include <cstring>

#include "rtc/rtp/vp8.hpp"

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kOsnSize = 2;  // the original sequence number, RFC 4588 section 4
constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::uint8_t kBlankSize = 255;  // the most that one packet can be padded with
constexpr double kHuge = 2.5;
constexpr std::int32_t kBehindMax = 90'000;  // in timestamps; more is a jump of the source
constexpr std::uint32_t kLeastStep = 45;
constexpr auto kAskedFor = 1500ms;  // NACKs of older packets come too late for a picture
// What was due before the viewer joined plays so much faster: he is where the others are at once.
constexpr double kCatchUp = 8;

}  // namespace

OutboundStream::OutboundStream(const Settings& settings, base::SteadyTime now)
    : settings_(settings),
      header_(settings.stream, settings.stream.codec.payload_type, settings.ssrc),
      has_rtx_(settings.stream.rtx_payload_type && settings.rtx_ssrc != 0),
      clock_(settings.stream.codec.clock),
      next_sequence_(settings.first_sequence),
      next_rtx_sequence_(settings.first_rtx_sequence),
      next_picture_id_(settings.first_picture_id),
      joined_(now),
      frames_(kFramesFirst),
      sent_(kPacketsFirst),
      rate_since_(now) {
  if (has_rtx_)
    rtx_header_ =
        HeaderTemplate(settings.stream, *settings.stream.rtx_payload_type, settings.rtx_ssrc);
  else if (settings.stream.nack)
    originals_.resize(sent_.size());
  const bool video = settings.stream.kind == sdp::Kind::video;
  stats_.ssrc = settings.ssrc;
  stats_.rtx_ssrc = has_rtx_ ? settings.rtx_ssrc : 0;
  stats_.kind = video ? "video" : "audio";
  stats_.mid = settings.stream.mid;
  stats_.codec = stats_.kind + "/" + settings.stream.codec.name;
}

// Timestamps of all renditions are one row; a viewer adds his offset.
std::uint32_t OutboundStream::map_timestamp(const PackedFrame& frame) const noexcept {
  auto out = frame.timestamp + settings_.timestamp_offset;
  if (frame.due < joined_) {
    const double behind = base::to_seconds(joined_ - frame.due) * (1 - 1 / kCatchUp);
    out += static_cast<std::uint32_t>(behind * clock_);
  }
  return out;
}

// A frame stays while its packets wait, and as long as somebody may ask for them.
void OutboundStream::make_room_for_frame(const PackedFrame& frame) {
  const auto& oldest = frames_[next_frame_ % frames_.size()];
  if (!oldest.frame || frames_.size() >= kFramesMax) return;
  const bool waits = static_cast<std::int16_t>(oldest.number - unsent_frame_) >= 0;
  if (!waits && frame.due - oldest.frame->due > kAskedFor) return;
  std::vector<Held> larger(frames_.size() * 2);
  for (auto& held : frames_) {
    auto& slot = larger[held.number % larger.size()];
    if (held.frame) slot = std::move(held);
  }
  frames_ = std::move(larger);
}

void OutboundStream::make_room_for_packets(const PackedFrame& frame) noexcept {
  // The one that the frame's last packet would overwrite.
  const auto& oldest = sent_[(next_sequence_ + frame.packets.size() - 1) % sent_.size()];
  if (!oldest.used || sent_.size() >= kPacketsMax) return;
  const auto* const of = held(oldest.frame);
  if (of == nullptr || frame.due - of->frame->due > kAskedFor) return;
  std::vector<Sent> larger(sent_.size() * 2);
  std::vector<Original> originals(originals_.empty() ? 0 : larger.size());
  for (std::size_t i = 0; i < sent_.size(); ++i) {
    if (!sent_[i].used) continue;
    const auto slot = sent_[i].sequence % larger.size();
    larger[slot] = sent_[i];
    if (!originals.empty()) originals[slot] = originals_[i];
  }
  sent_ = std::move(larger);
  originals_ = std::move(originals);
}

std::uint16_t OutboundStream::add(const PackedFramePtr& frame) {
  make_room_for_frame(*frame);
  const auto number = next_frame_++;
  auto timestamp = map_timestamp(*frame);
  // At a switch the other rendition may have been a little ahead.
  const auto step = static_cast<std::int32_t>(timestamp - added_timestamp_);
  if (any_added_ && step <= 0 && step > -kBehindMax) timestamp = added_timestamp_ + kLeastStep;
  added_timestamp_ = timestamp;
  any_added_ = true;
  frames_[number % frames_.size()] = {
      .frame = frame,
      .timestamp = timestamp,
      .number = number,
      .picture_id = static_cast<std::uint16_t>(next_picture_id_ & 0x7fffU)};
  ++next_picture_id_;
  return number;
}

const OutboundStream::Held* OutboundStream::held(std::uint16_t frame) const noexcept {
  const auto& at = frames_[frame % frames_.size()];
  return at.frame && at.number == frame ? &at : nullptr;
}

const OutboundStream::Sent* OutboundStream::sent(std::uint16_t sequence) const noexcept {
  const auto& at = sent_[sequence % sent_.size()];
  return at.used && at.sequence == sequence ? &at : nullptr;
}

std::uint16_t OutboundStream::wire_size(std::uint16_t frame, std::size_t packet) const noexcept {
  const auto* const at = held(frame);
  if (at == nullptr || packet >= at->frame->packets.size()) return 0;
  return static_cast<std::uint16_t>(header_.size() + at->frame->packets.pieces[packet].size +
                                    srtp::kMaxRtpGrowth);
}

std::uint16_t OutboundStream::wire_size_again(std::uint16_t sequence) const noexcept {
  const auto* const packet = sent(sequence);
  if (packet == nullptr) return 0;
  const auto newer = static_cast<std::uint16_t>(next_sequence_ - 1 - sequence);
  if (packets_ <= forgotten_ + newer) return 0;
  return wire_size(packet->frame, packet->packet);
}

std::size_t OutboundStream::write(std::uint16_t frame, std::size_t packet, const Stamp& stamp,
                                  srtp::Sender& srtp, MutableBytes out,
                                  base::SteadyTime now) noexcept {
  const auto* const at = held(frame);
  if (at == nullptr || packet >= at->frame->packets.size()) return 0;
  const auto sequence = next_sequence_;
  const auto header = header_.write({.sequence = sequence,
                                     .timestamp = at->timestamp,
                                     .marker = at->frame->packets.pieces[packet].marker,
                                     .transport_sequence = stamp.transport_sequence,
                                     .abs_send_time = stamp.abs_send_time},
                                    out.data());
  auto payload = at->frame->packets.payload(packet);
  const std::size_t prefix = at->frame->own_prefix;
  if (prefix > 0) {
    rtp::write_vp8_descriptor(out.subspan(header), packet == 0, at->picture_id);
    payload = payload.subspan(prefix);
  }
  const auto sealed = srtp.seal_rtp(out, header, prefix, payload);
  if (!sealed) return 0;
  // Once a frame: to look costs what the packet before had in the cache.
  if (packet == 0) make_room_for_packets(*at->frame);
  ++next_sequence_;
  if (static_cast<std::int16_t>(frame - unsent_frame_) >= 0)
    unsent_frame_ = static_cast<std::uint16_t>(frame + 1);
  const auto slot = sequence % sent_.size();
  sent_[slot] = {.sequence = sequence,
                 .frame = frame,
                 .packet = static_cast<std::uint16_t>(packet),
                 .used = true};
  if (!originals_.empty())
    originals_[slot] = {.transport_sequence = stamp.transport_sequence,
                        .abs_send_time = stamp.abs_send_time};
  count_first(*at, packet, header, prefix + payload.size(), now);
  return *sealed;
}

void OutboundStream::count_first(const Held& held, std::size_t packet, std::size_t header,
                                 std::size_t payload, base::SteadyTime now) noexcept {
  ++packets_;
  octets_ += payload;
  ++stats_.packets_sent;
  stats_.bytes_sent += payload;
  stats_.header_bytes_sent += header;
  last_timestamp_ = held.timestamp;
  last_due_ = std::max(held.frame->due, joined_);
  if (held.frame->due < joined_) {
    // In the time that runs faster; see map_timestamp.
    last_due_ = joined_ -
                std::chrono::duration_cast<base::Duration>((joined_ - held.frame->due) / kCatchUp);
  }
  if (packet + 1 < held.frame->packets.size()) return;
  ++stats_.frames_sent;
  if (held.frame->key && is_video(held.frame->codec)) ++stats_.key_frames_sent;
  if (held.frame->width != 0) {
    stats_.frame_width = held.frame->width;
    stats_.frame_height = held.frame->height;
  }
  const auto bytes = static_cast<double>(held.frame->bytes);
  if (mean_frame_bytes_ > 0 && bytes > kHuge * mean_frame_bytes_) ++stats_.huge_frames_sent;
  mean_frame_bytes_ = mean_frame_bytes_ > 0 ? mean_frame_bytes_ * 0.97 + bytes * 0.03 : bytes;
  if (now - rate_since_ >= 1s) {
    stats_.frames_per_second = static_cast<double>(stats_.frames_sent - rate_frames_) /
                               base::to_seconds(now - rate_since_);
    rate_since_ = now;
    rate_frames_ = stats_.frames_sent;
  }
}

bool OutboundStream::asked_lately(std::uint16_t sequence, base::Duration within,
                                  base::SteadyTime now) noexcept {
  auto& at = sent_[sequence % sent_.size()];
  if (!at.used || at.sequence != sequence) return true;
  const auto ms = static_cast<std::uint32_t>(now.time_since_epoch() / 1ms);
  if (at.asked_ms != 0 && ms - at.asked_ms < static_cast<std::uint32_t>(within / 1ms)) return true;
  at.asked_ms = ms == 0 ? 1 : ms;
  return false;
}

std::size_t OutboundStream::write_again(std::uint16_t sequence, const Stamp& stamp,
                                        srtp::Sender& srtp, MutableBytes out) noexcept {
  const auto* const packet = sent(sequence);
  if (packet == nullptr) return 0;
  const auto* const at = held(packet->frame);
  if (at == nullptr) return 0;
  std::size_t size = 0;
  if (has_rtx_) {
    size = write_rtx(*packet, stamp, srtp, out);
  } else if (!originals_.empty()) {
    const auto& original = originals_[sequence % sent_.size()];
    const auto header = header_.write({.sequence = sequence,
                                       .timestamp = at->timestamp,
                                       .marker = at->frame->packets.pieces[packet->packet].marker,
                                       .transport_sequence = original.transport_sequence,
                                       .abs_send_time = original.abs_send_time},
                                      out.data());
    auto payload = at->frame->packets.payload(packet->packet);
    const std::size_t prefix = at->frame->own_prefix;
    if (prefix > 0) {
      rtp::write_vp8_descriptor(out.subspan(header), packet->packet == 0, at->picture_id);
      payload = payload.subspan(prefix);
    }
    size = srtp.seal_rtp(out, header, prefix, payload, srtp::Sender::Use::again).value_or(0);
  }
  if (size == 0) return 0;
  ++stats_.retransmitted_packets_sent;
  stats_.retransmitted_bytes_sent += at->frame->packets.pieces[packet->packet].size;
  return size;
}

std::size_t OutboundStream::write_rtx(const Sent& packet, const Stamp& stamp, srtp::Sender& srtp,
                                      MutableBytes out) noexcept {
  const auto* const at = held(packet.frame);
  if (at == nullptr) return 0;
  const auto header = rtx_header_.write({.sequence = next_rtx_sequence_,
                                         .timestamp = at->timestamp,
                                         .marker = at->frame->packets.pieces[packet.packet].marker,
                                         .transport_sequence = stamp.transport_sequence,
                                         .abs_send_time = stamp.abs_send_time},
                                        out.data());
  store_u16(out, header, packet.sequence);
  auto payload = at->frame->packets.payload(packet.packet);
  std::size_t prefix = kOsnSize;
  if (at->frame->own_prefix > 0) {
    rtp::write_vp8_descriptor(out.subspan(header + prefix), packet.packet == 0, at->picture_id);
    payload = payload.subspan(at->frame->own_prefix);
    prefix += at->frame->own_prefix;
  }
  const auto sealed = srtp.seal_rtp(out, header, prefix, payload);
  if (!sealed) return 0;
  ++next_rtx_sequence_;
  return *sealed;
}

std::size_t OutboundStream::write_blank(const Stamp& stamp, srtp::Sender& srtp,
                                        MutableBytes out) noexcept {
  const auto header = rtx_header_.write({.sequence = next_rtx_sequence_,
                                         .timestamp = settings_.timestamp_offset,
                                         .transport_sequence = stamp.transport_sequence,
                                         .abs_send_time = stamp.abs_send_time},
                                        out.data());
  out[0] |= kPaddingBit;
  std::memset(out.data() + header, 0, kBlankSize);
  out[header + kBlankSize - 1] = kBlankSize;
  const auto sealed = srtp.seal_rtp(out, header, kBlankSize, {});
  if (!sealed) return 0;
  ++next_rtx_sequence_;
  ++stats_.padding_packets_sent;
  return *sealed;
}

std::size_t OutboundStream::write_padding(const Stamp& stamp, srtp::Sender& srtp,
                                          MutableBytes out) noexcept {
  if (!has_rtx_) return 0;
  if (packets_ == 0) return write_blank(stamp, srtp, out);
  // Round the last packets, newest first: what is repeated may even be missing there.
  constexpr std::uint16_t kRound = 64;
  padding_from_ = static_cast<std::uint16_t>((padding_from_ + 1) % kRound);
  const auto sequence = static_cast<std::uint16_t>(next_sequence_ - 1 - padding_from_);
  const auto* packet = sent(sequence);
  if (packet == nullptr || held(packet->frame) == nullptr) {
    padding_from_ = 0;
    packet = sent(static_cast<std::uint16_t>(next_sequence_ - 1));
  }
  if (packet == nullptr) return 0;
  const auto size = write_rtx(*packet, stamp, srtp, out);
  if (size > 0) ++stats_.padding_packets_sent;
  return size;
}

std::optional<std::uint32_t> OutboundStream::timestamp_at(base::SteadyTime now) const noexcept {
  if (packets_ == 0) return std::nullopt;
  const double ahead = base::to_seconds(now - last_due_);
  return last_timestamp_ + static_cast<std::uint32_t>(static_cast<std::int64_t>(ahead * clock_));
}

}  // namespace telltale::rtc
