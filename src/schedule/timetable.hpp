// Timetable: a cron expression in a time zone; says when it comes next. A time that clocks skip is
// run once, at the moment they skip it; one that comes twice is run the first time. What runs every
// hour goes by the time that passes instead: never twice for a skipped hour, in both of a doubled
// one. Immutable, any thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "schedule/cron.hpp"
#include "schedule/time_zone.hpp"

namespace telltale::schedule {

class Timetable {
 public:
  // invalid_argument, with the field (/cron, /time_zone); also for a day that never comes.
  static base::Result<Timetable> open(const std::string& cron, const std::string& time_zone);
  Timetable(Cron cron, std::shared_ptr<const TimeZone> zone)
      : cron_(cron), zone_(std::move(zone)) {}

  // The first moment later than `after`; none: not in the next 40 years.
  std::optional<Instant> next(Instant after) const;
  std::vector<Instant> next_runs(Instant after, std::size_t count) const;
  // With the zone's offset: 2026-03-29T03:00:00+02:00
  std::string format_local(Instant at) const;

 private:
  std::optional<Instant> first_on(std::chrono::local_days day, Instant after) const;

  Cron cron_;
  std::shared_ptr<const TimeZone> zone_;
};

}  // namespace telltale::schedule
