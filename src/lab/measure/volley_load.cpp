#include "lab/measure/volley_load.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/measure/verdict.hpp"
#include "lab/run/steps.hpp"

namespace telltale::lab::measure {
namespace {

mcp::VolleyRequest request_of(const suite::StepSpec& step) {
  if (step.call)
    return {.method = "tools/call",
            .params = {{"name", *step.call}, {"arguments", step.arguments}}};
  if (step.prompt)
    return {.method = "prompts/get",
            .params = {{"name", *step.prompt}, {"arguments", step.arguments}}};
  if (step.read) return {.method = "resources/read", .params = {{"uri", *step.read}}};
  return {.method = step.request.value_or("ping"), .params = step.params};
}

}  // namespace

bool VolleyLoad::fits(const suite::StepSpec& step) {
  const bool one_message = !step.list && !step.ping.value_or(false);
  return one_message && step.save.empty() && !step.expect.latency_ms;
}

VolleyLoad::VolleyLoad(std::shared_ptr<run::Instance> instance, suite::StepSpec step, Events events)
    : instance_(std::move(instance)),
      step_(std::move(step)),
      limit_(step_.timeout_s ? base::from_seconds(*step_.timeout_s)
                             : mcp::ClientSettings{}.request_timeout),
      events_(std::move(events)) {}

base::Result<void> VolleyLoad::start(std::size_t callers) {
  auto request = request_of(step_);
  request.callers = callers;
  auto made = instance_->client().volley(
      std::move(request),
      {.judge = [this](auto outcome) { return judge(std::move(outcome)); },
       .answered = [this](std::size_t caller, const std::string& wrong) { ended(caller, wrong); },
       .failed = [this](std::size_t caller,
                        const base::Error& why) { ended(caller, no_answer(why.detail)); },
       .unfit = [this] { events_.unfit(); }});
  if (!made) return std::unexpected(made.error());
  volley_ = std::move(*made);
  callers_.resize(callers);
  for (std::size_t caller = 0; caller < callers; ++caller) ask(caller, now());
  return {};
}

void VolleyLoad::tend() {
  const auto at = now();
  for (std::size_t caller = 0; caller < callers_.size(); ++caller) {
    const auto& one = callers_[caller];
    if (one.state == State::refused) {
      ask(caller, at);
    } else if (one.state == State::waits && at - one.began >= limit_) {
      volley_->give_up(caller);
      ended(caller, no_answer(fmt::format("{}: no answer within {} ms", request_of(step_).method,
                                          limit_ / std::chrono::milliseconds(1))));
    }
  }
}

void VolleyLoad::ask(std::size_t caller, base::SteadyTime now) {
  auto& one = callers_[caller];
  // A server that has died answers at once: without this we would ask it for ever.
  if (!instance_->alive() || !events_.more(now)) {
    one.state = State::gone;
    return events_.gone();
  }
  one = {.state = State::waits, .began = now};
  if (auto sent = volley_->ask(caller); !sent) {
    one.state = State::refused;
    events_.done(now, now, no_answer(sent.error().detail));
  }
}

void VolleyLoad::ended(std::size_t caller, const std::string& wrong) {
  const auto at = now();
  events_.done(callers_[caller].began, at, wrong);
  ask(caller, at);
}

std::string VolleyLoad::judge(base::Result<mcp::ToolCallResult> outcome) const {
  const auto answer = run::answer_of(std::move(outcome));
  return answer ? verdict(*answer, step_.expect) : no_answer(answer.error().detail);
}

}  // namespace telltale::lab::measure
