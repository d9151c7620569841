#include "report/chart_drawing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.hpp"

namespace telltale::report {
namespace {

constexpr double kWidth = ChartDrawing::kWidth;
constexpr double kLeft = 62;
constexpr double kRight = 12;
constexpr double kTop = 10;
constexpr double kPlot = 150;
constexpr double kLaneHeight = 18;
constexpr std::array<std::string_view, kColours> kDashes{"",        "6 3", "2 2",
                                                         "8 3 2 3", "1 3", "12 4"};
constexpr double kDay = 86'400;
constexpr std::array<double, 18> kTimeSteps{
    1,     2,         5,         10,         30,   60,       300,      600,       1'800,
    3'600, 3 * 3'600, 6 * 3'600, 12 * 3'600, kDay, 2 * kDay, 7 * kDay, 30 * kDay, 90 * kDay};

struct Frame {
  double from, to, top;  // of the axes
  double x(double value) const {
    return kLeft + (value - from) / std::max(1e-9, to - from) * (kWidth - kLeft - kRight);
  }
  double y(double value) const { return kTop + kPlot - value / std::max(1e-9, top) * kPlot; }
};

Frame frame_of(const Chart& chart) {
  Frame out{.from = chart.from, .to = chart.to, .top = chart.at_least};
  const bool own = chart.from == chart.to;
  bool first = true;
  for (const auto& series : chart.series)
    for (const auto& point : series.points) {
      if (own) {
        out.from = first ? point.x : std::min(out.from, point.x);
        out.to = first ? point.x : std::max(out.to, point.x);
        first = false;
      }
      if (!std::isnan(point.y)) out.top = std::max(out.top, point.y);
    }
  if (out.top <= 0) out.top = 1;
  const auto step = round_step(out.top, 4);
  out.top = std::ceil(out.top / step - 1e-9) * step;
  if (out.to <= out.from) out.to = out.from + 1;
  return out;
}

std::string number(double value) {
  if (std::abs(value) >= 10'000) return fmt::format("{:.3g}k", value / 1'000);
  return fmt::format("{:g}", std::round(value * 1'000) / 1'000);
}

std::string time_text(const Chart& chart, double x, double every) {
  if (std::isnan(chart.epoch)) return number(x) + (chart.x_unit.empty() ? "" : " " + chart.x_unit);
  if (every >= kDay)  // the day is what tells them apart
    return base::format_rfc3339(
               base::from_unix_ms(static_cast<std::int64_t>((chart.epoch + x) * 1'000)))
        .substr(0, 10);
  const auto second = static_cast<std::int64_t>(std::floor(chart.epoch + x)) % 86'400;
  return fmt::format("{:02}:{:02}:{:02}", second / 3'600, second / 60 % 60, second % 60);
}

double time_step(double span) {
  for (const double step : kTimeSteps)
    if (span / step <= 8) return step;
  return round_step(span, 8);
}

void axes(ChartDrawing& out, const Chart& chart, const Frame& frame, double bottom) {
  const auto step = round_step(frame.top, 4);
  for (double value = 0; value <= frame.top + step / 2; value += step) {
    const auto y = frame.y(value);
    out.rules.push_back({.from = {kLeft, y}, .to = {kWidth - kRight, y}, .text = ""});
    out.labels.push_back({{kLeft - 6, y + 4}, Label::Anchor::end, number(value)});
  }
  const auto every = time_step(frame.to - frame.from);
  const double phase = std::isnan(chart.epoch) ? 0 : std::fmod(chart.epoch, every);
  for (double x = std::ceil((frame.from + phase) / every) * every - phase; x <= frame.to;
       x += every)
    out.labels.push_back(
        {{frame.x(x), bottom + 14}, Label::Anchor::middle, time_text(chart, x, every)});
}

// Cut where there is nothing; of crowds the highest and the lowest are kept.
Curve curve_of(const Series& series, const Frame& frame, std::size_t index,
               std::size_t points_max) {
  Curve out{.pieces = {}, .colour = index % kColours};
  bool pen = false;
  const auto put = [&](const Point& point) {
    if (std::isnan(point.y)) {
      pen = false;
      return;
    }
    if (!pen) out.pieces.emplace_back();
    out.pieces.back().push_back({frame.x(point.x), frame.y(point.y)});
    pen = true;
  };
  const auto bucket =
      std::max<std::size_t>(1, 2 * series.points.size() / std::max<std::size_t>(2, points_max));
  for (std::size_t at = 0; at < series.points.size(); at += bucket) {
    const auto end = std::min(series.points.size(), at + bucket);
    const auto begin = series.points.begin();
    const auto by_y = [](const Point& a, const Point& b) { return a.y < b.y; };
    const auto [low, high] = std::minmax_element(begin + static_cast<std::ptrdiff_t>(at),
                                                 begin + static_cast<std::ptrdiff_t>(end), by_y);
    put(low < high ? *low : *high);
    if (low != high) put(low < high ? *high : *low);
  }
  return out;
}

void lanes(ChartDrawing& out, const Chart& chart, const Frame& frame) {
  double y = kTop + kPlot + 6;
  for (const auto& lane : chart.lanes) {
    out.labels.push_back({{kLeft - 6, y + 12}, Label::Anchor::end, lane.name});
    for (const auto& span : lane.spans) {
      const auto x = frame.x(std::max(span.from, frame.from));
      const auto width = std::max(2.0, frame.x(std::min(span.to, frame.to)) - x);
      out.bars.push_back({.at = {x, y},
                          .width = width,
                          .height = 14,
                          .colour = std::clamp(span.colour, 1, kColours),
                          .text = span.text});
      if (width > 7.0 * static_cast<double>(span.text.size()))
        out.labels.push_back({{x + 4, y + 11}, Label::Anchor::start, span.text, true});
    }
    y += kLaneHeight;
  }
}

}  // namespace

std::string_view dashes_of(std::size_t colour) {
  return kDashes[colour % kColours];
}

double round_step(double span, int parts) {
  const double raw = span / std::max(1, parts);
  const double power = std::pow(10, std::floor(std::log10(std::max(raw, 1e-9))));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  return 10 * power;
}

ChartDrawing draw(const Chart& chart) {
  const auto frame = frame_of(chart);
  const double bottom =
      kTop + kPlot +
      (chart.lanes.empty() ? 0 : 6 + kLaneHeight * static_cast<double>(chart.lanes.size()));
  ChartDrawing out{.height = bottom + 22, .rules = {}, .labels = {}, .bars = {}, .curves = {}};
  axes(out, chart, frame, bottom);
  lanes(out, chart, frame);
  for (const auto& mark : chart.marks) {
    const auto x = frame.x(mark.x);
    out.rules.push_back({{x, kTop}, {x, kTop + kPlot}, true, mark.text});
  }
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    out.curves.push_back(curve_of(chart.series[i], frame, i, chart.points_max));
  return out;
}

}  // namespace telltale::report
