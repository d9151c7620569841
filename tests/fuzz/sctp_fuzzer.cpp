// SCTP and DCEP: what comes out of DTLS is a peer's, and a peer may be anybody. The input is cut
// into packets: as they are, to an association that has seen nothing; and as chunks behind a good
// header, tag and checksum, to the data channels of a connected pair. Time passes between them.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "fuzz.hpp"
#include "rtc/sctp/crc32c.hpp"
#include "rtc/sctp/data_channels.hpp"

using namespace telltale;
using namespace telltale::rtc;
using namespace telltale::rtc::sctp;

namespace {

constexpr std::size_t kPacketsMax = 400;  // that one input may make of us at once

class Peer final : public DataChannels::Listener {
 public:
  explicit Peer(bool client) : channels(settings(client), *this) {}
  static DataChannelsSettings settings(bool client) {
    DataChannelsSettings made;
    made.association.initial_tsn = client ? 0xffff'fff8U : 1U;
    made.association.receive_window = 20'000;
    made.association.message_bytes_max = 16'000;
    made.association.send_buffer_max = 64'000;
    made.channels_max = 8;
    made.dtls_client = client;
    return made;
  }
  void on_connected() override {
    fuzz::require(!connected, "it connects once");
    connected = true;
  }
  void on_open(ChannelId id) override {
    fuzz::require(channels.find(id) != nullptr, "an open channel is there");
  }
  void on_message(ChannelId id, DataChannels::Kind kind, Bytes message) override {
    fuzz::require(message.size() <= 16'000, "no message over the limit");
    // An answer, so that there is something to acknowledge.
    if (message.size() % 3 == 0) static_cast<void>(channels.send(id, kind, message, now));
    if (message.size() % 7 == 5) channels.close(id);
  }
  void on_channel_closed(ChannelId id) override {
    fuzz::require(channels.find(id) == nullptr, "a closed channel is gone");
  }
  void on_buffered_low(ChannelId /*id*/) override {}
  void on_closed(const std::optional<base::Error>& /*error*/) override {
    fuzz::require(!closed, "it ends once");
    closed = true;
  }
  std::vector<std::vector<std::uint8_t>> take() {
    std::vector<std::vector<std::uint8_t>> packets;
    std::array<std::uint8_t, 1'500> out = {};
    while (const auto size = channels.poll(now, out)) {
      fuzz::require(size <= 1'191, "a packet within the limit");
      packets.emplace_back(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
      fuzz::require(packets.size() < kPacketsMax, "it stops sending");
      ChunkReader chunks(Bytes(packets.back()).subspan(kCommonHeader));
      while (chunks.next()) continue;
      fuzz::require(!chunks.broken(), "our own chunks are whole");
    }
    return packets;
  }

  base::SteadyTime now{std::chrono::hours(1)};
  DataChannels channels;
  bool connected = false;
  bool closed = false;
};

void carry(Peer& from, Peer& to) {
  for (const auto& packet : from.take()) to.channels.on_packet(packet, to.now);
}

std::uint32_t tag_of(const std::vector<std::uint8_t>& packet) {
  return read_common_header(packet)->tag;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes all(data, size);
  Peer fresh(false);
  fresh.channels.on_packet(all, fresh.now);
  fresh.take();
  fuzz::require(!fresh.connected, "nobody connects without a handshake");

  Peer client(true);
  Peer server(false);
  client.channels.connect(client.now);
  static_cast<void>(client.channels.open({.label = "a"}, client.now));
  static_cast<void>(server.channels.open(
      {.label = "b", .reliability = {.ordered = false, .retransmits_max = 0}}, server.now));
  std::uint32_t tag = 0;
  for (int i = 0; i < 8; ++i) {
    for (const auto& packet : client.take()) {
      tag = tag_of(packet);
      server.channels.on_packet(packet, server.now);
    }
    carry(server, client);
  }
  fuzz::require(client.connected && server.connected, "our own peers connect");
  std::vector<std::uint8_t> message(3'000, 7);
  static_cast<void>(server.channels.send(1, DataChannels::Kind::binary, message, server.now));

  // Packets of one byte of time, one of length in words, and as many chunks; to the server, as if
  // from the client.
  auto rest = all;
  while (rest.size() > 2 && !server.closed) {
    const auto step = std::chrono::milliseconds(rest[0] * 5);
    const auto length = std::min<std::size_t>(rest.size() - 2, rest[1] * std::size_t{4});
    std::vector<std::uint8_t> packet(kCommonHeader + length);
    std::copy_n(rest.begin() + 2, length, packet.begin() + kCommonHeader);
    rest = rest.subspan(2 + length);
    store_u16(packet, 0, 5000);
    store_u16(packet, 2, 5000);
    store_u32(packet, 4, length > 0 && packet[kCommonHeader] == 1 ? 0 : tag);
    const auto sum = packet_checksum(packet);
    for (std::size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<std::uint8_t>(sum >> 8U * i);
    server.now += step;
    client.now += step;
    server.channels.on_packet(packet, server.now);
    // Every other time the client hears what the server says, and says something itself.
    if (length % 8 == 0)
      carry(server, client);
    else
      server.take();
    if (length % 16 == 0) carry(client, server);
    fuzz::require(server.channels.association().buffered() <= 64'000, "the send buffer is bounded");
    fuzz::require(server.channels.channels().size() <= 8, "channels are bounded");
  }
  for (int i = 0; i < 40; ++i) {
    const auto next = server.channels.next_deadline();
    if (!next) break;
    server.now = std::max(server.now, *next);
    server.take();
  }
  return 0;
}
