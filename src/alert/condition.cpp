#include "alert/condition.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace telltale::alert {
namespace {

constexpr std::size_t kLabelsMax = 16;
constexpr std::size_t kLabelBytesMax = 256;

base::Result<series::Expression> parse_query(const std::string& text, double window_s,
                                             const std::string& pointer) {
  auto out = series::parse_expression(text, pointer);
  if (!out) return out;
  if (!out->function) out->function = series::Function::last;
  if (!out->range_ms) out->range_ms = static_cast<std::int64_t>(window_s * 1'000);
  if (*out->range_ms > 7 * 86'400'000LL)
    return base::bad_field(pointer, "must look back 7 days at most");
  return out;
}

base::Result<std::vector<series::Matcher>> parse_where(const std::string& text,
                                                       const std::string& pointer) {
  if (text.empty()) return std::vector<series::Matcher>();
  return series::parse_matchers(text, pointer);
}

std::string field_text(const runtime::Event& event, std::string_view name) {
  if (const auto* value = event.data.if_contains(name)) {
    if (value->is_string()) return std::string(value->get_string());
    if (!value->is_null()) return base::write_json(*value);
  }
  if (name == "subject") return event.subject;
  if (name == "channel") return event.channel;
  if (name == "severity") return std::string(runtime::severity_name(event.severity));
  return {};
}

std::string_view words_of(std::string_view comparison) {
  return comparison == "above"      ? "above"
         : comparison == "at_least" ? "at or above"
         : comparison == "below"    ? "below"
                                    : "at or below";
}

std::string lasting(double seconds) {
  return series::duration_text(static_cast<std::int64_t>(seconds * 1'000));
}

base::Result<void> compile_events(const ConditionText& text, Condition& out) {
  if (text.event == "alert" || text.event == "alert_delivery")
    return base::bad_field("/condition/event", "must not be one of alerts themselves");
  // Who may write rules need not be one who may read the audit, and the journal does not have it.
  if (text.event == "audit")
    return base::bad_field("/condition/event",
                           "is not for rules; there is the metric logins_refused");
  auto where = parse_where(text.where, "/condition/where");
  if (!where) return std::unexpected(where.error());
  auto until = parse_where(text.until, "/condition/until");
  if (!until) return std::unexpected(until.error());
  for (std::size_t i = 0; i < text.by.size(); ++i)
    if (!series::is_label_name(text.by[i]))
      return base::bad_field("/condition/by/" + std::to_string(i), "must be a field of the event");
  out.event = text.event;
  out.where = std::move(*where);
  out.until = std::move(*until);
  out.by = text.by;
  return {};
}

}  // namespace

bool Condition::holds(double value) const {
  switch (comparison) {
    case Comparison::above:
      return value > threshold;
    case Comparison::at_least:
      return value >= threshold;
    case Comparison::below:
      return value < threshold;
    case Comparison::at_most:
      return value <= threshold;
  }
  return false;
}

base::Result<Condition> compile(const ConditionText& text) {
  Condition out{.kind = text.kind == "metric"  ? Kind::metric
                        : text.kind == "event" ? Kind::event
                                               : Kind::absence,
                .comparison = text.comparison == "above"      ? Comparison::above
                              : text.comparison == "at_least" ? Comparison::at_least
                              : text.comparison == "below"    ? Comparison::below
                                                              : Comparison::at_most,
                .threshold = text.threshold,
                .samples = text.samples,
                .count = static_cast<std::size_t>(text.count),
                .window_ms = static_cast<std::int64_t>(text.window_s * 1'000)};
  const bool of_event = !text.event.empty();
  if (out.kind == Kind::event && !of_event)
    return base::bad_field("/condition/event", "is required: which event is counted");
  if (out.kind == Kind::metric && of_event)
    return base::bad_field("/condition/event", "is not looked at by a condition over a metric");
  if (out.kind == Kind::absence && of_event != text.query.empty())
    return base::bad_field("/condition/query",
                           "either a query or an event: what is it that must come?");
  if (of_event) {
    if (auto done = compile_events(text, out); !done) return std::unexpected(done.error());
    return out;
  }
  if (text.query.empty())
    return base::bad_field("/condition/query", "is required: which figure is compared");
  auto query = parse_query(text.query, text.window_s, "/condition/query");
  if (!query) return std::unexpected(query.error());
  out.query = std::move(*query);
  if (text.divided_by.empty()) return out;
  auto divisor = parse_query(text.divided_by, text.window_s, "/condition/divided_by");
  if (!divisor) return std::unexpected(divisor.error());
  if (divisor->by != out.query->by)
    return base::bad_field("/condition/divided_by", "must be grouped by the same labels");
  out.divisor = std::move(*divisor);
  return out;
}

base::Result<void> check(const Rule& rule) {
  if (rule.labels.size() > kLabelsMax)
    return base::bad_field("/labels", "must be 16 labels at most");
  for (const auto& [label, value] : rule.labels) {
    if (!series::is_label_name(label))
      return base::bad_field("/labels" + base::pointer_step(label),
                             "must begin with a letter; letters, digits and _");
    if (value.size() > kLabelBytesMax)
      return base::bad_field("/labels" + base::pointer_step(label), "must be 256 bytes at most");
  }
  if (std::ranges::count(rule.summary, '{') != std::ranges::count(rule.summary, '}'))
    return base::bad_field("/summary", "every { needs its }: {server}");
  const auto& runbook = rule.runbook;
  const bool path = runbook.starts_with('/') && !runbook.starts_with("//");
  if (!runbook.empty() && !path && !runbook.starts_with("https://") &&
      !runbook.starts_with("http://"))
    return base::bad_field("/runbook", "must be an http(s) URL or a path of the dashboard");
  if (rule.escalate_after_s > 0 && rule.escalate_to.empty())
    return base::bad_field("/escalate_to", "must name a channel when it is to escalate");
  return {};
}

Labels labels_of(const runtime::Event& event, const std::vector<std::string>& by) {
  Labels out;
  for (const auto& field : by)
    out.emplace_back(field == "mcp_name" ? "server" : field,
                     field_text(event, field).substr(0, kLabelBytesMax));
  std::ranges::sort(out);
  return out;
}

bool fits(const runtime::Event& event, const std::vector<series::Matcher>& matchers) {
  return std::ranges::all_of(matchers, [&](const series::Matcher& matcher) {
    return matcher.matches(field_text(event, matcher.label));
  });
}

std::string figure_text(double value) {
  if (!std::isfinite(value)) return "nothing";
  const auto size = std::abs(value);
  if (size >= 100 || std::floor(value) == value) return fmt::format("{:.0f}", value);
  return size >= 1 ? fmt::format("{:.1f}", value) : fmt::format("{:.3g}", value);
}

std::string sentence(const Rule& rule) {
  const auto& c = rule.condition;
  std::string out;
  if (c.kind == "metric") {
    out = c.query + (c.divided_by.empty() ? "" : " / " + c.divided_by) + " is " +
          std::string(words_of(c.comparison)) + " " + figure_text(c.threshold);
    if (c.samples > 0)
      out += ", of at least " + figure_text(c.samples) +
             (c.divided_by.empty() ? " points" : " of the latter");
  } else {
    const auto what = c.event.empty()   ? c.query
                      : c.where.empty() ? c.event
                                        : c.event + " where " + c.where;
    if (c.kind == "absence")
      out = "no " + what + " for " + lasting(c.window_s);
    else
      out = (c.count == 1 ? what : std::to_string(c.count) + " times " + what) + " within " +
            lasting(c.window_s);
    if (!c.until.empty()) out += ", until " + c.until;
  }
  if (rule.for_s > 0) out += ", for " + lasting(rule.for_s);
  return out;
}

std::string fill(const Rule& rule, const Labels& labels, double value) {
  const auto told = rule.summary.empty() ? rule.name + ": {value}" : rule.summary;
  const std::string_view text = told;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at);
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    out += text.substr(at, close == std::string_view::npos ? close : open - at);
    if (close == std::string_view::npos) break;
    const auto name = text.substr(open + 1, close - open - 1);
    const auto found = std::ranges::find(labels, name, &Labels::value_type::first);
    if (found != labels.end())
      out += found->second;
    else if (name == "value")
      out += figure_text(value);
    else if (name == "percent")
      out += figure_text(std::round(value * 1'000) / 10);
    else if (name == "threshold")
      out += figure_text(rule.condition.threshold);
    at = close + 1;
  }
  return out;
}

}  // namespace telltale::alert
