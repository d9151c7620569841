// What a scrape of about 10,000 series costs; `series` says how many it was.
#include <benchmark/benchmark.h>

#include "app/webrtc_metrics.hpp"

namespace telltale::app {
namespace {

void scrape(benchmark::State& state) {
  monitor::Figures figures{.connections_total = 500, .active = 500};
  const auto connections = static_cast<std::size_t>(state.range(0));
  for (std::size_t i = 0; i < connections; ++i) {
    figures.connections.push_back({.id = "rtc_01JD3Y5V7G2M8Q0R4T6W9Z1X" + std::to_string(100 + i),
                                   .detailed = true,
                                   .outbound = true,
                                   .video = true,
                                   .audio = true,
                                   .video_fps = 29.97,
                                   .audio_fps = 50,
                                   .buffer_seconds = 0.123,
                                   .buffer_frames = 3.7,
                                   .underruns = i,
                                   .outbound_kbps = 1234.5678,
                                   .outbound_loss_percent = 0.25,
                                   .jitter_ms = 4.125,
                                   .health = 97,
                                   .quality = 81,
                                   .switches = {{.from = 1, .to = 2, .count = 3}},
                                   .abr = {1, 0, 0, 0}});
    figures.connections.back().media_latency.record(41.7, monitor::kLatencyBounds);
  }
  std::size_t series = 0;
  for ([[maybe_unused]] auto _ : state) {
    exposition::MetricsText out;
    write_webrtc_metrics(out, figures, {}, "telltale");
    const auto text = out.take();
    benchmark::DoNotOptimize(text.data());
    if (series == 0)
      for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at)
        series += text[at + 1] != '#' ? 1 : 0;
  }
  state.counters["series"] = static_cast<double>(series);
}
BENCHMARK(scrape)->Arg(165)->Arg(500)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace telltale::app
