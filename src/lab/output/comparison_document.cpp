#include "lab/output/comparison_document.hpp"

#include <fmt/format.h>

#include "lab/run/result.hpp"
#include "report/text_writers.hpp"

namespace telltale::lab::output {
namespace {

using report::Cell;
using report::Tone;

constexpr std::size_t kRowsMax = 500;   // of each list
constexpr std::size_t kChartsMax = 12;  // the slower ones come first

std::string_view text_or(const base::JsonObject& object, std::string_view key,
                         std::string_view otherwise) {
  return base::find_string(object, key).value_or(otherwise);
}

const base::JsonObject& first_run(const base::Json& what) {
  static const base::JsonObject kNone;
  if (!what.is_object()) return kNone;
  const auto* const runs = base::find_array(what.as_object(), "runs");
  if (runs == nullptr) return what.as_object();
  return runs->empty() || !runs->front().is_object() ? kNone : runs->front().as_object();
}

std::vector<Cell> row_of(std::string_view which, const base::Json& what) {
  std::vector<Cell> out{{.text = std::string(which)}};
  const auto& run = first_run(what);
  out.push_back({.text = std::string(text_or(run, "started", "–"))});
  out.push_back({.text = std::string(text_or(run, "status", "–"))});
  const auto* const totals = base::find_object(run, "totals");
  const auto count = [&](std::string_view key) {
    return totals == nullptr ? 0 : base::find_number(*totals, key).value_or(0);
  };
  out.push_back({.text = fmt::format("{} of {}", count("passed"), count("cases")), .number = true});
  out.push_back({.text = std::string(text_or(run, "id", "–"))});
  return out;
}

Cell counted(std::size_t count, Tone tone) {
  return {.text = std::to_string(count), .tone = count > 0 ? tone : Tone::none};
}

void changes(report::Document& page, const char* heading, const std::vector<CaseChange>& all,
             Tone tone) {
  if (all.empty()) return;
  page.heading(heading);
  std::vector<std::vector<Cell>> rows;
  for (const auto& one : all) {
    if (rows.size() == kRowsMax) break;
    rows.push_back({{.text = one.suite + ": " + one.name},
                    {.text = one.before.empty() ? "–" : one.before},
                    {.text = one.after.empty() ? "–" : one.after, .tone = tone},
                    {.text = run::cut(one.message, run::kShownLimit)}});
  }
  page.table(all.size() > kRowsMax ? fmt::format("The first {} of {}", kRowsMax, all.size()) : "",
             {"Case", "Before", "After", "What was said"}, std::move(rows));
}

Tone tone_of(Speed speed) {
  return speed == Speed::slower ? Tone::bad : speed == Speed::faster ? Tone::good : Tone::none;
}

report::Series rounds(std::string name, const std::vector<double>& values) {
  report::Series out{.name = std::move(name), .points = {}};
  for (std::size_t i = 0; i < values.size(); ++i)
    out.points.push_back({static_cast<double>(i + 1), values[i]});
  return out;
}

void speeds(report::Document& page, const std::vector<CaseSpeed>& all) {
  if (all.empty()) return;
  page.heading("Speed");
  page.paragraph(
      "A verdict needs the whole 95 % confidence interval on one side. What else the machine did "
      "between the two runs counts as a difference.");
  std::vector<std::vector<Cell>> rows;
  for (const auto& one : all) {
    if (rows.size() == kRowsMax) break;
    const auto ms = [](double value) {
      return Cell{.text = fmt::format("{:.3f} ms", value), .number = true};
    };
    rows.push_back(
        {{.text = one.suite + ": " + one.name},
         {.text = std::string(speed_name(one.compared.speed)), .tone = tone_of(one.compared.speed)},
         ms(one.before_ms),
         ms(one.after_ms),
         {.text = one.compared.why}});
  }
  page.table("", {"Case", "Verdict", "Median before", "Median after", "Why"}, std::move(rows));
  for (std::size_t i = 0; i < std::min(all.size(), kChartsMax); ++i)
    page.chart(
        {.title = all[i].name + ", median of each round",
         .unit = "ms",
         .x_unit = "",
         .series = {rounds("before", all[i].rounds_before), rounds("after", all[i].rounds_after)}});
}

}  // namespace

report::Document comparison_document(const base::Json& before, const base::Json& after,
                                     const RunsCompared& compared) {
  const auto name = std::string(text_or(first_run(after), "suite", "runs"));
  report::Document page{.title = "Comparison: " + name};
  page.paragraph(sentence(compared), compared.worse() ? Tone::bad : Tone::good);
  page.figures({{"Newly failing", counted(compared.broken.size(), Tone::bad)},
                {"Still failing", counted(compared.failing.size(), Tone::warning)},
                {"Mended", counted(compared.mended.size(), Tone::good)},
                {"Slower", counted(compared.count(Speed::slower), Tone::bad)},
                {"Faster", counted(compared.count(Speed::faster), Tone::good)},
                {"Cannot tell", counted(compared.count(Speed::cannot_tell), Tone::none)},
                {"Unchanged", counted(compared.unchanged, Tone::none)}});
  page.table("", {"Run", "Started", "Status", "Passed", "Id"},
             {row_of("before", before), row_of("after", after)});
  changes(page, "Newly failing", compared.broken, Tone::bad);
  changes(page, "Still failing", compared.failing, Tone::warning);
  changes(page, "Newly flaky", compared.flaky, Tone::warning);
  changes(page, "Mended", compared.mended, Tone::good);
  changes(page, "Gone", compared.gone, Tone::none);
  speeds(page, compared.speeds);
  return page;
}

std::string comparison_markdown(const base::Json& before, const base::Json& after,
                                const RunsCompared& compared) {
  return report::write_markdown(comparison_document(before, after, compared));
}

}  // namespace telltale::lab::output
