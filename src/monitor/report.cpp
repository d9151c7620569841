#include "monitor/report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/svg_chart.hpp"

namespace telltale::monitor {
namespace {

using report::Cell;
using report::Series;
using report::Tone;

constexpr std::size_t kPointsDrawn = 300;  // of a line
constexpr int kHealthGood = 80, kHealthBad = 50;

double number_of(const base::JsonObject& summary, std::string_view name) {
  return base::find_number(summary, name).value_or(report::kNoValue);
}

Cell number_cell(double value, int digits, std::string_view unit = "") {
  if (std::isnan(value)) return {.text = "–", .number = true};
  return {.text = fmt::format("{:.{}f}{}", value, digits, unit), .number = true};
}

Tone health_tone(double health) {
  if (std::isnan(health)) return Tone::none;
  return health >= kHealthGood ? Tone::good : health >= kHealthBad ? Tone::warning : Tone::bad;
}

std::vector<Cell> row_of(const ReportedConnection& one) {
  const auto& summary = one.summary;
  auto health = number_cell(number_of(summary, "mean_health"), 0);
  health.tone = health_tone(number_of(summary, "mean_health"));
  auto worst = number_cell(number_of(summary, "worst_health"), 0);
  worst.tone = health_tone(number_of(summary, "worst_health"));
  return {{.text = base::string_or(summary, "connection_id")},
          {.text = one.state},
          {.text = base::string_or(summary, "source")},
          {.text = base::string_or(summary, "actor")},
          number_cell(number_of(summary, "duration_seconds"), 0, " s"),
          std::move(health),
          std::move(worst),
          number_cell(number_of(summary, "mean_quality"), 0),
          number_cell(number_of(summary, "mean_kbps"), 0),
          number_cell(number_of(summary, "mean_loss_percent"), 2, " %"),
          number_cell(number_of(summary, "freezes"), 0),
          number_cell(number_of(summary, "quality_switches"), 0)};
}

// What the charts of one connection share: its points on one axis of time.
struct Drawn {
  std::vector<Point> points;
  base::WallTime began;
  double to = 0;

  explicit Drawn(const Timeline& timeline) : points(timeline.points()), began(timeline.began()) {
    if (!points.empty()) to = at(points.back().at);
    for (const auto& event : timeline.events()) to = std::max(to, event.at_ms / 1000.0);
  }
  double at(base::WallTime when) const { return base::to_seconds(when - began); }

  template <class Value>
  Series series(std::string name, Value value) const {
    Series out{.name = std::move(name), .points = {}};
    out.points.reserve(points.size());
    for (const auto& point : points) {
      const std::optional<double> y = value(point);
      out.points.push_back({at(point.at), y.value_or(report::kNoValue)});
    }
    return out;
  }
  report::Chart chart(std::string title, std::string unit, std::vector<Series> series) const {
    return {.title = std::move(title),
            .unit = std::move(unit),
            .from = 0,
            .to = to,
            .epoch = base::unix_seconds(began),
            .points_max = kPointsDrawn,
            .series = std::move(series)};
  }
  // Neighbours with the same word are one span.
  template <class Word>
  report::Lane lane(std::string name, Word word, int (*colour)(std::string_view)) const {
    report::Lane out{.name = std::move(name), .spans = {}};
    for (const auto& point : points) {
      const auto x = at(point.at);
      const std::string_view text = word(point);
      if (!out.spans.empty()) out.spans.back().to = x;
      if (!text.empty() && (out.spans.empty() || out.spans.back().text != text))
        out.spans.push_back(
            {.from = x, .to = x, .text = std::string(text), .colour = colour(text)});
    }
    if (!out.spans.empty()) out.spans.back().to = to;
    return out;
  }
};

int state_colour(std::string_view state) {
  return state == "connected" ? 3 : state == "disconnected" ? 5 : 2;
}
int rendition_colour(std::string_view rendition) {
  return rendition == "low" ? 2 : rendition == "medium" ? 6 : rendition == "high" ? 3 : 4;
}

void charts_of(report::Document& page, const ReportedConnection& one) {
  const Drawn drawn(one.timeline);
  if (drawn.points.empty()) return page.paragraph("It was over before it could be measured.");
  auto rate = drawn.chart(
      "Bandwidth", "kbit/s",
      {drawn.series("sent", [](const Point& at) { return std::optional(at.bitrate_kbps); }),
       drawn.series("the path carries",
                    [](const Point& at) { return std::optional(at.available_kbps); })});
  rate.lanes = {
      drawn.lane(
          "state", [](const Point& at) { return rtc::state_name(at.state); }, state_colour),
      drawn.lane("rendition", [](const Point& at) { return at.rendition; }, rendition_colour)};
  for (const auto& event : one.timeline.events())
    rate.marks.push_back({event.at_ms / 1000.0, std::string(happened_name(event.kind))});
  page.chart(std::move(rate));
  auto scores = drawn.chart(
      "Scores", "of 100",
      {drawn.series("health", [](const Point& at) { return std::optional<double>(at.health); }),
       drawn.series("quality", [](const Point& at) { return std::optional<double>(at.quality); })});
  scores.at_least = 100;
  page.chart(std::move(scores));
  auto loss = drawn.chart(
      "Loss", "%",
      {drawn.series("loss", [](const Point& at) { return std::optional(at.loss_percent); })});
  loss.at_least = 2;
  page.chart(std::move(loss));
  page.chart(drawn.chart(
      "Delays", "ms",
      {drawn.series("round trip", [](const Point& at) { return std::optional(at.round_trip_ms); }),
       drawn.series("jitter", [](const Point& at) { return std::optional(at.jitter_ms); }),
       drawn.series("buffer", [](const Point& at) { return at.buffer_ms; })}));
  page.chart(drawn.chart("Frames", "a second", {drawn.series("frames", [](const Point& at) {
                           return at.frames_per_second;
                         })}));
}

std::string events_of(const Timeline& timeline) {
  std::string out;
  for (const auto& event : timeline.events()) {
    const auto json = to_json(event, timeline.began());
    out += out.empty() ? "" : ", ";
    out += fmt::format("{} after {:.1f} s", happened_name(event.kind), event.at_ms / 1000.0);
    for (const auto* const why : {"reason", "error"})
      if (const auto words = base::string_or(json, why); !words.empty()) out += " (" + words + ")";
  }
  return out;
}

}  // namespace

base::JsonObject report_json(const ReportContent& content, bool raw) {
  base::JsonArray connections;
  for (const auto& one : content.connections) {
    auto entry = one.summary;
    entry["state"] = one.state;
    if (one.scores) entry["scores"] = to_json(*one.scores);
    if (raw) entry["timeline"] = to_json(one.timeline, one.timeline.size());
    connections.push_back(std::move(entry));
  }
  base::JsonObject decisions;
  for (std::size_t i = 0; i < content.figures.decisions.size(); ++i)
    decisions[decision_name(static_cast<Decision>(i))] = content.figures.decisions[i];
  base::JsonObject out{{"kind", "telltale webrtc report"},
                       {"at", base::format_rfc3339(content.at)},
                       {"since", base::format_rfc3339(content.since)},
                       {"active_connections", content.figures.active},
                       {"connections_total", content.figures.connections_total},
                       {"decisions", std::move(decisions)},
                       {"connections", std::move(connections)},
                       {"connections_left_out", content.left_out}};
  if (content.figures.resources_collected) {
    out["cpu_percent"] = content.figures.cpu_percent;
    out["memory_bytes"] = content.figures.memory_bytes;
  }
  return out;
}

report::Document report_document(const ReportContent& content, std::size_t charted) {
  report::Document page{.title = "WebRTC connections"};
  page.paragraph(fmt::format("As of {}; connections that are open, and those that ended since {}.",
                             base::format_rfc3339(content.at),
                             base::format_rfc3339(content.since)));
  std::size_t bad = 0;
  for (const auto& one : content.connections)
    if (number_of(one.summary, "mean_health") < kHealthBad) ++bad;
  std::vector<std::pair<std::string, Cell>> figures{
      {"Open", {.text = std::to_string(content.figures.active)}},
      {"In this report", {.text = std::to_string(content.connections.size())}},
      {"Health under 50", {.text = std::to_string(bad), .tone = bad > 0 ? Tone::bad : Tone::good}},
      {"Since the start", {.text = std::to_string(content.figures.connections_total)}}};
  if (content.figures.resources_collected) {
    figures.push_back({"CPU of the machine", number_cell(content.figures.cpu_percent, 0, " %")});
    figures.push_back(
        {"Memory", number_cell(content.figures.memory_bytes / (1U << 20U), 0, " MiB")});
  }
  page.figures(std::move(figures));
  if (content.connections.empty()) page.paragraph("Nobody was connected.");
  std::vector<std::vector<Cell>> rows;
  rows.reserve(content.connections.size());
  for (const auto& one : content.connections) rows.push_back(row_of(one));
  if (!rows.empty())
    page.table("Worst health first",
               {"Connection", "State", "Content", "User", "Lasted", "Health", "Worst", "Quality",
                "kbit/s", "Loss", "Freezes", "Switches"},
               std::move(rows));
  if (content.left_out > 0) page.paragraph(fmt::format("{} more are left out.", content.left_out));
  for (std::size_t i = 0; i < std::min(charted, content.connections.size()); ++i) {
    const auto& one = content.connections[i];
    page.heading(base::string_or(one.summary, "connection_id") + ": " +
                 base::string_or(one.summary, "source"));
    if (one.scores)
      page.paragraph(sentence(*one.scores), health_tone(one.scores->health));
    else if (const auto last = base::string_or(one.summary, "last"); !last.empty())
      page.paragraph("At its end: " + last + ". It was " +
                     base::string_or(one.summary, "close_reason") + ".");
    charts_of(page, one);
    if (const auto events = events_of(one.timeline); !events.empty()) page.paragraph(events);
  }
  if (content.connections.size() > charted)
    page.paragraph(fmt::format("Charts of the worst {} only; the table has all.", charted));
  return page;
}

std::string report_page(const ReportContent& content, const PageOptions& options) {
  return report::write_html(report_document(content, options.charted), options.theme,
                            options.reload_s);
}

}  // namespace telltale::monitor
