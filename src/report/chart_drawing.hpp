// A Chart as lines, bars and words on a plane 1000 wide: what SVG and PDF both draw.
#pragma once

#include <array>

#include "report/svg_chart.hpp"

namespace telltale::report {

struct Spot {
  double x = 0, y = 0;
};
struct Rule {  // a straight line
  Spot from, to;
  bool mark = false;  // else of the grid
  std::string text;   // what a mark says
};
struct Label {
  Spot at;
  enum class Anchor { start, middle, end } anchor = Anchor::start;
  std::string text;
  bool on_bar = false;
};
struct Bar {
  Spot at;
  double width = 0, height = 0;
  int colour = 1;  // 1 to 6
  std::string text;
};
struct Curve {
  std::vector<std::vector<Spot>> pieces;  // cut where there is nothing
  std::size_t colour = 0;                 // 0 to 5
};

struct ChartDrawing {
  static constexpr double kWidth = 1000;
  double height = 0;
  std::vector<Rule> rules;
  std::vector<Label> labels;
  std::vector<Bar> bars;
  std::vector<Curve> curves;
};

constexpr int kColours = 6;
// Lengths of ink and of none, for those who see no colours; empty: a whole line.
std::string_view dashes_of(std::size_t colour);

ChartDrawing draw(const Chart& chart);

}  // namespace telltale::report
