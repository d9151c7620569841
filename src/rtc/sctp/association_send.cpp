// What goes out, a packet at a time: control first, then DATA as far as the windows allow (RFC 9260
// sections 6.1, 6.10).
#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "base/random.hpp"
#include "rtc/sctp/association.hpp"

namespace telltale::rtc::sctp {
namespace {

constexpr std::size_t kRepliesMax = 16;
constexpr std::size_t kControlMax = 16;

}  // namespace

CommonHeader Association::header(std::uint32_t tag) const noexcept {
  return {
      .source_port = settings_.local_port, .destination_port = settings_.remote_port, .tag = tag};
}

std::size_t Association::packet_size(MutableBytes out) const noexcept {
  return std::min(out.size(), settings_.packet_bytes_max);
}

// Over the limit nothing is lost that would not come again: whoever asks repeats it.
void Association::reply(std::uint32_t tag, ChunkType type, std::uint8_t flags, Bytes value) {
  if (replies_.size() >= kRepliesMax) return;
  replies_.push_back(
      {.tag = tag, .type = type, .flags = flags, .value = {value.begin(), value.end()}});
}

void Association::queue_control(ChunkType type, Bytes value) {
  const auto size = std::min(value.size(), settings_.packet_bytes_max - kCommonHeader - 8);
  if (control_.size() >= kControlMax || size < value.size()) return;
  std::vector<std::uint8_t> chunk(kChunkHeader + size);
  chunk[0] = static_cast<std::uint8_t>(type);
  store_u16(chunk, 2, static_cast<std::uint16_t>(chunk.size()));
  std::copy(value.begin(), value.end(), chunk.begin() + kChunkHeader);
  control_.push_back(std::move(chunk));
}

// `information` is cut where it does not fit: it only tells the peer what it had sent.
void Association::queue_error(Cause cause, Bytes information) {
  constexpr std::size_t kInformationMax = 256;
  information = information.first(std::min(information.size(), kInformationMax));
  std::vector<std::uint8_t> value(4);
  store_u16(value, 0, static_cast<std::uint16_t>(cause));
  store_u16(value, 2, static_cast<std::uint16_t>(4 + information.size()));
  value.insert(value.end(), information.begin(), information.end());
  queue_control(ChunkType::error, value);
}

std::size_t Association::write_reply(MutableBytes out) {
  const auto reply = std::move(replies_.front());
  replies_.erase(replies_.begin());
  PacketWriter packet(out, header(reply.tag));
  if (!packet.add(reply.type, reply.flags, Bytes(reply.value))) return 0;
  return packet.finish();
}

std::size_t Association::poll(base::SteadyTime now, MutableBytes out) {
  CHECK(out.size() >= settings_.packet_bytes_max);
  run_timers(now);
  out = out.first(packet_size(out));
  std::size_t size = 0;
  while (size == 0 && !replies_.empty()) size = write_reply(out);
  if (size == 0 && init_due_) {
    init_due_ = false;
    PacketWriter packet(out, header(0));
    packet.add(ChunkType::init, 0, Bytes(write_init(local_init())));
    size = packet.finish();
  }
  if (size == 0 && session_ && state_ != State::closed) {
    PacketWriter packet(out, header(session_->peer_tag));
    if (cookie_echo_due_) {
      cookie_echo_due_ = false;
      packet.add(ChunkType::cookie_echo, 0, Bytes(cookie_));
    } else if (state_ >= State::established) {
      write_control(packet, now);
      write_data(packet, now);
    }
    if (!packet.empty()) size = packet.finish();
  }
  if (progress_) {
    progress_ = false;
    listener_.on_progress();
  }
  if (size > 0) ++counters_.packets_sent;
  counters_.bytes_sent += size;
  return size;
}

void Association::write_control(PacketWriter& packet, base::SteadyTime now) {
  advance_shutdown(now);
  if (cookie_ack_due_) {
    cookie_ack_due_ = false;
    packet.add(ChunkType::cookie_ack, 0, Bytes{});
  }
  while (!control_.empty() && packet.add_whole(control_.front())) control_.erase(control_.begin());
  auto& reset = session_->reset;
  if (packet.room() >= 12)
    if (const auto response = reset.take_response())
      packet.add(ChunkType::re_config, 0, Bytes(*response));
  const auto drained = [this](std::uint16_t stream) { return queue_.drained(stream); };
  if (state_ <= State::shutdown_received)
    if (const auto request = reset.take_request(
            packet.room(), session_->outstanding.last_assigned(), drained, now, rto_.value()))
      packet.add(ChunkType::re_config, 0, Bytes(*request));
  if (heartbeat_due_ && packet.room() >= 12) {
    heartbeat_due_ = false;
    heartbeat_pending_ = true;
    heartbeat_sent_ = now;
    std::array<std::uint8_t, 12> info = {};
    base::secure_bytes(MutableBytes(info).subspan(4));
    heartbeat_nonce_ = load_be<8>(info, 4);
    store_u16(info, 0, 1);
    store_u16(info, 2, 12);
    packet.add(ChunkType::heartbeat, 0, Bytes(info));
  }
  if (shutdown_due_ && packet.room() >= 4) {
    shutdown_due_ = false;
    if (state_ == State::shutdown_sent) {
      std::array<std::uint8_t, 4> value = {};
      store_u32(value, 0, wire_tsn(session_->received.cumulative()));
      packet.add(ChunkType::shutdown, 0, Bytes(value));
    } else if (state_ == State::shutdown_ack_sent) {
      packet.add(ChunkType::shutdown_ack, 0, Bytes{});
    }
  }
  // A SACK that waits goes along when there is data to carry it.
  const bool carried =
      sack_at_ && may_send_data() && session_->outstanding.peek(packet.room(), now).has_value();
  if (sack_due_ || carried) write_sack(packet);
  if (may_send_data())
    if (const auto forward = session_->outstanding.forward(packet.room()))
      if (packet.add(ChunkType::forward_tsn, 0, Bytes(*forward)))
        session_->outstanding.on_forward_sent(now);
}

void Association::write_sack(PacketWriter& packet) {
  const auto held = session_->reassembly.held();
  const auto window = settings_.receive_window - std::min(settings_.receive_window, held);
  if (packet.room() < 16) return;
  // Half the packet at most, so that data goes along.
  const auto value = session_->received.sack(static_cast<std::uint32_t>(window),
                                             std::min<std::size_t>(packet.room(), 512));
  packet.add(ChunkType::sack, 0, Bytes(value));
  sack_due_ = false;
  sack_at_.reset();
  unacknowledged_packets_ = 0;
}

bool Association::may_send_data() const noexcept {
  return state_ == State::established || state_ == State::shutdown_pending ||
         state_ == State::shutdown_received;
}

void Association::write_data(PacketWriter& packet, base::SteadyTime now) {
  if (!may_send_data()) return;
  auto& outstanding = session_->outstanding;
  bool any = false;
  while (const auto item = outstanding.peek(packet.room() + kChunkHeader, now)) {
    const auto& fragment = item->fragment;
    const auto& message = *fragment.message;
    outstanding.pop(*item, now);  // gives the message its stream number
    const auto flags = static_cast<std::uint8_t>((fragment.begin() ? kDataBegin : 0U) |
                                                 (fragment.end() ? kDataEnd : 0U) |
                                                 (message.unordered ? kDataUnordered : 0U));
    const auto place =
        packet.add(ChunkType::data, flags, kDataHeader - kChunkHeader + fragment.size);
    CHECK(place);
    Writer writer(*place);
    writer.u32(wire_tsn(item->tsn));
    writer.u16(message.stream);
    writer.u16(message.unordered ? 0U : message.ssn);
    writer.u32(message.ppid);
    writer.bytes(fragment.payload());
    any = true;
    if (!item->again) progress_ = true;
  }
  if (!any) return;
  outstanding.on_packet_sent();
  if (settings_.heartbeat_interval > base::Duration::zero() && state_ == State::established)
    heartbeat_at_ = now + settings_.heartbeat_interval + rto_.value();
}

}  // namespace telltale::rtc::sctp
