// Everything of a connection that is above ICE, the same for the side that serves and the side that
// calls: DTLS, SRTP keys, what is sent, what is received, RTCP, data. ICE says by set_path() where
// to send. Owned by a Peer or a Caller, on its loop; no sockets: datagrams go to the batch, time is
// a parameter. It ends once, by on_session_closed(); afterwards everything is ignored.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "rtc/data_path.hpp"
#include "rtc/dtls/connection.hpp"
#include "rtc/receive/receive_side.hpp"
#include "rtc/rtp/demux.hpp"
#include "rtc/send/send_side.hpp"
#include "rtc/srtp/receiver.hpp"

namespace telltale::rtc {

class Session final : private dtls::Connection::Listener, private ReceiveSide::Listener {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_session_connected(base::SteadyTime now) = 0;
    virtual void on_session_closed(const std::optional<base::Error>& error) = 0;
    virtual void on_session_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                                  base::SteadyTime now) = 0;
    virtual void on_key_frame_wanted() = 0;
  };
  using MakeData = std::function<std::unique_ptr<DataPath>(DataPath::Send send)>;
  struct Settings {
    dtls::ConnectionSettings dtls = {};
    SendSide::Settings send = {};
    ReceiveSide::Settings receive = {};
    MakeData make_data = {};  // empty: none was negotiated
  };

  static base::Result<std::unique_ptr<Session>> open(const dtls::Context& context,
                                                     Settings settings, PacketBatch& batch,
                                                     const Ntp& ntp, Listener& listener,
                                                     base::SteadyTime now);
  ~Session() override;

  void set_path(const std::optional<ice::Path>& path) noexcept { path_ = path; }
  void start(base::SteadyTime now);  // once there is a path; the DTLS client greets
  // DTLS, RTP or RTCP from an address that ICE has shown to be the peer's.
  void on_datagram(rtp::PacketKind kind, MutableBytes datagram, const ice::Path& from,
                   base::SteadyTime now);
  void on_time(base::SteadyTime now);
  base::SteadyTime next_deadline() const;
  // Sends what is due of media and reports.
  void drain(base::SteadyTime now);
  // BYE and close_notify.
  void close(base::SteadyTime now);

  bool connected() const noexcept { return sender_.has_value() && !closed_; }
  bool closed() const noexcept { return closed_; }
  SendSide& sending() noexcept { return send_; }
  ReceiveSide& receiving() noexcept { return receive_; }
  DataPath* data() noexcept { return data_.get(); }
  const dtls::Connection& dtls() const noexcept { return *dtls_; }
  void fill(ConnectionStats& stats);  // all but the candidate pair and ICE

 private:
  Session(const Settings& settings, PacketBatch& batch, const Ntp& ntp, Listener& listener,
          base::SteadyTime now);

  void send_datagram(std::span<const std::uint8_t> datagram) override;
  void on_connected(const dtls::SrtpKeys& keys) override;
  void on_data(std::span<const std::uint8_t> data) override;
  void on_closed(const std::optional<base::Error>& error) override;
  void on_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                base::SteadyTime now) override;

  // Before the nomination it is where DTLS came from: a pair that works.
  const std::optional<ice::Path>& path() const noexcept { return path_ ? path_ : dtls_path_; }
  void on_rtcp(Bytes packet, base::SteadyTime now);
  void send_rtcp(base::SteadyTime now);
  void send_data(Bytes datagram);

  PacketBatch& batch_;
  Listener& listener_;
  std::unique_ptr<dtls::Connection> dtls_;
  std::optional<srtp::Sender> sender_;
  std::optional<srtp::Receiver> receiver_;
  SendSide send_;
  ReceiveSide receive_;
  std::unique_ptr<DataPath> data_;
  std::optional<ice::Path> path_;       // as ICE says
  std::optional<ice::Path> dtls_path_;  // where DTLS came from, before ICE says anything
  base::SteadyTime now_;                // of the call under way, for DTLS's callbacks
  bool closed_ = false;
  std::uint32_t local_ssrc_;
  struct Reference {  // of the peer, answered in our next report
    std::uint32_t ssrc = 0;
    std::uint32_t middle = 0;
    base::SteadyTime at = {};
  };
  std::optional<Reference> reference_;
  std::string srtp_name_;
  TransportStats counts_;
};

}  // namespace telltale::rtc
