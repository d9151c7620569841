// Anomalies of a curve: values that lie far from those just before them. Each is judged by the
// modified z-score of Iglewicz and Hoaglin ("How to Detect and Handle Outliers", ASQC 1993),
// 0.6745 (value - median) / MAD over a window of earlier values only (the Hampel identifier, run
// forwards): a median and a median absolute deviation, because neither is moved by the outliers
// that are looked for. There is no season in it. Where over half of the window is the same value
// MAD is 0; then, and for what hardly varies, a share of the median stands in for the spread. A
// lasting change is told until it is half of the window. Pure.
#pragma once

#include <vector>

#include "series/point.hpp"

namespace telltale::series {

struct AnomalyRule {
  double threshold = 3.5;      // the score from which it is one; 3.5 is the authors'
  std::size_t window = 30;     // earlier values
  std::size_t least = 10;      // fewer tell nothing
  std::int64_t reach_ms = 0;   // how far back a value counts; 0: any
  double least_spread = 0.05;  // of the median
};

struct Anomaly {
  Point point;
  double expected = 0;  // the median of those before
  double score = 0;     // negative below it
};

// `points` by time; what is not finite is left out.
std::vector<Anomaly> find_anomalies(const std::vector<Point>& points, const AnomalyRule& rule);

}  // namespace telltale::series
