#include "lab/run/read_result.hpp"

namespace telltale::lab::run {
namespace {

using base::JsonObject;

double number(const JsonObject& from, std::string_view key) {
  return base::find_number(from, key).value_or(0);
}
std::size_t count_in(const JsonObject& from, std::string_view key) {
  return static_cast<std::size_t>(std::max(0.0, number(from, key)));
}
base::WallTime time(const JsonObject& from, std::string_view key) {
  return base::parse_rfc3339(base::string_or(from, key)).value_or(base::WallTime());
}
JsonObject object(const JsonObject& from, std::string_view key) {
  const auto* const found = base::find_object(from, key);
  return found == nullptr ? JsonObject() : *found;
}
Status status_in(const JsonObject& from) {
  return status_of(base::string_or(from, "status")).value_or(Status::error);
}

// Each member of a list that is an object.
template <class Read>
void each(const JsonObject& from, std::string_view key, Read read) {
  if (const auto* const all = base::find_array(from, key))
    for (const auto& one : *all)
      if (one.is_object()) read(one.as_object());
}
std::vector<std::string> texts(const JsonObject& from, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* const all = base::find_array(from, key))
    for (const auto& one : *all)
      if (one.is_string()) out.emplace_back(one.as_string());
  return out;
}

Attempt attempt_of(const JsonObject& from) {
  Attempt out{.status = status_in(from),
              .message = base::string_or(from, "message"),
              .duration_ms = number(from, "duration_ms"),
              .mismatches = {},
              .exchanges = {},
              .log = texts(from, "log")};
  each(from, "mismatches", [&](const JsonObject& one) {
    out.mismatches.push_back({.step = base::string_or(one, "step"),
                              .what = base::string_or(one, "what"),
                              .expected = base::string_or(one, "expected"),
                              .actual = base::string_or(one, "actual"),
                              .diff = base::string_or(one, "diff")});
  });
  each(from, "exchanges", [&](const JsonObject& one) {
    out.exchanges.push_back({.at_ms = number(one, "at_ms"),
                             .direction = base::string_or(one, "direction") == "<" ? '<' : '>',
                             .text = base::string_or(one, "text"),
                             .cut = base::find_bool(one, "cut").value_or(false)});
  });
  return out;
}

CaseResult case_of(const JsonObject& from) {
  CaseResult out{.id = base::string_or(from, "id"),
                 .name = base::string_or(from, "name"),
                 .suite = base::string_or(from, "suite"),
                 .kind = base::string_or(from, "kind"),
                 .server = base::string_or(from, "server"),
                 .tags = texts(from, "tags"),
                 .line = static_cast<int>(number(from, "line")),
                 .status = status_in(from),
                 .message = base::string_or(from, "message"),
                 .started = time(from, "started"),
                 .duration_ms = number(from, "duration_ms"),
                 .figures = object(from, "figures"),
                 .golden_updated = texts(from, "golden_updated")};
  for (const auto& one : object(from, "matrix")) out.matrix[one.key()] = one.value();
  each(from, "attempts", [&](const JsonObject& one) { out.attempts.push_back(attempt_of(one)); });
  if (const auto* const latency = base::find_object(from, "latency"))
    out.latency = Latency{.count = count_in(*latency, "count"),
                          .min = number(*latency, "min_ms"),
                          .mean = number(*latency, "mean_ms"),
                          .p50 = number(*latency, "p50_ms"),
                          .p90 = number(*latency, "p90_ms"),
                          .p99 = number(*latency, "p99_ms"),
                          .p999 = number(*latency, "p999_ms"),
                          .max = number(*latency, "max_ms")};
  each(from, "findings", [&](const JsonObject& one) {
    out.findings.push_back({.rule = base::string_or(one, "rule"),
                            .level = base::string_or(one, "level") == level_name(Level::must)
                                         ? Level::must
                                         : Level::should,
                            .section = base::string_or(one, "section"),
                            .detail = base::string_or(one, "detail"),
                            .remedy = base::string_or(one, "remedy"),
                            .evidence = texts(one, "evidence")});
  });
  return out;
}

}  // namespace

RunResult run_of(const JsonObject& run) {
  RunResult out{.id = base::string_or(run, "id"),
                .suite = base::string_or(run, "suite"),
                .file = base::string_or(run, "file"),
                .seed = static_cast<std::uint64_t>(base::find_integer(run, "seed").value_or(0)),
                .status = status_in(run),
                .message = base::string_or(run, "message"),
                .started = time(run, "started"),
                .ended = time(run, "ended"),
                .duration_ms = number(run, "duration_ms"),
                .servers = object(run, "servers")};
  const auto totals = object(run, "totals");
  out.totals = {.cases = count_in(totals, "cases"),
                .passed = count_in(totals, "passed"),
                .flaky = count_in(totals, "flaky"),
                .failed = count_in(totals, "failed"),
                .errors = count_in(totals, "errors"),
                .skipped = count_in(totals, "skipped"),
                .cancelled = count_in(totals, "cancelled")};
  each(run, "cases", [&](const JsonObject& one) { out.cases.push_back(case_of(one)); });
  each(run, "samples", [&](const JsonObject& one) {
    out.samples.push_back({.at_s = number(one, "at_s"),
                           .server = base::string_or(one, "server"),
                           .memory_bytes = count_in(one, "memory_bytes"),
                           .fds = count_in(one, "fds"),
                           .cpu_percent = number(one, "cpu_percent")});
  });
  return out;
}

}  // namespace telltale::lab::run
