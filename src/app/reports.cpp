#include "app/reports.hpp"

#include <fmt/format.h>

#include "app/lab_reports.hpp"

namespace telltale::app {
namespace {

constexpr std::size_t kConnectionsCharted = 20;

runtime::TaskResult<reporting::Report> webrtc_report(monitor::Reporter* reporter,
                                                     reporting::Question question) {
  auto content = co_await monitor::Reporter::content(reporter, question.range.from);
  if (!content) co_return std::unexpected(content.error());
  co_return reporting::Report{.document = monitor::report_document(*content, kConnectionsCharted),
                              .data = monitor::report_json(*content, false)};
}

report::Tone tone_of(std::string_view status) {
  if (status == "healthy") return report::Tone::good;
  if (status == "degraded" || status == "starting") return report::Tone::warning;
  return status == "stopped" || status == "disabled" ? report::Tone::none : report::Tone::bad;
}

std::optional<reporting::Badge> badge_of_server(const fleet::Registry& fleet, bool is_public,
                                                const runtime::Actor& actor,
                                                const std::string& name) {
  const auto server = fleet.find(name);
  if (!server || !(is_public || actor.sees((*server)->name()))) return std::nullopt;
  const auto view = (*server)->view();
  const auto status = base::string_or(view->record, "health_status", "unknown");
  auto right = status;
  if (const auto* checks = base::find_object(view->record, "checks")) {
    const auto total = base::find_number(*checks, "total").value_or(0);
    const auto failed = base::find_number(*checks, "failed").value_or(0);
    if (total > 0) right += fmt::format(" · {:.1f} %", 100 * (total - failed) / total);
  }
  return reporting::Badge{
      .left = (*server)->name(), .right = std::move(right), .tone = tone_of(status)};
}

runtime::TaskResult<std::optional<reporting::Badge>> ready(std::optional<reporting::Badge> badge) {
  co_return badge;
}

}  // namespace

base::Result<std::unique_ptr<mail::Mailer>> open_mailer(const ServeSettings& settings,
                                                        const base::Clock& clock) {
  return mail::Mailer::open({.url = settings.smtp_url,
                             .from = settings.smtp_from,
                             .username = settings.smtp_username,
                             .password = base::Secret(settings.smtp_password),
                             .ca_file = settings.smtp_ca,
                             .plaintext = settings.smtp_plaintext},
                            clock);
}

reporting::Desk::Parts report_parts(const ReportSources& sources) {
  reporting::Desk::Parts out{
      .store = sources.store,
      .blocking = sources.blocking,
      .mailer = sources.mailer,
      .folder = sources.folder,
      .kinds = {},
      .server = [fleet = &sources.fleet](const runtime::Actor& actor,
                                         const std::string& given) -> std::optional<std::string> {
        const auto server = fleet->find(given);
        if (!server || !actor.sees((*server)->name())) return std::nullopt;
        return (*server)->name();
      }};
  add_lab_kinds(out);
  if (sources.webrtc != nullptr)
    out.kinds["webrtc"] = {.permission = "webrtc:read",
                           .make = [reporter = sources.webrtc](reporting::Question question) {
                             return webrtc_report(reporter, std::move(question));
                           }};
  return out;
}

reporting::FindBadge server_badge(fleet::Registry& fleet, bool is_public) {
  return [&fleet, is_public](const runtime::Actor& actor, const std::string& name) {
    return ready(badge_of_server(fleet, is_public, actor, name));
  };
}

}  // namespace telltale::app
