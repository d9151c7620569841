#include <fmt/format.h>

#include "lab/measure/measure_kinds.hpp"
#include "lab/run/instance.hpp"
#include "lab/run/steps.hpp"
#include "lab/suite/json_path.hpp"

namespace telltale::lab::measure {

struct DifferentialOptions {
  std::string against;
  std::vector<std::string> ignore;
};
BOOST_DESCRIBE_STRUCT(DifferentialOptions, (), (against, ignore))
constexpr auto field_rules(const DifferentialOptions*) {
  return std::array{
      base::FieldRule{.name = "against", .help = "the other server of the suite", .minimum = 1},
      base::FieldRule{.name = "ignore",
                      .help = "JSON paths into the results that may differ",
                      .maximum = 100,
                      .has_default = true}};
}

namespace {

using run::Answer;
using run::Outcome;
using run::Status;

class Differential final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    auto out = suite::with_options<DifferentialOptions>(
        {.name = "differential",
         .help = "the same steps on two servers: the answers are the same"});
    out.needs_options = true;
    out.check = [inner = std::move(out.check)](const base::Json& options,
                                               const std::string& pointer) -> base::Result<void> {
      if (auto fine = inner(options, pointer); !fine) return fine;
      const auto paths = suite::parse_paths(base::from_json<DifferentialOptions>(options)->ignore,
                                            pointer + "/ignore");
      if (!paths) return std::unexpected(paths.error());
      return {};
    };
    return out;
  }

  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    const auto options = base::from_json<DifferentialOptions>(context->options());
    if (!options) co_return Outcome::error(options.error().detail);
    const auto ignored = suite::parse_paths(options->ignore);
    if (!ignored) co_return Outcome::error(ignored.error().detail);
    auto first = co_await context->server("");
    if (!first) co_return Outcome::error(first.error().detail);
    auto second = co_await context->server(options->against);
    if (!second) co_return Outcome::error(second.error().detail);
    Outcome out;
    run::LatencyHistogram latency;
    run::LatencyHistogram other_latency;
    auto other_variables = context->variables();
    const auto& steps = context->spec().steps;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto label = fmt::format("step {}: {}", i + 1, suite::describe(steps[i]));
      auto one = co_await ask(context, first->get(), steps[i], &context->variables());
      auto other = co_await ask(context, second->get(), steps[i], &other_variables);
      if (one) latency.record(one->latency);
      if (other) other_latency.record(other->latency);
      compare(one, other, *ignored, label, out);
      if (one) run::judge(*one, steps[i].expect, label, out.mismatches);
      if (out.mismatches.empty()) continue;
      out.status = Status::failed;
      out.message = label + ": " + out.mismatches.front().what + " differs";
      break;
    }
    out.latency = latency.summary();
    out.figures["latency"] = run::to_json(latency.summary());
    out.figures["distribution"] = latency.distribution();
    out.figures["distribution_against"] = other_latency.distribution();
    out.figures["latency_against"] = run::to_json(other_latency.summary());
    co_return out;
  }

 private:
  static runtime::TaskResult<Answer> ask(run::CaseContext* context, run::Instance* instance,
                                         suite::StepSpec step, suite::Variables* variables) {
    auto expanded = run::expand_step(step, *variables);
    if (!expanded) co_return std::unexpected(expanded.error());
    const auto saves = expanded->save;
    auto answer = co_await run::ask(instance, std::move(*expanded), context->trace_parent());
    if (!answer) co_return answer;
    if (auto saved = run::save_values(saves, *answer, *variables); !saved)
      co_return std::unexpected(saved.error());
    co_return answer;
  }

  static std::string status_of(const base::Result<Answer>& answer) {
    if (!answer) return "no answer: " + answer.error().detail;
    auto out = std::string(run::status_name(answer->status));
    if (answer->status == Answer::Status::error) out += fmt::format(" {}", answer->code);
    return out;
  }

  static void compare(const base::Result<Answer>& one, const base::Result<Answer>& other,
                      const std::vector<suite::JsonPath>& ignored, const std::string& label,
                      Outcome& out) {
    const auto status = status_of(one);
    const auto against = status_of(other);
    if (status != against) {
      out.mismatches.push_back({label, "status", against, status});
      return;
    }
    if (!one || !other || one->status == Answer::Status::error) return;
    const auto a = suite::without(one->value, ignored);
    const auto b = suite::without(other->value, ignored);
    if (a == b) return;
    out.mismatches.push_back({.step = label,
                              .what = "result",
                              .expected = run::shown(b),
                              .actual = run::shown(a),
                              .diff = run::line_diff(run::pretty(b), run::pretty(a))});
  }
};

}  // namespace

std::unique_ptr<run::Kind> differential_kind() {
  return std::make_unique<Differential>();
}

}  // namespace telltale::lab::measure
