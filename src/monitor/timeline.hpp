// Timeline: what one connection was like over time: the last `max_history_points` samples in 16
// bytes each, and the last events of its life in 12. Bounded, compact in memory and in the store,
// read out as plain values. Guarded by its owner. What is packed is coarse: see Point.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ring.hpp"
#include "monitor/scores.hpp"

namespace telltale::monitor {

// A sample as it is kept; what is absent was not measured, or is not collected.
struct Point {
  base::WallTime at = {};  // to 20 ms
  rtc::ConnectionState state = rtc::ConnectionState::connecting;
  std::string_view rendition;  // "" none
  double bitrate_kbps = 0;     // sent, or received of a publisher; to 65 Mbit/s
  double available_kbps = 0;
  double loss_percent = 0;                  // to 0.01
  double round_trip_ms = 0;                 // to 0.1, at most 6.5 s
  double jitter_ms = 0;                     // at most 254
  std::optional<double> frames_per_second;  // shown where the player tells, else sent; to 0.5
  std::optional<double> buffer_ms;          // to 20, at most 5 s
  bool froze = false;
  std::optional<int> health;
  std::optional<int> quality;
};

enum class Happened : std::uint8_t {
  created,  // a: state
  offer_answered,
  ice_connected,
  connected,
  disconnected,
  reconnected,
  first_packet,
  first_key_frame,
  track,  // a: 0 audio, 1 video; b: 0 sent, 1 received
  data_channel,
  quality_chosen,  // a: quality
  switched,        // a, b: rendition; c: reason
  froze,           // value: how often
  underrun,        // value: how often
  loss_began,      // value: percent
  loss_ended,
  health_fell,  // value: the score
  health_rose,
  decided,      // a: decision; c: why; value
  error,        // with its text
  closed,       // a: why
  first_shown,  // value: milliseconds, as the player measured it
  source_lost,  // with its reason, like the next; value: the attempt
  source_retry,
  source_back,
  source_gone,
};
std::string_view happened_name(Happened kind) noexcept;

struct TimelineEvent {
  std::uint32_t at_ms = 0;  // since the connection began
  Happened kind = Happened::created;
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  std::uint8_t c = 0;
  float value = 0;
};
static_assert(sizeof(TimelineEvent) == 12);
// As it is read: a few of them say something in words.
struct ToldEvent : TimelineEvent {
  std::string text = {};
};

// Names that occur in events, as a number; 255: another one.
std::uint8_t rendition_code(std::string_view name) noexcept;
std::string_view rendition_of(std::uint8_t code) noexcept;
std::uint8_t reason_code(std::string_view name) noexcept;
std::string_view reason_of(std::uint8_t code) noexcept;

class Timeline {
 public:
  static constexpr std::size_t kEventsMax = 64;
  static constexpr std::size_t kTextsMax = 12;  // of the last events that have one
  static constexpr std::size_t kTextBytes = 160;

  Timeline(base::WallTime began, std::size_t points_max);

  void add(const Sample& sample, const Scores* scores);  // null: not collected
  void add(base::WallTime at, TimelineEvent event, std::string_view text = {});

  base::WallTime began() const noexcept { return began_; }
  std::vector<Point> points() const;  // oldest first
  std::vector<ToldEvent> events() const;
  std::size_t size() const noexcept { return points_.size(); }
  std::size_t events_forgotten() const noexcept { return events_forgotten_; }
  std::size_t bytes() const noexcept;

  // As kept in the store, and back; nothing when it is not one.
  std::string pack() const;
  static std::optional<Timeline> unpack(std::string_view bytes);

 private:
  struct Packed {
    std::uint16_t after = 0;  // since the one before, in 20 ms
    std::uint16_t kbps = 0;
    std::uint16_t available = 0;
    std::uint16_t loss = 0;   // 0.01 %
    std::uint16_t trip = 0;   // 0.1 ms
    std::uint8_t jitter = 0;  // ms
    std::uint8_t rate = 0;    // 0.5
    std::uint8_t buffer = 0;  // 20 ms
    std::uint8_t health = 0;
    std::uint8_t quality = 0;
    std::uint8_t flags = 0;  // state 3 bits, rendition 4, froze 1
  };
  static_assert(sizeof(Packed) == 16);
  struct Text {
    std::uint64_t number = 0;  // of its event, from the first one on
    std::string text;
  };

  bool take_texts(std::string_view& bytes);

  base::WallTime began_;
  base::WallTime first_;  // when the oldest point was
  base::WallTime last_;
  base::Ring<Packed> points_;
  base::Ring<TimelineEvent> events_;
  std::size_t events_forgotten_ = 0;
  std::vector<Text> texts_;
};

base::JsonObject to_json(const ToldEvent& event, base::WallTime began);
// {columns: […], samples: [[…], …], events: [{at, type, …}]}: what charts read.
base::JsonObject to_json(const Timeline& timeline, std::size_t samples_max);

}  // namespace telltale::monitor
