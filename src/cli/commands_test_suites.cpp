// The flags of `telltale test`.
#include "cli/commands.hpp"
#include "lab/suite/spec.hpp"

namespace telltale::cli {

void Commands::add_test_to(CLI::App& app) {
  auto* const command = add(
      app, "test",
      "Run test suites against MCP servers, no daemon needed; 0 when all passed, 1 when not, 2 "
      "when "
      "they could not run",
      [this] { return run_tests(test_); }, false);
  auto& given = test_;
  command->add_option("suite", given.suites, "Suites: files, or folders of *.yaml");
  command->add_option("--junit", given.junit, "Write JUnit XML there");
  command->add_option("--json", given.json, "Write everything as JSON there");
  command->add_option("--html", given.html, "Write one HTML page there");
  command->add_option("--markdown", given.markdown, "Write a summary for a pull request there");
  command->add_option("--tag", given.tags, "Only cases with this tag; may be given again")
      ->allow_extra_args(false);
  command
      ->add_option("--case", given.cases, "Only cases with this in their name; may be given again")
      ->allow_extra_args(false);
  command->add_option("--parallel", given.parallel, "Cases at a time, instead of what suites say")
      ->check(CLI::Range(1, lab::suite::kParallelLimit));
  command->add_option("--seed", given.seed, "Of everything decided by chance; 0: another each time")
      ->capture_default_str();
  command->add_flag("--update", given.update, "Write golden files anew and show what changed");
  auto* const fail_fast =
      command->add_flag("--fail-fast", given.fail_fast, "Start nothing more after a failure");
  auto* const compare = command->add_option(
      "--compare", given.compare,
      "Compare with an earlier run (its --json); exit code 1 when something is worse");
  command
      ->add_option("--baseline", given.baseline,
                   "Compare with this file, kept beside the suites; exit code 1 when something is "
                   "worse")
      ->excludes(compare);
  command
      ->add_option("--fail-on", given.fail_on,
                   "What exit code 1 is for: any failure and what is worse, or only a regression: "
                   "what is worse than in the earlier run")
      ->check(CLI::IsMember({"any", "regression"}))
      ->excludes(fail_fast)
      ->capture_default_str();
  command->add_flag("--update-baseline", given.update_baseline,
                    "Write the baseline anew; what is worse is shown and taken as it is");
  command
      ->add_option("--threshold", given.threshold_percent,
                   "Percent: a smaller difference of speed is none")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  command->add_flag("--list", given.list, "Name the cases, run none");
  command->add_option("--import", given.import_file,
                      "Print a suite made from this recording (docs/lab/recordings.md)");
  command->add_flag("--schema", given.schema, "Print the JSON Schema of the suite format");
}

}  // namespace telltale::cli
