#include <fmt/format.h>

#include "lab/kinds/kinds.hpp"
#include "lab/property/tool_check.hpp"

namespace telltale::lab {
namespace {

using run::Outcome;

Outcome outcome_of(const PropertyResult& result) {
  Outcome out;
  base::JsonArray tools;
  std::uint64_t calls = 0;
  for (const auto& tool : result.tools) {
    calls += tool.calls;
    tools.push_back({{"tool", tool.tool},
                     {"calls", tool.calls},
                     {"ok", tool.ok},
                     {"tool_errors", tool.tool_errors},
                     {"refused", tool.refused},
                     {"invalid", tool.invalid},
                     {"sure", tool.sure}});
  }
  out.figures = {{"calls", calls}, {"restarts", result.restarts}, {"tools", std::move(tools)}};
  for (const auto& one : result.failures) {
    if (out.mismatches.size() >= run::kMismatchesLimit) break;
    out.mismatches.push_back(
        {.step = fmt::format("call {} with {}", one.tool, run::shown(base::Json(one.arguments))),
         .what =
             fmt::format("{} of {} inputs, made smaller in {} steps", one.times, calls, one.shrunk),
         .expected = one.expected,
         .actual = one.what});
  }
  if (result.failures.empty()) return out;
  const auto& first = result.failures.front();
  out.status = run::Status::failed;
  out.message = fmt::format("{}: {} with {}", first.tool, first.what,
                            run::shown(base::Json(first.arguments)));
  return out;
}

class PropertyKind final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    return suite::with_options<PropertyOptions>(
        {.name = "property",
         .help = "tools against their schemas: generated inputs, a failing one made small",
         .takes_steps = false,
         .needs_steps = false});
  }
  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    auto options = options_of<PropertyOptions>(*context);
    if (!options) co_return Outcome::error(options.error().detail);
    auto result = co_await check_properties(connect_through(context), std::move(*options),
                                            context->random().next(), progress_through(context));
    if (!result) co_return Outcome::error(result.error().detail);
    co_return outcome_of(*result);
  }
};

}  // namespace

std::unique_ptr<run::Kind> property_kind() {
  return std::make_unique<PropertyKind>();
}

}  // namespace telltale::lab
