#include "monitor/optimiser.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace telltale::monitor {
namespace {

constexpr double kWholePressure = 70;  // points of health lost that count as all there is
constexpr double kCpuFree = 0.7;       // of the machine, and no pressure
constexpr double kMemoryFree = 0.8;
constexpr double kThresholdStep = 0.1;

double pressure(double value, double free) {
  return std::clamp((value - free) / (1 - free), 0.0, 1.0);
}

double within(const Range<double>& range, double share) {
  return range.low + share * (range.high - range.low);
}

bool past(const std::optional<base::SteadyTime>& since, base::Duration wait, base::SteadyTime now) {
  return since && now - *since >= wait;
}

}  // namespace

Optimiser::Optimiser(const OptimizationConfig& config, const Judge* judge)
    : config_(config),
      judge_(judge == nullptr ? &config.strategy : judge),
      up_wait_(config.strategy.up_after) {}

double Optimiser::stand(const Look& look) {
  const double judged = look.scores == nullptr ? 100 : judge_->judge(*look.scores);
  const double network =
      config_.network_sensitivity * std::min(1.0, (100 - judged) / kWholePressure);
  const double cpu = config_.cpu_sensitivity * pressure(look.resources.cpu, kCpuFree);
  const double memory = config_.memory_sensitivity * pressure(look.resources.memory, kMemoryFree);
  worst_ = network >= cpu && network >= memory ? "health" : cpu >= memory ? "cpu" : "memory";
  return 100 * std::clamp(1 - network - cpu - memory, 0.0, 1.0);
}

std::vector<Decided> Optimiser::look(const Look& look) {
  std::vector<Decided> out;
  if (!config_.enabled) return out;
  standing_ = stand(look);
  if (look.state == rtc::ConnectionState::connected) {
    silent_since_.reset();
    look_at_quality(look, out);
    look_at_buffer(look, out);
  }
  heal(look, out);
  return out;
}

void Optimiser::look_at_quality(const Look& look, std::vector<Decided>& out) {
  const auto now = look.now;
  const auto keep = [&](std::optional<base::SteadyTime>& since, bool holds) {
    if (!holds)
      since.reset();
    else if (!since)
      since = now;
  };
  keep(below_since_, standing_ < config_.downgrade_below);
  keep(above_since_, standing_ > config_.upgrade_above);
  const auto& strategy = config_.strategy;
  if (went_up_ && now - *went_up_ >= 2 * up_wait_) {  // it held
    up_wait_ = strategy.up_after;
    went_up_.reset();
  }
  if (!config_.auto_quality || !look.automatic || now < next_change_) return;
  if (look.can_go_down && past(below_since_, strategy.down_after, now)) {
    if (went_up_) up_wait_ = std::min<base::Duration>(2 * up_wait_, kBackoffMax);
    went_up_.reset();
    below_since_.reset();
    next_change_ = now + strategy.pause;
    out.push_back(
        {.what = Decision::quality_down,
         .reason = worst_,
         .sentence = fmt::format("at {:.0f}, under {:.0f} for {:.0f} s: a lower quality", standing_,
                                 config_.downgrade_below, base::to_seconds(strategy.down_after)),
         .value = standing_});
  } else if (look.limited && past(above_since_, up_wait_, now)) {
    went_up_ = now;
    above_since_.reset();
    next_change_ = now + strategy.pause;
    out.push_back(
        {.what = Decision::quality_up,
         .reason = "well",
         .sentence = fmt::format("at {:.0f}, over {:.0f} for {:.0f} s: a higher quality is allowed",
                                 standing_, config_.upgrade_above, base::to_seconds(up_wait_)),
         .value = standing_});
  }
}

void Optimiser::look_at_buffer(const Look& look, std::vector<Decided>& out) {
  if (!look.reading) return;
  const auto now = look.now;
  const auto& range = config_.buffer_size;
  const auto& thresholds = config_.prefetch_threshold;
  const double seconds = look.reading->low;
  const double threshold = look.reading->high;
  const auto set = [&](double to, double share, std::string_view reason, std::string why) {
    to = std::clamp(to, range.low, range.high);
    share = std::clamp(share, thresholds.low, thresholds.high);
    if (std::abs(to - seconds) < 0.05 && std::abs(share - threshold) < 0.005) return;
    next_buffer_ = now + config_.strategy.pause;
    out.push_back({.what = Decision::buffer,
                   .reason = reason,
                   .sentence = fmt::format("{}: {:.0f} s are read ahead, more below {:.0f} %", why,
                                           to, share * 100),
                   .value = to,
                   .threshold = share});
  };
  if (past(last_underrun_, kUnderrunsForgotten, now)) {
    underruns_ = 0;
    last_underrun_.reset();
  }
  if (look.underruns > 0) {
    underruns_ += look.underruns;
    last_underrun_ = now;
  }
  if (underruns_ >= config_.underruns) {
    underruns_ = 0;
    set(seconds * kBufferGrowth, threshold + kThresholdStep, "underruns",
        fmt::format("the buffer ran empty {} times", config_.underruns));
  } else if (seconds < range.low || seconds > range.high || threshold < thresholds.low ||
             threshold > thresholds.high) {
    set(seconds, threshold, "range", "outside of what is allowed");
  } else if (!last_underrun_ && now >= next_buffer_ && standing_ > config_.upgrade_above) {
    const auto toward = [](double from, double to, double step) {
      return from + std::clamp(to - from, -step, step);
    };
    set(toward(seconds, within(range, config_.strategy.buffer_at_rest), kBufferStep),
        toward(threshold, within(thresholds, config_.strategy.prefetch_at_rest), kThresholdStep),
        "well", "all is well");
  }
}

void Optimiser::heal(const Look& look, std::vector<Decided>& out) {
  const auto now = look.now;
  const bool connected = look.state == rtc::ConnectionState::connected;
  if (connected && look.stands_still && now >= next_key_) {
    next_key_ = now + kKeyFrameEvery;
    out.push_back({.what = Decision::key_frame,
                   .reason = "froze",
                   .sentence = "pictures are sent and none is shown: a key frame is asked for"});
  }
  const bool silent = look.state == rtc::ConnectionState::disconnected;
  if (silent && !silent_since_) silent_since_ = now;
  const bool hopeless = connected && look.loss_percent >= kHopelessLoss && !look.can_go_down;
  if (!hopeless)
    hopeless_since_.reset();
  else if (!hopeless_since_)
    hopeless_since_ = now;
  const bool lost = (silent && past(silent_since_, kSilentFor, now)) ||
                    (hopeless && past(hopeless_since_, kHopelessFor, now));
  if (connected && !hopeless && standing_ > config_.upgrade_above) restarts_ = 0;
  if (!lost || restarts_ >= kRestartsMax || now < next_restart_) return;
  ++restarts_;
  next_restart_ = now + kRestartEvery;
  out.push_back({.what = Decision::ice_restart,
                 .reason = silent ? "silence" : "loss",
                 .sentence = silent ? "nothing is heard of the peer: an ICE restart is offered"
                                    : "most of what is sent is lost: an ICE restart is offered"});
}

}  // namespace telltale::monitor
