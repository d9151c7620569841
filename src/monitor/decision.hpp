// Decision: what the optimiser may do about a connection. Each is an event with its reason and is
// counted. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace telltale::monitor {

enum class Decision : std::uint8_t {
  quality_down,  // one rung lower at most
  quality_up,    // one more rung allowed
  buffer,        // of content: other seconds ahead, another threshold
  key_frame,     // asked for: the player's picture stands still
  ice_restart,   // offered to the player
};
inline constexpr std::size_t kDecisions = 5;
std::string_view decision_name(Decision decision) noexcept;

struct Decided {
  Decision what = Decision::quality_down;
  std::string_view reason;  // health, cpu, memory, underruns, well, froze, silence, loss
  std::string sentence;     // for people
  double value = 0;         // buffer: seconds
  double threshold = 0;     // buffer: its prefetch threshold
};

}  // namespace telltale::monitor
