// A job as people write it: which operation, with what, when. Described for JSON. Plain value.
#pragma once

#include <array>
#include <string>

#include "base/describe.hpp"
#include "schedule/cron.hpp"

namespace telltale::schedule {

// What people write. `arguments` are those of the operation.
struct Definition {
  std::string name;
  std::string cron;
  std::string time_zone = "UTC";
  std::string operation;
  base::JsonObject arguments;
  double jitter_s = 0;
  std::string missed = "skip";
  bool enabled = true;
};
BOOST_DESCRIBE_STRUCT(Definition, (),
                      (name, cron, time_zone, operation, arguments, jitter_s, missed, enabled))

inline constexpr std::array kDefinitionRules{
    base::FieldRule{.name = "name", .help = "what it is called", .minimum = 1, .maximum = 100},
    base::FieldRule{
        .name = "cron",
        .help = "minute, hour, day of the month, month, day of the week; or @hourly, @daily, "
                "@weekly, @monthly, @yearly",
        .minimum = 1,
        .maximum = Cron::kLengthMax,
        .example = "30 6 * * mon-fri"},
    base::FieldRule{.name = "time_zone",
                    .help = "IANA name; clocks that are set forward or back are minded",
                    .maximum = 64,
                    .example = "Europe/Berlin",
                    .has_default = true},
    base::FieldRule{
        .name = "operation", .help = "its name", .maximum = 100, .example = "fleet.restart"},
    base::FieldRule{.name = "arguments", .help = "of the operation", .has_default = true},
    base::FieldRule{.name = "jitter_s",
                    .help = "starts at random up to so much later",
                    .minimum = 0,
                    .maximum = 3600,
                    .has_default = true},
    base::FieldRule{.name = "missed",
                    .help = "what becomes of runs that were due while Telltale did not run",
                    .one_of = "skip|run_once",
                    .has_default = true},
    base::FieldRule{.name = "enabled", .has_default = true}};
constexpr auto field_rules(const Definition*) {
  return kDefinitionRules;
}

}  // namespace telltale::schedule
