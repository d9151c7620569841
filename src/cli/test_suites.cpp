#include "cli/test_suites.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>

#include <fmt/color.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/test_comparison.hpp"
#include "lab/output/comparison_document.hpp"
#include "lab/output/output.hpp"
#include "lab/replay/import.hpp"
#include "lab/run/expectations.hpp"
#include "lab/run/runner.hpp"
#include "lab/standard_kinds.hpp"

namespace telltale::cli {
namespace {

namespace fs = std::filesystem;
using lab::run::CaseResult;
using lab::run::RunResult;
using lab::run::Status;

constexpr std::size_t kFilesLimit = 1'000;

std::atomic<bool> interrupted = false;

base::Result<std::vector<std::string>> suite_files(const std::vector<std::string>& given) {
  std::vector<std::string> out;
  for (const auto& name : given) {
    std::error_code error;
    if (!fs::exists(name, error))
      return base::fail(base::Code::not_found, name + ": there is no such file or folder");
    if (!fs::is_directory(name, error)) {
      out.push_back(name);
      continue;
    }
    std::vector<std::string> found;
    for (fs::recursive_directory_iterator at(name, error), end; !error && at != end;
         at.increment(error)) {
      const auto kind = at->path().extension().string();
      if (kind != ".yaml" && kind != ".yml") continue;
      if (found.size() >= kFilesLimit)
        return base::fail(base::Code::too_large, name + ": more than 1,000 suites");
      found.push_back(at->path().string());
    }
    if (found.empty())
      return base::fail(base::Code::not_found, name + ": there is no suite in it (*.yaml)");
    std::ranges::sort(found);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

// All files are read before anything runs. Empty: what is wrong has been printed.
std::optional<std::vector<lab::suite::Suite>> read_all(const std::vector<std::string>& files) {
  std::vector<lab::suite::Suite> out;
  bool good = true;
  for (const auto& file : files) {
    auto read = lab::suite::read_suite_file(file, lab::standard_kinds().table());
    if (!read) {
      complain(read.error());
      good = false;
      continue;
    }
    for (const auto& problem : read->problems)
      fmt::print(stderr, "{}\n", plain(lab::suite::describe(problem, file)));
    good = good && read->ok();
    out.push_back(std::move(read->suite));
  }
  if (!good) return std::nullopt;
  return out;
}

void indent(std::string_view text, std::string_view by, std::size_t lines_max = 40) {
  for (std::size_t lines = 0; !text.empty(); ++lines) {
    if (lines == lines_max) return fmt::print("{}…\n", by);
    const auto end = std::min(text.find('\n'), text.size());
    fmt::print("{}{}\n", by, plain(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

class Screen {
 public:
  void ended(const CaseResult& one) {
    clear();
    const auto [word, colour] = look(one.status);
    const auto styled =
        colours_ ? fmt::format(fmt::fg(colour), "{:<7}", word) : fmt::format("{:<7}", word);
    fmt::print("  {} {}  {:.0f} ms\n", styled, plain(one.name), one.duration_ms);
    if (one.status != Status::passed && !one.message.empty()) indent(one.message, "          ");
    if (lab::run::is_bad(one.status)) explain(one);
    for (const auto& updated : one.golden_updated) indent("golden: " + updated, "          ");
    std::fflush(stdout);
  }
  void progress(const CaseResult& one, double done, double total, const std::string& message) {
    if (!terminal_) return;
    clear();
    const auto text =
        fmt::format("  …       {}  {:.0f}/{:.0f}  {}", one.name, done, total, message);
    fmt::print(stderr, "{}", plain(lab::run::cut(text, 110)));
    open_line_ = true;
  }

 private:
  static std::pair<std::string_view, fmt::color> look(Status status) {
    switch (status) {
      case Status::passed:
        return {"ok", fmt::color::green};
      case Status::flaky:
        return {"flaky", fmt::color::orange};
      case Status::skipped:
        return {"skipped", fmt::color::gray};
      case Status::cancelled:
        return {"ended", fmt::color::gray};
      case Status::failed:
        return {"FAILED", fmt::color::red};
      default:
        return {"ERROR", fmt::color::red};
    }
  }
  static void explain(const CaseResult& one) {
    if (one.attempts.empty()) return;
    const auto& last = one.attempts.back();
    for (const auto& miss : last.mismatches) {
      fmt::print("          {}: {}\n", plain(miss.step), plain(miss.what));
      indent("expected " + miss.expected, "            ", 10);
      indent("actual   " + miss.actual, "            ", 10);
      indent(miss.diff, "            ");
    }
    if (last.log.empty()) return;
    fmt::print("          the server's stderr:\n");
    const auto from = last.log.size() > 5 ? last.log.size() - 5 : 0;
    for (auto i = from; i < last.log.size(); ++i) indent(last.log[i], "            ", 3);
  }
  void clear() {
    if (open_line_) fmt::print(stderr, "\r\x1b[K");
    open_line_ = false;
  }

  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool colours_ = ::isatty(STDOUT_FILENO) == 1;
  bool open_line_ = false;
};

runtime::TaskResult<std::vector<RunResult>> run_all(std::vector<lab::suite::Suite> suites,
                                                    const TestArguments* given, Screen* screen) {
  std::vector<RunResult> out;
  for (auto& suite : suites) {
    if (interrupted) break;
    fmt::print("{}\n", plain(suite.spec.name));
    std::fflush(stdout);
    lab::run::RunSettings settings{
        .kinds = &lab::standard_kinds(),
        .seed = given->seed,
        .parallel = given->parallel,
        .fail_fast = given->fail_fast,
        .update_golden = given->update,
        .selection = {.tags = given->tags, .cases = given->cases},
        .observer = {.ended = [screen](const CaseResult& one) { screen->ended(one); },
                     .progress =
                         [screen](const CaseResult& one, double done, double total,
                                  const std::string& message) {
                           screen->progress(one, done, total, message);
                         }},
        .ended = [] { return interrupted.load(); }};
    out.push_back(co_await lab::run::run(std::move(suite), std::move(settings)));
    if (given->fail_fast && lab::run::is_bad(out.back().status)) break;
  }
  co_return out;
}

int list_cases(const std::vector<lab::suite::Suite>& suites, const TestArguments& given) {
  for (const auto& suite : suites)
    for (const auto& row : lab::run::plan(suite, {.tags = given.tags, .cases = given.cases}))
      for (const auto& one : row.cases)
        fmt::print("{}:{}: {} ({})\n", suite.file, one.blank.line, plain(one.blank.name),
                   one.blank.kind);
  return 0;
}

bool write_file(const std::string& name, const std::string& text) {
  if (name.empty()) return true;
  const auto written = base::write_file(name, text);
  if (!written) complain(written.error());
  return written.has_value();
}

// The run it was compared with, where there was one.
struct Compared {
  EarlierRun earlier;
  lab::RunsCompared result;
};

bool write_reports(const std::vector<RunResult>& runs, base::JsonObject all,
                   const std::optional<Compared>& compared, const TestArguments& given) {
  bool good = true;
  const auto write = [&](const std::string& name, auto make) {
    if (!name.empty()) good = write_file(name, make()) && good;
  };
  write(given.junit, [&] { return lab::output::junit(runs); });
  write(given.html, [&] { return lab::output::html(runs); });
  write(given.markdown, [&] {
    auto out = lab::output::markdown(runs);
    if (compared)
      out += "\n" + lab::output::comparison_markdown(compared->earlier.run, all, compared->result);
    return out;
  });
  write(given.json, [&] {
    if (compared) all["comparison"] = lab::to_json(compared->result);
    return base::write_json(all) + "\n";
  });
  return good;
}

int print_imported(const std::string& file) {
  const auto text = base::read_file(file, mcp::kRecordingBytes);
  if (!text) return 2 * complain(text.error());
  const auto recording = mcp::read_recording(*text);
  if (!recording) return 2 * complain({.detail = file + ": " + recording.error().detail});
  const auto imported = lab::import_suite(*recording);
  if (!imported) return 2 * complain(imported.error());
  fmt::print("{}", imported->yaml);
  return 0;
}

}  // namespace

int run_tests(const TestArguments& given) {
  if (given.schema) {
    fmt::print("{}", lab::run::pretty(lab::suite::json_schema(lab::standard_kinds().table())));
    return 0;
  }
  if (!given.import_file.empty()) return print_imported(given.import_file);
  if (given.suites.empty())
    return 2 * complain({.detail = "name a suite, or a folder of suites (telltale test suites/)"});
  const auto files = suite_files(given.suites);
  if (!files) return 2 * complain(files.error());
  auto suites = read_all(*files);
  if (!suites) return 2;
  auto earlier = read_earlier(given);
  if (!earlier) return 2 * complain(earlier.error());
  if (given.list) return list_cases(*suites, given);
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { interrupted = true; });
  auto seeded = given;
  if (seeded.seed == 0) seeded.seed = base::secure_seed() >> 33U;  // short enough to type again
  net::become_subreaper();
  Screen screen;
  runtime::Runtime runtime(1);
  auto runs = run_here(runtime, run_all(std::move(*suites), &seeded, &screen));
  if (!runs) return 2 * complain(runs.error());
  const auto sum = lab::output::totals(*runs);
  fmt::print("\n{}  (seed {})\n", lab::output::sentence(sum), seeded.seed);
  auto all = lab::output::json(*runs);
  std::optional<Compared> compared;
  if (*earlier && sum.cases > 0) {
    auto result = compare_with(**earlier, all, given);
    if (!result) return 2 * complain(result.error());
    compared = Compared{std::move(**earlier), std::move(*result)};
  }
  if (given.update_baseline && !interrupted && sum.cases > 0)
    if (auto written = write_baseline(given.baseline, all); !written)
      return 2 * complain(written.error());
  if (!write_reports(*runs, std::move(all), compared, given)) return 2;
  if (sum.cases == 0) return 2 * complain({.detail = "no case was selected"});
  const bool worse = compared && compared->result.worse() && !given.update_baseline;
  // What was cancelled has not shown that it is no worse.
  const auto bad = given.fail_on == "regression" && compared
                       ? sum.cancelled
                       : sum.failed + sum.errors + sum.cancelled;
  return bad == 0 && !worse ? 0 : 1;
}

}  // namespace telltale::cli
