// telltale report: a report made by a running server, as a file.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/content_transfer.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"

namespace telltale::cli {
namespace {

int make_report(const Connection& connection, const ReportArguments& given) {
  base::JsonObject order{{"kind", given.kind},
                         {"formats", base::JsonArray{base::Json(given.format)}}};
  for (const auto& [name, value] : {std::pair("server", &given.server),
                                    std::pair("run", &given.run), std::pair("other", &given.other),
                                    std::pair("from", &given.from), std::pair("to", &given.to)})
    if (!value->empty()) order[name] = *value;
  if (!given.email.empty())
    order["email"] = base::JsonArray(given.email.begin(), given.email.end());
  auto made = ask(
      connection,
      {.method = "POST", .path = "/api/reports/generate", .body = std::move(order), .wait_s = 300});
  if (!made) return complain(made.error());
  if (connection.json) return print_json(*made);
  const auto path = "/api/reports/" + base::percent_encode(text_of(made->as_object(), "id")) +
                    "?format=" + given.format;
  const bool to_stdout = given.output.empty() || given.output == "-";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      to_stdout ? stdout : std::fopen(given.output.c_str(), "wbe"),
      to_stdout ? [](std::FILE*) { return 0; } : [](std::FILE* one) { return std::fclose(one); });
  if (!file) return complain({.detail = given.output + " cannot be written"});
  runtime::Runtime runtime(1);
  auto written = run_here(runtime, receive_bytes(connection, path, file.get()));
  if (!written) return complain(written.error());
  if (std::fflush(file.get()) != 0)
    return complain({.detail = given.output + " cannot be written"});
  return 0;
}

}  // namespace

void Commands::add_report_to(CLI::App& app) {
  auto* const report = add(
      app, "report", "Make a report and save it",
      [this] { return make_report(connection_, report_); }, true);
  report->add_option("kind", report_.kind, "fleet_health, incident, webrtc, run or comparison")
      ->required();
  report
      ->add_option("--format", report_.format,
                   "html, json, pdf, csv or markdown; of a run also junit")
      ->check(CLI::IsMember({"html", "json", "pdf", "csv", "markdown", "junit"}))
      ->capture_default_str();
  report->add_option("-o,--output", report_.output, "The file to write, else stdout");
  report->add_option("--server", report_.server, "Of an incident: its name");
  report->add_option("--run", report_.run, "Of a run or a comparison: its id");
  report->add_option("--other", report_.other, "Of a comparison: the run before it");
  report->add_option("--from", report_.from, "Begin, RFC 3339");
  report->add_option("--to", report_.to, "End, RFC 3339; default: now");
  report->add_option("--email", report_.email, "Also send it there");
}

}  // namespace telltale::cli
