// Strategy: how the optimiser weighs what it sees and how patient it is. Three are shipped, a user
// adds his own by name in the configuration, a programmer by implementing Judge. Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace telltale::monitor {

struct Scores;

// What a connection's scores are worth to an optimiser, 0 to 100: 100 is nothing to be done.
class Judge {
 public:
  virtual ~Judge() = default;
  virtual double judge(const Scores& scores) const = 0;
};

struct Strategy final : Judge {
  std::string name;
  // How much the points that a part of the health costs count: 1 as they are, 0 not at all.
  double loss_weight = 1;
  double latency_weight = 1;  // round trip, jitter and what waits in our pacer
  double freeze_weight = 1;
  double frame_rate_weight = 1;
  // Where in their ranges the buffer and the prefetch threshold lie while all is well: 0…1.
  double buffer_at_rest = 0.3;
  double prefetch_at_rest = 0.5;
  base::Duration down_after = std::chrono::seconds(4);  // so long under the threshold
  base::Duration up_after = std::chrono::seconds(10);   // so long over the other
  base::Duration pause = std::chrono::seconds(8);       // between two changes of the rendition

  double judge(const Scores& scores) const override;
};

Strategy balanced_strategy();
Strategy low_latency_strategy();  // delay counts most, buffers are small, it goes down soon
Strategy smooth_strategy();       // freezes count most, buffers are large, it goes up late
std::optional<Strategy> shipped_strategy(std::string_view name);
std::vector<std::string> shipped_strategies();

}  // namespace telltale::monitor
