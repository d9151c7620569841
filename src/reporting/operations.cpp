#include "reporting/operations.hpp"

#include <algorithm>

#include "base/describe.hpp"

namespace telltale::reporting {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct GenerateReport {
  std::string kind;
  std::vector<std::string> formats{"html"};
  std::optional<std::string> server, run, other, from, to;
  std::vector<std::string> email;
  std::string subject;
};
BOOST_DESCRIBE_STRUCT(GenerateReport, (),
                      (kind, formats, server, run, other, from, to, email, subject))
constexpr auto field_rules(const GenerateReport*) {
  return std::array{
      FieldRule{.name = "kind",
                .help = "fleet_health, incident, webrtc, run or comparison",
                .one_of = "fleet_health|incident|webrtc|run|comparison"},
      FieldRule{.name = "formats",
                .help = "html, json, pdf, csv, markdown; of a run also junit",
                .minimum = 1,
                .maximum = 6,
                .has_default = true},
      FieldRule{.name = "server", .help = "of an incident: its name or id", .maximum = 200},
      FieldRule{.name = "run", .help = "of a run or comparison: its id", .maximum = 100},
      FieldRule{.name = "other", .help = "of a comparison: the run before it", .maximum = 100},
      FieldRule{.name = "from", .help = "RFC 3339; default: a week, an hour or a day before `to`"},
      FieldRule{.name = "to", .help = "RFC 3339; default: now"},
      FieldRule{.name = "email",
                .help = "addresses it is sent to once it is made",
                .maximum = mail::kRecipientsMax,
                .has_default = true},
      FieldRule{.name = "subject", .help = "of the letter", .maximum = 300, .has_default = true}};
}

struct ReadOneReport {
  std::string report_id;
  std::optional<std::string> format;
};
BOOST_DESCRIBE_STRUCT(ReadOneReport, (), (report_id, format))
constexpr auto field_rules(const ReadOneReport*) {
  return std::array{FieldRule{.name = "format", .help = "the file; without: the record"}};
}
struct OneReport {
  std::string report_id;
};
BOOST_DESCRIBE_STRUCT(OneReport, (), (report_id))
struct SendReport {
  std::string report_id;
  std::vector<std::string> to;
  std::string subject, message;
  std::vector<std::string> formats;
};
BOOST_DESCRIBE_STRUCT(SendReport, (), (report_id, to, subject, message, formats))
constexpr auto field_rules(const SendReport*) {
  return std::array{
      FieldRule{.name = "to", .help = "addresses", .minimum = 1, .maximum = mail::kRecipientsMax},
      FieldRule{.name = "subject", .maximum = 300, .has_default = true},
      FieldRule{.name = "message", .maximum = 10'000, .has_default = true},
      FieldRule{.name = "formats",
                .help = "of the report's files; default: all",
                .maximum = 6,
                .has_default = true}};
}

namespace {

constexpr auto kLongest = std::chrono::hours(24 * 366);

std::chrono::hours usual_length(const std::string& kind) {
  return std::chrono::hours(kind == "fleet_health" ? 24 * 7 : kind == "incident" ? 1 : 24);
}

base::Result<void> check_formats(std::vector<std::string>& formats) {
  for (std::size_t i = 0; i < formats.size(); ++i)
    if (find_format(formats[i]) == nullptr)
      return base::bad_field("/formats/" + std::to_string(i), "must be one of " + format_names());
  std::ranges::sort(formats);
  formats.erase(std::ranges::unique(formats).begin(), formats.end());
  return {};
}

base::Result<store::Range> range_of(Desk& desk, const runtime::Actor& actor,
                                    const GenerateReport& input) {
  store::Range out{.from = {}, .to = desk.now(), .server = ""};
  if (input.to) {
    auto to = base::parse_rfc3339(*input.to);
    if (!to) return base::bad_field("/to", to.error().detail);
    out.to = *to;
  }
  out.from = out.to - usual_length(input.kind);
  if (input.from) {
    auto from = base::parse_rfc3339(*input.from);
    if (!from) return base::bad_field("/from", from.error().detail);
    out.from = *from;
  }
  if (out.from >= out.to) return base::bad_field("/from", "must be before `to`");
  if (out.to - out.from > kLongest) return base::bad_field("/from", "is over a year before `to`");
  if (input.kind == "incident" && !input.server)
    return base::bad_field("/server", "is required for an incident");
  if (input.kind != "incident" && input.server)
    return base::bad_field("/server", "is for an incident only");
  if (input.server) {
    auto name = desk.parts().server(actor, *input.server);
    if (!name) return base::fail(base::Code::not_found, "no server is called " + *input.server);
    out.server = std::move(*name);
  }
  return out;
}

// What the lab's kinds are made of instead of a time.
base::Result<void> check_runs(const Desk& desk, const GenerateReport& input) {
  const auto* const kind = desk.given_kind(input.kind);
  const bool of_runs = kind != nullptr && kind->of_runs;
  const bool of_two = input.kind == "comparison";
  if (of_runs && !input.run) return base::bad_field("/run", "is required for a " + input.kind);
  if (!of_runs && input.run) return base::bad_field("/run", "is for a run or a comparison only");
  if (of_two && !input.other) return base::bad_field("/other", "is required for a comparison");
  if (!of_two && input.other) return base::bad_field("/other", "is for a comparison only");
  for (const auto& [field, given] : {std::pair("/from", &input.from), std::pair("/to", &input.to)})
    if (of_runs && *given) return base::bad_field(field, "is not for a " + input.kind);
  if (kind == nullptr || !kind->junit)
    for (std::size_t i = 0; i < input.formats.size(); ++i)
      if (input.formats[i] == "junit")
        return base::bad_field("/formats/" + std::to_string(i), "junit is for a run only");
  return {};
}

JsonObject parameters_of(const GenerateReport& input, const store::Range& range) {
  if (input.run) {
    JsonObject out{{"run", *input.run}};
    if (input.other) out["other"] = *input.other;
    return out;
  }
  JsonObject out{{"from", base::format_rfc3339(range.from)},
                 {"to", base::format_rfc3339(range.to)}};
  if (!range.server.empty()) out["server"] = range.server;
  return out;
}

TaskResult<JsonObject> generate(Desk* desk, ContextPtr context, GenerateReport input) {
  if (auto fine = check_formats(input.formats); !fine) co_return std::unexpected(fine.error());
  for (std::size_t i = 0; i < input.email.size(); ++i)
    if (auto fine = mail::check_address(input.email[i]); !fine)
      co_return base::bad_field("/email/" + std::to_string(i), fine.error().detail);
  if (!desk->has_kind(input.kind))
    co_return base::fail(base::Code::unsupported,
                         "this server cannot make reports of the kind " + input.kind);
  if (auto fine = check_runs(*desk, input); !fine) co_return std::unexpected(fine.error());
  const auto range = range_of(*desk, context->actor(), input);
  if (!range) co_return std::unexpected(range.error());
  if (!input.email.empty() && !desk->parts().mailer.is_set_up())
    co_return base::fail(base::Code::unavailable,
                         "there is no mail server: TELLTALE_SMTP_URL and TELLTALE_SMTP_FROM");
  auto made = co_await Desk::make(desk, context->actor(),
                                  {.kind = input.kind,
                                   .formats = input.formats,
                                   .range = *range,
                                   .run = input.run.value_or(""),
                                   .other = input.other.value_or(""),
                                   .parameters = parameters_of(input, *range)});
  if (!made || input.email.empty()) co_return made;
  auto record = co_await Desk::find(desk, context->actor(), base::string_or(*made, "id"));
  if (!record) co_return std::unexpected(record.error());
  auto sent =
      co_await Desk::send(desk, std::move(*record),
                          {.to = input.email, .subject = input.subject, .text = "", .formats = {}});
  if (!sent) {
    sent.error().detail = "the report " + base::string_or(*made, "id") +
                          " was made, but not sent: " + sent.error().detail;
    co_return std::unexpected(sent.error());
  }
  (*made)["sent_to"] = base::to_json(input.email);
  co_return made;
}

TaskResult<JsonObject> list(Desk* desk, ContextPtr context, runtime::Nothing) {
  auto items = co_await Desk::list(desk, context->actor());
  if (!items) co_return std::unexpected(items.error());
  co_return JsonObject{{"items", std::move(*items)}};
}

// Markup with styles inside does not pass our policy for pages: it is to be saved, not shown here.
TaskResult<JsonObject> read(Desk* desk, ContextPtr context, ReadOneReport input) {
  auto record = co_await Desk::find(desk, context->actor(), input.report_id);
  if (!record) co_return std::unexpected(record.error());
  if (!input.format) co_return to_json(*record);
  const auto* const format = find_format(*input.format);
  if (format == nullptr) co_return base::bad_field("/format", "must be one of " + format_names());
  auto text = co_await Desk::read(desk, record->id, format);
  if (!text) co_return std::unexpected(text.error());
  const auto size = text->size();
  runtime::BytesAnswer bytes{
      .headers = {{"content-type", std::string(format->type)},
                  {"content-disposition", "attachment; filename=\"" + record->kind + "." +
                                              std::string(format->extension) + "\""}},
      .size = size,
      .next = [left = std::move(*text)]() mutable -> TaskResult<std::string> {
        return [](std::string piece) -> TaskResult<std::string> {
          co_return piece;
        }(std::exchange(left, {}));
      }};
  if (!context->answer_bytes(std::move(bytes)))
    co_return base::fail(base::Code::unsupported, "a report is bytes: ask for it over HTTP");
  co_return JsonObject{{"id", record->id}, {"bytes", size}};
}

TaskResult<JsonObject> remove(Desk* desk, ContextPtr context, OneReport input) {
  auto record = co_await Desk::find(desk, context->actor(), input.report_id);
  if (!record) co_return std::unexpected(record.error());
  auto gone = co_await Desk::remove(desk, record->id);
  if (!gone) co_return std::unexpected(gone.error());
  co_return JsonObject{{"id", record->id}, {"removed", true}};
}

TaskResult<JsonObject> send(Desk* desk, ContextPtr context, SendReport input) {
  if (auto fine = check_formats(input.formats); !fine) co_return std::unexpected(fine.error());
  auto record = co_await Desk::find(desk, context->actor(), input.report_id);
  if (!record) co_return std::unexpected(record.error());
  auto to = base::to_json(input.to);
  auto sent = co_await Desk::send(desk, std::move(*record),
                                  {.to = std::move(input.to),
                                   .subject = std::move(input.subject),
                                   .text = std::move(input.message),
                                   .formats = std::move(input.formats)});
  if (!sent) co_return std::unexpected(sent.error());
  co_return JsonObject{{"id", input.report_id}, {"sent_to", std::move(to)}};
}

template <class Input>
void add(runtime::OperationRegistry& registry, Desk& desk, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Desk*, ContextPtr, Input)) {
  spec.group = "Reports";
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [desk = &desk, body](ContextPtr context, Input input) {
        return body(desk, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Desk& desk) {
  add(registry, desk,
      {.name = "reports.list",
       .help = "Reports that were made, newest first",
       .permission = "reports:read",
       .routes = {{"GET", "/api/reports"}}},
      list);
  add(registry, desk,
      {.name = "reports.generate",
       .help = "Makes a report, and sends it where `email` says",
       .permission = "reports:write",
       .changes = true,
       .time_limit = std::chrono::minutes(5),
       .routes = {{"POST", "/api/reports/generate", 201}}},
      generate);
  runtime::OperationSpec reading{.name = "reports.get",
                                 .help = "A report's record, or with `format` its file",
                                 .permission = "reports:read",
                                 .routes = {{"GET", "/api/reports/{report_id}"}}};
  reading.gives_bytes = true;
  add(registry, desk, std::move(reading), read);
  add(registry, desk,
      {.name = "reports.delete",
       .help = "Removes a report and its files",
       .permission = "reports:write",
       .changes = true,
       .routes = {{"DELETE", "/api/reports/{report_id}"}}},
      remove);
  add(registry, desk,
      {.name = "reports.email",
       .help = "Sends a report's files by mail",
       .permission = "reports:write",
       .changes = true,
       .time_limit = std::chrono::minutes(3),
       .routes = {{"POST", "/api/reports/{report_id}/email"}}},
      send);
}

}  // namespace telltale::reporting
