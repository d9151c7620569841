#include "series/analytics.hpp"

#include <algorithm>
#include <cmath>

#include "base/encoding.hpp"
#include "series/series.hpp"

namespace telltale::series {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr double kSureP = 0.01;
constexpr double kSmallDelta = 0.147;  // below: negligible (Romano et al. 2006)
constexpr std::size_t kShapeMax = 300;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 128;
}

ToolKey key_of(const store::CallRecord& call) {
  return {call.server, call.tool};
}

base::Json quantile_json(const Sketch& sketch, double fraction) {
  const auto value = sketch.quantile(fraction);
  return value ? base::Json(*value) : base::Json(nullptr);
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double two_sided(double z) {
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

}  // namespace

std::string message_shape(std::string_view message) {
  std::string out;
  for (std::size_t i = 0; i < message.size() && out.size() < kShapeMax;) {
    const char c = message[i];
    if (c == '"' || c == '\'' || c == '`') {
      // An apostrophe within a word opens nothing.
      const bool opens = c != '\'' || i == 0 || !is_letter(message[i - 1]);
      const auto end = message.find(c, i + 1);
      if (opens && end != std::string_view::npos) {
        out += "<text>";
        i = end + 1;
        continue;
      }
    }
    const bool begins = i == 0 || !(is_letter(message[i - 1]) || is_digit(message[i - 1]));
    if (!is_digit(c) && !(begins && is_hex(c))) {
      out += c;
      ++i;
      continue;
    }
    auto end = i;
    bool digits = false;
    std::size_t hyphens = 0;
    if (c == '0' && i + 2 < message.size() && message[i + 1] == 'x' && is_hex(message[i + 2])) {
      end = i + 2;
      digits = true;
    }
    while (end < message.size() &&
           (is_hex(message[end]) || (message[end] == '-' && end + 1 < message.size() &&
                                     is_hex(message[end + 1]) && end - i >= 8))) {
      digits = digits || is_digit(message[end]);
      hyphens += message[end] == '-' ? 1 : 0;
      ++end;
    }
    const bool whole = end == message.size() || !is_letter(message[end]);
    if (whole && digits && hyphens == 4 && end - i == 36) {
      out += "<uuid>";
      i = end;
    } else if (whole && digits && end - i >= 6 && hyphens == 0 &&
               !std::ranges::all_of(message.substr(i, end - i), is_digit)) {
      out += "<hex>";
      i = end;
    } else if (is_digit(c)) {
      while (i < message.size() &&
             (is_digit(message[i]) ||
              (message[i] == '.' && i + 1 < message.size() && is_digit(message[i + 1]))))
        ++i;
      out += "<n>";
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

void Heatmap::add(const store::CallRecord& call) {
  const auto hour = floor_to(base::unix_ms(call.time), kHourMs);
  if (hour < hours_.from_ms || hour >= hours_.to_ms) return;
  auto& cell = rows_[key_of(call)][hour];
  ++cell.calls;
  cell.errors += call.ok ? 0 : 1;
  if (value_ == Value::p95) cell.ms.add(call.duration_ms);
}

base::JsonObject Heatmap::result(std::size_t rows_max) const {
  base::JsonArray hours;
  for (auto hour = hours_.from_ms; hour < hours_.to_ms; hour += kHourMs)
    hours.push_back(base::Json(base::format_rfc3339(base::from_unix_ms(hour))));
  struct Order {
    std::uint64_t calls;
    ToolKey tool;
  };
  std::vector<Order> order;
  for (const auto& [tool, cells] : rows_) {
    std::uint64_t calls = 0;
    for (const auto& [ignored, cell] : cells) calls += cell.calls;
    order.push_back({calls, tool});
  }
  std::ranges::sort(order, [](const Order& a, const Order& b) {
    return a.calls != b.calls ? a.calls > b.calls : a.tool < b.tool;
  });
  base::JsonArray rows;
  for (std::size_t i = 0; i < std::min(order.size(), rows_max); ++i) {
    const auto& cells = rows_.at(order[i].tool);
    base::JsonArray values;
    for (auto hour = hours_.from_ms; hour < hours_.to_ms; hour += kHourMs) {
      const auto found = cells.find(hour);
      if (found == cells.end())
        values.push_back(nullptr);
      else if (value_ == Value::p95)
        values.push_back(quantile_json(found->second.ms, 0.95));
      else
        values.push_back(
            base::Json(value_ == Value::count ? found->second.calls : found->second.errors));
    }
    rows.push_back({{"server", order[i].tool.first},
                    {"tool", order[i].tool.second},
                    {"calls", order[i].calls},
                    {"values", std::move(values)}});
  }
  return {{"hours", std::move(hours)},
          {"rows", std::move(rows)},
          {"rows_left_out", order.size() - std::min(order.size(), rows_max)}};
}

void Slowest::add(const store::CallRecord& call) {
  auto& tool = tools_[key_of(call)];
  ++tool.calls;
  tool.errors += call.ok ? 0 : 1;
  tool.sum_ms += call.duration_ms;
  tool.max_ms = std::max(tool.max_ms, call.duration_ms);
  tool.ms.add(call.duration_ms);
}

base::JsonArray Slowest::result(std::size_t limit) const {
  std::vector<std::pair<double, const std::pair<const ToolKey, Tool>*>> order;
  order.reserve(tools_.size());
  for (const auto& one : tools_) order.emplace_back(one.second.ms.quantile(0.95).value_or(0), &one);
  std::ranges::sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
  base::JsonArray out;
  for (std::size_t i = 0; i < std::min(limit, order.size()); ++i) {
    const auto& [key, tool] = *order[i].second;
    out.push_back({{"server", key.first},
                   {"tool", key.second},
                   {"calls", tool.calls},
                   {"errors", tool.errors},
                   {"mean_ms", tool.sum_ms / static_cast<double>(tool.calls)},
                   {"p50_ms", quantile_json(tool.ms, 0.5)},
                   {"p95_ms", quantile_json(tool.ms, 0.95)},
                   {"p99_ms", quantile_json(tool.ms, 0.99)},
                   {"max_ms", tool.max_ms}});
  }
  return out;
}

void ErrorClusters::add(const store::CallRecord& call) {
  if (call.ok) return;
  const auto shape = message_shape(call.error);
  auto found = clusters_.find(shape);
  if (found == clusters_.end()) {
    if (clusters_.size() >= kClustersMax) {
      ++left_out_;
      return;
    }
    found = clusters_
                .emplace(shape, Cluster{.first = call.time,
                                        .last = call.time,
                                        .example = call.error.substr(0, 500)})
                .first;
  }
  auto& cluster = found->second;
  ++cluster.count;
  cluster.first = std::min(cluster.first, call.time);
  cluster.last = std::max(cluster.last, call.time);
  ++cluster.tools[key_of(call)];
}

base::JsonArray ErrorClusters::result(std::size_t limit) const {
  std::vector<const std::pair<const std::string, Cluster>*> order;
  order.reserve(clusters_.size());
  for (const auto& one : clusters_) order.push_back(&one);
  std::ranges::sort(order, [](const auto* a, const auto* b) {
    return a->second.count != b->second.count ? a->second.count > b->second.count
                                              : a->first < b->first;
  });
  base::JsonArray out;
  for (std::size_t i = 0; i < std::min(limit, order.size()); ++i) {
    const auto& [shape, cluster] = *order[i];
    base::JsonArray tools;
    for (const auto& [tool, count] : cluster.tools)
      if (tools.size() < 20)
        tools.push_back({{"server", tool.first}, {"tool", tool.second}, {"count", count}});
    out.push_back({{"shape", shape},
                   {"count", cluster.count},
                   {"first", base::format_rfc3339(cluster.first)},
                   {"last", base::format_rfc3339(cluster.last)},
                   {"example", base::to_utf8(cluster.example)},
                   {"tools", std::move(tools)}});
  }
  return out;
}

Effect mann_whitney(std::vector<double> before, std::vector<double> after) {
  if (before.empty() || after.empty()) return {};
  std::ranges::sort(before);
  std::ranges::sort(after);
  const auto n = static_cast<double>(before.size());
  const auto m = static_cast<double>(after.size());
  double slower_less_faster = 0;
  double ties = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  // For each value that occurs: how often on either side, and how many of `before` are below.
  while (i < before.size() || j < after.size()) {
    const double value =
        j == after.size() || (i < before.size() && before[i] <= after[j]) ? before[i] : after[j];
    const auto below = static_cast<double>(i);
    std::size_t same_before = 0;
    std::size_t same_after = 0;
    while (i < before.size() && before[i] == value) ++i, ++same_before;
    while (j < after.size() && after[j] == value) ++j, ++same_after;
    const auto above = static_cast<double>(before.size() - i);
    slower_less_faster += static_cast<double>(same_after) * (below - above);
    const auto same = static_cast<double>(same_before + same_after);
    ties += same * same * same - same;
  }
  const double all = n + m;
  const double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
  Effect out{.delta = slower_less_faster / (n * m)};
  if (variance > 0) out.p = two_sided(slower_less_faster / 2 / std::sqrt(variance));
  return out;
}

void Comparison::add(const store::CallRecord& call) {
  auto& [before, after] = tools_[key_of(call)];
  auto& side = call.time < at_ ? before : after;
  ++side.calls;
  side.errors += call.ok ? 0 : 1;
  side.sum_ms += call.duration_ms;
  side.sketch.add(call.duration_ms);
  if (side.ms.size() < kSampleMax) side.ms.push_back(call.duration_ms);
}

base::JsonObject Comparison::side_json(const Side& side) {
  return {{"calls", side.calls},
          {"errors", side.errors},
          {"error_rate", share(side.errors, side.calls)},
          {"mean_ms", side.calls == 0 ? base::Json(nullptr)
                                      : base::Json(side.sum_ms / static_cast<double>(side.calls))},
          {"p50_ms", quantile_json(side.sketch, 0.5)},
          {"p95_ms", quantile_json(side.sketch, 0.95)}};
}

base::JsonArray Comparison::result() const {
  base::JsonArray out;
  for (const auto& [tool, sides] : tools_) {
    const auto& [before, after] = sides;
    const bool enough = before.calls >= kCallsMin && after.calls >= kCallsMin;
    const auto effect = mann_whitney(before.ms, after.ms);
    const bool sure = enough && effect.p < kSureP && std::abs(effect.delta) >= kSmallDelta;
    const auto pooled = share(before.errors + after.errors, before.calls + after.calls);
    const auto risen = share(after.errors, after.calls) - share(before.errors, before.calls);
    double errors_p = 1;
    if (before.calls > 0 && after.calls > 0 && pooled > 0 && pooled < 1)
      errors_p = two_sided(risen / std::sqrt(pooled * (1 - pooled) *
                                             (1 / static_cast<double>(before.calls) +
                                              1 / static_cast<double>(after.calls))));
    const bool errors_sure = enough && errors_p < kSureP;
    out.push_back({{"server", tool.first},
                   {"tool", tool.second},
                   {"before", side_json(before)},
                   {"after", side_json(after)},
                   {"latency",
                    {{"cliffs_delta", effect.delta},
                     {"p", effect.p},
                     {"verdict", !sure              ? "cannot_tell"
                                 : effect.delta > 0 ? "slower"
                                                    : "faster"}}},
                   {"errors",
                    {{"difference", risen},
                     {"p", errors_p},
                     {"verdict", !errors_sure ? "cannot_tell"
                                 : risen > 0  ? "more"
                                              : "fewer"}}}});
  }
  return out;
}

}  // namespace telltale::series
