#include "schedule/agenda.hpp"

#include "base/random.hpp"

namespace telltale::schedule {
namespace {

// A clock that stood further ahead than this was wrong: what was handled then was not.
constexpr auto kClockWasAhead = std::chrono::hours(24);

}  // namespace

// The same job at the same time has the same jitter: a restart does not run it twice.
base::WallTime Agenda::fires_at(const std::string& id, const Entry& entry, Instant planned) {
  const auto jitter_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(entry.what.jitter).count();
  if (jitter_ms <= 0) return planned;
  base::Random random(std::hash<std::string>()(id) ^
                      static_cast<std::uint64_t>(planned.time_since_epoch().count()));
  return planned + std::chrono::milliseconds(static_cast<std::int64_t>(
                       random.below(static_cast<std::uint64_t>(jitter_ms))));
}

void Agenda::put(const std::string& id, Appointment appointment) {
  auto next =
      appointment.timetable.next(std::chrono::floor<std::chrono::seconds>(appointment.handled));
  entries_.insert_or_assign(id, Entry{.what = std::move(appointment), .next = next});
}

std::optional<Due> Agenda::take(const std::string& id, Entry& entry, base::WallTime now) {
  if (entry.what.handled > now + kClockWasAhead) {
    entry.what.handled = now;
    entry.next = entry.what.timetable.next(std::chrono::floor<std::chrono::seconds>(now));
  }
  std::optional<Due> out;
  while (entry.next && fires_at(id, entry, *entry.next) <= now) {
    const auto planned = *entry.next;
    const bool late = now - fires_at(id, entry, planned) > kGrace;
    const auto missed = out ? out->missed + (out->run ? 1 : 0) : 0;
    out = Due{.id = id, .planned = planned, .run = !late, .missed = missed + (late ? 1 : 0)};
    entry.what.handled = planned;
    entry.next = entry.what.timetable.next(planned);
    if (out->missed >= kMissedMax) {
      entry.what.handled = now;
      entry.next = entry.what.timetable.next(std::chrono::floor<std::chrono::seconds>(now));
      break;
    }
  }
  if (out && !out->run && entry.what.missed == Missed::run_once) out->run = true;
  return out;
}

std::vector<Due> Agenda::take_due(base::WallTime now) {
  std::vector<Due> out;
  for (auto& [id, entry] : entries_)
    if (auto due = take(id, entry, now)) out.push_back(std::move(*due));
  return out;
}

std::optional<base::WallTime> Agenda::next_deadline() const {
  std::optional<base::WallTime> out;
  for (const auto& [id, entry] : entries_) {
    if (!entry.next) continue;
    const auto at = fires_at(id, entry, *entry.next);
    if (!out || at < *out) out = at;
  }
  return out;
}

}  // namespace telltale::schedule
