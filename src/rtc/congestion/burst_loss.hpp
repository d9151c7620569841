// Whether bursts are what the path has no room for: a queue of one or two packets loses the later
// ones of each burst, while loss on the air does not ask which comes first.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class BurstLoss {
 public:
  // Fates in the order in which packets were sent.
  void add(base::SteadyTime sent, bool received) noexcept {
    auto& counts = counts_[sent - last_sent_ < kTogether ? 1 : 0];
    last_sent_ = sent;
    ++counts.packets;
    counts.lost += received ? 0 : 1;
    if (counts_[0].packets + counts_[1].packets >= kPacketsMax) halve();
  }
  // More of the later ones is lost than chance explains. Begins anew when it is so.
  bool poll() noexcept {
    const auto& [first, later] = counts_;
    if (first.packets < kPacketsMin || later.packets < kPacketsMin) return false;
    const double loss = (first.lost + later.lost) / (first.packets + later.packets);
    const double noise = std::sqrt(loss * (1 - loss) * (1 / first.packets + 1 / later.packets));
    const double more = later.lost / later.packets - first.lost / first.packets;
    if (more < kMore || more < kSure * noise) return false;
    counts_ = {};
    return true;
  }

 private:
  static constexpr auto kTogether = std::chrono::milliseconds(3);
  static constexpr double kPacketsMin = 20;
  static constexpr double kPacketsMax = 500;
  static constexpr double kMore = 0.03;
  static constexpr double kSure = 3;  // standard deviations
  struct Counts {
    double packets = 0;
    double lost = 0;
  };
  void halve() noexcept {
    for (auto& counts : counts_) counts = {counts.packets / 2, counts.lost / 2};
  }

  std::array<Counts, 2> counts_ = {};  // of first ones, of later ones
  base::SteadyTime last_sent_ = {};
};

}  // namespace telltale::rtc::congestion
