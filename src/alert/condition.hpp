// Condition: a rule's condition, parsed and checked. Immutable, any thread. sentence() says a rule
// in plain words; fill() writes an alert's summary.
#pragma once

#include <optional>

#include "alert/rule.hpp"
#include "runtime/event.hpp"
#include "series/expression.hpp"

namespace telltale::alert {

using Labels = series::LabelList;

enum class Kind { metric, event, absence };
enum class Comparison { above, at_least, below, at_most };

struct Condition {
  Kind kind = Kind::metric;
  std::optional<series::Expression> query, divisor;
  Comparison comparison = Comparison::above;
  double threshold = 0;
  double samples = 0;
  std::string event;
  std::vector<series::Matcher> where, until;
  std::vector<std::string> by;
  std::size_t count = 1;
  std::int64_t window_ms = 0;

  bool holds(double value) const;
};

// invalid_argument, naming the fields: /condition/query and the like.
base::Result<Condition> compile(const ConditionText& text);
// Of a rule beside its condition: labels, the summary's braces, the runbook's address.
base::Result<void> check(const Rule& rule);

// `mcp_name` is the label `server`, as everywhere else.
Labels labels_of(const runtime::Event& event, const std::vector<std::string>& by);
bool fits(const runtime::Event& event, const std::vector<series::Matcher>& matchers);

std::string sentence(const Rule& rule);
std::string fill(const Rule& rule, const Labels& labels, double value);
std::string figure_text(double value);

}  // namespace telltale::alert
