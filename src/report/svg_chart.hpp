// Charts as SVG: lines over one axis, with marks at moments and lanes of states below; for an
// HtmlPage, whose colours they take. Each series has its own dashes beside its colour. Gaps in the
// data are gaps in the line. Plain values, any thread.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace telltale::report {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

struct Point {
  double x = 0;
  double y = kNoValue;
};
struct Series {
  std::string name;
  std::vector<Point> points;  // by rising x
};
struct Mark {
  double x = 0;
  std::string text;
};
struct Span {
  double from = 0;
  double to = 0;
  std::string text;
  int colour = 1;  // 1 to 6
};
struct Lane {
  std::string name;
  std::vector<Span> spans;
};

struct Chart {
  std::string title;
  std::string unit;                // behind the numbers of the axis
  double from = 0, to = 0;         // of x, in seconds since `epoch`; equal: what the data has
  double at_least = 0;             // the axis of y reaches at least up to here
  double epoch = kNoValue;         // Unix time of x = 0: the axis shows times of day (UTC)
  std::string x_unit = "s";        // else behind the numbers of x
  std::size_t points_max = 1'000;  // of one line: more than there are pixels says no more
  std::vector<Series> series = {};
  std::vector<Mark> marks = {};
  std::vector<Lane> lanes = {};
};

// With a figcaption before it.
std::string svg_chart(const Chart& chart);

// The round step (1, 2, 5 times a power of ten) that cuts `span` into about `parts`.
double round_step(double span, int parts);

}  // namespace telltale::report
