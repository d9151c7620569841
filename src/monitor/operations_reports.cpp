#include "monitor/operations_reports.hpp"

#include <algorithm>

namespace telltale::monitor {

using base::FieldRule;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct GenerateReport {
  std::vector<std::string> formats;
  bool raw = true;
  double hours = 1;
};
BOOST_DESCRIBE_STRUCT(GenerateReport, (), (formats, raw, hours))
constexpr auto field_rules(const GenerateReport*) {
  return std::array{
      FieldRule{.name = "formats",
                .help = "json, html; those of the configuration when empty",
                .has_default = true},
      FieldRule{.name = "raw", .help = "every sample in the JSON", .has_default = true},
      FieldRule{.name = "hours",
                .help = "connections that ended within them are in it too",
                .minimum = 0,
                .maximum = 24.0 * 366,
                .has_default = true}};
}
struct ReportById {
  std::string report_id;
};
BOOST_DESCRIBE_STRUCT(ReportById, (), (report_id))
struct ReadReport {
  std::string report_id;
  std::string format = "html";
};
BOOST_DESCRIBE_STRUCT(ReadReport, (), (report_id, format))
constexpr auto field_rules(const ReadReport*) {
  return std::array{FieldRule{.name = "format", .help = "html or json", .has_default = true}};
}

namespace {

TaskResult<JsonObject> generate(Reporter* reporter, ContextPtr, GenerateReport input) {
  for (const auto& format : input.formats)
    if (format != "json" && format != "html")
      co_return base::bad_field("/formats", "must hold \"json\" and \"html\" only");
  auto formats = input.formats.empty() ? reporter->config().reporting.formats : input.formats;
  std::ranges::sort(formats);
  formats.erase(std::ranges::unique(formats).begin(), formats.end());
  const auto since = reporter->now() -
                     std::chrono::milliseconds(static_cast<std::int64_t>(input.hours * 3'600'000));
  auto made = co_await Reporter::make(reporter, std::move(formats), input.raw, since);
  if (!made) co_return std::unexpected(made.error());
  JsonArray files;
  for (const auto& file : made->files) files.push_back(base::Json(file));
  co_return JsonObject{{"id", made->id},
                       {"connections", made->connections},
                       {"files", std::move(files)},
                       {"folder", reporter->folder()}};
}

TaskResult<JsonObject> list(Reporter* reporter, ContextPtr, runtime::Nothing) {
  auto files = co_await Reporter::list(reporter);
  if (!files) co_return std::unexpected(files.error());
  JsonArray items;
  for (const auto& file : *files) {
    if (items.empty() || base::string_or(items.back().as_object(), "id") != file.id)
      items.push_back(JsonObject{{"id", file.id}, {"files", JsonArray()}});
    items.back().at("files").as_array().push_back(
        JsonObject{{"format", file.format}, {"bytes", file.bytes}});
  }
  co_return JsonObject{{"items", std::move(items)}, {"folder", reporter->folder()}};
}

// Markup with styles inside does not pass our policy for pages: it is to be saved, not shown here.
TaskResult<JsonObject> read(Reporter* reporter, ContextPtr context, ReadReport input) {
  auto text = co_await Reporter::read(reporter, input.report_id, input.format);
  if (!text) co_return std::unexpected(text.error());
  const auto size = text->size();
  runtime::BytesAnswer bytes{
      .headers = {{"content-type",
                   input.format == "json" ? "application/json" : "text/html; charset=utf-8"},
                  {"content-disposition", "attachment; filename=\"webrtc_report_" +
                                              input.report_id + "." + input.format + "\""}},
      .size = size,
      .next = [left = std::move(*text)]() mutable -> TaskResult<std::string> {
        return [](std::string piece) -> TaskResult<std::string> {
          co_return piece;
        }(std::exchange(left, {}));
      }};
  if (!context->answer_bytes(std::move(bytes)))
    co_return base::fail(base::Code::unsupported, "a report is bytes: ask for it over HTTP");
  co_return JsonObject{{"id", input.report_id}, {"bytes", size}};
}

TaskResult<JsonObject> remove(Reporter* reporter, ContextPtr, ReportById input) {
  auto gone = co_await Reporter::remove(reporter, input.report_id);
  if (!gone) co_return std::unexpected(gone.error());
  co_return JsonObject{{"id", input.report_id}, {"removed", true}};
}

template <class Input>
void add(runtime::OperationRegistry& registry, Reporter& reporter, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Reporter*, ContextPtr, Input)) {
  spec.group = "WebRTC";
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [reporter = &reporter, body](ContextPtr context, Input input) {
        return body(reporter, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_report_operations(runtime::OperationRegistry& registry, Reporter& reporter) {
  add(registry, reporter,
      {.name = "webrtc.reports",
       .help = "Reports that were written, newest first",
       .permission = "webrtc:read",
       .routes = {{"GET", "/api/webrtc/reports"}}},
      list);
  runtime::OperationSpec reading{.name = "webrtc.reports.read",
                                 .help = "A report as it was written",
                                 .permission = "webrtc:read",
                                 .routes = {{"GET", "/api/webrtc/reports/{report_id}"}}};
  reading.gives_bytes = true;
  add(registry, reporter, std::move(reading), read);
  runtime::OperationSpec generating{.name = "webrtc.reports.generate",
                                    .help = "Writes a report now",
                                    .permission = "webrtc:control",
                                    .routes = {{"POST", "/api/webrtc/reports"}}};
  generating.changes = true;
  add(registry, reporter, std::move(generating), generate);
  runtime::OperationSpec removing{.name = "webrtc.reports.delete",
                                  .help = "Removes a report's files",
                                  .permission = "webrtc:control",
                                  .routes = {{"DELETE", "/api/webrtc/reports/{report_id}"}}};
  removing.changes = true;
  add(registry, reporter, std::move(removing), remove);
}

}  // namespace telltale::monitor
