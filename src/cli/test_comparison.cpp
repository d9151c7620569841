#include "cli/test_comparison.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "base/file.hpp"
#include "cli/output.hpp"

namespace telltale::cli {
namespace {

constexpr base::JsonLimits kFileLimits{.max_depth = 256, .max_bytes = 128U << 20U};

base::Result<EarlierRun> read(const std::string& name) {
  const auto text = base::read_file(name, kFileLimits.max_bytes);
  if (!text) return std::unexpected(text.error());
  auto parsed = base::parse_json(*text, kFileLimits);
  const auto why = [&name](const base::Error& error) {
    return base::fail(
        base::Code::invalid_argument,
        fmt::format("{}: not what `telltale test --json` writes: {}", name, error.detail));
  };
  if (!parsed) return why(parsed.error());
  if (auto fine = lab::check_run(*parsed); !fine) return why(fine.error());
  return EarlierRun{.file = name, .run = std::move(*parsed)};
}

}  // namespace

base::Result<std::optional<EarlierRun>> read_earlier(const TestArguments& given) {
  const auto& name = given.compare.empty() ? given.baseline : given.compare;
  if (given.update_baseline && given.baseline.empty())
    return base::fail(base::Code::invalid_argument, "--update-baseline needs --baseline FILE");
  if (given.update_baseline && !(given.tags.empty() && given.cases.empty()))
    return base::fail(
        base::Code::invalid_argument,
        "a baseline is of all cases: --update-baseline goes without --tag and --case");
  if (given.fail_on == "regression" && name.empty())
    return base::fail(base::Code::invalid_argument,
                      "--fail-on regression needs --compare FILE or --baseline FILE");
  std::error_code error;
  if (name.empty() || (given.update_baseline && !std::filesystem::exists(name, error)))
    return std::optional<EarlierRun>();
  auto found = read(name);
  if (!found && !given.baseline.empty() && found.error().code == base::Code::not_found)
    found.error().detail += "; --update-baseline writes it";
  if (!found) return std::unexpected(found.error());
  return std::optional<EarlierRun>(std::move(*found));
}

base::Result<lab::RunsCompared> compare_with(const EarlierRun& earlier, const base::Json& now,
                                             const TestArguments& given) {
  auto compared = lab::compare_runs(earlier.run, now, given.threshold_percent / 100);
  if (!compared) return compared;
  // What was not selected is not gone.
  if (!given.tags.empty() || !given.cases.empty()) compared->gone.clear();
  if (compared->common == 0 && !given.update_baseline)
    return base::fail(base::Code::invalid_argument,
                      earlier.file + ": has none of the cases that were run");
  fmt::print("\nCompared with {}\n{}", plain(earlier.file), plain(lab::to_text(*compared)));
  return compared;
}

// It appears whole or not at all: a baseline that a full disk cut short would fail every run after.
base::Result<void> write_baseline(const std::string& file, const base::Json& now) {
  return base::replace_file(file, base::write_json(lab::slim_run(now)) + "\n");
}

}  // namespace telltale::cli
