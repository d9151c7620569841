// The fields by which metrics are asked for, the same in every operation that does: which series,
// of which time.
#pragma once

#include <algorithm>
#include <array>

#include "base/describe.hpp"
#include "series/expression.hpp"

namespace telltale::series {

// The rules of name, metric_name, metric_type, test_run_id, labels, start, end and range, then
// those given.
template <class... Rules>
constexpr auto filter_rules_and(Rules... others) {
  using base::FieldRule;
  constexpr std::array kFilter{
      FieldRule{.name = "name", .maximum = 200, .has_default = true},
      FieldRule{.name = "metric_name", .help = "as name", .maximum = 200, .has_default = true},
      FieldRule{.name = "metric_type", .help = "that label", .maximum = 256, .has_default = true},
      FieldRule{.name = "test_run_id", .help = "that label", .maximum = 256, .has_default = true},
      FieldRule{.name = "labels",
                .help = "matchers: tool=\"x\", server=~\"a.*\"",
                .maximum = kExpressionMax,
                .has_default = true},
      FieldRule{.name = "start", .help = "RFC 3339 or Unix time", .maximum = 64},
      FieldRule{.name = "end", .help = "RFC 3339 or Unix time; default: now", .maximum = 64},
      FieldRule{.name = "range", .help = "back from the end, in place of start", .maximum = 64}};
  std::array<FieldRule, kFilter.size() + sizeof...(others)> out{};
  std::ranges::copy(kFilter, out.begin());
  std::ranges::copy(std::array{others...}, out.begin() + kFilter.size());
  return out;
}

}  // namespace telltale::series
