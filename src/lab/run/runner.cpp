#include "lab/run/runner.hpp"

#include <deque>
#include <filesystem>
#include <list>

#include <fmt/format.h>
#include <stdlib.h>

#include "base/duration.hpp"
#include "lab/run/attempt.hpp"
#include "lab/run/sampler.hpp"
#include "runtime/finally.hpp"

namespace telltale::lab::run {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kLook = 100ms;
constexpr std::size_t kInFlight = 8'192;
constexpr std::size_t kExplained = 100;  // failures whose messages and log are kept

class Run {
 public:
  Run(runtime::Loop& loop, suite::Suite suite, RunSettings settings)
      : loop_(loop),
        suite_(std::move(suite)),
        settings_(std::move(settings)),
        tasks_(loop, "lab"),
        done_(loop),
        sampler_(loop) {
    result.id = settings_.id.empty() ? base::new_id("run_") : settings_.id;
    result.suite = suite_.spec.name;
    result.file = suite_.file;
    result.seed = settings_.seed;
    result.started = loop.clock().wall();
    began_ = loop.clock().now();
  }

  static runtime::Task<> drive(Run* self) {
    self->tasks_.spawn("lab.watch", watch(self));
    auto rows = plan(self->suite_, self->settings_.selection);
    const bool shared = self->suite_.spec.isolation == "shared";
    for (auto& row : rows) {
      auto settled = base::Result<void>();
      if (!shared || !self->pool_) {
        co_await close_pool(self);
        settled = self->open_pool(row.variables);
        if (settled) settled = co_await open_programs(self);
      } else {
        settled = self->settle(row.variables);
      }
      co_await run_row(self, &row, settled ? std::string() : settled.error().detail);
    }
    co_await close_pool(self);
  }

  // Whatever happened before.
  static runtime::Task<> finish(Run* self) {
    co_await self->tasks_.stop();
    co_await close_pool(self);
    auto& result = self->result;
    result.samples = self->sampler_.take();
    result.ended = self->loop_.clock().wall();
    result.duration_ms = base::to_ms(self->loop_.clock().now() - self->began_);
    count(result);
    // What had failed by then is in the totals; the rest was not judged.
    if (self->cancelled_ && result.totals.cancelled > 0) result.status = Status::cancelled;
  }

  RunResult result;

 private:
  base::Result<void> open_pool(suite::Variables& variables) {
    if (suite_.text.find("${temp}") != std::string::npos) make_temporary_folder();
    auto settled = settle(variables);
    pool_ = std::make_unique<Pool>(
        loop_, suite_, variables,
        Pool::Settings{.sources = settings_.sources, .client = {.in_flight_limit = kInFlight}});
    return settled;
  }
  static runtime::Task<base::Result<void>> open_programs(Run* self) {
    auto opened = co_await Pool::open(self->pool_.get());
    if (!opened) co_return std::unexpected(opened.error());
    co_return base::Result<void>();
  }
  // ${suite_dir} and ${temp}, also within the values of other variables; those may read the
  // environment too.
  base::Result<void> settle(suite::Variables& variables) const {
    const suite::Variables own{{"suite_dir", base::Json(suite_.folder)},
                               {"temp", base::Json(temporary_)}};
    for (auto& [name, value] : variables) {
      auto expanded = suite::expand(value, own);
      if (!expanded)
        return base::fail(expanded.error().code,
                          "the variable " + name + ": " + expanded.error().detail);
      value = std::move(*expanded);
    }
    for (const auto& [name, value] : own) variables[name] = value;
    return {};
  }
  void make_temporary_folder() {
    auto name = (std::filesystem::temp_directory_path() / "telltale-test-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) temporary_ = name;
  }
  static runtime::Task<> close_pool(Run* self) {
    if (!self->pool_) co_return;
    co_await Pool::close(self->pool_.get());
    for (const auto& one : self->pool_->descriptions())
      self->result.servers[one.key()] = one.value();
    self->pool_.reset();
    if (!self->temporary_.empty()) {
      std::error_code error;
      std::filesystem::remove_all(std::exchange(self->temporary_, {}), error);
    }
  }

  bool over() const { return stopping_ || (settings_.ended && settings_.ended()); }

  // Ends what runs once nobody wants it any more, and samples the servers.
  static runtime::Task<> watch(Run* self) {
    for (;;) {
      co_await runtime::sleep_for(kLook);
      if (self->pool_) self->sampler_.look(*self->pool_);
      if (self->cancelled_ || !self->settings_.ended || !self->settings_.ended()) continue;
      self->cancelled_ = self->stopping_ = true;
      for (const auto& source : self->active_) source.cancel();
    }
  }

  static runtime::Task<> run_row(Run* self, PlannedRow* row, std::string unprepared) {
    const auto base = self->result.cases.size();
    for (auto& one : row->cases) self->result.cases.push_back(one.blank);
    auto fixed = row->variables;
    if (!self->suite_.spec.setup.empty() && unprepared.empty() && !self->over()) {
      auto setup = co_await fixture(self, "setup", self->suite_.spec.setup, &fixed);
      if (is_bad(setup.status)) unprepared = "setup failed: " + setup.message;
      if (!unprepared.empty()) self->report(std::move(setup));
    }
    for (auto& one : row->cases) {
      auto settled = self->settle(one.variables);
      if (!settled && unprepared.empty()) unprepared = settled.error().detail;
      for (const auto& [name, value] : fixed) one.variables.try_emplace(name, value);
    }
    std::deque<std::size_t> parallel;
    std::deque<std::size_t> serial;
    for (std::size_t i = 0; i < row->cases.size(); ++i)
      (row->cases[i].source->spec.serial ? serial : parallel).push_back(i);
    const auto at_a_time = static_cast<std::size_t>(
        std::max(1, self->settings_.parallel.value_or(self->suite_.spec.defaults.parallel)));
    co_await run_queue(self, row, base, &parallel, at_a_time, &unprepared);
    co_await run_queue(self, row, base, &serial, 1, &unprepared);
    if (self->suite_.spec.teardown.empty()) co_return;
    auto teardown = co_await fixture(self, "teardown", self->suite_.spec.teardown, &fixed);
    if (is_bad(teardown.status)) self->report(std::move(teardown));
  }

  // Setup and teardown run as cases do and are shown as cases when they fail.
  static runtime::Task<CaseResult> fixture(Run* self, std::string name,
                                           std::vector<suite::StepSpec> steps,
                                           suite::Variables* variables) {
    suite::Case source{.spec = {.name = name, .kind = "functional", .steps = std::move(steps)},
                       .options = nullptr,
                       .place = {}};
    PlannedCase planned{.source = &source, .variables = *variables, .blank = {}};
    planned.blank.id = name;
    planned.blank.name = name;
    planned.blank.suite = self->suite_.spec.name;
    planned.blank.started = self->loop_.clock().wall();
    auto settings = self->attempt_settings(planned, 1);
    settings.isolated = false;
    settings.saved = variables;
    auto tried = co_await attempt(std::move(settings), &planned);
    auto out = std::move(planned.blank);
    take(tried, out);
    out.attempts.push_back(std::move(tried.attempt));
    co_return out;
  }

  void report(CaseResult done) {
    if (settings_.observer.ended) settings_.observer.ended(done);
    result.cases.push_back(std::move(done));
  }

  struct Crew {
    std::size_t left;
  };
  static runtime::Task<> run_queue(Run* self, PlannedRow* row, std::size_t base,
                                   std::deque<std::size_t>* queue, std::size_t at_a_time,
                                   const std::string* unprepared) {
    Crew crew{.left = std::min(at_a_time, queue->size())};
    for (std::size_t i = crew.left; i > 0; --i)
      self->tasks_.spawn("lab.case", work(self, row, base, queue, unprepared, &crew));
    while (crew.left > 0) co_await self->done_.wait();
  }

  static runtime::Task<> work(Run* self, PlannedRow* row, std::size_t base,
                              std::deque<std::size_t>* queue, const std::string* unprepared,
                              Crew* crew) {
    while (!queue->empty()) {
      const auto index = queue->front();
      queue->pop_front();
      co_await run_case(self, &row->cases[index], base + index, unprepared);
    }
    --crew->left;
    self->done_.notify_all();
  }

  static runtime::Task<> run_case(Run* self, PlannedCase* planned, std::size_t index,
                                  const std::string* unprepared) {
    auto out = planned->blank;
    out.started = self->loop_.clock().wall();
    const auto& spec = planned->source->spec;
    if (!spec.skip.empty() || self->over() || !unprepared->empty()) {
      out.status = !spec.skip.empty()     ? Status::skipped
                   : !unprepared->empty() ? Status::error
                                          : Status::cancelled;
      out.message = !spec.skip.empty() ? spec.skip : *unprepared;
    } else {
      if (self->settings_.observer.started) self->settings_.observer.started(out);
      const auto began = self->loop_.clock().now();
      const int tries = 1 + spec.retries.value_or(self->suite_.spec.defaults.retries);
      for (int number = 1; number <= tries; ++number) {
        auto tried = co_await attempt(self->attempt_settings(*planned, number), planned);
        take(tried, out);
        out.attempts.push_back(std::move(tried.attempt));
        if (!is_bad(out.status) || self->over()) break;
      }
      if (out.status == Status::passed && out.attempts.size() > 1) {
        out.status = Status::flaky;
        out.message = fmt::format("passed on attempt {}; before: {}", out.attempts.size(),
                                  out.attempts.front().message);
      }
      out.duration_ms = base::to_ms(self->loop_.clock().now() - began);
    }
    if (is_bad(out.status) && self->settings_.fail_fast) self->stopping_ = true;
    if (self->settings_.observer.ended) self->settings_.observer.ended(out);
    self->forget_excess(out);
    self->result.cases[index] = std::move(out);
  }

  // A thousand failures of one cause need no thousand records of what was said.
  void forget_excess(CaseResult& one) {
    if (!one.attempts.empty() && one.status != Status::passed && ++explained_ <= kExplained) return;
    for (auto& attempt : one.attempts) {
      attempt.exchanges.clear();
      attempt.log.clear();
    }
  }

  static void take(Tried& tried, CaseResult& out) {
    out.status = tried.attempt.status;
    out.message = tried.attempt.message;
    out.latency = tried.outcome.latency;
    out.figures = std::move(tried.outcome.figures);
    out.findings = std::move(tried.outcome.findings);
    if (out.findings.size() > kFindingsLimit) out.findings.resize(kFindingsLimit);
    for (auto& one : tried.outcome.golden_updated) out.golden_updated.push_back(std::move(one));
  }

  AttemptSettings attempt_settings(const PlannedCase& planned, int number) {
    const auto seconds = planned.source->spec.timeout_s.value_or(suite_.spec.defaults.timeout_s);
    return {.loop = &loop_,
            .pool = pool_.get(),
            .kinds = settings_.kinds,
            .active = &active_,
            .folder = suite_.folder,
            .limit = base::from_seconds(seconds),
            .seed = settings_.seed,
            .number = number,
            .isolated = suite_.spec.isolation == "case",
            .update_golden = settings_.update_golden,
            .saved = nullptr,
            .progress = settings_.observer.progress};
  }

  runtime::Loop& loop_;
  suite::Suite suite_;
  RunSettings settings_;
  runtime::TaskGroup tasks_;
  runtime::Notifier done_;
  Sampler sampler_;
  std::unique_ptr<Pool> pool_;
  std::list<runtime::CancelSource> active_;
  std::string temporary_;
  base::SteadyTime began_;
  std::size_t explained_ = 0;
  bool stopping_ = false;   // nothing new is started
  bool cancelled_ = false;  // by who waits for it
};

}  // namespace

runtime::Task<RunResult> run(suite::Suite suite, RunSettings settings) {
  auto self =
      std::make_unique<Run>(*runtime::Loop::current(), std::move(suite), std::move(settings));
  co_await runtime::finally(Run::drive(self.get()), Run::finish(self.get()));
  co_return std::move(self->result);
}

}  // namespace telltale::lab::run
