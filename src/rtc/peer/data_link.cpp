#include "rtc/peer/data_link.hpp"

#include <array>

namespace telltale::rtc {
namespace {

// 1,200 of UDP payload less what a DTLS record with AEAD adds.
constexpr std::size_t kPacketBytesMax = 1'163;
constexpr int kPacketsPerFlush = 256;

}  // namespace

DataLink::DataLink(const sdp::Plan& plan, Send send, Listener& listener)
    : send_(std::move(send)),
      listener_(listener),
      channels_(
          {.association = {.remote_port = plan.sctp_port, .packet_bytes_max = kPacketBytesMax},
           .dtls_client = plan.we_are_dtls_client,
           .remote_message_max = plan.max_message_size},
          *this) {}

base::Result<sctp::ChannelId> DataLink::open(sctp::ChannelSettings settings, base::SteadyTime now) {
  auto opened = channels_.open(std::move(settings), now);
  flush(now);
  return opened;
}

base::Result<void> DataLink::send(sctp::ChannelId id, Kind kind, Bytes message,
                                  base::SteadyTime now) {
  auto sent = channels_.send(id, kind, message, now);
  flush(now);
  return sent;
}

void DataLink::flush(base::SteadyTime now) {
  std::array<std::uint8_t, kPacketBytesMax> packet;
  for (int i = 0; i < kPacketsPerFlush; ++i) {
    const auto size = channels_.poll(now, packet);
    if (size == 0) return;
    send_(Bytes(packet).first(size));
  }
}

void DataLink::on_connected(base::SteadyTime now) {
  channels_.connect(now);
  flush(now);
}

void DataLink::on_data(Bytes datagram, base::SteadyTime now) {
  channels_.on_packet(datagram, now);
  flush(now);
}

void DataLink::on_time(base::SteadyTime now) {
  flush(now);
}

std::optional<base::SteadyTime> DataLink::next_deadline() const {
  return channels_.next_deadline();
}

void DataLink::close(base::SteadyTime now) {
  channels_.abort("the connection is closed");
  flush(now);
}

void DataLink::on_open(sctp::ChannelId id) {
  if (const auto* const channel = channels_.find(id))
    listener_.on_channel(*this, id, std::string(channel->settings.label));
}

void DataLink::on_message(sctp::ChannelId id, Kind kind, Bytes message) {
  if (const auto* const channel = channels_.find(id))
    listener_.on_message(*this, id, std::string(channel->settings.label), kind, message);
}

}  // namespace telltale::rtc
