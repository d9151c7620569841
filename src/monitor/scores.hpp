// Scores: how well a connection does (health) and how good what is seen is (quality), 0 to 100
// each, from the last samples; with the points each part costs, since when, and one sentence. Pure.
// The formulas are in docs/webrtc-monitor.md; more loss, delay, jitter or freezes never score
// higher.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "monitor/sample.hpp"

namespace telltale::monitor {

enum class Part : std::uint8_t {
  loss,  // on the path, before what is sent again
  round_trip,
  jitter,
  queue,       // what waits on its way because of us
  freezes,     // the player's picture stood still
  dropped,     // frames given up
  frame_rate,  // pictures shown against pictures sent
  silence,     // nothing is heard of the peer
};
inline constexpr std::size_t kParts = 8;
std::string_view part_name(Part part) noexcept;

struct PartScore {
  double points = 0;                         // of 100 that it costs
  double value = 0;                          // in the part's own unit
  std::optional<base::WallTime> since = {};  // it has cost something without a break
};

struct Scores {
  int health = 100;
  int quality = 0;
  std::array<PartScore, kParts> parts = {};

  double points(Part part) const noexcept { return parts[static_cast<std::size_t>(part)].points; }
};

// What a window of samples says, oldest first; `before` is what was said last, for `since`. At
// least one sample.
inline constexpr std::size_t kWindow = 5;
Scores score(std::span<const Sample> window, const Scores& before);
// "health 41: 6 % loss since 14:03, video froze twice"
std::string sentence(const Scores& scores);
base::JsonObject to_json(const Scores& scores);

}  // namespace telltale::monitor
