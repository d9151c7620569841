// Optimiser: decides about one connection, look by look: the highest rendition it may have, how its
// content is read, what heals it. No I/O: looks come in with their time, decisions come out; its
// owner carries them out and makes events of them. Thresholds and patience keep it from swinging: a
// change needs a time of its own on its side of a threshold, a pause after the last one, and after
// a step up that did not hold the next one waits twice as long.
#pragma once

#include <vector>

#include "monitor/config.hpp"
#include "monitor/decision.hpp"
#include "monitor/scores.hpp"

namespace telltale::monitor {

// Of this machine: 0…1.
struct Resources {
  double cpu = 0;
  double memory = 0;
};

struct Look {
  base::SteadyTime now = {};
  rtc::ConnectionState state = rtc::ConnectionState::connected;
  const Scores* scores = nullptr;  // null: not collected
  Resources resources = {};
  bool automatic = true;      // a viewer of a ladder who left the choice to us
  bool can_go_down = true;    // there is a lower rendition
  bool limited = false;       // by us
  bool stands_still = false;  // the player shows nothing of what is sent
  double loss_percent = 0;
  double underruns = 0;                       // since the last look
  std::optional<Range<double>> reading = {};  // low: seconds ahead, high: threshold
};

class Optimiser {
 public:
  static constexpr base::Duration kKeyFrameEvery = std::chrono::seconds(5);
  static constexpr base::Duration kRestartEvery = std::chrono::seconds(15);
  static constexpr int kRestartsMax = 3;       // offered before it was well again
  static constexpr double kHopelessLoss = 30;  // percent, at the lowest rendition
  static constexpr base::Duration kHopelessFor = std::chrono::seconds(6);
  static constexpr base::Duration kSilentFor = std::chrono::seconds(2);
  static constexpr base::Duration kUnderrunsForgotten = std::chrono::seconds(60);
  static constexpr base::Duration kBackoffMax = std::chrono::minutes(5);
  static constexpr double kBufferGrowth = 1.5;
  static constexpr double kBufferStep = 5;  // seconds, on the way to rest

  // `judge` in place of the strategy's own judgement; outlives it. `config` too.
  explicit Optimiser(const OptimizationConfig& config, const Judge* judge = nullptr);

  std::vector<Decided> look(const Look& look);
  double standing() const noexcept { return standing_; }  // 0…100, of the last look

 private:
  void look_at_quality(const Look& look, std::vector<Decided>& out);
  void look_at_buffer(const Look& look, std::vector<Decided>& out);
  void heal(const Look& look, std::vector<Decided>& out);
  double stand(const Look& look);

  const OptimizationConfig& config_;
  const Judge* judge_;
  double standing_ = 100;
  std::string_view worst_ = "health";
  std::optional<base::SteadyTime> below_since_, above_since_, hopeless_since_, silent_since_;
  std::optional<base::SteadyTime> went_up_, last_underrun_;
  base::SteadyTime next_change_ = {}, next_key_ = {}, next_restart_ = {}, next_buffer_ = {};
  base::Duration up_wait_;
  double underruns_ = 0;
  int restarts_ = 0;
};

}  // namespace telltale::monitor
