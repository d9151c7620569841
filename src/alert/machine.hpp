// Machine: what becomes of one rule. Each series it matches goes its own way: inactive, pending
// while the condition holds for less than for_ms, firing, resolved once it has not held for
// keep_firing_ms (so that what flaps stays one alert). No I/O, no clock: step() is told what holds
// at a moment, next_deadline() when it wants to be asked again. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alert/condition.hpp"

namespace telltale::alert {

// A series at a moment; one that is not among them does not hold.
struct Observation {
  Labels labels;
  bool active = false;
  double value = 0;
};

enum class Change { fired, resolved };
struct Transition {
  Change change = Change::fired;
  Labels labels;
  double value = 0;
  std::int64_t pending_ms = 0;  // since when it held
};

class Machine {
 public:
  static constexpr std::size_t kSeriesMax = 500;  // of one rule; what is beyond is counted
  struct Settings {
    std::int64_t for_ms = 0;
    std::int64_t keep_firing_ms = 0;
  };
  struct Series {
    Labels labels;
    bool firing = false;
    std::int64_t pending_ms = 0;
    std::int64_t last_active_ms = 0;
    double value = 0;
  };

  explicit Machine(Settings settings) : settings_(settings) {}

  // Moments never go back: one that is earlier than the last counts as the last.
  std::vector<Transition> step(std::span<const Observation> seen, std::int64_t now_ms);
  // Fired in an earlier life: is not told again, and has keep_firing_ms from now.
  void restore(Labels labels, double value, std::int64_t pending_ms, std::int64_t now_ms);
  std::optional<std::int64_t> next_deadline() const;

  // By series_key("", labels).
  const std::map<std::string, Series>& series() const noexcept { return series_; }
  std::size_t left_out() const noexcept { return left_out_; }  // at the last step

 private:
  Settings settings_;
  std::map<std::string, Series> series_;
  std::int64_t now_ms_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace telltale::alert
