// The table of RFC 8867's cases (5.1, 5.2 and 5.4, with times of ours) and of issue 4's: counters
// instead of time. Means over ten seeds, of shares and queues the worst; all virtual time, the same
// on every machine.
#include <benchmark/benchmark.h>

#include "rtc/congestion/simulated_call.hpp"

namespace telltale::rtc::congestion {
namespace {

constexpr std::uint64_t kSeeds = 10;

struct Case {
  const char* name;
  LinkSettings link;
  std::vector<RateStep> steps = {};
  int calls = 1;
  bool ladder = false;
  double capacity_bps = 0;  // mean over the measured time
  base::Duration from = 10s;
  base::Duration to = 100s;
};

std::vector<Case> cases() {
  const LinkSettings rfc{.rate_bps = 4'000'000, .queue_max = 300ms, .delay = 50ms, .jitter = 5ms};
  const auto at = [&](std::int64_t rate) {
    auto link = rfc;
    link.rate_bps = rate;
    return link;
  };
  auto lossy = at(2'500'000);
  lossy.loss = 0.05;
  return {
      // 5.1: 1, 2.5, 0.6, 1 Mbit/s, one flow
      {"rfc8867_5_1_variable_capacity",
       at(1'000'000),
       {{40s, 2'500'000}, {60s, 600'000}, {80s, 1'000'000}},
       1,
       false,
       1'244'444},
      // 5.2: 4, 2, 3.5, 1, 2 Mbit/s, two flows
      {"rfc8867_5_2_two_flows_variable",
       at(4'000'000),
       {{25s, 2'000'000}, {50s, 3'500'000}, {75s, 1'000'000}, {90s, 2'000'000}},
       2,
       false,
       2'583'333},
      // 5.4: three flows, 3.5 Mbit/s
      {"rfc8867_5_4_three_flows", at(3'500'000), {}, 3, false, 3'500'000, 60s, 120s},
      {"constant_2500k", at(2'500'000), {}, 1, false, 2'500'000},
      {"random_loss_5_percent_2500k", lossy, {}, 1, false, 2'500'000 * 0.95},
      {"two_flows_3000k", at(3'000'000), {}, 2, false, 3'000'000, 60s, 120s},
      {"ladder_800k_2_percent",
       {.rate_bps = 800'000, .queue_max = 300ms, .delay = 20ms, .loss = 0.02},
       {},
       1,
       true,
       800'000,
       10s,
       70s},
      {"ladder_2500k_600k_2500k",
       {.rate_bps = 2'500'000, .queue_max = 300ms, .delay = 20ms},
       {{40s, 600'000}, {70s, 2'500'000}},
       1,
       true,
       1'866'667},
  };
}

void congestion(benchmark::State& state, const Case& row) {
  double use = 0;
  double share = 0;
  double queue_ms = 0;
  double switches = 0;
  for ([[maybe_unused]] auto _ : state)
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Simulation simulation(row.link, seed, row.steps);
      for (int i = 0; i < row.calls; ++i) {
        CallSettings call{.starts = i * 5s};
        if (row.ladder) call.rungs = {150'000, 300'000, 600'000, 1'200'000, 2'000'000};
        simulation.add(call, {.delay = row.link.delay});
      }
      simulation.run_until(row.to);
      double sum = 0;
      double most = 0;
      for (const auto& call : simulation.calls) {
        const double mean = mean_received(*call, row.from, row.to);
        sum += mean;
        most = std::max(most, mean);
        switches += static_cast<double>(call->switches.size()) / kSeeds;
      }
      use += sum / row.capacity_bps / kSeeds;
      share = std::max(share, most / sum);
      queue_ms =
          std::max(queue_ms, base::to_ms(longest_queue(*simulation.calls[0], row.from, row.to)));
    }
  state.counters["link_use"] = use;
  state.counters["largest_share"] = share;
  state.counters["queue_ms_worst"] = queue_ms;
  state.counters["switches"] = switches;
}

const bool kRegistered = [] {
  for (const auto& row : cases())
    benchmark::RegisterBenchmark(row.name,
                                 [row](benchmark::State& state) { congestion(state, row); })
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  return true;
}();

// CPU of the controller: a packet sent, and its part of a feedback message of 25.
void controller_packet(benchmark::State& state) {
  base::SteadyTime now{1h};
  Controller controller({.rates = {.start_bps = 2'000'000}}, now);
  std::uint16_t sequence = 0;
  std::array<Arrival, 25> arrivals{};
  for ([[maybe_unused]] auto _ : state) {
    for (auto& arrival : arrivals) {
      now += 2ms;
      controller.on_sent({.sequence = sequence, .bytes = 1'200}, now);
      arrival = {.sequence = sequence++, .received = true, .delta_us = 2'000};
    }
    const auto ms = now.time_since_epoch() / 1ms;
    controller.on_feedback(
        {.reference_64ms = static_cast<std::uint32_t>(ms / 64) & 0xffffffU, .arrivals = arrivals},
        now);
  }
  state.SetItemsProcessed(state.iterations() * 25);
}
BENCHMARK(controller_packet);

}  // namespace
}  // namespace telltale::rtc::congestion
