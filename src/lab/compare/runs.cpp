#include "lab/compare/runs.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace telltale::lab {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

struct OneCase {
  const JsonObject* record = nullptr;
  std::string suite;
  std::string name;
  std::string status() const { return base::string_or(*record, "status"); }
  std::string message() const { return base::string_or(*record, "message"); }
};
using Cases = std::map<std::string, OneCase>;  // by key_of

bool bad(const std::string& status) {
  return status == "failed" || status == "error" || status == "interrupted";
}
bool good(const std::string& status) {
  return status == "passed" || status == "flaky";
}

// The name has its place in the matrix, but may be cut.
std::string key_of(const OneCase& one) {
  const auto* matrix = base::find_object(*one.record, "matrix");
  std::vector<std::string> values;
  if (matrix != nullptr)
    for (const auto& item : *matrix)
      values.push_back(
          fmt::format("{}={}", std::string_view(item.key()), base::write_json(item.value())));
  std::ranges::sort(values);
  return fmt::format("{}\n{}\n{}", one.suite, one.name, fmt::join(values, ","));
}

base::Result<void> add_run(const Json& run, Cases& out) {
  const auto* cases = run.is_object() ? base::find_array(run.as_object(), "cases") : nullptr;
  if (cases == nullptr)
    return base::fail(base::Code::invalid_argument, "a run without the list \"cases\"");
  for (const auto& one : *cases) {
    if (!one.is_object() || !base::find_string(one.as_object(), "name") ||
        !base::find_string(one.as_object(), "status"))
      return base::fail(base::Code::invalid_argument, "a case without \"name\" and \"status\"");
    OneCase item{.record = &one.as_object(),
                 .suite = base::string_or(one.as_object(), "suite"),
                 .name = base::string_or(one.as_object(), "name")};
    auto key = key_of(item);
    out.insert_or_assign(std::move(key), std::move(item));
  }
  return {};
}

base::Result<Cases> cases_of(const Json& what) {
  Cases out;
  const auto* runs = what.is_object() ? base::find_array(what.as_object(), "runs") : nullptr;
  if (runs == nullptr) {
    if (auto added = add_run(what, out); !added) return std::unexpected(added.error());
    return out;
  }
  for (const auto& run : *runs)
    if (auto added = add_run(run, out); !added) return std::unexpected(added.error());
  return out;
}

// The medians of a bench's rounds, or of the moments of a load in which there were calls.
std::vector<double> rounds_of(const JsonObject& record) {
  std::vector<double> out;
  const auto* figures = base::find_object(record, "figures");
  if (figures == nullptr) return out;
  if (const auto* list = base::find_array(*figures, "median_ms")) {
    for (const auto& value : *list)
      if (value.is_number()) out.push_back(value.to_number<double>());
  } else if (const auto* moments = base::find_array(*figures, "series")) {
    for (const auto& moment : *moments)
      if (moment.is_object() && base::find_number(moment.as_object(), "calls").value_or(0) > 0)
        if (const auto median = base::find_number(moment.as_object(), "p50_ms"))
          out.push_back(*median);
  }
  return out;
}

JsonObject slim_case(const JsonObject& record) {
  JsonObject out;
  for (const auto* const member : {"suite", "name", "kind", "matrix", "status", "message"})
    if (const auto* const found = base::find(record, member)) out[member] = *found;
  if (const auto* latency = base::find_object(record, "latency")) out["latency"] = *latency;
  if (const auto rounds = rounds_of(record); !rounds.empty())
    out["figures"] = JsonObject{{"median_ms", JsonArray(rounds.begin(), rounds.end())}};
  return out;
}

JsonObject slim_one(const JsonObject& run) {
  JsonObject out;
  for (const auto* const member : {"id", "suite", "seed", "status", "started", "totals", "version"})
    if (const auto* const found = base::find(run, member)) out[member] = *found;
  JsonArray cases;
  if (const auto* const all = base::find_array(run, "cases"))
    for (const auto& one : *all)
      if (one.is_object()) cases.push_back(slim_case(one.as_object()));
  out["cases"] = std::move(cases);
  return out;
}

double median_of(const OneCase& one) {
  const auto* latency = base::find_object(*one.record, "latency");
  return latency == nullptr ? 0 : base::find_number(*latency, "p50_ms").value_or(0);
}

JsonArray list_of(const std::vector<CaseChange>& changes) {
  JsonArray out;
  for (const auto& one : changes)
    out.push_back({{"suite", one.suite},
                   {"case", one.name},
                   {"before", one.before},
                   {"after", one.after},
                   {"message", one.message}});
  return out;
}

void lines_of(std::string& out, std::string_view title, const std::vector<CaseChange>& changes) {
  if (changes.empty()) return;
  out += fmt::format("{} ({})\n", title, changes.size());
  for (const auto& one : changes)
    out += fmt::format("- {}: {}{}\n", one.suite, one.name,
                       one.message.empty() ? "" : ": " + one.message);
  out += "\n";
}

}  // namespace

std::size_t RunsCompared::count(Speed speed) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      speeds, [speed](const CaseSpeed& one) { return one.compared.speed == speed; }));
}

base::Result<void> check_run(const Json& what) {
  const auto cases = cases_of(what);
  if (!cases) return std::unexpected(cases.error());
  return {};
}

JsonObject slim_run(const Json& what) {
  if (!what.is_object()) return {};
  const auto* runs = base::find_array(what.as_object(), "runs");
  if (runs == nullptr) return slim_one(what.as_object());
  JsonArray out;
  for (const auto& run : *runs)
    if (run.is_object()) out.push_back(slim_one(run.as_object()));
  return {{"runs", std::move(out)}};
}

base::Result<RunsCompared> compare_runs(const Json& before, const Json& after, double least) {
  auto old = cases_of(before);
  if (!old) return std::unexpected(old.error());
  auto now = cases_of(after);
  if (!now) return std::unexpected(now.error());
  RunsCompared out;
  for (const auto& [key, one] : *now) {
    const auto found = old->find(key);
    const auto was = found == old->end() ? "" : found->second.status();
    CaseChange change{.suite = one.suite,
                      .name = one.name,
                      .before = was,
                      .after = one.status(),
                      .message = one.message()};
    if (bad(change.after)) {
      (bad(was) ? out.failing : out.broken).push_back(std::move(change));
    } else if (good(change.after) && bad(was)) {
      change.message = found->second.message();
      out.mended.push_back(std::move(change));
    } else if (change.after == "flaky" && was != "flaky") {
      out.flaky.push_back(std::move(change));
    } else {
      ++out.unchanged;
    }
    if (found == old->end()) continue;
    ++out.common;
    CaseSpeed speed{.suite = one.suite,
                    .name = one.name,
                    .before_ms = median_of(found->second),
                    .after_ms = median_of(one),
                    .rounds_before = rounds_of(*found->second.record),
                    .rounds_after = rounds_of(*one.record)};
    if (speed.rounds_before.empty() || speed.rounds_after.empty()) continue;
    speed.compared = compare_apart(speed.rounds_before, speed.rounds_after, least);
    out.speeds.push_back(std::move(speed));
  }
  std::ranges::sort(out.speeds, {}, [](const CaseSpeed& one) {
    const auto speed = one.compared.speed;
    return std::tuple(speed == Speed::slower   ? 0
                      : speed == Speed::faster ? 1
                                               : 2,
                      std::string_view(one.suite), std::string_view(one.name));
  });
  for (const auto& [key, one] : *old)
    if (!now->contains(key))
      out.gone.push_back({.suite = one.suite, .name = one.name, .before = one.status()});
  return out;
}

JsonObject to_json(const RunsCompared& compared) {
  JsonArray speeds;
  for (const auto& one : compared.speeds)
    speeds.push_back({{"suite", one.suite},
                      {"case", one.name},
                      {"before_ms", one.before_ms},
                      {"after_ms", one.after_ms},
                      {"verdict", speed_name(one.compared.speed)},
                      {"ratio", one.compared.ratio},
                      {"low", one.compared.low},
                      // JSON has no infinity: an interval without an end has none.
                      {"high", one.compared.pairs < kLeastPairs ? Json() : Json(one.compared.high)},
                      {"why", one.compared.why}});
  return {{"worse", compared.worse()},
          {"summary", sentence(compared)},
          {"broken", list_of(compared.broken)},
          {"mended", list_of(compared.mended)},
          {"failing", list_of(compared.failing)},
          {"flaky", list_of(compared.flaky)},
          {"gone", list_of(compared.gone)},
          {"speeds", std::move(speeds)},
          {"unchanged", compared.unchanged}};
}

std::string sentence(const RunsCompared& compared) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::size_t count, std::string_view what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add(compared.broken.size(), "newly failing");
  add(compared.failing.size(), "still failing");
  add(compared.mended.size(), "mended");
  add(compared.flaky.size(), "newly flaky");
  add(compared.gone.size(), "gone");
  add(compared.count(Speed::slower), "slower");
  add(compared.count(Speed::faster), "faster");
  add(compared.count(Speed::cannot_tell), "of which it cannot be told whether slower");
  return parts.empty() ? "nothing changed" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string to_text(const RunsCompared& compared) {
  std::string out;
  lines_of(out, "Broken now", compared.broken);
  lines_of(out, "Still failing", compared.failing);
  lines_of(out, "Mended", compared.mended);
  lines_of(out, "Flaky now", compared.flaky);
  lines_of(out, "Gone", compared.gone);
  if (!compared.speeds.empty()) out += fmt::format("Speed ({})\n", compared.speeds.size());
  for (const auto& one : compared.speeds)
    out +=
        fmt::format("- {}: {}: {}: {:.3f} ms, was {:.3f} ms; {}\n", one.suite, one.name,
                    speed_name(one.compared.speed), one.after_ms, one.before_ms, one.compared.why);
  if (!compared.speeds.empty()) out += "\n";
  out += fmt::format("{}; {} unchanged\n", sentence(compared), compared.unchanged);
  return out;
}

}  // namespace telltale::lab
