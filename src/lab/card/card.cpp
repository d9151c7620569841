#include "lab/card/card.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lab/card/measure.hpp"

namespace telltale::lab {
namespace {

constexpr double kMustWeight = 50, kShouldWeight = 15, kGarbageWeight = 15, kRecoveryWeight = 10,
                 kLatencyWeight = 10;
constexpr double kPerMust = 10, kPerShould = 1;  // points that a broken rule takes

// 1 up to `good`, 0 from `bad` on, by the logarithm in between.
double fall(double value, double good, double bad) {
  if (value <= good) return 1;
  if (value >= bad) return 0;
  return 1 - (std::log(value / good) / std::log(bad / good));
}

ScorePart rules_part(const ConformanceResult& result, Level level, std::string name, double weight,
                     double each) {
  const auto kept = result.count(RuleOutcome::passed, level);
  const auto broken = result.count(RuleOutcome::failed, level);
  ScorePart out{.name = std::move(name), .weight = weight, .counted = kept + broken > 0};
  out.points = std::max(0.0, weight - each * static_cast<double>(broken));
  out.why =
      fmt::format("{} kept, {} broken; each broken one takes {} of {}", kept, broken, each, weight);
  return out;
}

ScorePart garbage_part(const ConformanceResult& result) {
  ScorePart out{.name = "garbage", .weight = kGarbageWeight, .counted = !result.garbage.empty()};
  std::size_t alive = 0, refused = 0, wanted = 0;
  for (const auto& one : result.garbage) {
    alive += one.alive ? 1 : 0;
    wanted += one.wants_error ? 1 : 0;
    refused += one.wants_error && one.refused ? 1 : 0;
  }
  const auto share = [](std::size_t part, std::size_t all) {
    return all == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(all);
  };
  out.points =
      kGarbageWeight * (2 * share(alive, result.garbage.size()) + share(refused, wanted)) / 3;
  out.why = fmt::format(
      "{} of {} inputs survived (two thirds), {} of {} answered with an error "
      "(one third)",
      alive, result.garbage.size(), refused, wanted);
  return out;
}

ScorePart recovery_part(const ScoreCard& card) {
  ScorePart out{.name = "recovery", .weight = kRecoveryWeight};
  if (card.recovery.ms.empty()) {
    out.counted = card.recovery.why_not.starts_with("it did not");
    out.why = card.recovery.why_not;
    return out;
  }
  out.points = kRecoveryWeight * fall(card.recovery.median(), 500, 10'000);
  out.why = fmt::format("answers {:.0f} ms after kill -9 (all up to 500 ms, none from 10 s on)",
                        card.recovery.median());
  return out;
}

ScorePart latency_part(const ScoreCard& card) {
  ScorePart out{.name = "latency", .weight = kLatencyWeight};
  if (card.latency.empty() || card.latency.front().calls == 0) {
    out.counted = false;
    out.why = "not measured";
    return out;
  }
  const auto p99 = card.latency.front().p99_ms;
  out.points = kLatencyWeight * fall(p99, 10, 1'000);
  out.why = fmt::format("p99 of {} {:.1f} ms (all up to 10 ms, none from 1 s on)",
                        card.latency.front().name, p99);
  return out;
}

}  // namespace

void score(ScoreCard& card) {
  card.parts.clear();
  card.parts.push_back(
      rules_part(card.conformance, Level::must, "MUST rules", kMustWeight, kPerMust));
  card.parts.push_back(
      rules_part(card.conformance, Level::should, "SHOULD rules", kShouldWeight, kPerShould));
  if (card.measured) {
    card.parts.push_back(garbage_part(card.conformance));
    card.parts.push_back(recovery_part(card));
    card.parts.push_back(latency_part(card));
  }
  double points = 0, weight = 0;
  for (const auto& part : card.parts) {
    if (!part.counted) continue;
    points += part.points;
    weight += part.weight;
  }
  card.score = weight > 0 ? 100 * points / weight : 0;
}

runtime::TaskResult<ScoreCard> make_card(runtime::Loop* loop, mcp::Target target,
                                         std::string shown_target, CardSettings settings) {
  ScoreCard card{.target = std::move(shown_target), .at = loop->clock().wall()};
  const auto begun = loop->clock().now();
  auto conformance = co_await check_conformance(loop, target, settings.conformance);
  if (!conformance) co_return std::unexpected(conformance.error());
  card.conformance = std::move(*conformance);
  card.measured = settings.measure;
  if (settings.measure) {
    auto latencies = co_await measure_latency(loop, target, card.conformance.tools, settings);
    if (latencies) {
      card.connect_ms = latencies->connect_ms;
      card.latency = std::move(latencies->lines);
    }
    const auto era =
        card.conformance.eras.empty() ? mcp::Era::legacy : card.conformance.eras.front();
    card.recovery = co_await measure_recovery(
        loop, std::move(target), era,
        std::max(settings.conformance.request_timeout, settings.connect_timeout));
  }
  card.took_s = base::to_seconds(loop->clock().now() - begun);
  score(card);
  co_return card;
}

std::vector<Group> groups_of(const ConformanceResult& result) {
  std::vector<Group> out;
  for (const auto& one : result.rules) {
    const auto name = one.rule->group();
    if (out.empty() || out.back().name != name) out.push_back({.name = std::string(name)});
    auto& group = out.back();
    ++(one.outcome == RuleOutcome::passed   ? group.passed
       : one.outcome == RuleOutcome::failed ? group.failed
                                            : group.not_applicable);
  }
  return out;
}

std::string summary_of(const GarbageResult& one) {
  return one.answer + (one.alive ? ", alive" : ", dead");
}

std::string server_name(const ScoreCard& card) {
  const auto& info = card.conformance.server_info;
  auto name = base::string_or(info, "name", "a server without a name");
  const auto version = base::string_or(info, "version");
  return version.empty() ? name : name + " " + version;
}

}  // namespace telltale::lab
