#include "lab/chaos/chaos.hpp"

#include <fmt/format.h>

#include "lab/kinds/kinds.hpp"

namespace telltale::lab {
namespace {

using run::Outcome;

constexpr std::size_t kEventsShown = 500;

base::JsonObject figures_of(const ChaosResult& result) {
  base::JsonObject faults;
  for (const auto& [kind, count] : result.faults) faults[kind] = count;
  base::JsonArray recoveries;
  for (const auto& one : result.recoveries)
    recoveries.push_back({{"at_s", one.at_s}, {"ms", one.ms}});
  base::JsonArray events;
  for (const auto& event : result.events) {
    if (events.size() == kEventsShown) break;
    events.push_back({{"at_s", base::to_seconds(event.at - result.began)},
                      {"fault", event.kind},
                      {"detail", event.detail}});
  }
  return {{"calls", result.calls},
          {"succeeded", result.succeeded},
          {"tool_errors", result.tool_errors},
          {"failed", result.failed},
          {"failed_calm", result.failed_calm},
          {"connects", result.connects},
          {"recovered", result.recovered},
          {"recovered_ms", result.recovered_ms},
          {"faults", std::move(faults)},
          {"recoveries", std::move(recoveries)},
          {"succeeded_per_second",
           base::JsonArray(result.succeeded_per_second.begin(), result.succeeded_per_second.end())},
          {"failed_per_second",
           base::JsonArray(result.failed_per_second.begin(), result.failed_per_second.end())},
          {"events", std::move(events)}};
}

Outcome outcome_of(const ChaosResult& result, const ChaosOptions& options) {
  Outcome out{.figures = figures_of(result)};
  if (!result.recovered)
    out.mismatches.push_back(
        {.step = "after the last fault",
         .what = "recovery",
         .expected = fmt::format("a call succeeds within {:.0f} ms", options.recovery_ms),
         .actual =
             result.unreachable.empty() ? "none did" : "no connection: " + result.unreachable});
  if (result.failed_calm > static_cast<std::uint64_t>(options.calm_failures)) {
    for (const auto& one : result.calm)
      out.mismatches.push_back({.step = fmt::format("{:.3f} s: {}", one.at_s, one.call),
                                .what = "a call while nothing was wrong",
                                .expected = "success",
                                .actual = one.detail});
  }
  const auto share =
      result.calls == 0 ? 0
                        : static_cast<double>(result.succeeded) / static_cast<double>(result.calls);
  if (share < options.min_success)
    out.mismatches.push_back(
        {.step = "all calls",
         .what = "min_success",
         .expected = fmt::format("{:.3f} of them succeed", options.min_success),
         .actual = fmt::format("{:.3f}", share)});
  if (out.mismatches.empty()) return out;
  const auto& first = out.mismatches.front();
  out.status = run::Status::failed;
  out.message = fmt::format("{}: {}, expected {}", first.step, first.actual, first.expected);
  return out;
}

// Known faults that no transport in between can make true for an unmodified server.
base::Result<void> check_possible(const base::Json& options, const std::string& pointer) {
  const auto* const object = options.if_object();
  const auto* const faults = object == nullptr ? nullptr : base::find_array(*object, "faults");
  if (faults == nullptr) return {};
  for (std::size_t i = 0; i < faults->size(); ++i) {
    const auto* const fault = (*faults)[i].if_object();
    if (fault != nullptr && base::find_string(*fault, "kind") == "clock_jump")
      return base::bad_field(
          fmt::format("{}/faults/{}/kind", pointer, i),
          "a jump of the clock cannot be injected: a process reads the machine's clock without "
          "asking anybody; run the server in a time namespace or under libfaketime instead");
  }
  return {};
}

class ChaosKind final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    auto out = suite::with_options<ChaosOptions>(
        {.name = "chaos",
         .help = "callers that go on while faults strike; the server must recover",
         .takes_steps = false,
         .needs_steps = false,
         .needs_options = true});
    out.check = [shape = std::move(out.check)](const base::Json& options,
                                               const std::string& pointer) -> base::Result<void> {
      if (auto possible = check_possible(options, pointer); !possible) return possible;
      return shape(options, pointer);
    };
    return out;
  }
  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    auto options = options_of<ChaosOptions>(*context);
    if (!options) co_return Outcome::error(options.error().detail);
    auto* const loop = runtime::Loop::current();
    auto result = co_await run_chaos(loop, connect_through(context), *options,
                                     context->random().next(), progress_through(context));
    if (!result) co_return Outcome::error(result.error().detail);
    co_return outcome_of(*result, *options);
  }
};

}  // namespace

std::unique_ptr<run::Kind> chaos_kind() {
  return std::make_unique<ChaosKind>();
}

}  // namespace telltale::lab
