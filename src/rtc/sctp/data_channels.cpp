#include "rtc/sctp/data_channels.hpp"

#include <algorithm>

namespace telltale::rtc::sctp {
namespace {

constexpr std::array<std::uint8_t, 1> kNothing = {0};  // stands for an empty message

bool is_string(std::uint32_t ppid) noexcept {
  return ppid == ppid::kString || ppid == ppid::kStringPartial || ppid == ppid::kStringEmpty;
}

bool is_empty(std::uint32_t ppid) noexcept {
  return ppid == ppid::kStringEmpty || ppid == ppid::kBinaryEmpty;
}

bool is_partial(std::uint32_t ppid) noexcept {
  return ppid == ppid::kStringPartial || ppid == ppid::kBinaryPartial;
}

bool is_known(std::uint32_t ppid) noexcept {
  return is_string(ppid) || is_empty(ppid) || is_partial(ppid) || ppid == ppid::kBinary;
}

}  // namespace

DataChannels::DataChannels(const DataChannelsSettings& settings, Listener& listener)
    : settings_(settings), listener_(listener), association_(settings.association, *this) {}

void DataChannels::on_packet(Bytes packet, base::SteadyTime now) {
  now_ = now;
  association_.on_packet(packet, now);
}

const DataChannels::Channel* DataChannels::find(ChannelId id) const noexcept {
  const auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : &found->second;
}

std::uint64_t DataChannels::message_bytes_max() const noexcept {
  const std::uint64_t buffer =
      std::min(settings_.channel_buffer_max, settings_.association.send_buffer_max);
  return settings_.remote_message_max == 0 ? buffer
                                           : std::min(settings_.remote_message_max, buffer);
}

base::Result<void> DataChannels::check(const ChannelSettings& settings) const {
  if (over_ || association_.state() > Association::State::established)
    return base::fail(base::Code::conflict, "the peer's data channels are closed");
  if (settings.label.size() > settings_.label_bytes_max ||
      settings.protocol.size() > settings_.label_bytes_max)
    return base::fail(base::Code::invalid_argument, "a data channel's label and protocol have " +
                                                        std::to_string(settings_.label_bytes_max) +
                                                        " bytes at most");
  if (settings.reliability.retransmits_max && settings.reliability.lifetime)
    return base::fail(base::Code::invalid_argument,
                      "a data channel has a limit of retransmissions or of time, not both");
  if (channels_.size() >= settings_.channels_max)
    return base::fail(base::Code::unavailable, "the peer has " + std::to_string(channels_.size()) +
                                                   " data channels, and no more are allowed");
  return {};
}

// Ids of ours by the DTLS role (RFC 8832 section 6).
std::optional<ChannelId> DataChannels::free_id() const noexcept {
  for (std::uint32_t id = settings_.dtls_client ? 0 : 1; id < association_.outgoing_streams();
       id += 2)
    if (!channels_.contains(static_cast<ChannelId>(id))) return static_cast<ChannelId>(id);
  return std::nullopt;
}

base::Result<ChannelId> DataChannels::open(ChannelSettings settings, base::SteadyTime now) {
  if (auto sound = check(settings); !sound) return std::unexpected(std::move(sound.error()));
  const auto id = settings.negotiated ? settings.negotiated : free_id();
  if (!id || *id >= association_.outgoing_streams())
    return base::fail(base::Code::unavailable, "there is no stream left for a data channel");
  if (channels_.contains(*id))
    return base::fail(base::Code::invalid_argument,
                      "data channel " + std::to_string(*id) + " exists already");
  Channel channel;
  if (settings.negotiated) {
    channel.acknowledged_ = true;
    if (association_.connected()) channel.state = State::open;
  } else {
    const DcepOpen request = {.reliability = settings.reliability,
                              .priority = settings.priority,
                              .label = settings.label,
                              .protocol = settings.protocol};
    auto sent = association_.send(*id, ppid::kDcep, write_open(request), {}, now);
    if (!sent) return std::unexpected(std::move(sent.error()));
  }
  channel.settings = std::move(settings);
  channels_.emplace(*id, std::move(channel));
  return *id;
}

base::Result<void> DataChannels::send(ChannelId id, Kind kind, Bytes message,
                                      base::SteadyTime now) {
  const auto found = channels_.find(id);
  if (found == channels_.end())
    return base::fail(base::Code::not_found, "there is no data channel " + std::to_string(id));
  auto& channel = found->second;
  if (channel.state == State::closing)
    return base::fail(base::Code::conflict, "the data channel is closing");
  if (message.size() > message_bytes_max())
    return base::fail(base::Code::too_large, "the message has " + std::to_string(message.size()) +
                                                 " bytes, the peer takes " +
                                                 std::to_string(message_bytes_max()));
  const auto buffered = association_.buffered(id);
  if (message.size() >
      settings_.channel_buffer_max - std::min(settings_.channel_buffer_max, buffered))
    return base::fail(base::Code::unavailable, "the data channel's buffer is full");
  const auto& reliability = channel.settings.reliability;
  SendOptions options = {.retransmits_max = reliability.retransmits_max,
                         .lifetime = reliability.lifetime};
  options.unordered = !reliability.ordered && channel.acknowledged_;
  const bool text = kind == Kind::text;
  const auto type = message.empty() ? (text ? ppid::kStringEmpty : ppid::kBinaryEmpty)
                                    : (text ? ppid::kString : ppid::kBinary);
  const Bytes wire = message.empty() ? Bytes(kNothing) : message;
  auto sent = association_.send(id, type, {wire.begin(), wire.end()}, options, now);
  if (!sent) return sent;
  ++channel.counters.messages_sent;
  channel.counters.bytes_sent += message.size();
  if (association_.buffered(id) > channel.low_threshold) channel.above_low_ = true;
  return {};
}

void DataChannels::set_low_threshold(ChannelId id, std::size_t bytes) noexcept {
  const auto found = channels_.find(id);
  if (found != channels_.end()) found->second.low_threshold = bytes;
}

std::size_t DataChannels::buffered_amount(ChannelId id) const noexcept {
  return association_.buffered(id);
}

bool DataChannels::close(ChannelId id) {
  const auto found = channels_.find(id);
  if (found == channels_.end() || found->second.state == State::closing) return false;
  begin_close(id, found->second);
  return true;
}

// RFC 8831 section 6.7: our stream is reset, the peer resets its own.
void DataChannels::begin_close(ChannelId id, Channel& channel) {
  channel.state = State::closing;
  // Without RFC 6525, or before the association is there, the peer cannot be told in that way.
  if (association_.connected() && !association_.reset_stream(id))
    channel.outgoing_reset_ = channel.incoming_reset_ = true;
  if (channel.outgoing_reset_ && channel.incoming_reset_) finish_close(id);
}

void DataChannels::finish_close(ChannelId id) {
  if (channels_.erase(id) > 0) listener_.on_channel_closed(id);
}

void DataChannels::on_connected() {
  listener_.on_connected();
  // Copied: a callback may open and close.
  std::vector<ChannelId> ids;
  ids.reserve(channels_.size());
  for (const auto& [id, channel] : channels_) ids.push_back(id);
  for (const auto id : ids) {
    const auto found = channels_.find(id);
    if (found == channels_.end()) continue;
    if (id >= association_.outgoing_streams()) {
      association_.discard(id);
      finish_close(id);
    } else if (found->second.state == State::closing) {
      begin_close(id, found->second);
    } else if (found->second.settings.negotiated) {
      found->second.state = State::open;
      listener_.on_open(id);
    }
  }
}

void DataChannels::on_message(ReceivedMessage message) {
  if (over_) return;
  if (message.ppid == ppid::kDcep) {
    on_dcep(message);
    return;
  }
  const auto found = channels_.find(message.stream);
  if (found == channels_.end() || !is_known(message.ppid)) return;
  on_data(found->second, message);
}

void DataChannels::on_data(Channel& channel, ReceivedMessage& message) {
  const auto id = message.stream;
  // The peer has the channel: what it says needs no ACK before it (RFC 8832 section 6).
  if (channel.state == State::connecting) {
    channel.state = State::open;
    channel.acknowledged_ = true;
    listener_.on_open(id);
    const auto found = channels_.find(id);
    if (over_ || found == channels_.end()) return;
    on_data(found->second, message);
    return;
  }
  if (channel.incoming_reset_) return;
  auto bytes = std::move(message.bytes);
  if (is_empty(message.ppid)) bytes.clear();
  if (is_partial(message.ppid) || !channel.partial_.empty()) {
    const bool goes_on =
        channel.partial_.empty() || is_string(channel.partial_ppid_) == is_string(message.ppid);
    if (!goes_on ||
        channel.partial_.size() + bytes.size() > settings_.association.message_bytes_max) {
      channel.partial_ = {};
      close(id);
      return;
    }
    channel.partial_ppid_ = message.ppid;
    channel.partial_.insert(channel.partial_.end(), bytes.begin(), bytes.end());
    if (is_partial(message.ppid)) return;
    bytes = std::exchange(channel.partial_, {});
  }
  ++channel.counters.messages_received;
  channel.counters.bytes_received += bytes.size();
  listener_.on_message(id, is_string(message.ppid) ? Kind::text : Kind::binary, bytes);
}

void DataChannels::on_dcep(const ReceivedMessage& message) {
  const auto type = dcep_type(message.bytes);
  if (type == DcepType::open) {
    on_open_request(message.stream, message.bytes);
  } else if (type == DcepType::ack) {
    const auto found = channels_.find(message.stream);
    if (found == channels_.end() || found->second.by_peer) return;
    found->second.acknowledged_ = true;
    if (found->second.state != State::connecting) return;
    found->second.state = State::open;
    listener_.on_open(message.stream);
  }
}

void DataChannels::on_open_request(ChannelId id, Bytes message) {
  // One in use (RFC 8832 section 6): the request is not answered, and an open channel goes on.
  // There is nothing to reset that would not be ours. An id of our own half is taken although it
  // should not be: aiortc and werift choose theirs by who is the ICE controller, browsers take them
  // too.
  if (channels_.contains(id)) return;
  auto request = read_open(message);
  ChannelSettings settings;
  if (request)
    settings = {.label = std::move(request->label),
                .protocol = std::move(request->protocol),
                .reliability = request->reliability,
                .priority = request->priority};
  if (!request || !check(settings) || id >= association_.outgoing_streams()) {
    refuse(id);
    return;
  }
  const std::array<std::uint8_t, 1> acknowledgement = {static_cast<std::uint8_t>(DcepType::ack)};
  if (!association_.send(id, ppid::kDcep, {acknowledgement.begin(), acknowledgement.end()}, {},
                         now_)) {
    refuse(id);
    return;
  }
  Channel channel;
  channel.settings = std::move(settings);
  channel.state = State::open;
  channel.acknowledged_ = true;
  channel.by_peer = true;
  channels_.emplace(id, std::move(channel));
  listener_.on_open(id);
}

// The peer is told by the reset of a stream that was never used.
void DataChannels::refuse(ChannelId id) {
  if (id < association_.outgoing_streams()) association_.reset_stream(id);
}

void DataChannels::on_incoming_reset(const std::vector<std::uint16_t>& streams, bool all) {
  auto ids = streams;
  if (all)
    for (const auto& [id, channel] : channels_) ids.push_back(id);
  for (const auto id : ids) on_peer_reset(id);
}

void DataChannels::on_peer_reset(ChannelId id) {
  const auto found = channels_.find(id);
  if (found == channels_.end()) return;
  auto& channel = found->second;
  channel.incoming_reset_ = true;
  if (channel.state != State::closing) {
    // Nobody reads any more what has not left yet.
    association_.discard(id);
    begin_close(id, channel);
  } else if (channel.outgoing_reset_) {
    finish_close(id);
  }
}

void DataChannels::on_outgoing_reset(const std::vector<std::uint16_t>& streams, bool done) {
  for (const auto id : streams) {
    const auto found = channels_.find(id);
    if (found == channels_.end()) continue;
    found->second.outgoing_reset_ = true;
    // A peer that refuses will not reset its own either.
    if (!done) found->second.incoming_reset_ = true;
    if (found->second.incoming_reset_) finish_close(id);
  }
}

void DataChannels::on_progress() {
  std::vector<ChannelId> low;
  for (auto& [id, channel] : channels_) {
    if (!channel.above_low_ || association_.buffered(id) > channel.low_threshold) continue;
    channel.above_low_ = false;
    low.push_back(id);
  }
  for (const auto id : low)
    if (!over_ && channels_.contains(id)) listener_.on_buffered_low(id);
}

void DataChannels::on_closed(const std::optional<base::Error>& error) {
  over_ = true;
  channels_.clear();
  listener_.on_closed(error);
}

}  // namespace telltale::rtc::sctp
