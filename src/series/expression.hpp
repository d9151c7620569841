// Expression: the query form, as text and as what it means. Grammar (docs/metrics-api.md):
//   query    = selector | function "(" [number ","] selector ["[" duration "]"] ")" [by]
//   by       = "by" "(" [label {"," label}] ")"
//   selector = name ["{" [matcher {"," matcher}] "}"] | "{" matcher {"," matcher} "}"
//   matcher  = label ("=" | "!=" | "=~" | "!~") string
// An error names the column, from 1, and what would be right there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "series/selector.hpp"

namespace telltale::series {

enum class Function { avg, sum, min, max, count, rate, increase, last, quantile };

constexpr std::size_t kExpressionMax = 2'000;  // bytes
constexpr std::size_t kMatchersMax = 32;

struct Expression {
  std::optional<Function> function;  // none: the text is a selector alone
  double quantile = 0;
  Selector selector;
  std::optional<std::int64_t> range_ms;
  std::optional<std::vector<std::string>> by;
};

base::Result<Expression> parse_expression(std::string_view text, const std::string& pointer);
// What stands between { and }.
base::Result<std::vector<Matcher>> parse_matchers(std::string_view text,
                                                  const std::string& pointer);
// avg, …, p50, p90, p95, p99; "quantile" takes a number beside it.
std::optional<std::pair<Function, double>> function_of(std::string_view name);
std::string_view function_names();
// 30s, 5m, 1h30m, 250ms, 7d; at least 1 ms, at most ten years.
base::Result<std::int64_t> parse_duration(std::string_view text, const std::string& pointer);
std::string duration_text(std::int64_t ms);
std::string text_of(const Expression& expression);

}  // namespace telltale::series
