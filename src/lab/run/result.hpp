// What became of a run: values that the terminal, the reports, the API and the store show alike
// (to_json gives the documented form, docs/lab/suites.md). Bounded: a case keeps what explains its
// failure and no more. Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "lab/finding.hpp"

namespace telltale::lab::run {

// flaky: failed first and passed on a further attempt. error: it could not be tried at all (no such
// server, it did not start). interrupted: Telltale died while it ran.
enum class Status : std::uint8_t {
  passed,
  flaky,
  failed,
  error,
  skipped,
  cancelled,
  running,
  interrupted
};
std::string_view status_name(Status status) noexcept;
std::optional<Status> status_of(std::string_view name) noexcept;
inline bool is_bad(Status status) noexcept {
  return status == Status::failed || status == Status::error || status == Status::interrupted;
}

inline constexpr std::size_t kExchangesLimit = 40;         // of one attempt: the newest
inline constexpr std::size_t kExchangeBytes = 16U << 10U;  // of one; the rest is cut
inline constexpr std::size_t kStderrLimit = 50;            // lines of one attempt: the newest
inline constexpr std::size_t kMismatchesLimit = 20;
inline constexpr std::size_t kShownLimit = 2'000;  // characters of an expected or actual value
inline constexpr std::size_t kFindingsLimit = 200;

struct Exchange {        // one message, as on the wire
  double at_ms = 0;      // since the attempt began
  char direction = '>';  // '>' to the server, '<' from it
  std::string text;
  bool cut = false;
};

struct Mismatch {    // one expectation that did not hold
  std::string step;  // "step 2: call echo"
  std::string what;  // "status", "$.content[0].text contains", "latency"
  std::string expected;
  std::string actual;
  std::string diff = {};  // of a golden file: lines with ' ', '-' and '+'
};

struct Latency {  // of calls, milliseconds
  std::uint64_t count = 0;
  double min = 0, mean = 0, p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;
};

struct Attempt {
  Status status = Status::passed;
  std::string message;  // "" when passed
  double duration_ms = 0;
  std::vector<Mismatch> mismatches;
  std::vector<Exchange> exchanges;  // of a failure only
  std::vector<std::string> log;     // the server's stderr meanwhile, of a failure only
};

struct CaseResult {
  std::string id;  // within the run: "c12"
  std::string name;
  std::string suite;
  std::string kind = "functional";
  std::string server;
  std::vector<std::string> tags;
  std::map<std::string, base::Json> matrix;  // the combination it ran with
  int line = 0;                              // in the suite file
  Status status = Status::passed;
  std::string message;
  base::WallTime started;
  double duration_ms = 0;
  std::vector<Attempt> attempts;
  std::optional<Latency> latency;  // of its calls
  std::vector<Finding> findings;   // of kinds that judge by rules
  base::JsonObject figures;        // what the kind measured, by name: numbers, or series of them
  std::vector<std::string> golden_updated;
};

struct ResourceSample {
  double at_s = 0;  // since the run began
  std::string server;
  std::uint64_t memory_bytes = 0;
  std::uint64_t fds = 0;
  double cpu_percent = 0;
};
inline constexpr std::size_t kSamplesLimit = 600;  // of one server: thinned out beyond

struct Totals {
  std::size_t cases = 0, passed = 0, flaky = 0, failed = 0, errors = 0, skipped = 0, cancelled = 0;
};

struct RunResult {
  std::string id;  // "run_…"
  std::string suite;
  std::string file;
  std::uint64_t seed = 0;
  Status status = Status::running;
  std::string message;  // why, when it is not about one case: a setup that failed
  base::WallTime started;
  base::WallTime ended;
  double duration_ms = 0;
  Totals totals;
  std::vector<CaseResult> cases;  // in the order of the file
  std::vector<ResourceSample> samples;
  base::JsonObject servers;  // what each said of itself: {NAME: {name, version, protocol, …}}
};

void count(RunResult& result);  // totals and status from the cases

base::JsonObject to_json(const Latency& latency);
base::JsonObject to_json(const CaseResult& result);
base::JsonObject to_json(const RunResult& result, bool with_cases = true);

std::string shown(const base::Json& value);            // as JSON, cut to kShownLimit
std::string cut(std::string text, std::size_t limit);  // at a character's border, with "…"

}  // namespace telltale::lab::run
