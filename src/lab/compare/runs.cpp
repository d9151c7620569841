#include "lab/compare/runs.hpp"

#include <algorithm>
#include <map>

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
using Cases = std::map<std::string, OneCase>;  // by suite and name

bool bad(const std::string& status) {
  return status == "failed" || status == "error" || status == "interrupted";
}
bool good(const std::string& status) {
  return status == "passed" || status == "flaky";
}

std::string named(const JsonObject& record) {
  auto out = base::string_or(record, "name");
  const auto* matrix = base::find_object(record, "matrix");
  if (matrix == nullptr || matrix->empty()) return out;
  std::vector<std::string> values;
  for (const auto& item : *matrix)
    values.push_back(
        fmt::format("{}={}", std::string_view(item.key()), base::write_json(item.value())));
  std::ranges::sort(values);
  return fmt::format("{} [{}]", out, fmt::join(values, ", "));
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
                 .name = named(one.as_object())};
    auto key = item.suite + "\n" + item.name;
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

std::vector<double> rounds_of(const OneCase& one) {
  std::vector<double> out;
  const auto* figures = base::find_object(*one.record, "figures");
  const auto* list = figures == nullptr ? nullptr : base::find_array(*figures, "median_ms");
  if (list == nullptr) return out;
  for (const auto& value : *list)
    if (value.is_number()) out.push_back(value.to_number<double>());
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

bool RunsCompared::slower() const {
  return std::ranges::any_of(
      speeds, [](const CaseSpeed& one) { return one.compared.speed == Speed::slower; });
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
    const auto rounds_before = rounds_of(found->second);
    const auto rounds_now = rounds_of(one);
    if (rounds_before.empty() || rounds_now.empty()) continue;
    out.speeds.push_back({.suite = one.suite,
                          .name = one.name,
                          .before_ms = median_of(found->second),
                          .after_ms = median_of(one),
                          .compared = compare_apart(rounds_before, rounds_now, least)});
  }
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
  return {{"broken", list_of(compared.broken)},   {"mended", list_of(compared.mended)},
          {"failing", list_of(compared.failing)}, {"flaky", list_of(compared.flaky)},
          {"gone", list_of(compared.gone)},       {"speeds", std::move(speeds)},
          {"unchanged", compared.unchanged}};
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
  out += fmt::format("{} unchanged\n", compared.unchanged);
  return out;
}

}  // namespace telltale::lab
