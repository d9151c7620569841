// What the monitor costs: a poll of one connection, alone and with the event that carries it. The
// share of one core that 2,000 connections take at a poll every 2 s is 1,000 of these a second.
#include <benchmark/benchmark.h>

#include "monitor/monitor.hpp"

namespace telltale::monitor {
namespace {

using namespace std::chrono_literals;

class NoActions final : public Actions {
 public:
  void act(std::string, Decided, Done) override {}
  std::shared_ptr<rtc::Source> source_of(const std::string&) override { return nullptr; }
};

class Written final : public runtime::EventSink {
 public:
  void publish(runtime::Event event) override { bytes += base::write_json(event.data).size(); }
  std::size_t bytes = 0;
};

std::shared_ptr<rtc::ConnectionRecord> record_of(std::size_t i) {
  auto out = std::make_shared<rtc::ConnectionRecord>(
      rtc::ConnectionRecord{.id = "rtc_01JD3Y5V7G2M8Q0R4T6W9" + std::to_string(1'000 + i),
                            .state = rtc::ConnectionState::connected,
                            .source = "test",
                            .video_codec = "H264",
                            .audio_codec = "opus",
                            .rendition = "medium",
                            .data_channels = true});
  out->times.created = base::from_unix_ms(1'800'000'000'000);
  out->stats.outbound.resize(2);
  out->stats.outbound[0].kind = "video";
  out->stats.outbound[0].frame_width = 1280;
  out->stats.outbound[0].frame_height = 720;
  out->stats.outbound[1].kind = "audio";
  out->stats.remote_inbound.resize(2);
  out->client = base::JsonObject{
      {"type", "stats"},       {"frames_decoded", 100}, {"frames_per_second", 30.0}, {"freezes", 0},
      {"freeze_seconds", 0.0}, {"jitter_ms", 3.0},      {"jitter_buffer_ms", 80.0}};
  return out;
}

void poll_all(benchmark::State& state) {
  const bool with_event = state.range(0) != 0;
  constexpr std::size_t kConnections = 2'000;
  base::VirtualClock clock;
  NoActions actions;
  Written events;
  Monitor monitor({}, {.clock = clock, .events = events, .actions = actions});
  std::vector<std::shared_ptr<rtc::ConnectionRecord>> records;
  for (std::size_t i = 0; i < kConnections; ++i) {
    records.push_back(record_of(i));
    monitor.on_connection(records.back());
  }
  std::size_t i = 0;
  auto at = records[0]->times.created;
  for ([[maybe_unused]] auto _ : state) {
    auto& record = *records[i % kConnections];
    if (++i % kConnections == 0) {
      at += 2s;
      clock.advance(2s);
    }
    record.stats.at = at + 2s;
    record.client_at = record.stats.at;
    auto& video = record.stats.outbound[0];
    video.packets_sent += 360;
    video.bytes_sent += 250'000;
    video.frames_sent += 60;
    auto more = monitor.on_statistics(records[(i - 1) % kConnections]);
    if (!with_event) continue;
    auto data = rtc::to_json(record.stats);
    for (auto& [key, value] : more) data[key] = std::move(value);
    events.publish({.type = "webrtc_stats", .data = std::move(data)});
  }
  state.counters["polls"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["bytes_each"] = static_cast<double>(monitor.bytes()) / kConnections;
}
BENCHMARK(poll_all)->Arg(0)->Arg(1)->Iterations(400'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace telltale::monitor
