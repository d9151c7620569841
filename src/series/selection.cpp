#include "series/selection.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace telltale::series {
namespace {

constexpr double kMillisecondsFrom = 1e11;  // a number below is of seconds: of the year 5138
constexpr double kTimeMax = 4e12;           // the year 2096

std::string labels_there(const std::vector<EntryPtr>& entries) {
  std::set<std::string> names;
  for (const auto& entry : entries)
    for (const auto& [label, ignored] : entry->labels) names.insert(*label);
  std::string out;
  for (const auto& name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out.empty() ? "they have none" : "there are " + out;
}

bool has_label(const std::vector<EntryPtr>& entries, std::string_view label) {
  return std::ranges::any_of(entries,
                             [&](const EntryPtr& entry) { return !entry->label(label).empty(); });
}

base::Result<std::int64_t> time_of(double number, const std::string& pointer) {
  const double ms = std::abs(number) < kMillisecondsFrom ? number * 1000 : number;
  if (!(ms >= 0 && ms < kTimeMax))
    return base::bad_field(pointer, "is no time between 1970 and 2096");
  return static_cast<std::int64_t>(std::llround(ms));
}

}  // namespace

base::Result<Selector> selector_of(const Filters& filters) {
  Selector out;
  if (!filters.name.empty() && !filters.metric_name.empty())
    return base::bad_field("/metric_name", "says the same as name: give one of them");
  out.name = filters.name.empty() ? filters.metric_name : filters.name;
  if (!out.name.empty() && !is_metric_name(out.name))
    return base::bad_field(filters.name.empty() ? "/metric_name" : "/name",
                           "must be the name of a metric: letters, digits, _ : and dots");
  if (!filters.labels.empty()) {
    auto matchers = parse_matchers(filters.labels, "/labels");
    if (!matchers) return std::unexpected(matchers.error());
    out.matchers = std::move(*matchers);
  }
  if (!filters.metric_type.empty())
    out.matchers.push_back({.label = "metric_type", .value = filters.metric_type});
  if (!filters.test_run_id.empty())
    out.matchers.push_back({.label = "test_run_id", .value = filters.test_run_id});
  return out;
}

bool visible(const runtime::Actor& actor, const Entry& entry) {
  const auto server = entry.label("server");
  return server.empty() || actor.sees(server);
}

base::Result<std::vector<EntryPtr>> select(const Engine& engine, const runtime::Actor& actor,
                                           const Selector& selector, const std::string& pointer) {
  auto out = engine.index().find(selector.name);
  if (!actor.sees_all())
    std::erase_if(out, [&](const EntryPtr& entry) { return !visible(actor, *entry); });
  if (out.empty() && !selector.name.empty())
    return base::fail(base::Code::not_found, "no metric is called " + selector.name +
                                                 "; GET /api/metrics/names lists those there are");
  for (const auto& matcher : selector.matchers)
    if (!has_label(out, matcher.label))
      return base::bad_field(
          pointer, "no series here has a label called " + matcher.label + "; " + labels_there(out));
  std::erase_if(out, [&](const EntryPtr& entry) {
    return !std::ranges::all_of(selector.matchers, [&](const Matcher& matcher) {
      return matcher.matches(entry->label(matcher.label));
    });
  });
  return out;
}

base::Result<void> check_by(const std::vector<EntryPtr>& entries,
                            const std::vector<std::string>& by, const std::string& pointer) {
  for (const auto& label : by)
    if (!entries.empty() && !has_label(entries, label))
      return base::bad_field(pointer, "none of these series has a label called " + label + "; " +
                                          labels_there(entries));
  return {};
}

base::Result<std::int64_t> time_of(std::string_view text, const std::string& pointer) {
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed == std::errc() && end == text.data() + text.size()) return time_of(number, pointer);
  const auto parsed = base::parse_rfc3339(text);
  if (!parsed)
    return base::bad_field(pointer, "must be a time: RFC 3339, Unix seconds or Unix milliseconds");
  return base::unix_ms(*parsed);
}

base::Result<std::int64_t> time_of(const base::Json& value, const std::string& pointer) {
  if (value.is_string()) return time_of(std::string_view(value.get_string()), pointer);
  if (value.is_number()) return time_of(value.to_number<double>(), pointer);
  return base::bad_field(pointer, "must be a time: RFC 3339, Unix seconds or Unix milliseconds");
}

base::Result<Span> span_of(const TimeInput& input, const base::Clock& clock,
                           std::int64_t default_ms) {
  if (input.start && input.range)
    return base::bad_field("/range", "says the same as start: give one of them");
  Span out{0, base::unix_ms(clock.wall()) + 1};  // now is within
  if (input.end) {
    auto end = time_of(std::string_view(*input.end), "/end");
    if (!end) return std::unexpected(end.error());
    out.to_ms = *end;
  }
  auto length = default_ms;
  if (input.range) {
    auto given = parse_duration(*input.range, "/range");
    if (!given) return std::unexpected(given.error());
    length = *given;
  }
  out.from_ms = out.to_ms - length;
  if (input.start) {
    auto start = time_of(std::string_view(*input.start), "/start");
    if (!start) return std::unexpected(start.error());
    out.from_ms = *start;
  }
  if (out.from_ms >= out.to_ms) return base::bad_field("/start", "must be before the end");
  return out;
}

base::Result<void> check_kept(const Engine& engine, Span span, std::int64_t step_ms,
                              std::int64_t range_ms) {
  const auto level = level_for(step_ms, range_ms);
  const auto kept = engine.settings().retention[level];
  const auto oldest = base::unix_ms(engine.clock().wall() - kept);
  if (level + 1 < kResolutionsMs.size() && span.from_ms < oldest)
    return base::bad_field("/step", "must be a multiple of " +
                                        duration_text(kResolutionsMs[level + 1]) +
                                        ", as must be the window: what is finer is kept for " +
                                        duration_text(std::chrono::milliseconds(kept).count()));
  return {};
}

}  // namespace telltale::series
