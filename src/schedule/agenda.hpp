// Agenda: what is due when, and what was missed while nobody looked. No I/O and no clock: the
// scheduler asks with the time it has. One loop.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schedule/timetable.hpp"

namespace telltale::schedule {

enum class Missed : std::uint8_t { skip, run_once };

struct Appointment {
  Timetable timetable;
  base::WallTime handled;  // what came until then is done with
  base::Duration jitter{0};
  Missed missed = Missed::skip;
};

struct Due {
  std::string id;
  base::WallTime planned;  // the last one that was due
  bool run = true;         // false: only missed
  std::size_t missed = 0;  // before `planned`, and with it when it is not run
};

class Agenda {
 public:
  // Later than this is missed: the process was down, or the machine asleep.
  static constexpr auto kGrace = std::chrono::seconds(60);
  static constexpr std::size_t kMissedMax = 1'000;  // counted

  void put(const std::string& id, Appointment appointment);
  void remove(const std::string& id) { entries_.erase(id); }
  // Each once, and done with.
  std::vector<Due> take_due(base::WallTime now);
  std::optional<base::WallTime> next_deadline() const;

 private:
  struct Entry {
    Appointment what;
    std::optional<Instant> next;  // planned; without jitter
  };
  static base::WallTime fires_at(const std::string& id, const Entry& entry, Instant planned);
  static std::optional<Due> take(const std::string& id, Entry& entry, base::WallTime now);

  std::map<std::string, Entry> entries_;
};

}  // namespace telltale::schedule
