// The results of a streaming benchmark as JSON, CSV and a page, and two of them compared.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/document.hpp"
#include "simulate/stream_bench.hpp"

namespace telltale::simulate {
namespace {

constexpr std::string_view kKind = "telltale stream benchmark";

constexpr std::array kFigures{
    StreamFigure{"signalling_ms", "the answer to the offer", false, 10},
    StreamFigure{"ice_ms", "from the answer until ICE is connected", false, 10},
    StreamFigure{"dtls_ms", "from there until keys are agreed", false, 10},
    StreamFigure{"first_frame_ms", "from asking to the first whole frame", false, 50},
    StreamFigure{"frames_per_second", "whole frames of video", true, 1},
    StreamFigure{"kilobits_per_second", "of payload", true, 50},
    StreamFigure{"loss_percent", "packets that never came", false, 0.2},
    StreamFigure{"jitter_ms", "of arrivals (RFC 3550), the mean", false, 3},
    StreamFigure{"round_trip_ms", "the median", false, 5},
    StreamFigure{"freezes", "times the picture stood still", false, 1},
    StreamFigure{"frozen_ms", "how long in all", false, 100},
    StreamFigure{"playout_buffer_ms", "what a player must hold back", false, 20},
    StreamFigure{"latency_p50_ms", "from when a picture was due until it is decoded, the median",
                 false, 10},
    StreamFigure{"latency_p95_ms", "the same, of 95 in 100", false, 20},
    StreamFigure{"latency_max_ms", "the same, the longest", false, 100},
};

std::string shown(double value) {
  return fmt::format("{:.2f}", value);
}

report::Series series_of(const StreamBenchResult& result, std::string name,
                         double (*value)(const StreamSample&)) {
  report::Series out{.name = std::move(name), .points = {}};
  for (const auto& one : result.samples) out.points.push_back({one.at_s, value(one)});
  return out;
}

}  // namespace

std::span<const StreamFigure> stream_figures() {
  return kFigures;
}

std::vector<StreamChange> compare_streams(const base::JsonObject& before,
                                          const base::JsonObject& now, double threshold) {
  std::vector<StreamChange> out;
  for (const auto& figure : kFigures) {
    const auto was = base::find_number(before, figure.name);
    const auto is = base::find_number(now, figure.name);
    if (!was || !is) continue;
    const auto better = figure.more_is_better ? *is - *was : *was - *is;
    const auto percent = *was != 0 ? 100 * better / std::abs(*was) : (better < 0 ? -100.0 : 0.0);
    out.push_back({.figure = figure,
                   .before = *was,
                   .now = *is,
                   .percent = percent,
                   .regressed = percent < -threshold && -better >= figure.matters});
  }
  return out;
}

base::JsonObject to_json(const StreamBenchResult& result) {
  base::JsonArray samples;
  for (const auto& one : result.samples) {
    base::JsonObject sample{{"at_s", one.at_s},
                            {"frames_per_second", one.frames_per_second},
                            {"kilobits_per_second", one.kilobits_per_second},
                            {"loss_percent", one.loss_percent},
                            {"jitter_ms", one.jitter_ms},
                            {"buffer_ms", one.buffer_ms},
                            {"freezes", one.freezes}};
    if (one.round_trip_ms) sample["round_trip_ms"] = *one.round_trip_ms;
    if (one.latency_ms) sample["latency_ms"] = *one.latency_ms;
    samples.push_back(std::move(sample));
  }
  return {{"kind", kKind},
          {"began", base::format_rfc3339(result.began)},
          {"source", result.source},
          {"quality", result.quality},
          {"link", result.link},
          {"codec", result.codec},
          {"width", result.width},
          {"height", result.height},
          {"figures", result.figures},
          {"samples", std::move(samples)}};
}

base::Result<base::JsonObject> figures_of(const base::Json& saved) {
  if (saved.is_object() && base::string_or(saved.get_object(), "kind") == kKind)
    if (const auto* const figures = base::find_object(saved.get_object(), "figures"))
      return *figures;
  return base::fail(
      base::Code::invalid_argument,
      "this is not the JSON of a streaming benchmark (its kind is \"" + std::string(kKind) + "\")");
}

std::string to_csv(const StreamBenchResult& result) {
  std::string out =
      "at_s,frames_per_second,kilobits_per_second,loss_percent,jitter_ms,buffer_ms,freezes,"
      "round_trip_ms,latency_ms\r\n";
  const auto maybe = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : std::string();
  };
  for (const auto& one : result.samples)
    out +=
        fmt::format("{:.3f},{:.3f},{:.3f},{:.4f},{:.3f},{:.3f},{:.0f},{},{}\r\n", one.at_s,
                    one.frames_per_second, one.kilobits_per_second, one.loss_percent, one.jitter_ms,
                    one.buffer_ms, one.freezes, maybe(one.round_trip_ms), maybe(one.latency_ms));
  return out;
}

std::string to_html(const StreamBenchResult& result, const std::vector<StreamChange>& changes) {
  using report::Cell;
  using report::Tone;
  report::Document page{.title = "Streaming benchmark"};
  page.paragraph(fmt::format("{} at quality {}, {} × {} {}, over the link {}; begun {}",
                             result.source, result.quality, result.width, result.height,
                             result.codec, result.link, base::format_rfc3339(result.began)));
  std::vector<std::vector<Cell>> rows;
  for (const auto& figure : kFigures)
    if (const auto value = base::find_number(result.figures, figure.name))
      rows.push_back({{.text = std::string(figure.name)},
                      {.text = shown(*value), .number = true},
                      {.text = std::string(figure.help)}});
  page.table("", {"Figure", "Value", ""}, rows);
  if (!changes.empty()) {
    page.heading("Against the baseline");
    rows.clear();
    for (const auto& one : changes)
      rows.push_back({{.text = std::string(one.figure.name)},
                      {.text = shown(one.before), .number = true},
                      {.text = shown(one.now), .number = true},
                      {.text = fmt::format("{:+.1f} %", one.percent),
                       .tone = one.regressed ? Tone::bad : Tone::none,
                       .number = true},
                      {.text = one.regressed ? "worse" : ""}});
    page.table("Positive is better", {"Figure", "Before", "Now", "Change", ""}, rows);
  }
  page.heading("Second by second");
  page.chart({.title = "Frames",
              .unit = "a second",
              .series = {series_of(result, "frames",
                                   [](const auto& one) { return one.frames_per_second; })}});
  page.chart(
      {.title = "Rate", .unit = "kbit/s", .series = {series_of(result, "rate", [](const auto& one) {
                                            return one.kilobits_per_second;
                                          })}});
  page.chart(
      {.title = "Delays",
       .unit = "ms",
       .series = {
           series_of(result, "latency",
                     [](const auto& one) { return one.latency_ms.value_or(report::kNoValue); }),
           series_of(result, "round trip",
                     [](const auto& one) { return one.round_trip_ms.value_or(report::kNoValue); }),
           series_of(result, "jitter", [](const auto& one) { return one.jitter_ms; }),
           series_of(result, "playout buffer", [](const auto& one) { return one.buffer_ms; })}});
  page.chart(
      {.title = "Loss",
       .unit = "%",
       .at_least = 1,
       .series = {series_of(result, "loss", [](const auto& one) { return one.loss_percent; })}});
  return report::write_html(page);
}

}  // namespace telltale::simulate
