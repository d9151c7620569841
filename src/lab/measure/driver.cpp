#include "lab/measure/driver.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/measure/verdict.hpp"
#include "lab/measure/volley_load.hpp"
#include "lab/run/instance.hpp"
#include "lab/run/steps.hpp"
#include "runtime/finally.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_crowd.hpp"

namespace telltale::lab::measure {
namespace {

using base::Duration;
using base::SteadyTime;

constexpr Duration kLastAnswers = std::chrono::seconds(10);
constexpr Duration kTending = std::chrono::milliseconds(50);  // of a volley: over its time, again

class Driver {
 public:
  Driver(run::CaseContext& context, LoadOptions options, std::shared_ptr<run::Instance> instance)
      : context_(context),
        options_(std::move(options)),
        instance_(std::move(instance)),
        loop_(*runtime::Loop::current()),
        crowd_(loop_, "lab.load", "lab"),
        gone_(loop_) {}

  base::Result<void> prepare() {
    bare_.reserve(context_.spec().steps.size());
    steps_.reserve(context_.spec().steps.size());
    for (const auto& step : context_.spec().steps) {
      saves_ = saves_ || !step.save.empty();
      if (saves_) {  // filled in for each call
        steps_ = context_.spec().steps;
        return {};
      }
      auto expanded = run::expand_step(step, context_.variables());
      if (!expanded) return std::unexpected(expanded.error());
      bare_.push_back(bare(*expanded));
      steps_.push_back(std::move(*expanded));
    }
    return {};
  }

  static runtime::Task<> run(Driver* self) {
    self->begin();
    if (self->start_volley()) {
      co_await watch(self);
      if (!self->unfit_) co_return;
      self->spent_ = std::move(self->volley_);
      self->unfit_ = false;
      self->out = {};
      self->window_latency_ = {};
      self->begun_ = 0;
      self->begin();
    }
    const auto callers = self->left_;  // one may have gone before the next is there
    for (std::size_t i = 0; i < callers; ++i) self->crowd_.spawn(call_on(self));
    co_await watch(self);
  }
  static runtime::Task<> stop(Driver* self) { co_await self->crowd_.stop(); }

  Measured out;

 private:
  SteadyTime now() const { return loop_.clock().now(); }

  void begin() {
    begins_ = now();
    measures_ = begins_ + base::from_seconds(options_.warm_up_s);
    ends_ = measures_ + base::from_seconds(options_.duration_s);
    window_ = std::max<Duration>(base::from_seconds(options_.duration_s / kSeriesLimit),
                                 std::chrono::milliseconds(250));
    left_ = static_cast<std::size_t>(options_.concurrency);
  }

  // False where the calls must be made one by one.
  bool start_volley() {
    if (options_.rate > 0 || saves_ || steps_.size() != 1 || !VolleyLoad::fits(steps_[0]))
      return false;
    volley_ = std::make_unique<VolleyLoad>(
        instance_, steps_[0],
        VolleyLoad::Events{.more = [this](SteadyTime at) { return begins(at); },
                           .done = [this](SteadyTime began, SteadyTime ended,
                                          const std::string& wrong) { done(began, ended, wrong); },
                           .gone = [this] { gone(); },
                           .unfit =
                               [this] {
                                 unfit_ = true;
                                 gone_.notify_all();
                               }});
    if (volley_->start(left_)) return true;
    volley_.reset();
    return false;
  }

  // Until the last caller has gone; keeps the series meanwhile.
  static runtime::Task<> watch(Driver* self) {
    auto next = self->measures_ + self->window_;
    while (self->left_ > 0 && !self->unfit_ && self->now() < self->ends_ + kLastAnswers) {
      auto until = std::min(next, self->ends_ + kLastAnswers);
      if (self->volley_) until = std::min(until, self->now() + kTending);
      (void)co_await self->gone_.wait_for(
          std::max<Duration>(until - self->now(), std::chrono::milliseconds(1)));
      if (self->volley_) self->volley_->tend();
      if (self->now() < next) continue;
      next = self->now() + self->window_;
      self->close_window();
    }
    if (self->left_ > 0 && !self->unfit_)
      self->failed(fmt::format("{} calls got no answer", self->left_));
    self->out.took = std::min(self->now(), self->ends_) - self->measures_;
  }

  // Whether a call may begin now; it is counted then.
  bool begins(SteadyTime at) {
    if (at >= ends_ || enough()) return false;
    if (at >= measures_) ++begun_;
    return true;
  }
  void done(SteadyTime began, SteadyTime ended, const std::string& wrong) {
    if (began < measures_) return;
    ++out.calls;
    out.latency.record(ended - began);
    window_latency_.record(ended - began);
    if (!wrong.empty()) failed(wrong);
  }
  void gone() {
    --left_;
    gone_.notify_all();
  }

  static runtime::Task<> call_on(Driver* self) {
    while (self->now() < self->ends_ && !self->enough()) {
      auto due = self->now();
      if (self->options_.rate > 0) {
        const auto number = static_cast<double>(self->next_++);
        due = self->begins_ + base::from_seconds(number / self->options_.rate);
        if (due >= self->ends_) break;
        if (due > self->now()) co_await runtime::sleep_until(due);
        if (due >= self->measures_) self->out.late = std::max(self->out.late, self->now() - due);
      }
      if (due >= self->measures_) ++self->begun_;
      const auto wrong = co_await once(self);
      self->done(due, self->now(), wrong);
      // A server that has died answers at once: without this the loop would spin on it.
      if (!self->instance_->alive()) break;
    }
    self->gone();
  }

  // One pass through the steps; "" when all expectations held.
  static runtime::Task<std::string> once(Driver* self) {
    std::optional<suite::Variables> own;
    if (self->saves_) own = self->context_.variables();
    for (std::size_t i = 0; i < self->steps_.size(); ++i) {
      std::optional<suite::StepSpec> filled;
      if (own) {
        auto expanded = run::expand_step(self->steps_[i], *own);
        if (!expanded) co_return expanded.error().detail;
        filled = std::move(*expanded);
      }
      const auto& step = filled ? *filled : self->steps_[i];
      auto answer =
          co_await run::ask(self->instance_.get(), filled ? bare(step) : self->bare_[i], {});
      if (!answer) co_return no_answer(answer.error().detail);
      if (auto wrong = verdict(*answer, step.expect); !wrong.empty()) co_return wrong;
      if (!own) continue;
      if (auto saved = run::save_values(step.save, *answer, *own); !saved)
        co_return saved.error().detail;
    }
    co_return "";
  }

  // Without what is judged: a copy of it goes into every call.
  static suite::StepSpec bare(suite::StepSpec step) {
    step.expect = {};
    step.save.clear();
    return step;
  }

  bool enough() const {
    return options_.count > 0 && begun_ >= static_cast<std::uint64_t>(options_.count);
  }
  void failed(const std::string& what) {
    ++out.errors;
    const auto kind = run::cut(what, 300);
    if (out.error_kinds.size() < kErrorKinds || out.error_kinds.contains(kind))
      ++out.error_kinds[kind];
  }
  void close_window() {
    const auto summary = window_latency_.summary();
    if (out.series.size() < 2 * kSeriesLimit)
      out.series.push_back({.at_s = base::to_seconds(now() - measures_),
                            .calls = summary.count,
                            .p50_ms = summary.p50,
                            .p99_ms = summary.p99,
                            .usage = instance_->client().sample()});
    window_latency_ = {};
    context_.progress(base::to_seconds(now() - begins_), base::to_seconds(ends_ - begins_),
                      fmt::format("{} calls, {} failed", out.calls, out.errors));
  }

  run::CaseContext& context_;
  LoadOptions options_;
  std::shared_ptr<run::Instance> instance_;
  runtime::Loop& loop_;
  runtime::TaskCrowd crowd_;
  runtime::Notifier gone_;
  std::vector<suite::StepSpec> steps_, bare_;
  bool saves_ = false;
  SteadyTime begins_, measures_, ends_;
  Duration window_{};
  std::uint64_t next_ = 0;   // of the open loop
  std::uint64_t begun_ = 0;  // measured calls
  std::size_t left_ = 0;     // callers
  std::unique_ptr<VolleyLoad> volley_;
  std::unique_ptr<VolleyLoad> spent_;  // was unfit: hears the answers that were still under way
  bool unfit_ = false;                 // for a volley
  run::LatencyHistogram window_latency_;
};

}  // namespace

base::JsonObject Measured::figures() const {
  const auto summary = latency.summary();
  const auto took_s = base::to_seconds(took);
  const auto count = static_cast<double>(calls);
  base::JsonObject out{{"calls", calls},
                       {"calls_per_s", took_s > 0 ? count / took_s : 0},
                       {"errors", errors},
                       {"error_rate", calls > 0    ? static_cast<double>(errors) / count
                                      : errors > 0 ? 1
                                                   : 0},
                       {"late_ms", base::to_ms(late)}};
  const auto latencies = run::to_json(summary);
  for (const auto& one : latencies)
    if (one.key() != "count") out[one.key()] = one.value();
  base::JsonArray moments;
  for (const auto& one : series) {
    base::JsonObject shown{
        {"at_s", one.at_s}, {"calls", one.calls}, {"p50_ms", one.p50_ms}, {"p99_ms", one.p99_ms}};
    if (one.usage) {
      shown["memory_bytes"] = one.usage->memory_bytes;
      shown["fds"] = one.usage->fds;
    }
    moments.push_back(std::move(shown));
  }
  out["series"] = std::move(moments);
  base::JsonObject kinds;
  for (const auto& [what, times] : error_kinds) kinds[what] = times;
  out["error_kinds"] = std::move(kinds);
  return out;
}

runtime::TaskResult<Measured> drive(run::CaseContext* context, LoadOptions options) {
  auto instance = co_await context->server("");
  if (!instance) co_return std::unexpected(instance.error());
  Driver driver(*context, std::move(options), std::move(*instance));
  if (auto ready = driver.prepare(); !ready) co_return std::unexpected(ready.error());
  co_await runtime::finally(Driver::run(&driver), Driver::stop(&driver));
  co_return std::move(driver.out);
}

}  // namespace telltale::lab::measure
