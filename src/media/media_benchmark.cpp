// What a second of media costs in CPU: drawing the test pattern at its full size, scaling it to a
// rung and encoding it at the rung's pictures a second, and its sound. `cpu_a_second` is the CPU
// time of one second of media.
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

void report(benchmark::State& state, double pictures, double frame_rate = 30) {
  state.SetItemsProcessed(static_cast<std::int64_t>(pictures));
  state.counters["cpu_a_second"] = benchmark::Counter(
      pictures / frame_rate, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void encode(benchmark::State& state, Codec codec, PictureSize size, int frame_rate,
            std::int64_t bitrate_bps) {
  const auto pictures = pattern();
  Scaler scaler(size);
  auto encoder = VideoEncoder::open({.codec = codec,
                                     .size = size,
                                     .frame_rate = static_cast<double>(frame_rate),
                                     .bitrate_bps = bitrate_bps});
  std::int64_t at = 0;
  double done = 0;
  double bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto& picture = pictures[static_cast<std::size_t>(at) % kPictures];
    const auto scaled = scaler.scale(picture);
    const auto encoded =
        encoder->encode(**scaled, at * 90'000L / frame_rate, at % (2 * frame_rate) == 0);
    for (const auto& one : *encoded) bytes += static_cast<double>(one.bytes.size());
    ++at;
    ++done;
  }
  report(state, done, frame_rate);
  state.counters["kbit_s"] = bytes * 8 / (done / frame_rate) / 1000;
}

void draw(benchmark::State& state) {
  TestPattern input;
  std::vector<Unit> units;
  double done = 0;
  for ([[maybe_unused]] auto _ : state) {
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
  for ([[maybe_unused]] auto _ : state) {
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
BENCHMARK_CAPTURE(encode, h264_high, Codec::h264, PictureSize{1920, 1080}, 30, 2'500'000);
BENCHMARK_CAPTURE(encode, h264_medium, Codec::h264, PictureSize{1280, 720}, 30, 1'000'000);
BENCHMARK_CAPTURE(encode, h264_low, Codec::h264, PictureSize{640, 360}, 15, 500'000);
BENCHMARK_CAPTURE(encode, vp8_high, Codec::vp8, PictureSize{1920, 1080}, 30, 2'500'000);
BENCHMARK_CAPTURE(encode, vp8_medium, Codec::vp8, PictureSize{1280, 720}, 30, 1'000'000);
BENCHMARK_CAPTURE(encode, vp8_low, Codec::vp8, PictureSize{640, 360}, 15, 500'000);

}  // namespace
}  // namespace telltale::media
