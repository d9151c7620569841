#include "lab/run/attempt.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "runtime/finally.hpp"
#include "runtime/run.hpp"

namespace telltale::lab::run {
namespace {

constexpr base::Duration kProgressEvery = std::chrono::milliseconds(250);

// The same seed, case and attempt draw the same.
std::uint64_t seed_of(const AttemptSettings& settings, const CaseResult& which) {
  const auto digest =
      base::sha256(fmt::format("{}/{}/{}", settings.seed, which.name, settings.number));
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = (out << 8U) | digest.at(i);
  return out;
}

class Context final : public CaseContext {
 public:
  Context(const AttemptSettings& settings, const PlannedCase& planned)
      : settings_(settings),
        planned_(planned),
        variables_(planned.variables),
        random_(seed_of(settings, planned.blank)),
        recorder_(std::make_shared<Recorder>(
            fmt::format("{:016x}{:016x}", random_.next() | 1U, random_.next()),
            settings.loop->clock().now())) {}

  const suite::CaseSpec& spec() const override { return planned_.source->spec; }
  const base::Json& options() const override { return options_; }
  std::map<std::string, base::Json>& variables() override { return variables_; }
  std::string trace_parent() const override { return recorder_->trace_parent(); }
  const std::string& folder() const override { return settings_.folder; }
  bool update_golden() const override { return settings_.update_golden; }
  int attempt() const override { return settings_.number; }
  base::Random& random() override { return random_; }

  runtime::TaskResult<std::shared_ptr<Instance>> server(std::string name) override {
    return find(this, std::move(name));
  }
  runtime::TaskResult<std::shared_ptr<Instance>> own_server(std::string name,
                                                            Change change) override {
    return start(this, std::move(name), std::move(change));
  }
  base::Result<mcp::Target> target(std::string name) const override {
    return settings_.pool->target(name.empty() ? planned_.source->spec.server : name);
  }
  void progress(double done, double total, std::string message) override {
    const auto now = settings_.loop->clock().now();
    if (!settings_.progress || now < next_progress_) return;
    next_progress_ = now + kProgressEvery;
    settings_.progress(planned_.blank, done, total, message);
  }

  base::Result<void> fill_in_options() {
    auto out = suite::expand(planned_.source->options, variables_);
    if (!out) return std::unexpected(out.error());
    options_ = std::move(*out);
    return {};
  }
  const Recorder& recorder() const { return *recorder_; }

  static runtime::Task<> close(Context* self) {
    self->settings_.pool->forget(self->recorder_);
    for (const auto& instance : self->mine_) co_await Instance::close(instance);
    self->mine_.clear();
  }

 private:
  using Got = base::Result<std::shared_ptr<Instance>>;

  static runtime::Task<Got> find(Context* self, std::string name) {
    if (name.empty()) {
      auto own = suite::expand_text(self->spec().server, self->variables_);
      if (!own) co_return std::unexpected(own.error());
      name = std::move(*own);
    }
    if (!self->settings_.isolated) {
      co_return co_await Pool::get(self->settings_.pool, std::move(name), self->recorder_);
    }
    if (const auto known = self->isolated_.find(name);
        known != self->isolated_.end() && known->second->alive())
      co_return known->second;
    auto got = co_await start(self, name, {});
    if (got) self->isolated_[name] = *got;
    co_return got;
  }
  static runtime::Task<Got> start(Context* self, std::string name, Change change) {
    if (name.empty()) name = self->spec().server;
    co_return co_await Pool::start(self->settings_.pool, std::move(name), std::move(change),
                                   &self->mine_, self->recorder_);
  }
  const AttemptSettings& settings_;
  const PlannedCase& planned_;
  suite::Variables variables_;
  base::Json options_;
  base::Random random_;
  std::shared_ptr<Recorder> recorder_;
  std::vector<std::shared_ptr<Instance>> mine_;
  std::map<std::string, std::shared_ptr<Instance>> isolated_;
  base::SteadyTime next_progress_{};
};

runtime::TaskResult<Outcome> guarded(const Kind* kind, CaseContext* context) {
  try {
    co_return co_await kind->run(context);
  } catch (const boost::system::system_error&) {
    throw;  // a cancellation, for who cancelled
  } catch (const std::exception& error) {
    co_return Outcome::error(std::string("the kind failed: ") + error.what());
  }
}

// In the list of what can be cancelled, as long as it lives.
class Active {
 public:
  explicit Active(std::list<runtime::CancelSource>* all)
      : all_(all), source_(all->emplace(all->end())) {}
  Active(const Active&) = delete;
  Active& operator=(const Active&) = delete;
  ~Active() { all_->erase(source_); }
  const runtime::CancelSource& source() const { return *source_; }

 private:
  std::list<runtime::CancelSource>* all_;
  std::list<runtime::CancelSource>::iterator source_;
};

Outcome outcome_of(base::Result<Outcome> result) {
  if (result) return std::move(*result);
  const auto& error = result.error();
  return {.status = error.code == base::Code::cancelled ? Status::cancelled : Status::failed,
          .message = error.detail};
}

}  // namespace

runtime::Task<Tried> attempt(AttemptSettings settings, const PlannedCase* planned) {
  const auto& clock = settings.loop->clock();
  Context context(settings, *planned);
  const auto began = clock.now();
  Tried out;
  const auto* const kind = settings.kinds->find(planned->source->spec.kind);
  if (kind == nullptr) {
    out.outcome = Outcome::error("there is no kind " + planned->source->spec.kind);
  } else if (auto filled = context.fill_in_options(); !filled) {
    out.outcome = Outcome::error(filled.error().detail);
  } else {
    if (!planned->source->spec.timeout_s)
      settings.limit = std::max(settings.limit, kind->needs(context.options()));
    const Active active(settings.active);
    out.outcome = outcome_of(co_await runtime::finally(
        runtime::with_timeout<Outcome>(
            settings.limit, fmt::format("not done within {} s", base::to_seconds(settings.limit)),
            guarded(kind, &context), active.source()),
        Context::close(&context)));
  }
  out.attempt = {.status = out.outcome.status,
                 .message = cut(out.outcome.message, kShownLimit),
                 .duration_ms = base::to_ms(clock.now() - began),
                 .mismatches = std::move(out.outcome.mismatches)};
  if (out.outcome.status != Status::passed) {
    out.attempt.exchanges = context.recorder().exchanges();
    out.attempt.log = context.recorder().log();
  }
  if (settings.saved != nullptr) *settings.saved = context.variables();
  co_return out;
}

}  // namespace telltale::lab::run
