#include "alert/metric_reading.hpp"

#include <algorithm>
#include <cmath>

#include "series/function_value.hpp"

namespace telltale::alert {
namespace {

struct Figure {
  Labels labels;
  double value = 0;
  double points = 0;
};
using Figures = std::map<std::string, Figure>;

// The newest point of each group, and when it came.
struct Newest {
  Labels labels;
  std::int64_t at_ms = 0;
  double value = 0;
};
std::map<std::string, Newest> newest_of(const std::vector<series::EntryPtr>& entries,
                                        const series::Expression& query) {
  std::map<std::string, Newest> out;
  for (const auto& entry : entries) {
    const auto [at, value, empty] = entry->series.with([](const series::Series& one) {
      return std::tuple(one.newest_ms(), one.last_value(), one.empty());
    });
    if (empty) continue;
    auto labels = grouped(*entry, query.by);
    auto& newest = out[series::series_key("", labels)];
    if (newest.labels.empty()) newest.labels = std::move(labels);
    if (at <= newest.at_ms) continue;
    newest.at_ms = at;
    newest.value = value;
  }
  return out;
}

base::Result<Figures> read(store::Connection& db, const series::Index& index,
                           const series::Expression& query, std::int64_t now_ms) {
  auto entries = entries_of(index, query.selector);
  const auto from = now_ms - *query.range_ms;
  Figures out;
  if (query.function == series::Function::last) {
    for (auto& [key, newest] : newest_of(entries, query))
      if (newest.at_ms >= from) out[key] = {std::move(newest.labels), newest.value, 1};
    return out;
  }
  std::erase_if(entries, [&](const series::EntryPtr& entry) {
    return entry->series.with(
        [&](const series::Series& one) { return one.empty() || one.newest_ms() < from; });
  });
  if (entries.size() > kEntriesMax)
    return base::fail(base::Code::too_large, "looks at " + std::to_string(entries.size()) +
                                                 " series; 5000 is the most: select less");
  auto totals = series::summarize(db, entries, {from, now_ms + 1}, query.by);
  if (!totals) return std::unexpected(totals.error());
  const auto seconds = static_cast<double>(*query.range_ms) / 1'000;
  for (auto& [name, labels, total] : *totals) {
    if (total.count == 0) continue;
    auto key = series::series_key("", labels);
    out[std::move(key)] = {std::move(labels),
                           series::value_of(*query.function, query.quantile, total, seconds),
                           static_cast<double>(total.count)};
  }
  return out;
}

std::vector<Observation> missing(const series::Index& index, const Condition& condition,
                                 Moment moment) {
  const auto now_ms = moment.now_ms;
  const auto& query = *condition.query;
  const auto groups = newest_of(entries_of(index, query.selector), query);
  std::vector<Observation> out;
  for (const auto& [key, newest] : groups) {
    const auto silent = now_ms - newest.at_ms;
    out.push_back({newest.labels, silent >= condition.window_ms && silent < kMissedMs,
                   static_cast<double>(silent) / 1'000});
  }
  if (out.empty()) {
    const auto waited = now_ms - moment.since_ms;
    out.push_back({{}, waited >= condition.window_ms, static_cast<double>(waited) / 1'000});
  }
  return out;
}

}  // namespace

std::vector<series::EntryPtr> entries_of(const series::Index& index,
                                         const series::Selector& selector) {
  auto out = index.find(selector.name);
  std::erase_if(out, [&](const series::EntryPtr& entry) {
    return !std::ranges::all_of(selector.matchers, [&](const series::Matcher& matcher) {
      return matcher.matches(entry->label(matcher.label));
    });
  });
  return out;
}

Labels grouped(const series::Entry& entry, const std::optional<std::vector<std::string>>& by) {
  if (!by) return entry.label_list();
  Labels out;
  for (const auto& label : *by) out.emplace_back(label, entry.label(label));
  return out;
}

base::Result<std::vector<Observation>> observe(store::Connection& db, const series::Index& index,
                                               const Condition& condition, Moment moment) {
  if (condition.kind == Kind::absence) return missing(index, condition, moment);
  const auto now_ms = moment.now_ms;
  auto figures = read(db, index, *condition.query, now_ms);
  if (!figures) return std::unexpected(figures.error());
  std::vector<Observation> out;
  if (!condition.divisor) {
    for (auto& [key, one] : *figures)
      out.push_back({std::move(one.labels),
                     one.points >= condition.samples && condition.holds(one.value), one.value});
    return out;
  }
  auto divisors = read(db, index, *condition.divisor, now_ms);
  if (!divisors) return std::unexpected(divisors.error());
  for (auto& [key, one] : *figures) {
    const auto by = divisors->find(key);
    if (by == divisors->end() || !(by->second.value > 0)) continue;
    const auto value = one.value / by->second.value;
    out.push_back({std::move(one.labels),
                   by->second.value >= condition.samples && condition.holds(value), value});
  }
  return out;
}

}  // namespace telltale::alert
