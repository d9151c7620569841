#include "reporting/desk.hpp"

#include "base/describe.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "report/pdf/pdf.hpp"
#include "report/text_writers.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::reporting {
namespace {

using base::JsonArray;
using base::JsonObject;
using runtime::TaskResult;

constexpr std::size_t kListed = 500;

base::Result<std::string> write(const Report& report, const std::string& format) {
  if (const auto own = report.own.find(format); own != report.own.end()) return own->second;
  if (format == "html") return report::write_html(report.document);
  if (format == "pdf") return report::write_pdf(report.document);
  if (format == "csv") return report::write_csv(report.document);
  if (format == "markdown") return report::write_markdown(report.document);
  return base::write_json(report.data) + "\n";
}

}  // namespace

Desk::Desk(Parts parts) : parts_(std::move(parts)), files_(parts_.folder) {}

bool Desk::has_kind(const std::string& kind) const {
  return kind == "fleet_health" || kind == "incident" || parts_.kinds.contains(kind);
}

const Desk::Kind* Desk::given_kind(const std::string& kind) const {
  const auto given = parts_.kinds.find(kind);
  return given == parts_.kinds.end() ? nullptr : &given->second;
}

base::Result<void> Desk::admit(const runtime::Actor& actor, const std::string& kind) const {
  const auto* const given = given_kind(kind);
  const std::string permission = given == nullptr ? "fleet:read" : given->permission;
  if (actor.may(permission)) return {};
  return base::fail(base::Code::permission_denied,
                    "your role (" + actor.role + ") lacks the permission " + permission);
}

TaskResult<Report> Desk::gather(Desk* self, runtime::Actor actor, std::string kind,
                                Question question) {
  question.sees = [actor](std::string_view server) { return actor.sees(server); };
  if (const auto* const given = self->given_kind(kind))
    co_return co_await given->make(std::move(question));
  auto* const make = kind == "incident" ? &incident : &fleet_health;
  co_return co_await self->parts_.store.read(
      [make, question = std::move(question)](store::Connection& db) { return make(db, question); });
}

TaskResult<JsonObject> Desk::make(Desk* self, runtime::Actor actor, Order order) {
  if (auto may = self->admit(actor, order.kind); !may) co_return std::unexpected(may.error());
  auto report =
      co_await gather(self, actor, order.kind,
                      {.range = order.range, .sees = {}, .run = order.run, .other = order.other});
  if (!report) co_return std::unexpected(report.error());
  store::ReportRecord record{.id = base::new_id("rep"),
                             .kind = order.kind,
                             .title = report->document.title,
                             .parameters = std::move(order.parameters),
                             .files = {},
                             .owner_id = actor.id,
                             .owner_name = actor.name,
                             .time = self->now()};
  report->data["kind"] = record.kind;
  report->data["title"] = record.title;
  for (const auto& parameter : record.parameters) report->data[parameter.key()] = parameter.value();
  auto written = co_await self->parts_.blocking.run(
      [files = &self->files_, report = std::move(*report), id = record.id,
       formats = order.formats]() -> base::Result<JsonArray> {
        JsonArray out;
        for (const auto& name : formats) {
          auto bytes = write(report, name);
          auto done = bytes ? files->write(id, *find_format(name), *bytes)
                            : base::Result<void>(std::unexpected(bytes.error()));
          if (!done) {
            files->remove(id);
            return std::unexpected(done.error());
          }
          out.push_back(JsonObject{{"format", name}, {"bytes", bytes->size()}});
        }
        return out;
      });
  if (!written) co_return std::unexpected(written.error());
  record.files = std::move(*written);
  auto kept = co_await runtime::uncancelled(self->parts_.store.write(
      "report", [record](store::Connection& db) { return store::save_report(db, record); }));
  if (!kept) {
    (void)co_await remove(self, record.id);
    co_return std::unexpected(kept.error());
  }
  if (auto forgotten = co_await forget_old(self); !forgotten)
    base::log(base::LogLevel::warning, "reporting", "old reports stay: {}",
              forgotten.error().detail);
  co_return to_json(record);
}

TaskResult<bool> Desk::forget_old(Desk* self) {
  auto all = co_await self->parts_.store.read(
      [](store::Connection& db) { return store::list_reports(db, kKept + kListed); });
  if (!all) co_return std::unexpected(all.error());
  for (std::size_t i = 0; i < all->size(); ++i)
    if (i >= kKept || (*all)[i].time < self->now() - kKeptFor)
      if (auto gone = co_await remove(self, (*all)[i].id); !gone) co_return gone;
  co_return true;
}

TaskResult<JsonArray> Desk::list(Desk* self, runtime::Actor actor) {
  auto all = co_await self->parts_.store.read(
      [](store::Connection& db) { return store::list_reports(db, kListed); });
  if (!all) co_return std::unexpected(all.error());
  JsonArray out;
  for (const auto& record : *all)
    if (record.owner_id == actor.id || actor.sees_all()) out.push_back(to_json(record));
  co_return out;
}

TaskResult<store::ReportRecord> Desk::find(Desk* self, runtime::Actor actor, std::string id) {
  auto found = co_await self->parts_.store.read(
      [id](store::Connection& db) { return store::find_report(db, id); });
  if (!found) co_return std::unexpected(found.error());
  if (!*found || ((*found)->owner_id != actor.id && !actor.sees_all()))
    co_return base::fail(base::Code::not_found, "there is no report " + id);
  if (auto may = self->admit(actor, (*found)->kind); !may) co_return std::unexpected(may.error());
  co_return std::move(**found);
}

TaskResult<std::string> Desk::read(Desk* self, std::string id, const Format* format) {
  co_return co_await self->parts_.blocking.run(
      [files = &self->files_, id = std::move(id), format]() -> base::Result<std::string> {
        return files->read(id, *format);
      });
}

TaskResult<bool> Desk::remove(Desk* self, std::string id) {
  auto gone = co_await runtime::uncancelled(self->parts_.store.write(
      "report", [id](store::Connection& db) { return store::delete_report(db, id); }));
  if (!gone) co_return gone;
  co_return co_await self->parts_.blocking.run(
      [files = &self->files_, id = std::move(id)]() -> base::Result<bool> {
        files->remove(id);
        return true;
      });
}

TaskResult<bool> Desk::send(Desk* self, store::ReportRecord record, Letter letter) {
  mail::Message message{
      .to = std::move(letter.to),
      .subject = letter.subject.empty() ? "Telltale: " + record.title : std::move(letter.subject),
      .text = letter.text.empty() ? "The report is attached.\n" : std::move(letter.text),
      .attachments = {}};
  if (auto fine = mail::check(message); !fine) co_return std::unexpected(fine.error());
  for (const auto& file : record.files) {
    const auto name = base::string_or(file.as_object(), "format");
    const auto* const format = find_format(name);
    const bool wanted =
        letter.formats.empty() || std::ranges::find(letter.formats, name) != letter.formats.end();
    if (format == nullptr || !wanted) continue;
    auto bytes = co_await read(self, record.id, format);
    if (!bytes) co_return std::unexpected(bytes.error());
    std::string type(format->type);
    type.resize(std::min(type.size(), type.find(';')));
    message.attachments.push_back({.name = record.kind + "." + std::string(format->extension),
                                   .type = std::move(type),
                                   .bytes = std::move(*bytes)});
  }
  if (message.attachments.empty())
    co_return base::bad_field("/formats", "names no file that this report has");
  co_return co_await self->parts_.mailer.send(std::move(message));
}

JsonObject to_json(const store::ReportRecord& record) {
  return {{"id", record.id},
          {"kind", record.kind},
          {"title", record.title},
          {"parameters", record.parameters},
          {"files", record.files},
          {"owner", record.owner_name},
          {"created_at", base::format_rfc3339(record.time)}};
}

}  // namespace telltale::reporting
