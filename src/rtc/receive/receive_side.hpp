// What one peer sends us: its streams by payload type, and all that is told back: NACK, PLI,
// transport-wide feedback, receiver reports, and the reference times that measure round trips
// (RFC 3611 section 4.4). Plain packets go in, frames go to the Listener. Part of a Session, on its
// loop; no sockets, time is a parameter.
#pragma once

#include <vector>

#include "rtc/ntp.hpp"
#include "rtc/receive/arrival_log.hpp"
#include "rtc/receive/inbound_stream.hpp"

namespace telltale::rtc {

class ReceiveSide {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                          base::SteadyTime now) = 0;
  };
  struct Settings {
    std::vector<sdp::Stream> streams = {};  // those with we_receive
    bool keeps_payload = false;
    std::size_t slots = 1'024;
    std::uint32_t local_ssrc = 1;  // reports come from it
    std::string cname = "telltale";
  };
  static constexpr base::Duration kReportEvery = std::chrono::seconds(1);

  ReceiveSide(const Settings& settings, const Ntp& ntp, Listener& listener, base::SteadyTime now);

  // An unprotected RTP packet; it is changed when it is RTX. False: nobody's.
  bool on_rtp(MutableBytes packet, base::SteadyTime now);
  void on_rtcp(const rtp::Rtcp& item, base::SteadyTime now);
  // Frames whose patience ran out.
  void on_time(base::SteadyTime now);
  // What is to be told now; false: nothing. `reports` false: no report, an SR goes out with it.
  bool write_feedback(rtp::RtcpWriter& writer, base::SteadyTime now);
  std::optional<base::SteadyTime> next_deadline() const noexcept;
  void ask_for_key();
  void set_round_trip(base::Duration round_trip) noexcept { round_trip_ = round_trip; }
  base::Duration round_trip() const noexcept { return round_trip_; }

  bool empty() const noexcept { return streams_.empty(); }
  std::vector<InboundStream>& streams() noexcept { return streams_; }

 private:
  InboundStream* by_payload_type(std::uint8_t type, bool& rtx) noexcept;
  void give_frames(InboundStream& stream, base::SteadyTime now);
  bool write_report(rtp::RtcpWriter& writer, base::SteadyTime now);

  Settings settings_;
  const Ntp& ntp_;
  Listener& listener_;
  std::vector<InboundStream> streams_;
  ArrivalLog arrivals_;
  std::uint8_t transport_id_ = 0;
  base::SteadyTime report_at_;
  base::Duration round_trip_ = std::chrono::milliseconds(100);
};

}  // namespace telltale::rtc
