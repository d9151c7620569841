#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/conformance/check.hpp"
#include "lab/kinds/kinds.hpp"

namespace telltale::lab {
namespace {

struct ConformanceOptions {
  std::vector<std::string> rules;
  std::vector<std::string> skip;
  std::vector<std::string> tools;
  bool strict = false;
  double timeout_ms = 5000;
};
BOOST_DESCRIBE_STRUCT(ConformanceOptions, (), (rules, skip, tools, strict, timeout_ms))
constexpr auto field_rules(const ConformanceOptions*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "rules",
                .help = "ids or groups of rules; without: all",
                .maximum = 500,
                .has_default = true},
      FieldRule{
          .name = "skip", .help = "ids or groups left out", .maximum = 500, .has_default = true},
      FieldRule{.name = "tools",
                .help = "may be called besides those annotated readOnlyHint",
                .maximum = 500,
                .has_default = true},
      FieldRule{
          .name = "strict", .help = "a broken SHOULD fails the case too", .has_default = true},
      FieldRule{.name = "timeout_ms",
                .help = "of one request",
                .minimum = 1,
                .maximum = 600'000,
                .has_default = true}};
}

run::Outcome outcome_of(const ConformanceResult& result, bool strict) {
  run::Outcome out{.figures = {{"passed", result.count(RuleOutcome::passed)},
                               {"failed", result.count(RuleOutcome::failed)},
                               {"failed_must", result.count(RuleOutcome::failed, Level::must)},
                               {"not_applicable", result.count(RuleOutcome::not_applicable)},
                               {"protocol", result.version}}};
  for (const auto& rule : result.rules)
    if (rule.finding && out.findings.size() < run::kFindingsLimit)
      out.findings.push_back(*rule.finding);
  const auto bad =
      strict ? result.count(RuleOutcome::failed) : result.count(RuleOutcome::failed, Level::must);
  if (bad == 0) return out;
  out.status = run::Status::failed;
  for (const auto& finding : out.findings) {
    if (!strict && finding.level != Level::must) continue;
    out.message =
        fmt::format("{} rules broken, the first: {}: {}", bad, finding.rule, finding.detail);
    break;
  }
  return out;
}

class ConformanceKind final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    auto out = suite::with_options<ConformanceOptions>(
        {.name = "conformance",
         .help = "the rules of the protocol, each with its section and remedy",
         .takes_steps = false,
         .needs_steps = false});
    out.check = [shape = std::move(out.check)](const base::Json& options,
                                               const std::string& pointer) -> base::Result<void> {
      if (auto fine = shape(options, pointer); !fine) return fine;
      auto parsed = base::from_json<ConformanceOptions>(options, pointer);
      for (const auto& [list, name] :
           {std::pair{&parsed->rules, "/rules"}, std::pair{&parsed->skip, "/skip"}})
        if (const auto unknown = unknown_rules(*list); !unknown.empty())
          return base::bad_field(pointer + name, "\"" + unknown.front() +
                                                     "\" is no rule and no group of rules: "
                                                     "telltale probe --list-rules names them");
      return {};
    };
    return out;
  }
  runtime::Task<run::Outcome> run(run::CaseContext* context) const override {
    auto options = options_of<ConformanceOptions>(*context);
    if (!options) co_return run::Outcome::error(options.error().detail);
    auto target = context->target("");
    if (!target) co_return run::Outcome::error(target.error().detail);
    ConformanceSettings settings{.only = options->rules,
                                 .skip = options->skip,
                                 .request_timeout = base::from_ms(options->timeout_ms),
                                 .allowed_tools = options->tools};
    settings.on_scene = [context](std::size_t ended, std::size_t known, const std::string& name) {
      context->progress(static_cast<double>(ended), static_cast<double>(known), "scene " + name);
    };
    auto result = co_await check_conformance(runtime::Loop::current(), std::move(*target),
                                             std::move(settings));
    if (!result) co_return run::Outcome::error(result.error().detail);
    co_return outcome_of(*result, options->strict);
  }
};

}  // namespace

std::unique_ptr<run::Kind> conformance_kind() {
  return std::make_unique<ConformanceKind>();
}

}  // namespace telltale::lab
