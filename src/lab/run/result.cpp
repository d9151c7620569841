#include "lab/run/result.hpp"

#include <array>

namespace telltale::lab::run {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

constexpr std::array<std::string_view, 8> kNames{"passed",  "flaky",     "failed",  "error",
                                                 "skipped", "cancelled", "running", "interrupted"};

JsonArray texts(const std::vector<std::string>& all) {
  JsonArray out;
  for (const auto& one : all) out.push_back(Json(one));
  return out;
}

JsonObject to_json(const Mismatch& mismatch) {
  JsonObject out{{"step", mismatch.step},
                 {"what", mismatch.what},
                 {"expected", mismatch.expected},
                 {"actual", mismatch.actual}};
  if (!mismatch.diff.empty()) out["diff"] = mismatch.diff;
  return out;
}

JsonObject to_json(const Attempt& attempt) {
  JsonArray mismatches;
  for (const auto& one : attempt.mismatches) mismatches.push_back(to_json(one));
  JsonArray exchanges;
  for (const auto& one : attempt.exchanges)
    exchanges.push_back({{"at_ms", one.at_ms},
                         {"direction", std::string(1, one.direction)},
                         {"text", one.text},
                         {"cut", one.cut}});
  return {{"status", status_name(attempt.status)}, {"message", attempt.message},
          {"duration_ms", attempt.duration_ms},    {"mismatches", std::move(mismatches)},
          {"exchanges", std::move(exchanges)},     {"log", texts(attempt.log)}};
}

}  // namespace

std::string_view status_name(Status status) noexcept {
  return kNames.at(static_cast<std::size_t>(status));
}

std::optional<Status> status_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames.at(i) == name) return static_cast<Status>(i);
  return std::nullopt;
}

void count(RunResult& result) {
  auto& totals = result.totals = {.cases = result.cases.size()};
  for (const auto& one : result.cases) {
    totals.passed += one.status == Status::passed ? 1 : 0;
    totals.flaky += one.status == Status::flaky ? 1 : 0;
    totals.failed += one.status == Status::failed ? 1 : 0;
    totals.errors += one.status == Status::error || one.status == Status::interrupted ? 1 : 0;
    totals.skipped += one.status == Status::skipped ? 1 : 0;
    totals.cancelled += one.status == Status::cancelled ? 1 : 0;
  }
  if (result.status == Status::interrupted || result.status == Status::error) return;
  result.status = totals.errors + totals.failed > 0 ? Status::failed
                  : totals.cancelled > 0            ? Status::cancelled
                  : totals.flaky > 0                ? Status::flaky
                                                    : Status::passed;
}

JsonObject to_json(const Latency& latency) {
  return {{"count", latency.count},  {"min_ms", latency.min}, {"mean_ms", latency.mean},
          {"p50_ms", latency.p50},   {"p90_ms", latency.p90}, {"p99_ms", latency.p99},
          {"p999_ms", latency.p999}, {"max_ms", latency.max}};
}

JsonObject to_json(const CaseResult& result) {
  JsonArray attempts;
  for (const auto& one : result.attempts) attempts.push_back(to_json(one));
  JsonArray findings;
  for (const auto& one : result.findings) findings.push_back(to_json(one));
  JsonObject matrix;
  for (const auto& [name, value] : result.matrix) matrix[name] = value;
  return {{"id", result.id},
          {"name", result.name},
          {"suite", result.suite},
          {"kind", result.kind},
          {"server", result.server},
          {"tags", texts(result.tags)},
          {"matrix", std::move(matrix)},
          {"line", result.line},
          {"status", status_name(result.status)},
          {"message", result.message},
          {"started", base::format_rfc3339(result.started)},
          {"duration_ms", result.duration_ms},
          {"attempts", std::move(attempts)},
          {"latency", result.latency ? Json(to_json(*result.latency)) : Json()},
          {"findings", std::move(findings)},
          {"figures", result.figures},
          {"golden_updated", texts(result.golden_updated)}};
}

JsonObject to_json(const RunResult& result, bool with_cases) {
  const auto& totals = result.totals;
  JsonObject out{
      {"id", result.id},
      {"suite", result.suite},
      {"file", result.file},
      {"seed", result.seed},
      {"status", status_name(result.status)},
      {"message", result.message},
      {"started", base::format_rfc3339(result.started)},
      {"ended",
       result.status == Status::running ? Json() : Json(base::format_rfc3339(result.ended))},
      {"duration_ms", result.duration_ms},
      {"totals", JsonObject{{"cases", totals.cases},
                            {"passed", totals.passed},
                            {"flaky", totals.flaky},
                            {"failed", totals.failed},
                            {"errors", totals.errors},
                            {"skipped", totals.skipped},
                            {"cancelled", totals.cancelled}}},
      {"servers", result.servers}};
  if (!with_cases) return out;
  JsonArray cases;
  for (const auto& one : result.cases) cases.push_back(to_json(one));
  out["cases"] = std::move(cases);
  JsonArray samples;
  for (const auto& one : result.samples)
    samples.push_back({{"at_s", one.at_s},
                       {"server", one.server},
                       {"memory_bytes", one.memory_bytes},
                       {"fds", one.fds},
                       {"cpu_percent", one.cpu_percent}});
  out["samples"] = std::move(samples);
  return out;
}

std::string cut(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  text.resize(limit);
  return text + "…";
}

std::string shown(const Json& value) {
  return cut(base::write_json(value), kShownLimit);
}

}  // namespace telltale::lab::run
