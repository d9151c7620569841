#include "app/certificate.hpp"

#include <sys/stat.h>

#include "base/log.hpp"

namespace telltale::app {
namespace {

constexpr base::Duration kInterval = std::chrono::seconds(2);

}  // namespace

std::optional<int> expiry_warning(base::WallTime not_after, base::WallTime now) {
  const auto left = not_after - now;
  for (const int days : {0, 1, 7, 30})
    if (left <= std::chrono::days(days)) return days;
  return std::nullopt;
}

CertificateWatch::CertificateWatch(net::HttpServer& http, net::TlsSettings files,
                                   runtime::Runtime& runtime, bus::Bus& bus)
    : http_(http),
      files_(std::move(files)),
      runtime_(runtime),
      bus_(bus),
      asked_(runtime.loop(0)),
      taken_(stamp(files_)) {}

// Links are followed: a secret that is swapped by a link (Kubernetes) changes the inode.
std::string CertificateWatch::stamp(const net::TlsSettings& files) {
  std::string out;
  for (const auto& path : {files.certificate_file, files.key_file}) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return {};
    for (const auto number : {static_cast<std::int64_t>(status.st_ino), status.st_size,
                              status.st_mtim.tv_sec, status.st_mtim.tv_nsec})
      out.append(std::to_string(number)).append(" ");
  }
  return out;
}

runtime::Task<> CertificateWatch::run(CertificateWatch* self) {
  for (;;) {
    self->warn_of_expiry();
    co_await self->asked_.wait_for(kInterval);
    const bool forced = std::exchange(self->forced_, false);
    auto now = co_await self->runtime_.blocking().run(
        [files = self->files_]() -> std::string { return stamp(files); });
    if (!forced && (now.empty() || now == self->taken_)) continue;
    self->taken_ = std::move(now);
    const auto result = co_await self->runtime_.blocking().run(
        [http = &self->http_]() -> base::Result<void> { return http->reload_tls(); });
    self->reload_done(result);
  }
}

void CertificateWatch::look_now() {
  forced_ = true;
  asked_.notify_all();
}

void CertificateWatch::reload_done(const base::Result<void>& result) {
  if (!result) {
    const auto& error = result.error();
    const auto why = error.fields.empty()
                         ? error.detail
                         : error.fields.front().pointer + " " + error.fields.front().message;
    base::log(base::LogLevel::error, "tls", "the certificate stays the old one: {}", why);
    bus_.publish({.type = "security",
                  .channel = "events",
                  .subject = "tls",
                  .severity = runtime::Severity::error,
                  .data = {{"what", "certificate_not_taken"}, {"detail", why}}});
    return;
  }
  warned_.reset();
  const auto certificate = http_.certificate();
  const auto until = certificate ? base::format_rfc3339(certificate->not_after) : "";
  base::log(base::LogLevel::info, "tls", "new certificate, valid until {}", until);
  bus_.publish({.type = "security",
                .channel = "events",
                .subject = "tls",
                .data = {{"what", "certificate_taken"}, {"not_after", until}}});
}

void CertificateWatch::warn_of_expiry() {
  const auto certificate = http_.certificate();
  if (!certificate) return;
  const auto line = expiry_warning(certificate->not_after, runtime_.clock().wall());
  if (!line || (warned_ && *warned_ <= *line)) return;
  warned_ = line;
  const auto until = base::format_rfc3339(certificate->not_after);
  base::log(*line == 0 ? base::LogLevel::error : base::LogLevel::warning, "tls",
            "the certificate {} {}", *line == 0 ? "has ended:" : "ends soon:", until);
  bus_.publish({.type = "security",
                .channel = "events",
                .subject = "tls",
                .severity = *line == 0 ? runtime::Severity::error : runtime::Severity::warning,
                .data = {{"what", "certificate_expiry"}, {"not_after", until}, {"days", *line}}});
}

base::JsonObject CertificateWatch::record() const {
  const auto certificate = http_.certificate();
  if (!certificate) return {};
  const auto line = expiry_warning(certificate->not_after, runtime_.clock().wall());
  return {{"not_before", base::format_rfc3339(certificate->not_before)},
          {"not_after", base::format_rfc3339(certificate->not_after)},
          {"status", !line        ? "ok"
                     : *line == 0 ? "ended"
                                  : "ends_soon"}};
}

}  // namespace telltale::app
