#include "lab/fuzz/fuzz.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "lab/kinds/kinds.hpp"

namespace telltale::lab {
namespace {

using run::Outcome;

Outcome outcome_of(const FuzzResult& result) {
  Outcome out{.figures = {{"sent", result.sent},
                          {"errors", result.errors},
                          {"quiet", result.quiet},
                          {"restarts", result.restarts}}};
  for (const auto& one : result.failures) {
    if (out.mismatches.size() == run::kMismatchesLimit) break;
    out.mismatches.push_back({.step = run::cut(base::to_utf8(one.text), run::kShownLimit),
                              .what = fmt::format("a broken message, {} bytes of {}, {} times",
                                                  one.text.size(), one.original_bytes, one.times),
                              .expected = "an error or silence, and the next request answered",
                              .actual = one.what});
  }
  if (result.failures.empty()) return out;
  out.status = run::Status::failed;
  out.message = result.failures.front().what;
  return out;
}

class FuzzKind final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    return suite::with_options<FuzzOptions>(
        {.name = "fuzz",
         .help = "broken messages over the bare wire; the server must live and go on answering",
         .takes_steps = false,
         .needs_steps = false});
  }
  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    auto options = options_of<FuzzOptions>(*context);
    if (!options) co_return Outcome::error(options.error().detail);
    auto target = context->target("");
    if (!target) co_return Outcome::error(target.error().detail);
    // Which era and version it speaks; the wire itself knows none.
    auto first = co_await connect_through(context)([](mcp::ClientSettings&) {});
    if (!first) co_return Outcome::error(first.error().detail);
    auto session = *(*first)->session();
    auto result =
        co_await run_fuzz(runtime::Loop::current(), std::move(*target), std::move(session),
                          *options, context->random().next(), progress_through(context));
    if (!result) co_return Outcome::error(result.error().detail);
    co_return outcome_of(*result);
  }
};

}  // namespace

std::unique_ptr<run::Kind> fuzz_kind() {
  return std::make_unique<FuzzKind>();
}

}  // namespace telltale::lab
