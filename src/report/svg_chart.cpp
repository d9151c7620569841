#include "report/svg_chart.hpp"

#include <fmt/format.h>

#include "report/chart_drawing.hpp"
#include "report/html.hpp"

namespace telltale::report {
namespace {

std::string_view name_of(Label::Anchor anchor) {
  switch (anchor) {
    case Label::Anchor::middle:
      return R"( text-anchor="middle")";
    case Label::Anchor::end:
      return R"( text-anchor="end")";
    case Label::Anchor::start:
      break;
  }
  return "";
}

void legend(std::string& out, const Chart& chart) {
  if (chart.series.size() < 2) return;
  out += "<p>";
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const auto colour = i % kColours;
    out += fmt::format(
        R"svg(<span><svg viewBox="0 0 26 8" style="display:inline-block;width:26px;height:8px" aria-hidden="true">)svg"
        R"svg(<path d="M1 4H25" stroke="var(--s{})" stroke-width="2" stroke-dasharray="{}"/></svg> {}&ensp;</span>)svg",
        colour + 1, dashes_of(colour), escape_html(chart.series[i].name));
  }
  out += "</p>";
}

std::string path_of(const Curve& curve) {
  std::string out;
  for (const auto& piece : curve.pieces)
    for (std::size_t i = 0; i < piece.size(); ++i)
      out += fmt::format("{}{:.1f} {:.1f}", i > 0 ? "L" : "M", piece[i].x, piece[i].y);
  return out;
}

}  // namespace

std::string svg_chart(const Chart& chart) {
  const auto drawing = draw(chart);
  const auto name =
      escape_html(chart.title) + (chart.unit.empty() ? "" : ", " + escape_html(chart.unit));
  std::string out = "<figcaption>" + name + "</figcaption>";
  legend(out, chart);
  out += fmt::format(R"svg(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">)svg",
                     ChartDrawing::kWidth, drawing.height, name);
  for (const auto& rule : drawing.rules)
    out += fmt::format(
        R"svg(<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}">{}</line>)svg",
        rule.mark ? "mark" : "grid", rule.from.x, rule.to.x, rule.from.y, rule.to.y,
        rule.mark ? "<title>" + escape_html(rule.text) + "</title>" : "");
  for (const auto& bar : drawing.bars)
    out += fmt::format(
        R"svg(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2" fill="var(--s{})" opacity="0.75"><title>{}</title></rect>)svg",
        bar.at.x, bar.at.y, bar.width, bar.height, bar.colour, escape_html(bar.text));
  for (const auto& label : drawing.labels)
    out += fmt::format(R"svg(<text x="{:.1f}" y="{:.1f}"{}{}>{}</text>)svg", label.at.x, label.at.y,
                       name_of(label.anchor),
                       label.on_bar ? R"svg( style="fill:var(--ground)")svg" : "",
                       escape_html(label.text));
  for (const auto& curve : drawing.curves)
    out += fmt::format(
        R"svg(<path d="{}" fill="none" stroke="var(--s{})" stroke-width="1.6" stroke-dasharray="{}"/>)svg",
        path_of(curve), curve.colour + 1, dashes_of(curve.colour));
  return out += "</svg>";
}

}  // namespace telltale::report
