// The data channels of one peer (RFC 8831, 8832) over its SCTP association, without I/O: what DTLS
// received goes to on_packet(), what poll() writes goes to DTLS. One per peer, on its worker's
// loop. poll() as Association says: until it gives nothing, after every call that may have made
// work.
//
// It ends once, by Listener::on_closed(); all channels are closed then, without a word for each.
// Callbacks may call everything but the destructor. Limits: channels, lengths of labels and
// protocols, the size of a message each way, bytes buffered for each channel and in all.
#pragma once

#include <map>
#include <string>

#include "rtc/sctp/association.hpp"
#include "rtc/sctp/dcep.hpp"

namespace telltale::rtc::sctp {

using ChannelId = std::uint16_t;

struct ChannelSettings {
  std::string label = {};
  std::string protocol = {};
  Reliability reliability = {};
  std::uint16_t priority = 256;
  // Agreed on outside: the peer opens the same one by itself, nothing is said about it.
  std::optional<ChannelId> negotiated = {};
};

struct DataChannelsSettings {
  AssociationSettings association = {};
  bool dtls_client = false;                        // it opens even ids, the server odd ones
  std::uint64_t remote_message_max = 64UL * 1024;  // a=max-message-size of the peer; 0: any
  std::size_t channels_max = 256;
  std::size_t label_bytes_max = 1'024;  // of label and protocol each
  std::size_t channel_buffer_max = 1024UL * 1024;
};

class DataChannels final : private Association::Listener {
 public:
  enum class State : std::uint8_t { connecting, open, closing };
  enum class Kind : std::uint8_t { text, binary };
  struct Counters {  // W3C webrtc-stats, RTCDataChannelStats
    std::uint64_t messages_sent = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t bytes_received = 0;
  };
  struct Channel {
    ChannelSettings settings = {};
    State state = State::connecting;
    Counters counters = {};
    bool by_peer = false;
    std::size_t low_threshold = 0;  // on_buffered_low(); set_low_threshold()

   private:
    friend class DataChannels;
    bool acknowledged_ = false;    // until then everything goes in order (RFC 8832 section 6)
    bool outgoing_reset_ = false;  // done
    bool incoming_reset_ = false;
    bool above_low_ = false;
    std::uint32_t partial_ppid_ = 0;  // of the beginning of a message that came in parts
    std::vector<std::uint8_t> partial_ = {};
  };
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;
    virtual void on_connected() = 0;
    // The peer's channel, or one of ours that the peer has acknowledged.
    virtual void on_open(ChannelId id) = 0;
    virtual void on_message(ChannelId id, Kind kind, Bytes message) = 0;
    // By either side. The id may be used again.
    virtual void on_channel_closed(ChannelId id) = 0;
    virtual void on_buffered_low(ChannelId id) = 0;
    virtual void on_closed(const std::optional<base::Error>& error) = 0;
  };

  DataChannels(const DataChannelsSettings& settings, Listener& listener);

  // Both sides call it once DTLS is connected.
  void connect(base::SteadyTime now) { association_.connect(now); }
  void on_packet(Bytes packet, base::SteadyTime now);
  std::size_t poll(base::SteadyTime now, MutableBytes out) { return association_.poll(now, out); }
  std::optional<base::SteadyTime> next_deadline() const noexcept {
    return association_.next_deadline();
  }

  // Before the association is connected too. invalid_argument: names too long, two limits at once,
  // an id taken; unavailable: too many channels; conflict: it is closed.
  base::Result<ChannelId> open(ChannelSettings settings, base::SteadyTime now);
  // not_found: no such channel; conflict: it is closing; too_large: the peer does not take it;
  // unavailable: the channel's buffer, or that of all, is full: wait for on_buffered_low().
  base::Result<void> send(ChannelId id, Kind kind, Bytes message, base::SteadyTime now);
  // What is buffered is sent first. False: no such channel, or it is closing already.
  bool close(ChannelId id);
  // All channels and the association, after what is buffered has arrived; or at once.
  void shutdown(base::SteadyTime now) { association_.shutdown(now); }
  void abort(std::string_view reason) { association_.abort(reason); }

  // on_buffered_low() when what is buffered falls to it, from above.
  void set_low_threshold(ChannelId id, std::size_t bytes) noexcept;
  std::size_t buffered_amount(ChannelId id) const noexcept;
  std::uint64_t message_bytes_max() const noexcept;
  const Channel* find(ChannelId id) const noexcept;
  const std::map<ChannelId, Channel>& channels() const noexcept { return channels_; }
  const Association& association() const noexcept { return association_; }

 private:
  void on_connected() override;
  void on_message(ReceivedMessage message) override;
  void on_incoming_reset(const std::vector<std::uint16_t>& streams, bool all) override;
  void on_outgoing_reset(const std::vector<std::uint16_t>& streams, bool done) override;
  void on_progress() override;
  void on_closed(const std::optional<base::Error>& error) override;

  std::optional<ChannelId> free_id() const noexcept;
  base::Result<void> check(const ChannelSettings& settings) const;
  void on_dcep(const ReceivedMessage& message);
  void on_open_request(ChannelId id, Bytes message);
  void on_data(Channel& channel, ReceivedMessage& message);
  void on_peer_reset(ChannelId id);
  void refuse(ChannelId id);
  void begin_close(ChannelId id, Channel& channel);
  void finish_close(ChannelId id);

  DataChannelsSettings settings_;
  DataChannels::Listener& listener_;
  Association association_;
  std::map<ChannelId, Channel> channels_;
  base::SteadyTime now_{};  // of the packet that is being read
  bool over_ = false;
};

}  // namespace telltale::rtc::sctp
