// Data channels of one connection on its session: sctp's DataChannels as a DataPath. The owner
// hears of channels and messages and may open, send and close at any time; packets leave through
// the session's DTLS at once. On the loop of its session.
#pragma once

#include "rtc/data_path.hpp"
#include "rtc/sctp/data_channels.hpp"
#include "rtc/sdp/answer.hpp"

namespace telltale::rtc {

class DataLink final : public DataPath, private sctp::DataChannels::Listener {
 public:
  using Kind = sctp::DataChannels::Kind;
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_channel(DataLink& link, sctp::ChannelId id, const std::string& label) = 0;
    virtual void on_message(DataLink& link, sctp::ChannelId id, const std::string& label, Kind kind,
                            Bytes message) = 0;
  };

  DataLink(const sdp::Plan& plan, Send send, Listener& listener);

  base::Result<sctp::ChannelId> open(sctp::ChannelSettings settings, base::SteadyTime now);
  base::Result<void> send(sctp::ChannelId id, Kind kind, Bytes message, base::SteadyTime now);
  const sctp::DataChannels& channels() const noexcept { return channels_; }

 private:
  void on_connected(base::SteadyTime now) override;
  void on_data(Bytes datagram, base::SteadyTime now) override;
  void on_time(base::SteadyTime now) override;
  std::optional<base::SteadyTime> next_deadline() const override;
  void close(base::SteadyTime now) override;

  void on_connected() override {}
  void on_open(sctp::ChannelId id) override;
  void on_message(sctp::ChannelId id, Kind kind, Bytes message) override;
  void on_channel_closed(sctp::ChannelId) override {}
  void on_buffered_low(sctp::ChannelId) override {}
  void on_closed(const std::optional<base::Error>&) override {}

  void flush(base::SteadyTime now);

  Send send_;
  Listener& listener_;
  sctp::DataChannels channels_;
};

}  // namespace telltale::rtc
