// What one peer is sent: its audio and its video stream, congestion control, pacing, retransmission
// and sender reports. Frames and RTCP of the peer go in, protected packets go to the batch. Part of
// a Session, on its loop; no sockets, time is a parameter; nothing is allocated per packet.
#pragma once

#include <optional>

#include "rtc/congestion/controller.hpp"
#include "rtc/congestion/pacer.hpp"
#include "rtc/ntp.hpp"
#include "rtc/rtp/rtcp.hpp"
#include "rtc/rtp/rtcp_writer.hpp"
#include "rtc/send/outbound_stream.hpp"
#include "rtc/transport/packet_batch.hpp"

namespace telltale::rtc {

class SendSide {
 public:
  struct Settings {
    std::optional<OutboundStream::Settings> audio = {};
    std::optional<OutboundStream::Settings> video = {};
    congestion::ControllerSettings congestion = {};
    std::string cname = "telltale";
  };
  static constexpr base::Duration kVideoWaitMax = std::chrono::milliseconds(600);
  static constexpr base::Duration kReportEvery = std::chrono::seconds(1);

  SendSide(const Settings& settings, const Ntp& ntp, base::SteadyTime now);

  // Finds out what the path carries with padding alone, before the first picture. False: this peer
  // would not tell.
  bool look_first() noexcept;
  // False: dropped, because too much waits already (video) or the frame does not fit the queue.
  // Then nothing more is of use before a key frame.
  bool push(const PackedFramePtr& frame, base::SteadyTime now);
  // The next picture is a key frame: what waits goes, and what was lost before it is not sent
  // again. On a path with too little room its repeats would keep that key frame waiting.
  void clear_video() noexcept;
  void drain(const ice::Path& path, srtp::Sender& srtp, PacketBatch& batch,
             base::SteadyTime now) noexcept;
  // SR and SDES when they are due; false: nothing written.
  bool write_reports(rtp::RtcpWriter& writer, base::SteadyTime now) noexcept;

  // RTCP of the peer. True: it wants a key frame.
  bool on_rtcp(const rtp::Rtcp& item, base::SteadyTime now);
  void on_time(base::SteadyTime now) noexcept;
  base::SteadyTime next_deadline() const noexcept;

  bool has_video() const noexcept { return video_.has_value(); }
  bool has_audio() const noexcept { return audio_.has_value(); }
  OutboundStream* video() noexcept { return video_ ? &*video_ : nullptr; }
  OutboundStream* audio() noexcept { return audio_ ? &*audio_ : nullptr; }
  congestion::Controller& controller() noexcept { return controller_; }
  congestion::Estimate estimate() const noexcept { return controller_.estimate(); }
  const RemoteInboundRtpStats& remote(bool video) const noexcept { return remote_[video ? 1 : 0]; }

 private:
  OutboundStream* stream_of(std::uint32_t ssrc) noexcept;
  OutboundStream::Stamp stamp(base::SteadyTime now) const noexcept;
  void on_report(const rtp::ReportBlocks& blocks, base::SteadyTime now);
  void on_feedback(const rtp::TransportFeedback& feedback, base::SteadyTime now) noexcept;
  void on_nack(const rtp::Nack& nack, base::SteadyTime now);
  std::size_t write(const congestion::PacedPacket& packet, srtp::Sender& srtp, MutableBytes out,
                    base::SteadyTime now) noexcept;

  const Ntp& ntp_;
  std::string cname_;
  std::optional<OutboundStream> audio_;
  std::optional<OutboundStream> video_;
  congestion::Controller controller_;
  congestion::Pacer pacer_;
  bool transport_cc_ = false;
  bool looks_first_ = false;
  bool late_ = false;  // what is drained now
  base::SteadyTime probes_from_ = {};
  std::uint16_t transport_sequence_ = 0;
  base::SteadyTime report_at_;
  std::array<RemoteInboundRtpStats, 2> remote_ = {};  // audio, video
};

}  // namespace telltale::rtc
