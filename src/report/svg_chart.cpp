#include "report/svg_chart.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/html.hpp"

namespace telltale::report {
namespace {

constexpr double kWidth = 1000;
constexpr double kLeft = 62;
constexpr double kRight = 12;
constexpr double kTop = 10;
constexpr double kPlot = 150;
constexpr double kLaneHeight = 18;
constexpr int kColours = 6;
constexpr std::array<std::string_view, kColours> kDashes{"",        "6 3", "2 2",
                                                         "8 3 2 3", "1 3", "12 4"};
constexpr std::array<double, 10> kTimeSteps{1, 2, 5, 10, 30, 60, 300, 600, 1'800, 3'600};

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

std::string time_text(const Chart& chart, double x) {
  if (std::isnan(chart.epoch)) return number(x) + " s";
  const auto second = static_cast<std::int64_t>(std::floor(chart.epoch + x)) % 86'400;
  return fmt::format("{:02}:{:02}:{:02}", second / 3'600, second / 60 % 60, second % 60);
}

double time_step(double span) {
  for (const double step : kTimeSteps)
    if (span / step <= 8) return step;
  return round_step(span, 8);
}

void axes(std::string& out, const Chart& chart, const Frame& frame, double bottom) {
  const auto step = round_step(frame.top, 4);
  for (double value = 0; value <= frame.top + step / 2; value += step) {
    const auto y = frame.y(value);
    out += fmt::format(R"svg(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)svg",
                       kLeft, kWidth - kRight, y, y);
    out += fmt::format(R"svg(<text x="{}" y="{:.1f}" text-anchor="end">{}</text>)svg", kLeft - 6,
                       y + 4, number(value));
  }
  const auto every = time_step(frame.to - frame.from);
  const double phase = std::isnan(chart.epoch) ? 0 : std::fmod(chart.epoch, every);
  for (double x = std::ceil((frame.from + phase) / every) * every - phase; x <= frame.to;
       x += every)
    out += fmt::format(R"svg(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)svg",
                       frame.x(x), bottom + 14, time_text(chart, x));
}

// As one path, cut where there is nothing; of crowds the highest and the lowest are kept.
void line(std::string& out, const Series& series, const Frame& frame, std::size_t index,
          std::size_t points_max) {
  const auto colour = index % kColours;
  std::string path;
  bool pen = false;
  const auto put = [&](const Point& point) {
    if (std::isnan(point.y)) {
      pen = false;
      return;
    }
    path += fmt::format("{}{:.1f} {:.1f}", pen ? "L" : "M", frame.x(point.x), frame.y(point.y));
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
  out += fmt::format(
      R"svg(<path d="{}" fill="none" stroke="var(--s{})" stroke-width="1.6" stroke-dasharray="{}"/>)svg",
      path, colour + 1, kDashes[colour]);
}

void legend(std::string& out, const Chart& chart) {
  if (chart.series.size() < 2) return;
  out += "<p>";
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const auto colour = i % kColours;
    out += fmt::format(
        R"svg(<span><svg viewBox="0 0 26 8" style="display:inline-block;width:26px;height:8px" aria-hidden="true">)svg"
        R"svg(<path d="M1 4H25" stroke="var(--s{})" stroke-width="2" stroke-dasharray="{}"/></svg> {}&ensp;</span>)svg",
        colour + 1, kDashes[colour], escape_html(chart.series[i].name));
  }
  out += "</p>";
}

void lanes(std::string& out, const Chart& chart, const Frame& frame) {
  double y = kTop + kPlot + 6;
  for (const auto& lane : chart.lanes) {
    out += fmt::format(R"svg(<text x="{}" y="{:.1f}" text-anchor="end">{}</text>)svg", kLeft - 6,
                       y + 12, escape_html(lane.name));
    for (const auto& span : lane.spans) {
      const auto x = frame.x(std::max(span.from, frame.from));
      const auto width = std::max(2.0, frame.x(std::min(span.to, frame.to)) - x);
      out += fmt::format(
          R"svg(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="14" rx="2" fill="var(--s{})" opacity="0.75"><title>{}</title></rect>)svg",
          x, y, width, std::clamp(span.colour, 1, kColours), escape_html(span.text));
      if (width > 7.0 * static_cast<double>(span.text.size()))
        out +=
            fmt::format(R"svg(<text x="{:.1f}" y="{:.1f}" style="fill:var(--ground)">{}</text>)svg",
                        x + 4, y + 11, escape_html(span.text));
    }
    y += kLaneHeight;
  }
}

}  // namespace

double round_step(double span, int parts) {
  const double raw = span / std::max(1, parts);
  const double power = std::pow(10, std::floor(std::log10(std::max(raw, 1e-9))));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  return 10 * power;
}

std::string svg_chart(const Chart& chart) {
  const auto frame = frame_of(chart);
  const double bottom =
      kTop + kPlot +
      (chart.lanes.empty() ? 0 : 6 + kLaneHeight * static_cast<double>(chart.lanes.size()));
  const auto name =
      escape_html(chart.title) + (chart.unit.empty() ? "" : ", " + escape_html(chart.unit));
  std::string out = "<figcaption>" + name + "</figcaption>";
  legend(out, chart);
  out += fmt::format(R"svg(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">)svg", kWidth,
                     bottom + 22, name);
  axes(out, chart, frame, bottom);
  lanes(out, chart, frame);
  for (const auto& mark : chart.marks) {
    const auto x = frame.x(mark.x);
    out += fmt::format(
        R"svg(<line class="mark" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{:.1f}"><title>{}</title></line>)svg",
        x, x, kTop, kTop + kPlot, escape_html(mark.text));
  }
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    line(out, chart.series[i], frame, i, chart.points_max);
  return out += "</svg>";
}

}  // namespace telltale::report
