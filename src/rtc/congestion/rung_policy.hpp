// Which rendition of a quality ladder a viewer gets: down at once when it is much too high, soon
// when it is a little so; up only after the estimate has had room for some time, and after a rung
// that proved too high for longer each time (5, 10, 20 … 60 s). Where the estimate is a REMB, which
// only follows what is sent, the next rung is tried after a steady time and left again when the
// REMB does not follow, each time later. A rung that cannot be had is not chosen until its time is
// over. The user's choice pins it. The owner asks after every change of the estimate, and carries a
// switch out at the next key frame. No I/O, nothing allocated.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "rtc/congestion/controller.hpp"

namespace telltale::rtc::congestion {

enum class SwitchReason : std::uint8_t {
  room,         // up: the estimate has had room for the rung
  target_fell,  // down: the estimate is below what the rung needs
  queue,        // down: the path's queue is long
  loss,         // down: more than a tenth is lost
  chosen,       // by the user
  tried,        // up: the path was steady, and only a try tells
  health,       // down or up again: the optimiser's limit
  cpu,          // the same, for want of CPU
  memory,       // the same, for want of memory
};
inline constexpr std::size_t kSwitchReasons = 9;
std::string_view reason_name(SwitchReason reason) noexcept;

struct RungSettings {
  double down_at_once_below = 0.8;  // of the rung's rate
  // Below this only when it lasts: after one overuse, which another's probe may have caused, the
  // target is 0.85 of what is sent.
  double down_below = 0.95;
  base::Duration down_after = std::chrono::milliseconds(1'500);
  double up_above = 1.15;                                    // of the higher rung's rate
  base::Duration up_first = std::chrono::milliseconds(100);  // before anything had to go down
  base::Duration up_after = std::chrono::seconds(5);
  base::Duration up_after_max = std::chrono::seconds(60);
  base::Duration proven_after =
      std::chrono::seconds(15);  // so long on a rung and it was not too high
  base::Duration queue_max = std::chrono::milliseconds(200);
  double loss_max = 0.10;
  std::int64_t audio_only_below_bps = 100'000;
  base::Duration try_after = std::chrono::seconds(8);  // steady for so long
  base::Duration try_after_max = std::chrono::seconds(120);
  base::Duration try_patience = std::chrono::seconds(12);  // for the REMB to follow
  double try_loss_max = 0.05;
  double steady_loss_max = 0.02;
  base::Duration refused_for = std::chrono::seconds(5);  // twice as long each time
  base::Duration refused_for_max = std::chrono::seconds(60);
};

struct RungSwitch {
  std::size_t from = 0;
  std::size_t to = 0;
  SwitchReason reason = SwitchReason::room;
  base::SteadyTime at = {};
};

class RungPolicy {
 public:
  static constexpr std::size_t kRungsMax = 8;

  // Rates of the rungs, ascending, at least one; the first is the highest that `start_bps` carries.
  RungPolicy(std::span<const std::int64_t> rung_bps, std::int64_t start_bps,
             const RungSettings& settings = {});

  std::optional<RungSwitch> update(const Estimate& estimate, base::SteadyTime now) noexcept;
  // Stays on this rung whatever happens, until unpinned by an empty value. One there is not changes
  // nothing.
  std::optional<RungSwitch> pin(std::optional<std::size_t> rung, base::SteadyTime now) noexcept;

  // No rung above this one is chosen, until another or no limit is set: the switch down where one
  // is needed, for this reason; so is the next switch up after a limit was raised. A pin goes over
  // it.
  std::optional<RungSwitch> limit(std::optional<std::size_t> ceiling, SwitchReason why,
                                  base::SteadyTime now) noexcept;

  // The rung just chosen cannot be had: `current` goes on being sent, and it is not chosen for a
  // while. opened() when it can be had after all.
  void refused(std::size_t rung, std::size_t current, base::SteadyTime now) noexcept;
  void opened(std::size_t rung) noexcept { refused_for_[rung] = {}; }
  // Before anything was sent.
  void begin_at(std::size_t rung) noexcept { current_ = rung; }
  // The same, on a path that was looked at: the highest rung it has room for.
  void begin_on(std::int64_t target_bps) noexcept;
  bool usable(std::size_t rung, base::SteadyTime now) const noexcept {
    return !refused_until_[rung] || now >= *refused_until_[rung];
  }
  std::size_t current() const noexcept { return current_; }
  bool pinned() const noexcept { return pinned_; }
  // The path does not even carry the lowest rung: send sound only.
  bool audio_only() const noexcept { return audio_only_; }
  // What probing should look for: the room the highest rung needs, or the pinned one.
  std::int64_t probe_goal_bps() const noexcept;
  std::uint32_t count(SwitchReason reason) const noexcept {
    return counts_[static_cast<std::size_t>(reason)];
  }
  const std::optional<RungSwitch>& last_switch() const noexcept { return last_; }

 private:
  double rate(std::size_t rung) const noexcept { return static_cast<double>(rung_bps_[rung]); }
  std::optional<std::size_t> lower(const Estimate& estimate, base::SteadyTime now,
                                   SwitchReason& reason) const noexcept;
  std::optional<std::size_t> higher(base::SteadyTime now) const noexcept;
  std::optional<std::size_t> usable_below(std::size_t from, base::SteadyTime now) const noexcept;
  std::optional<std::size_t> worth_trying(const Estimate& estimate, base::SteadyTime now) noexcept;
  bool try_failed(const Estimate& estimate, base::SteadyTime now, SwitchReason& reason) noexcept;
  RungSwitch move(std::size_t to, SwitchReason reason, base::SteadyTime now) noexcept;
  void note_failure(base::SteadyTime now) noexcept;

  RungSettings settings_;
  std::array<std::int64_t, kRungsMax> rung_bps_ = {};
  std::array<std::optional<base::SteadyTime>, kRungsMax> fits_since_ = {};
  std::size_t rungs_;
  std::size_t current_ = 0;
  std::size_t ceiling_;                      // the highest that is chosen
  std::optional<SwitchReason> raised_ = {};  // why there was a lower limit
  bool pinned_ = false;
  bool audio_only_ = false;
  base::Duration hold_off_;  // before rungs from too_high_ on are tried again
  std::size_t too_high_ = kRungsMax;
  std::optional<base::SteadyTime> below_since_ = {};  // of the target, under `down_below`
  std::optional<base::SteadyTime> went_up_ = {};
  std::array<std::uint32_t, kSwitchReasons> counts_ = {};
  std::optional<RungSwitch> last_ = {};
  struct Try {
    base::SteadyTime until;
    double peak_bps;  // of the target since it began
  };
  std::optional<Try> try_ = {};
  std::optional<base::SteadyTime> steady_since_ = {};
  std::array<base::Duration, kRungsMax> try_wait_ = {};  // for each rung: steady so long before
  std::array<base::Duration, kRungsMax> refused_for_ = {};
  std::array<std::optional<base::SteadyTime>, kRungsMax> refused_until_ = {};
};

}  // namespace telltale::rtc::congestion
