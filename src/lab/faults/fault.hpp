// What can be done to a server on purpose, and when: plain values, as a suite writes them
// (docs/lab/suites.md, Chaos). Times count from the beginning of the case.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/describe.hpp"

namespace telltale::lab {

struct FaultSpec {
  std::string kind;
  std::string way = "both";
  std::string method;
  double chance = 1;
  double after_ms = 0;
  double lasts_ms = 0;
  double every_ms = 0;
  double delay_ms = 100;
  double jitter_ms = 0;
  double bytes_per_second = 4096;
};
BOOST_DESCRIBE_STRUCT(FaultSpec, (),
                      (kind, way, method, chance, after_ms, lasts_ms, every_ms, delay_ms, jitter_ms,
                       bytes_per_second))

inline constexpr double kFaultHorizonMs = 24.0 * 3600 * 1000;
inline constexpr std::string_view kFaultKinds =
    "delay|slow|drop|duplicate|corrupt|truncate|garbage|swap_ids|hold|disconnect|pause|full_disk|"
    "kill";

constexpr auto field_rules(const FaultSpec*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "kind",
                .help = "what is done: to messages (delay, slow, drop, duplicate, corrupt, "
                        "truncate, garbage, swap_ids, hold) or to the server (disconnect, pause, "
                        "full_disk, kill)",
                .one_of = kFaultKinds},
      FieldRule{.name = "way",
                .help = "which messages: to the server, from it, or both",
                .one_of = "requests|answers|both",
                .has_default = true},
      FieldRule{.name = "method",
                .help = "only requests of this method, and their answers; empty: all",
                .maximum = 256,
                .has_default = true},
      FieldRule{.name = "chance",
                .help = "that a message is hit, 0 to 1",
                .minimum = 0,
                .maximum = 1,
                .has_default = true},
      FieldRule{.name = "after_ms",
                .help = "from then on",
                .minimum = 0,
                .maximum = kFaultHorizonMs,
                .has_default = true},
      FieldRule{.name = "lasts_ms",
                .help = "for so long; 0: to the end (of a pause: one second)",
                .minimum = 0,
                .maximum = kFaultHorizonMs,
                .has_default = true},
      FieldRule{.name = "every_ms",
                .help = "of disconnect, pause, full_disk and kill: again and again; 0: once",
                .minimum = 0,
                .maximum = kFaultHorizonMs,
                .has_default = true},
      FieldRule{.name = "delay_ms",
                .help = "of delay",
                .minimum = 0,
                .maximum = 600'000,
                .has_default = true},
      FieldRule{.name = "jitter_ms",
                .help = "of delay: up to so much more, by chance; the order stays",
                .minimum = 0,
                .maximum = 600'000,
                .has_default = true},
      FieldRule{.name = "bytes_per_second",
                .help = "of slow",
                .minimum = 1,
                .maximum = 1e9,
                .has_default = true}};
}

// One that happened.
struct FaultEvent {
  base::SteadyTime at;
  std::string kind;
  std::string detail;  // "the answer to tools/call (412 bytes)"
};

}  // namespace telltale::lab
