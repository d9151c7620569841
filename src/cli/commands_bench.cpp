// telltale bench stream: watch a stream for a while, measure, write it down, compare with before.
#include <algorithm>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/file.hpp"
#include "cli/api_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "simulate/stream_bench.hpp"

namespace telltale::cli {
namespace {

constexpr std::size_t kBaselineBytes = 1U << 20U;

base::Result<base::JsonObject> read_baseline(const std::string& name) {
  const auto text = base::read_file(name, kBaselineBytes);
  if (!text) return base::fail(text.error().code, "--baseline: " + text.error().detail);
  auto json = base::parse_json(*text);
  if (!json) return base::fail(json.error().code, "--baseline: " + json.error().detail);
  auto figures = simulate::figures_of(*json);
  if (!figures) return base::fail(figures.error().code, "--baseline: " + figures.error().detail);
  return figures;
}

base::Result<void> check_output(const std::string& name) {
  for (const auto* const kind : {".json", ".csv", ".html"})
    if (name.ends_with(kind)) return {};
  return base::fail(base::Code::invalid_argument,
                    "--output: " + name + " ends neither with .json, .csv nor .html");
}

void print_table(const simulate::StreamBenchResult& result,
                 const std::vector<simulate::StreamChange>& changes) {
  fmt::print("{} at {}, {}x{} {}, link {}\n\n", plain(result.source), result.quality, result.width,
             result.height, result.codec, result.link);
  for (const auto& figure : simulate::stream_figures()) {
    const auto value = base::find_number(result.figures, figure.name);
    if (!value) continue;
    fmt::print("  {:<20} {:>10.2f}", figure.name, *value);
    for (const auto& one : changes)
      if (one.figure.name == figure.name)
        fmt::print("   before {:>10.2f}  {:>+7.1f} %{}", one.before, one.percent,
                   one.regressed ? "  WORSE" : "");
    fmt::print("   {}\n", changes.empty() ? figure.help : "");
  }
}

int bench_stream(const Connection& connection, const BenchArguments& given) {
  auto link = simulate::link_profile(given.link);
  if (!link)
    return 2 * complain({.code = link.error().code, .detail = "--link: " + link.error().detail});
  for (const auto& name : given.outputs)
    if (auto good = check_output(name); !good) return 2 * complain(good.error());
  std::optional<base::JsonObject> baseline;
  if (!given.baseline.empty()) {
    auto read = read_baseline(given.baseline);
    if (!read) return 2 * complain(read.error());
    baseline = std::move(*read);
  }
  runtime::Runtime runtime(1);
  auto result = run_here(runtime, simulate::run_stream_bench(
                                      {.url = connection.url,
                                       .token = [connection] { return access_token(connection); },
                                       .source = given.source,
                                       .quality = given.quality,
                                       .duration = base::from_seconds(given.duration_s),
                                       .seed = given.seed,
                                       .link = std::move(*link)}));
  if (!result) return 2 * complain(result.error());
  const auto changes = baseline
                           ? simulate::compare_streams(*baseline, result->figures, given.threshold)
                           : std::vector<simulate::StreamChange>();
  const auto json = simulate::to_json(*result);
  for (const auto& name : given.outputs) {
    const auto text = name.ends_with(".json")  ? base::write_json(json) + "\n"
                      : name.ends_with(".csv") ? simulate::to_csv(*result)
                                               : simulate::to_html(*result, changes);
    if (auto written = base::write_file(name, text); !written) return 2 * complain(written.error());
  }
  if (connection.json)
    print_json(json);
  else
    print_table(*result, changes);
  return std::ranges::any_of(changes, &simulate::StreamChange::regressed) ? 1 : 0;
}

}  // namespace

void Commands::add_bench_to(CLI::App& app) {
  auto* const bench = app.add_subcommand("bench", "Measure; compare with before");
  bench->require_subcommand(1);
  auto* const stream = add(
      *bench, "stream",
      "Watch a stream and measure it: steps to the first picture, frames, rate, loss, delays, "
      "freezes, and how late pictures of the test pattern are seen. 1: worse than the baseline",
      [this] { return bench_stream(connection_, bench_); }, true);
  stream->add_option("--source", bench_.source, "test, a CID, a live name")->capture_default_str();
  stream->add_option("--quality", bench_.quality, "low, medium, high or auto")
      ->capture_default_str()
      ->check(CLI::IsMember({"low", "medium", "high", "auto"}));
  stream->add_option("--duration", bench_.duration_s, "Seconds, from the first picture on")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 600.0));
  stream->add_option("--seed", bench_.seed, "Of the link")->capture_default_str();
  stream->add_option("--link", bench_.link, "perfect, wifi, 4g, bad-hotel or train")
      ->capture_default_str();
  stream
      ->add_option("--output", bench_.outputs,
                   "Also write it here: .json (a baseline for later), .csv or .html")
      ->allow_extra_args(false);
  stream->add_option("--baseline", bench_.baseline, "Compare with this JSON of an earlier run");
  stream->add_option("--threshold", bench_.threshold, "Percent a figure may be worse by")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1'000.0));
}

}  // namespace telltale::cli
