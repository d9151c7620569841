// What a second of media costs in CPU: drawing, scaling and encoding the test pattern at 30
// pictures a second, and its sound. `cpu_a_second` is the CPU time of one second of media.
#include <benchmark/benchmark.h>

#include "media/audio_encoder.hpp"
#include "media/picture.hpp"
#include "media/test_pattern.hpp"
#include "media/video_encoder.hpp"

namespace telltale::media {
namespace {

constexpr int kPictures = 120;

std::vector<Picture> pattern() {
  TestPattern input;
  std::vector<Unit> units;
  std::vector<Picture> out;
  while (out.size() < kPictures) {
    units.clear();
    static_cast<void>(input.read({.pictures = true}, units));
    for (auto& unit : units) out.push_back(std::get<PictureUnit>(unit).picture);
  }
  return out;
}

void report(benchmark::State& state, double pictures) {
  state.SetItemsProcessed(static_cast<std::int64_t>(pictures));
  state.counters["cpu_a_second"] =
      benchmark::Counter(pictures / 30, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void encode(benchmark::State& state, Codec codec, PictureSize size, std::int64_t bitrate_bps) {
  const auto pictures = pattern();
  Scaler scaler(size);
  auto encoder = VideoEncoder::open(
      {.codec = codec, .size = size, .frame_rate = 30, .bitrate_bps = bitrate_bps});
  std::int64_t at = 0;
  double done = 0;
  double bytes = 0;
  for (auto _ : state) {
    const auto& picture = pictures[static_cast<std::size_t>(at) % kPictures];
    const auto scaled = scaler.scale(picture);
    const auto encoded = encoder->encode(**scaled, at * 3000, at % 60 == 0);
    for (const auto& one : *encoded) bytes += static_cast<double>(one.bytes.size());
    ++at;
    ++done;
  }
  report(state, done);
  state.counters["kbit_s"] = bytes * 8 / (done / 30) / 1000;
}

void draw(benchmark::State& state) {
  TestPattern input;
  std::vector<Unit> units;
  double done = 0;
  for (auto _ : state) {
    units.clear();
    while (units.empty()) static_cast<void>(input.read({.pictures = true}, units));
    ++done;
  }
  report(state, done);
}

void opus(benchmark::State& state) {
  TestPattern input;
  auto encoder = AudioEncoder::open();
  std::vector<Unit> units;
  double done = 0;
  for (auto _ : state) {
    units.clear();
    while (units.empty()) static_cast<void>(input.read({.sound = true}, units));
    const auto& sound = std::get<SoundUnit>(units[0]);
    benchmark::DoNotOptimize(encoder->encode(sound.samples, sound.at));
    done += 30.0 / 100;  // 10 ms of sound
  }
  report(state, done);
}

BENCHMARK(draw);
BENCHMARK(opus);
BENCHMARK_CAPTURE(encode, h264_720p, Codec::h264, PictureSize{1280, 720}, 2'200'000);
BENCHMARK_CAPTURE(encode, h264_540p, Codec::h264, PictureSize{960, 540}, 1'200'000);
BENCHMARK_CAPTURE(encode, h264_360p, Codec::h264, PictureSize{640, 360}, 600'000);
BENCHMARK_CAPTURE(encode, vp8_720p, Codec::vp8, PictureSize{1280, 720}, 2'200'000);
BENCHMARK_CAPTURE(encode, vp8_540p, Codec::vp8, PictureSize{960, 540}, 1'200'000);
BENCHMARK_CAPTURE(encode, vp8_360p, Codec::vp8, PictureSize{640, 360}, 600'000);

}  // namespace
}  // namespace telltale::media
