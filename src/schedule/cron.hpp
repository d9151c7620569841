// Cron: five fields (minute, hour, day of the month, month, day of the week) with names, ranges,
// steps and lists, or @hourly and its like, as crontab(5) has them. When both kinds of day are
// given, either is enough. Immutable value.
#pragma once

#include <bitset>
#include <chrono>
#include <string_view>

#include "base/error.hpp"

namespace telltale::schedule {

class Cron {
 public:
  static constexpr std::size_t kLengthMax = 200;

  // invalid_argument: names the field and says what is right.
  static base::Result<Cron> parse(std::string_view text);

  bool on_day(std::chrono::year_month_day day) const;
  bool in_month(std::chrono::month month) const { return months_[static_cast<unsigned>(month)]; }
  bool at_hour(int hour) const { return hours_[static_cast<std::size_t>(hour)]; }
  bool at_minute(int minute) const { return minutes_[static_cast<std::size_t>(minute)]; }
  // Every hour: it goes on with the time that passes, whatever clocks are set to.
  bool every_hour() const { return hours_.all(); }

 private:
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = false, any_weekday_ = false;  // written as *
};

}  // namespace telltale::schedule
