// What is stored, how fast it grows, and how long the disk lasts. Reading it looks at every page of
// the database once: for the blocking pool, when somebody asks.
#pragma once

#include "store/retention.hpp"

namespace telltale::store {

struct KindUsage {
  std::string kind;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // with its indexes
  std::optional<base::WallTime> oldest, newest;
  double rows_per_day = 0;        // of the last day, or since the first where that is less
  std::optional<int> keep_hours;  // none: it is not deleted by age here
  double bytes_per_day() const;   // as large as those that are there
};

struct DiskForecast {
  double bytes_per_day = 0;             // as of today
  std::optional<double> settles_bytes;  // what the database comes to; none: it grows for ever
  std::optional<int> days_until_full;   // none: not within ten years
};

base::Result<std::vector<KindUsage>> read_usage(Connection& db, base::WallTime now);
// `size`: of the database now; `free`: of the disk.
DiskForecast forecast(const std::vector<KindUsage>& kinds, double size, double free);

}  // namespace telltale::store
