#include "series/reliability.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::series {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr double kAllShare = 0.999, kNoShare = 0.9;  // of checks, of calls
constexpr double kAllMs = 50, kNoMs = 5'000;         // a check's mean, by its logarithm
constexpr double kNoFalls = 5;                       // a day with so many is worth nothing

double between(double value, double nothing, double everything) {
  return std::clamp((value - nothing) / (everything - nothing), 0.0, 1.0);
}
double share(std::int64_t part, std::int64_t all) {
  return static_cast<double>(part) / static_cast<double>(all);
}

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

JsonObject to_json(const ReliabilityDay& day) {
  const auto parts = parts_of(day);
  JsonArray list;
  for (const auto& part : parts)
    list.push_back(JsonObject{{"name", part.name},
                              {"weight", part.weight},
                              {"value", number_or_null(part.value)},
                              {"points", number_or_null(part.points)}});
  return {{"score", number_or_null(score_of(parts))},
          {"parts", std::move(list)},
          {"checks", day.checks},
          {"calls", day.calls}};
}

void merge(ReliabilityDay& into, const ReliabilityDay& day) {
  if (day.check_ms) {
    const auto before = into.check_ms ? static_cast<double>(into.passed) : 0;
    const auto added = static_cast<double>(std::max<std::int64_t>(1, day.passed));
    into.check_ms = (into.check_ms.value_or(0) * before + *day.check_ms * added) / (before + added);
  }
  into.checks += day.checks;
  into.passed += day.passed;
  into.calls += day.calls;
  into.succeeded += day.succeeded;
  into.falls += day.falls;
}

}  // namespace

ScoreParts parts_of(const ReliabilityDay& day) {
  ScoreParts out{
      ScorePart{.name = "availability", .weight = 40}, ScorePart{.name = "calls", .weight = 30},
      ScorePart{.name = "latency", .weight = 10}, ScorePart{.name = "stability", .weight = 20}};
  const auto put = [](ScorePart& part, double value, double worth) {
    part.value = value;
    part.points = part.weight * worth;
  };
  if (day.checks > 0) {
    const auto good = share(day.passed, day.checks);
    put(out[0], good, between(good, kNoShare, kAllShare));
  }
  if (day.calls > 0) {
    const auto good = share(day.succeeded, day.calls);
    put(out[1], good, between(good, kNoShare, kAllShare));
  }
  if (day.check_ms)
    put(out[2], *day.check_ms,
        between(-std::log(std::max(*day.check_ms, 1e-3)), -std::log(kNoMs), -std::log(kAllMs)));
  if (day.checks > 1) put(out[3], day.falls, between(day.falls, kNoFalls, 0));
  return out;
}

std::optional<double> score_of(const ScoreParts& parts) {
  double points = 0, weights = 0;
  for (const auto& part : parts)
    if (part.points) {
      points += *part.points;
      weights += part.weight;
    }
  if (weights <= 0) return std::nullopt;
  return 100 * points / weights;
}

ReliabilityDay& Reliability::day_of(const std::string& server, base::WallTime at) {
  return servers_[server][base::unix_ms(at) / kDayMs * kDayMs];
}

void Reliability::add(const store::HealthSum& sum) {
  merge(day_of(sum.server, sum.begin),
        {.checks = sum.checks, .passed = sum.passed, .check_ms = sum.mean_ms});
}

void Reliability::add(const store::CallSum& sum) {
  merge(day_of(sum.server, sum.begin), {.calls = sum.calls, .succeeded = sum.succeeded});
}

void Reliability::add(const store::FallSum& sum) {
  day_of(sum.server, sum.begin).falls += static_cast<double>(sum.falls);
}

JsonArray Reliability::result(std::size_t limit) const {
  struct Row {
    const std::string* server;
    ReliabilityDay all;
    double score = 100;
  };
  std::vector<Row> rows;
  for (const auto& [server, days] : servers_) {
    Row row{.server = &server, .all = {}};
    for (const auto& [start, day] : days) merge(row.all, day);
    // By day: a month is not worse than a day for being longer.
    row.all.falls /= static_cast<double>(std::max<std::size_t>(1, days.size()));
    row.score = score_of(parts_of(row.all)).value_or(100);
    rows.push_back(row);
  }
  std::ranges::sort(
      rows, {}, [](const Row& row) { return std::pair(row.score, std::string_view(*row.server)); });
  if (rows.size() > limit) rows.resize(limit);
  JsonArray out;
  for (const auto& row : rows) {
    auto item = to_json(row.all);
    item["server"] = *row.server;
    JsonArray days;
    for (const auto& [start, day] : servers_.at(*row.server)) {
      auto one = to_json(day);
      one["day"] = base::format_rfc3339(base::from_unix_ms(start)).substr(0, 10);
      days.push_back(std::move(one));
    }
    item["days"] = std::move(days);
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace telltale::series
