// One incoming stream of RTP and its retransmission stream: reception statistics, what is missing,
// and frames put together. Part of a ReceiveSide, on its peer's loop; time comes in.
#pragma once

#include <functional>
#include <optional>

#include "rtc/receive/nack_list.hpp"
#include "rtc/receive/reception.hpp"
#include "rtc/rtp/frame_assembler.hpp"
#include "rtc/rtp/packet.hpp"
#include "rtc/sdp/answer.hpp"
#include "rtc/source.hpp"
#include "rtc/statistics.hpp"

namespace telltale::rtc {

class InboundStream {
 public:
  struct Settings {
    sdp::Stream stream;
    Codec codec = Codec::h264;
    bool keeps_payload = false;  // frames can be read
    std::size_t slots = 1'024;
  };
  static constexpr base::Duration kAskKeyEvery = std::chrono::milliseconds(500);

  explicit InboundStream(const Settings& settings);

  // A packet of this stream's payload type; `repaired`: unwrapped from RTX.
  void on_packet(const rtp::PacketView& packet, bool repaired, base::SteadyTime now);
  // Whole frames in order, those after a gap that need what is lost left out.
  std::optional<rtp::AssembledFrame> next_frame(base::SteadyTime now);
  bool read(const rtp::AssembledFrame& frame, std::vector<std::uint8_t>& out) const {
    return assembler_.read(frame, out);
  }

  std::size_t poll_nack(base::Duration round_trip, base::SteadyTime now,
                        std::span<std::uint16_t> out);
  // A key frame is needed and was not asked for lately.
  bool poll_pli(base::SteadyTime now);
  std::optional<base::SteadyTime> next_deadline(base::Duration round_trip) const noexcept;

  std::optional<std::uint32_t> ssrc() const noexcept { return ssrc_; }
  Codec codec() const noexcept { return settings_.codec; }
  const sdp::Stream& stream() const noexcept { return settings_.stream; }
  Reception& reception() noexcept { return reception_; }
  struct ReportMark {  // one moment on the sender's two clocks
    std::uint64_t ntp = 0;
    std::uint32_t timestamp = 0;
  };
  void on_sender_report(const rtp::SenderInfo& info, base::SteadyTime now) noexcept {
    reception_.on_sender_report(info.ntp, now);
    last_report_ = ReportMark{.ntp = info.ntp, .timestamp = info.rtp_timestamp};
  }
  const std::optional<ReportMark>& last_report() const noexcept { return last_report_; }
  void ask_for_key() noexcept { needs_key_ = true; }
  InboundRtpStats stats() const;
  std::uint64_t frames() const noexcept { return frames_; }
  std::uint64_t key_frames() const noexcept { return key_frames_; }
  std::uint64_t gaps() const noexcept { return assembler_.counters().gaps; }
  void on_rtx(std::size_t bytes) noexcept {
    ++stats_.retransmitted_packets_received;
    stats_.retransmitted_bytes_received += bytes;
  }

 private:
  Settings settings_;
  Reception reception_;
  NackList nacks_;
  rtp::FrameAssembler assembler_;
  std::optional<std::uint32_t> ssrc_;
  InboundRtpStats stats_;
  std::uint64_t frames_ = 0;
  std::uint64_t key_frames_ = 0;
  std::uint64_t useless_ = 0;  // whole, but after a gap and before a key frame
  bool needs_key_;
  base::SteadyTime asked_key_ = {};
  bool any_ = false;
  std::optional<ReportMark> last_report_;
  base::SteadyTime look_at_ = {};  // for frames whose patience runs out
};

}  // namespace telltale::rtc
