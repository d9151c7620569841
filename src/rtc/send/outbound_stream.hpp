// One outgoing stream of RTP to one peer and its retransmission stream: numbers, timestamps, and
// which shared frame each sequence number was, so that a NACK is answered from the frame (indices
// are kept, no bytes). Sequence numbers are given when packets leave, so what is dropped before
// leaves no hole. Part of a SendSide, on its peer's loop; its rings start small and double while
// what they would overwrite may still be asked for.
#pragma once

#include <optional>

#include "rtc/ice/path.hpp"
#include "rtc/send/header_template.hpp"
#include "rtc/send/packed_frame.hpp"
#include "rtc/srtp/sender.hpp"
#include "rtc/statistics.hpp"

namespace telltale::rtc {

class OutboundStream {
 public:
  struct Settings {
    sdp::Stream stream;
    std::uint32_t ssrc = 0;
    std::uint32_t rtx_ssrc = 0;
    std::uint16_t first_sequence = 0;
    std::uint16_t first_rtx_sequence = 0;
    std::uint16_t first_picture_id = 0;
    std::uint32_t timestamp_offset = 0;
  };
  // What goes into a header besides the stream's own.
  struct Stamp {
    std::uint16_t transport_sequence = 0;
    std::array<std::uint8_t, 3> abs_send_time = {};
  };

  OutboundStream(const Settings& settings, base::SteadyTime now);

  // He is shown pictures from now on, not since he is there.
  void join(base::SteadyTime now) noexcept { joined_ = now; }
  // The frame's number for its packets' tokens.
  std::uint16_t add(const PackedFramePtr& frame);
  // Bytes of a packet on the wire (RTP), for the pacer; 0: it is not there any more.
  std::uint16_t wire_size(std::uint16_t frame, std::size_t packet) const noexcept;

  // Each writes one protected packet to `out` and returns its size, 0 when it cannot.
  std::size_t write(std::uint16_t frame, std::size_t packet, const Stamp& stamp, srtp::Sender& srtp,
                    MutableBytes out, base::SteadyTime now) noexcept;
  std::size_t write_again(std::uint16_t sequence, const Stamp& stamp, srtp::Sender& srtp,
                          MutableBytes out) noexcept;
  // Was it asked for a moment ago already? Notes that it is asked for now.
  bool asked_lately(std::uint16_t sequence, base::Duration within, base::SteadyTime now) noexcept;
  // A packet sent before, as padding that probes, or nothing but padding (RFC 3550 section 5.1)
  // before any was; needs RTX.
  std::size_t write_padding(const Stamp& stamp, srtp::Sender& srtp, MutableBytes out) noexcept;

  // Nothing sent so far is sent again.
  void forget_sent() noexcept { forgotten_ = packets_; }
  std::uint16_t wire_size_again(std::uint16_t sequence) const noexcept;
  bool has_rtx() const noexcept { return has_rtx_; }
  // A plain retransmission keeps its transport-wide number: it must be the same packet to the bit.
  bool stamps_again() const noexcept { return has_rtx_; }
  bool has_transport_sequence() const noexcept { return header_.has_transport_sequence(); }

  // What the sender report says: now, in this stream's timestamps. nullopt before the first packet.
  std::optional<std::uint32_t> timestamp_at(base::SteadyTime now) const noexcept;
  std::uint32_t packet_count() const noexcept { return static_cast<std::uint32_t>(packets_); }
  std::uint32_t octet_count() const noexcept { return static_cast<std::uint32_t>(octets_); }

  const sdp::Stream& stream() const noexcept { return settings_.stream; }
  std::uint32_t ssrc() const noexcept { return settings_.ssrc; }
  std::uint32_t rtx_ssrc() const noexcept { return settings_.rtx_ssrc; }
  OutboundRtpStats& stats() noexcept { return stats_; }
  bool started() const noexcept { return packets_ > 0; }

 private:
  static constexpr std::size_t kFramesFirst = 32;
  static constexpr std::size_t kFramesMax = 256;
  static constexpr std::size_t kPacketsFirst = 64;
  static constexpr std::size_t kPacketsMax = 1'024;  // that can be sent again

  struct Held {
    PackedFramePtr frame;
    std::uint32_t timestamp = 0;  // as sent
    std::uint16_t number = 0;
    std::uint16_t picture_id = 0;
  };
  struct Sent {
    std::uint16_t sequence = 0;
    std::uint16_t frame = 0;
    std::uint16_t packet = 0;
    bool used = false;
    std::uint32_t asked_ms = 0;  // when it was sent again last
  };
  struct Original {  // of what is sent again without RTX
    std::uint16_t transport_sequence = 0;
    std::array<std::uint8_t, 3> abs_send_time = {};
  };

  void make_room_for_frame(const PackedFrame& frame);
  void make_room_for_packets(const PackedFrame& frame) noexcept;
  const Held* held(std::uint16_t frame) const noexcept;
  const Sent* sent(std::uint16_t sequence) const noexcept;
  std::uint32_t map_timestamp(const PackedFrame& frame) const noexcept;
  std::size_t write_blank(const Stamp& stamp, srtp::Sender& srtp, MutableBytes out) noexcept;
  std::size_t write_rtx(const Sent& packet, const Stamp& stamp, srtp::Sender& srtp,
                        MutableBytes out) noexcept;
  void count_first(const Held& held, std::size_t packet, std::size_t header, std::size_t payload,
                   base::SteadyTime now) noexcept;

  Settings settings_;
  HeaderTemplate header_;
  HeaderTemplate rtx_header_;
  bool has_rtx_ = false;
  std::uint32_t clock_;
  std::uint16_t next_sequence_;
  std::uint16_t next_rtx_sequence_;
  std::uint16_t next_picture_id_;
  std::uint16_t next_frame_ = 0;
  std::uint16_t unsent_frame_ = 0;  // the first of which no packet left so far
  std::uint16_t padding_from_ = 0;  // the packet repeated last
  std::uint64_t packets_ = 0;
  std::uint64_t forgotten_ = 0;  // of them, the first so many
  std::uint64_t octets_ = 0;
  base::SteadyTime joined_;
  std::uint32_t added_timestamp_ = 0;  // of the last frame
  bool any_added_ = false;
  std::uint32_t last_timestamp_ = 0;
  base::SteadyTime last_due_ = {};
  std::vector<Held> frames_;
  std::vector<Sent> sent_;
  std::vector<Original> originals_;  // empty with RTX
  OutboundRtpStats stats_;
  double mean_frame_bytes_ = 0;
  base::SteadyTime rate_since_ = {};
  std::uint64_t rate_frames_ = 0;
};

}  // namespace telltale::rtc
