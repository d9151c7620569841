// One viewer that watches for a while and measures everything a viewer can: how long each step to
// the first picture took, frames, rate, loss, delays, freezes, second by second, and, of the test
// pattern, how late each picture is seen: it is decoded and the time of day in it is read
// (media/pattern_eye.hpp). That needs the clocks of both ends to agree; on one machine they do.
#pragma once

#include "rtc/peer/caller.hpp"
#include "simulate/plan.hpp"

namespace telltale::simulate {

struct StreamBenchPlan {
  std::string url;
  std::function<runtime::TaskResult<std::string>()> token;
  std::string source = "test";
  std::string quality = "auto";
  base::Duration duration = std::chrono::seconds(10);  // from the first picture on
  std::uint64_t seed = 1;
  LinkProfile link = {.name = "perfect", .shaped = false};
};

// One second, or what is left of it.
struct StreamSample {
  double at_s = 0;  // its end, since the first frame
  double frames_per_second = 0;
  double kilobits_per_second = 0;
  double loss_percent = 0;
  double jitter_ms = 0;
  double buffer_ms = 0;  // of the playout
  std::optional<double> round_trip_ms;
  std::optional<double> latency_ms;  // the median
  double freezes = 0;
};

struct StreamBenchResult {
  std::string source, quality, link, codec;
  base::WallTime began = {};
  int width = 0, height = 0;  // of the last picture
  // What comparing looks at: names of stream_figures().
  base::JsonObject figures;
  std::vector<StreamSample> samples;
};

// On a loop of its own: it decodes there. Errors: no picture within 15 s, and why.
runtime::TaskResult<StreamBenchResult> run_stream_bench(StreamBenchPlan plan);

struct StreamFigure {
  std::string_view name;
  std::string_view help;
  bool more_is_better = false;
  double matters;  // a change smaller than this is none, whatever it is in percent
};
std::span<const StreamFigure> stream_figures();

struct StreamChange {
  StreamFigure figure;
  double before = 0;
  double now = 0;
  double percent = 0;  // of the change; positive: better
  bool regressed = false;
};
// Of the figures that both have. `threshold` in percent.
std::vector<StreamChange> compare_streams(const base::JsonObject& before,
                                          const base::JsonObject& now, double threshold);

base::JsonObject to_json(const StreamBenchResult& result);
// invalid_argument: this is no result of ours.
base::Result<base::JsonObject> figures_of(const base::Json& saved);
std::string to_csv(const StreamBenchResult& result);
std::string to_html(const StreamBenchResult& result, const std::vector<StreamChange>& changes);

}  // namespace telltale::simulate
