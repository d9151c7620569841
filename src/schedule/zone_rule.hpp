// ZoneRule: when clocks change in years to come, as POSIX writes it (`CET-1CEST,M3.5.0,M10.5.0/3`)
// with the wider times of RFC 8536 section 3.3.1. Plain value.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace telltale::schedule {

using Instant = std::chrono::sys_seconds;
using LocalTime = std::chrono::local_seconds;

// A span in which the offset from UTC stays the same.
struct Period {
  Instant begin = Instant::min();
  Instant end = Instant::max();
  std::chrono::seconds offset{0};
};

class ZoneRule {
 public:
  static base::Result<ZoneRule> parse(std::string_view text);
  Period period_at(Instant at) const;

 private:
  friend class RuleParser;
  struct Date {
    enum class Kind { weekday_of_month, day_without_leap, day_of_year } kind;
    int month = 0, week = 0, weekday = 0, day = 0;
    std::chrono::seconds time{7200};
    LocalTime in(std::chrono::year year) const;
  };
  std::chrono::seconds standard_{0};
  std::chrono::seconds daylight_{0};
  std::optional<Date> start_, end_;  // of daylight saving; none: there is none
};

}  // namespace telltale::schedule
