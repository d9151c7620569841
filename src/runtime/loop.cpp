#include "runtime/loop.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <pthread.h>

#include "base/check.hpp"
#include "base/log.hpp"

namespace telltale::runtime {
namespace {

thread_local Loop* loop_of_this_thread = nullptr;
constexpr base::Duration kLagProbe = std::chrono::milliseconds(250);

std::uint64_t to_us(base::Duration duration) {
  return duration.count() <= 0 ? 0 : static_cast<std::uint64_t>(duration.count() / 1000);
}

}  // namespace

struct Loop::RealTimer {
  explicit RealTimer(asio::io_context& context) : timer(context) {}
  asio::steady_timer timer;
  std::optional<base::SteadyTime> armed_for;
};

Loop::Loop(std::string name, const base::Clock& clock, TaskRegistry& tasks)
    : name_(std::move(name)), clock_(clock), tasks_(tasks) {}

Loop::~Loop() {
  CHECK(!thread_.joinable());
}

Loop* Loop::current() noexcept {
  return loop_of_this_thread;
}

void Loop::post(Callback callback) {
  asio::post(context_, std::move(callback));
}

void Loop::start_thread() {
  CHECK(!thread_.joinable());
  work_.emplace(context_.get_executor());
  real_timer_ = std::make_unique<RealTimer>(context_);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
    loop_of_this_thread = this;
    measure_lag();
    arm();
    context_.run();
    // What is still queued is destroyed here, on its home thread, so that nothing outlives its
    // loop.
    timers_.clear();
    real_timer_.reset();
    loop_of_this_thread = nullptr;
  });
}

void Loop::stop() {
  work_.reset();
  context_.stop();
  if (thread_.joinable() && !is_current()) thread_.join();
}

Loop::TimerKey Loop::schedule_at(base::SteadyTime when, Callback callback) {
  CHECK(is_current() || !thread_.joinable());
  const TimerKey key{when, ++next_timer_};
  const bool earliest = timers_.empty() || key < timers_.begin()->first;
  timers_.emplace(key, std::move(callback));
  if (earliest) arm();
  return key;
}

void Loop::cancel(TimerKey key) {
  timers_.erase(key);
}

void Loop::arm() {
  if (!real_timer_ || timers_.empty()) return;
  const auto when = timers_.begin()->first.first;
  if (real_timer_->armed_for && *real_timer_->armed_for <= when) return;
  real_timer_->armed_for = when;
  real_timer_->timer.expires_at(
      std::chrono::time_point_cast<std::chrono::steady_clock::duration>(when));
  real_timer_->timer.async_wait([this](boost::system::error_code error) {
    if (error || !real_timer_) return;  // re-armed for an earlier deadline
    real_timer_->armed_for.reset();
    fire_due();
    arm();
  });
}

std::size_t Loop::fire_due() {
  std::size_t fired = 0;
  const auto now = clock_.now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto callback = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    callback();
    ++fired;
  }
  return fired;
}

std::size_t Loop::run_ready() {
  CHECK(!thread_.joinable());
  auto* const outer = std::exchange(loop_of_this_thread, this);
  std::size_t ran = 0;
  for (std::size_t round = 1; round > 0; ran += round) {
    context_.restart();
    round = context_.poll() + fire_due();
  }
  loop_of_this_thread = outer;
  return ran;
}

std::optional<base::SteadyTime> Loop::next_deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

void Loop::measure_lag() {
  const auto due = clock_.now() + kLagProbe;
  schedule_at(due, [this, due] {
    {
      const std::lock_guard lock(stats_mutex_);
      lag_us_.record(to_us(clock_.now() - due));
    }
    measure_lag();
  });
}

LoopStats Loop::stats() const {
  const std::lock_guard lock(stats_mutex_);
  return {.name = name_,
          .lag_p50_us = lag_us_.quantile(0.5),
          .lag_p99_us = lag_us_.quantile(0.99),
          .lag_max_us = lag_us_.max(),
          .stalls = stalls_,
          .resumes = resumes_.load(std::memory_order_relaxed)};
}

void Loop::on_stall(std::function<void(const Stall&)> handler) {
  stall_handler_ = std::move(handler);
}

void Loop::report_stall(const TaskInfo& task, base::Duration took) {
  {
    const std::lock_guard lock(stats_mutex_);
    ++stalls_;
  }
  base::log(base::LogLevel::warning, "runtime", "loop {} was held for {:.0f} ms by task {}", name_,
            base::to_ms(took), task.name);
  if (stall_handler_) stall_handler_({.loop = name_, .task = task.name, .duration = took});
}

Loop::Resume::Resume(Loop& loop, const TaskInfo& task) noexcept
    : loop_(loop), outer_(std::exchange(loop.task_, &task)) {
  loop_.resumes_.fetch_add(1, std::memory_order_relaxed);
  if (outer_ == nullptr) started_ = loop_.clock_.now();
}

Loop::Resume::~Resume() {
  const auto* task = std::exchange(loop_.task_, outer_);
  if (outer_ != nullptr) return;  // nested resumes are part of the outermost one
  const auto took = loop_.clock_.now() - started_;
  if (took > kStallLimit) loop_.report_stall(*task, took);
}

}  // namespace telltale::runtime
