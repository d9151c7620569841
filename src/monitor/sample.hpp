// Sample: one connection at one moment, with the rates since the moment before: what the server
// counted and what the player reported on its stats channel, joined. Meter makes samples of records
// as they come, in order; it belongs to one connection and its loop. Plain values.
#pragma once

#include <array>
#include <optional>

#include "monitor/config.hpp"
#include "rtc/connection_record.hpp"

namespace telltale::monitor {

struct Sample {
  base::WallTime at = {};
  double seconds = 0;  // since the sample before
  rtc::ConnectionState state = rtc::ConnectionState::connecting;
  std::uint8_t rendition = 0;       // its code (timeline.hpp)
  bool client_fresh = false;        // the player reported since the sample before
  double sent_kbps = 0;             // payload and headers, without probes
  double received_kbps = 0;         // of a publisher
  double available_kbps = 0;        // what the path is thought to carry
  double loss_percent = 0;          // on the path, before what is sent again
  double inbound_loss_percent = 0;  // of what a publisher sends us
  double round_trip_ms = 0;
  double jitter_ms = 0;
  double queue_ms = 0;              // what our sending adds to the path
  std::optional<double> sent_fps;   // pictures we sent a second
  std::optional<double> shown_fps;  // pictures the player decoded a second
  std::optional<double> buffer_ms;  // the player's jitter buffer
  double freezes = 0;               // since the sample before
  double frozen_share = 0;          // of that time, 0…1
  double frames_dropped = 0;        // given up in our queue, or lost for good on their way in
  double audio_fps = 0;
  double key_frames_asked = 0;  // PLI and FIR
  double packets_resent = 0;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint64_t stalls = 0;  // of the source since the sample before
};

// What a player says of itself, in our names (web/src/webrtc/measure.ts) or as the RTCStats of
// getStats() (`{"stats": [{"type": "inbound-rtp", …}]}`); totals since it began.
struct ClientReport {
  std::optional<double> frames_decoded;
  std::optional<double> frames_per_second;
  std::optional<double> frames_dropped;
  std::optional<double> freezes;
  std::optional<double> freeze_seconds;
  std::optional<double> jitter_buffer_ms;
  std::optional<double> jitter_ms;
  std::optional<double> loss_percent;  // after what was sent again
  std::optional<double> round_trip_ms;
  std::optional<double> frame_width, frame_height;  // of the largest picture
};
ClientReport read_client_report(const base::JsonObject& report);

class Meter {
 public:
  explicit Meter(const MetricsConfig& collect) : collect_(collect) {}
  // `stalls`: of the source so far.
  Sample take(const rtc::ConnectionRecord& record, std::uint64_t stalls);
  // Since the sample before; sent, or received of a publisher. 0 video, 1 audio.
  struct Frames {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
  };
  const std::array<Frames, 2>& frames() const noexcept { return frames_; }

 private:
  struct Totals {
    std::uint64_t sent_bytes = 0, received_bytes = 0, frames_dropped = 0, keys_asked = 0,
                  resent = 0, stalls = 0;
    std::array<Frames, 2> frames = {};
    std::int64_t inbound_lost = 0;
    std::uint64_t inbound_packets = 0;
  };
  static Totals totals_of(const rtc::ConnectionStats& stats);
  void add_client(const rtc::ConnectionRecord& record, Sample& out);

  MetricsConfig collect_;
  Totals last_;
  std::optional<double> frames_decoded_;  // what the player said last
  double freezes_ = 0, freeze_seconds_ = 0;
  base::WallTime last_at_ = {};
  base::WallTime client_at_ = {};
  std::array<Frames, 2> frames_ = {};
  bool began_ = false;
};

}  // namespace telltale::monitor
