#include <fmt/format.h>

#include "lab/kinds/kinds.hpp"
#include "lab/security/tool_probe.hpp"

namespace telltale::lab {
namespace {

using run::Outcome;

Outcome outcome_of(SecurityResult result) {
  Outcome out{
      .figures = {{"tried", result.tried}, {"tools", result.tools}, {"restarts", result.restarts}}};
  if (!result.findings.empty()) {
    out.status = run::Status::failed;
    out.message =
        fmt::format("{} ({} in all)", result.findings.front().detail, result.findings.size());
  }
  out.findings = std::move(result.findings);
  return out;
}

class SecurityKind final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    return suite::with_options<SecurityOptions>(
        {.name = "security",
         .help = "path escapes, SSRF and command injection, proven by canaries",
         .takes_steps = false,
         .needs_steps = false});
  }
  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    auto options = options_of<SecurityOptions>(*context);
    if (!options) co_return Outcome::error(options.error().detail);
    auto result = co_await probe_security(runtime::Loop::current(), connect_through(context),
                                          std::move(*options), progress_through(context));
    if (!result) co_return Outcome::error(result.error().detail);
    co_return outcome_of(std::move(*result));
  }
};

}  // namespace

std::unique_ptr<run::Kind> security_kind() {
  return std::make_unique<SecurityKind>();
}

}  // namespace telltale::lab
