// Which rendition of a quality ladder a viewer gets: down at once, up only after the estimate has
// had room for some time, and after a rung that proved too high for longer each time (5, 10, 20 …
// 60 s). The user's choice pins it. The owner asks after every change of the estimate, and carries
// a switch out at the next key frame. No I/O, nothing allocated.
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
};
inline constexpr std::size_t kSwitchReasons = 5;
std::string_view reason_name(SwitchReason reason) noexcept;

struct RungSettings {
  double down_below = 0.95;                           // of the rung's rate
  double up_above = 1.15;                             // of the higher rung's rate
  base::Duration up_first = std::chrono::seconds(1);  // before anything ever had to go down
  base::Duration up_after = std::chrono::seconds(5);
  base::Duration up_after_max = std::chrono::seconds(60);
  base::Duration proven_after =
      std::chrono::seconds(15);  // so long on a rung and it was not too high
  base::Duration queue_max = std::chrono::milliseconds(200);
  double loss_max = 0.10;
  std::int64_t audio_only_below_bps = 100'000;
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
  RungSwitch move(std::size_t to, SwitchReason reason, base::SteadyTime now) noexcept;
  void note_failure(base::SteadyTime now) noexcept;

  RungSettings settings_;
  std::array<std::int64_t, kRungsMax> rung_bps_ = {};
  std::array<std::optional<base::SteadyTime>, kRungsMax> fits_since_ = {};
  std::size_t rungs_;
  std::size_t current_ = 0;
  bool pinned_ = false;
  bool audio_only_ = false;
  base::Duration hold_off_;  // before rungs from too_high_ on are tried again
  std::size_t too_high_ = kRungsMax;
  std::optional<base::SteadyTime> went_up_ = {};
  std::array<std::uint32_t, kSwitchReasons> counts_ = {};
  std::optional<RungSwitch> last_ = {};
};

}  // namespace telltale::rtc::congestion
