#include "schedule/timetable.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace telltale::schedule {
namespace {

constexpr std::chrono::days kHorizon{40 * 366};  // leap days are up to eight years apart

// By more no clock is set back: what is later on the wall by this is later in truth.
constexpr std::chrono::hours kSetBack{3};

}  // namespace

base::Result<Timetable> Timetable::open(const std::string& cron, const std::string& time_zone) {
  auto fields = Cron::parse(cron);
  if (!fields) return base::bad_field("/cron", fields.error().detail);
  auto zone = TimeZone::open(time_zone);
  if (!zone) return base::bad_field("/time_zone", zone.error().detail);
  Timetable out(*fields, std::move(*zone));
  const Instant any(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  if (!out.next(any)) return base::bad_field("/cron", "names a day that never comes");
  return out;
}

std::optional<Instant> Timetable::first_on(std::chrono::local_days day, Instant after) const {
  const auto local_of = [&](Instant at) {
    return LocalTime((at + zone_->offset_at(at)).time_since_epoch());
  };
  const auto earliest = local_of(after) - kSetBack;
  std::optional<Instant> out;
  LocalTime latest = LocalTime::max();
  const auto take = [&](std::optional<Instant> at) {
    if (!at || *at <= after || (out && *at >= *out)) return;
    out = at;
    latest = local_of(*at) + kSetBack;
  };
  for (int hour = 0; hour < 24; ++hour) {
    if (!cron_.at_hour(hour)) continue;
    for (int minute = 0; minute < 60; ++minute) {
      const LocalTime local = day + std::chrono::hours(hour) + std::chrono::minutes(minute);
      if (!cron_.at_minute(minute) || local < earliest) continue;
      if (local > latest) return out;
      const auto meaning = zone_->meaning_of(local);
      take(meaning.first);
      take(cron_.every_hour() ? meaning.second : meaning.skipped_by);
    }
  }
  return out;
}

std::optional<Instant> Timetable::next(Instant after) const {
  using namespace std::chrono;
  const LocalTime local((after + zone_->offset_at(after)).time_since_epoch());
  const auto first = floor<days>(local) - days(1);  // clocks may be set back over midnight
  for (auto day = first; day <= first + kHorizon;) {
    const year_month_day date(day);
    if (!cron_.in_month(date.month())) {
      day = local_days((date.year() / date.month() + months(1)) / 1);
      continue;
    }
    if (cron_.on_day(date))
      if (const auto found = first_on(day, after)) return found;
    day += days(1);
  }
  return std::nullopt;
}

std::vector<Instant> Timetable::next_runs(Instant after, std::size_t count) const {
  std::vector<Instant> out;
  for (auto at = next(after); at && out.size() < count; at = next(*at)) out.push_back(*at);
  return out;
}

std::string Timetable::format_local(Instant at) const {
  const auto offset = zone_->offset_at(at);
  auto text = base::format_rfc3339(base::WallTime(at + offset));
  text.resize(19);  // up to the seconds
  const auto minutes = std::chrono::abs(std::chrono::duration_cast<std::chrono::minutes>(offset));
  return text + fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes.count() / 60,
                            minutes.count() % 60);
}

}  // namespace telltale::schedule
