// Rule: a condition over metrics or events, and what is said to whom when it holds. As people write
// it; described for JSON. Plain values. condition.hpp compiles it, defaults.hpp has those of ours.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/describe.hpp"

namespace telltale::alert {

struct ConditionText {
  std::string kind;
  std::string query, divided_by;
  std::string comparison = "above";
  double threshold = 0;
  double samples = 0;
  std::string event, where, until;
  std::vector<std::string> by;
  int count = 1;
  double window_s = 60;
};
BOOST_DESCRIBE_STRUCT(ConditionText, (),
                      (kind, query, divided_by, comparison, threshold, samples, event, where, until,
                       by, count, window_s))
constexpr auto field_rules(const ConditionText*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "kind",
                .help = "metric: a figure is beyond a threshold; event: something happened so "
                        "often; absence: nothing came",
                .one_of = "metric|event|absence"},
      FieldRule{.name = "query",
                .help = "of metrics, as in GET /api/metrics?q=",
                .maximum = 2000,
                .example = "p95(tool_duration_ms[5m]) by (server)",
                .has_default = true},
      FieldRule{.name = "divided_by",
                .help = "another query: what is compared is query / divided_by",
                .maximum = 2000,
                .has_default = true},
      FieldRule{.name = "comparison",
                .help = "of the figure with the threshold",
                .one_of = "above|at_least|below|at_most",
                .has_default = true},
      FieldRule{.name = "threshold", .has_default = true},
      FieldRule{.name = "samples",
                .help = "no judgement on fewer points than this; with divided_by: on less of it",
                .minimum = 0,
                .has_default = true},
      FieldRule{.name = "event",
                .help = "its type, such as test_progress",
                .maximum = 64,
                .has_default = true},
      FieldRule{.name = "where",
                .help = "matchers over the event's fields: event=\"ended\", status!=\"passed\"",
                .maximum = 2000,
                .has_default = true},
      FieldRule{.name = "until",
                .help = "matchers of the event that ends it sooner than the window",
                .maximum = 2000,
                .has_default = true},
      FieldRule{.name = "by",
                .help = "fields of the event: each of their values is an alert of its own",
                .maximum = 8,
                .has_default = true},
      FieldRule{.name = "count",
                .help = "of events within the window",
                .minimum = 1,
                .maximum = 1000,
                .has_default = true},
      FieldRule{.name = "window_s",
                .help = "of events and absence; of a query without one of its own",
                .minimum = 1,
                .maximum = 604'800,
                .has_default = true}};
}

struct Rule {
  std::string name;
  ConditionText condition;
  double for_s = 0, keep_firing_for_s = 0;
  std::string severity = "warning";
  std::map<std::string, std::string> labels;
  std::string summary, runbook;
  std::vector<std::string> channels;
  double group_s = 5;
  double escalate_after_s = 0;
  std::vector<std::string> escalate_to;
  bool enabled = true;
};
BOOST_DESCRIBE_STRUCT(Rule, (),
                      (name, condition, for_s, keep_firing_for_s, severity, labels, summary,
                       runbook, channels, group_s, escalate_after_s, escalate_to, enabled))

inline constexpr std::string_view kSeverities = "info|warning|critical";
inline constexpr std::array kRuleRules{
    base::FieldRule{.name = "name", .help = "what it is called", .minimum = 1, .maximum = 100},
    base::FieldRule{.name = "for_s",
                    .help = "it must hold for so long before it fires",
                    .minimum = 0,
                    .maximum = 86'400,
                    .has_default = true},
    base::FieldRule{.name = "keep_firing_for_s",
                    .help = "it must not hold for so long before it is over",
                    .minimum = 0,
                    .maximum = 86'400,
                    .has_default = true},
    base::FieldRule{.name = "severity", .one_of = kSeverities, .has_default = true},
    base::FieldRule{.name = "labels", .help = "added to those of its alerts", .has_default = true},
    base::FieldRule{.name = "summary",
                    .help = "what its alerts say: {server}, {value}, {threshold} and any label",
                    .maximum = 500,
                    .example = "{server} answers in {value} ms",
                    .has_default = true},
    base::FieldRule{.name = "runbook",
                    .help = "what to do: an http(s) URL, or a path of the dashboard",
                    .maximum = 500,
                    .has_default = true},
    base::FieldRule{.name = "channels",
                    .help = "ids of those that are told; none: all there are",
                    .maximum = 20,
                    .has_default = true},
    base::FieldRule{.name = "group_s",
                    .help = "its alerts of so long are told together",
                    .minimum = 0,
                    .maximum = 3600,
                    .has_default = true},
    base::FieldRule{.name = "escalate_after_s",
                    .help = "when nobody has acknowledged it; 0: never",
                    .minimum = 0,
                    .maximum = 604'800,
                    .has_default = true},
    base::FieldRule{.name = "escalate_to",
                    .help = "ids of the channels that are told then",
                    .maximum = 20,
                    .has_default = true},
    base::FieldRule{.name = "enabled", .has_default = true}};
constexpr auto field_rules(const Rule*) {
  return kRuleRules;
}

}  // namespace telltale::alert
