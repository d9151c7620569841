// Figures: what the monitor counted, as plain values for whoever writes them out (Prometheus, a
// report). Made under short locks, read anywhere.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/decision.hpp"

namespace telltale::monitor {

// Prometheus' cumulative histogram: `counts` holds each bucket's own, the last is +Inf.
template <std::size_t N>
struct Buckets {
  std::array<std::uint64_t, N + 1> counts = {};
  double sum = 0;

  void record(double value, const std::array<double, N>& bounds, std::uint64_t times = 1) {
    std::size_t at = 0;
    while (at < N && value > bounds[at]) ++at;
    counts[at] += times;
    sum += value * static_cast<double>(times);
  }
  void add(const Buckets& other) {
    for (std::size_t i = 0; i <= N; ++i) counts[i] += other.counts[i];
    sum += other.sum;
  }
};

inline constexpr std::array<double, 9> kDurationBounds{5, 15, 30, 60, 120, 300, 600, 1800, 3600};
inline constexpr std::array<double, 7> kFrameSizeBounds{1024,   5120,   10240,  51200,
                                                        102400, 512000, 1048576};
inline constexpr std::array<double, 10> kLatencyBounds{10,  25,  50,  75,  100,
                                                       150, 200, 300, 500, 1000};
inline constexpr std::array<double, 9> kPrefetchBounds{1, 5, 10, 25, 50, 100, 250, 500, 1000};
inline constexpr std::array<double, 7> kIceBounds{50, 100, 250, 500, 1000, 2000, 5000};

// Why a rendition changed, as exported: bandwidth, cpu, user, auto.
inline constexpr std::size_t kAbrReasons = 4;
inline constexpr std::array<const char*, kAbrReasons> kAbrReasonNames{"bandwidth", "cpu", "user",
                                                                      "auto"};
std::size_t abr_reason(std::string_view switch_reason) noexcept;

struct QualitySwitches {
  std::uint8_t from = 0;  // rendition codes (timeline.hpp)
  std::uint8_t to = 0;
  std::uint32_t count = 0;
};

struct ConnectionFigures {
  std::string id;
  bool detailed = false;  // the figures of rates, loss and delay are collected
  bool outbound = false, inbound = false;
  bool video = false, audio = false;
  std::optional<double> video_fps, audio_fps;
  std::optional<double> buffer_seconds, buffer_frames;
  std::uint64_t underruns = 0;
  double outbound_kbps = 0, inbound_kbps = 0;
  double outbound_loss_percent = 0, inbound_loss_percent = 0;
  double jitter_ms = 0;
  std::optional<int> health, quality;
  Buckets<10> media_latency, signaling_latency;
  // Every candidate is in the offer or the answer: gathering takes no time, once each.
  std::uint32_t ice_gathered = 1;
  Buckets<7> ice_connection;
  std::vector<QualitySwitches> switches;
  std::array<std::uint32_t, kAbrReasons> abr = {};
};

// Kinds: 0 video, 1 audio. Qualities: rendition codes.
inline constexpr std::size_t kQualities = 8;
struct FrameFigures {
  std::uint64_t sent = 0, received = 0;
  Buckets<7> size;  // of those sent, each poll's frames at their mean
};

struct Figures {
  std::uint64_t connections_total = 0;
  std::uint64_t active = 0;
  Buckets<9> durations;
  std::array<std::array<FrameFigures, kQualities>, 2> frames = {};
  std::vector<ConnectionFigures> connections;            // the oldest first
  std::array<std::uint64_t, kDecisions> decisions = {};  // by Decision
  bool resources_collected = false;
  double cpu_percent = 0;  // of the whole machine
  double memory_bytes = 0;
};

}  // namespace telltale::monitor
