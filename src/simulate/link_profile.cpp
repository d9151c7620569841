#include "simulate/link_profile.hpp"

#include <algorithm>

namespace telltale::simulate {
namespace {

using namespace std::chrono_literals;

std::vector<LinkProfile> make_profiles() {
  std::vector<LinkProfile> out;
  out.push_back({.name = "perfect", .help = "nothing in between", .shaped = false});
  out.push_back({.name = "wifi",
                 .help = "20 Mbit/s, 5 ms each way, 8 ms of jitter, 0.2 % loss, short bursts",
                 .down = {.rate_bps = 20'000'000,
                          .queue_max = 200ms,
                          .delay = 5ms,
                          .jitter = 8ms,
                          .loss = 0.002,
                          .burst_start = 0.0003,
                          .burst_packets = 6},
                 .up = {.rate_bps = 8'000'000, .delay = 5ms, .jitter = 5ms, .loss = 0.002}});
  out.push_back({.name = "4g",
                 .help = "6 Mbit/s, 30 ms each way, 15 ms of jitter, 0.3 % loss, a deep queue",
                 .down = {.rate_bps = 6'000'000,
                          .queue_max = 600ms,
                          .delay = 30ms,
                          .jitter = 15ms,
                          .loss = 0.003},
                 .up = {.rate_bps = 2'000'000, .delay = 30ms, .jitter = 10ms, .loss = 0.003}});
  out.push_back({.name = "bad-hotel",
                 .help = "0.9 Mbit/s, 60 ms each way, 40 ms of jitter, 2 % loss, bursts",
                 .down = {.rate_bps = 900'000,
                          .queue_max = 500ms,
                          .delay = 60ms,
                          .jitter = 40ms,
                          .loss = 0.02,
                          .burst_start = 0.001,
                          .burst_packets = 5},
                 .up = {.rate_bps = 400'000, .delay = 60ms, .jitter = 20ms, .loss = 0.02}});
  out.push_back({.name = "train",
                 .help = "4 Mbit/s, down to 0.5 and to nothing for 2 s in each 40 s",
                 .down = {.rate_bps = 4'000'000,
                          .queue_max = 500ms,
                          .delay = 35ms,
                          .jitter = 25ms,
                          .loss = 0.005},
                 .up = {.rate_bps = 1'000'000, .delay = 35ms, .jitter = 20ms, .loss = 0.005},
                 .steps = {{.after = 0s, .rate_bps = 4'000'000, .loss = 0.005},
                           {.after = 15s, .rate_bps = 500'000, .loss = 0.02},
                           {.after = 25s, .rate_bps = 500'000, .loss = 1},
                           {.after = 27s, .rate_bps = 1'500'000, .loss = 0.01}},
                 .period = 40s});
  return out;
}

}  // namespace

std::span<const LinkProfile> link_profiles() {
  static const auto kProfiles = make_profiles();
  return kProfiles;
}

base::Result<LinkProfile> link_profile(std::string_view name) {
  const auto all = link_profiles();
  const auto found = std::ranges::find(all, name, &LinkProfile::name);
  if (found != all.end()) return *found;
  std::string names;
  for (const auto& one : all) names += (names.empty() ? "" : ", ") + one.name;
  return base::fail(base::Code::invalid_argument, "no such link profile; there are " + names);
}

}  // namespace telltale::simulate
