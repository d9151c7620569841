#include "monitor/strategy.hpp"

#include <algorithm>

#include "monitor/scores.hpp"

namespace telltale::monitor {

double Strategy::judge(const Scores& scores) const {
  const auto points = [&](Part part) { return scores.points(part); };
  const double cost =
      loss_weight * points(Part::loss) +
      latency_weight * (points(Part::round_trip) + points(Part::jitter) + points(Part::queue)) +
      freeze_weight * (points(Part::freezes) + points(Part::dropped)) +
      frame_rate_weight * points(Part::frame_rate) + points(Part::silence);
  return std::clamp(100 - cost, 0.0, 100.0);
}

Strategy balanced_strategy() {
  Strategy out;
  out.name = "balanced";
  return out;
}

Strategy low_latency_strategy() {
  Strategy out;
  out.name = "low-latency";
  out.latency_weight = 2;
  out.freeze_weight = 0.7;
  out.buffer_at_rest = 0;
  out.prefetch_at_rest = 0.3;
  out.down_after = std::chrono::seconds(2);
  out.up_after = std::chrono::seconds(10);
  out.pause = std::chrono::seconds(4);
  return out;
}

Strategy smooth_strategy() {
  Strategy out;
  out.name = "smooth";
  out.latency_weight = 0.5;
  out.freeze_weight = 1.5;
  out.frame_rate_weight = 1.3;
  out.buffer_at_rest = 1;
  out.prefetch_at_rest = 1;
  out.down_after = std::chrono::seconds(4);
  out.up_after = std::chrono::seconds(25);
  out.pause = std::chrono::seconds(15);
  return out;
}

std::optional<Strategy> shipped_strategy(std::string_view name) {
  for (auto one : {balanced_strategy(), low_latency_strategy(), smooth_strategy()})
    if (one.name == name) return one;
  return std::nullopt;
}

std::vector<std::string> shipped_strategies() {
  return {"balanced", "low-latency", "smooth"};
}

}  // namespace telltale::monitor
