#include "net/process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>

#include <boost/asio/cancellation_state.hpp>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"
#include "net/child_spawn.hpp"
#include "net/descriptor.hpp"
#include "net/line_reader.hpp"
#include "net/line_writer.hpp"
#include "net/process_keeper.hpp"
#include "net/process_tree.hpp"
#include "runtime/sync.hpp"
#include "runtime/uncancelled.hpp"

extern char** environ;

namespace telltale::net {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::size_t kErrReadSize = 16U << 10U;
constexpr std::size_t kErrLine = 16U << 10U;
// A child that floods its stderr is slowed down through its pipe: about 3 MiB/s, nothing is lost.
constexpr base::Duration kErrPause = milliseconds(5);
constexpr base::Duration kSweepInterval = std::chrono::seconds(2);
constexpr int kRoundLimit =
    100;  // of killing survivors, about five seconds: what lives then is stuck in the kernel
// A keeper that has not ended its family by then is stopped or stuck: we do its work.
constexpr base::Duration kKeeperLimit = std::chrono::seconds(5);

// Everything the callbacks under way need; it outlives its Process until the child is reaped.
class Child : public std::enable_shared_from_this<Child> {
 public:
  Child(runtime::Loop& home, const ProcessSpec& spec, SpawnedChild spawned,
        Process::Events handlers)
      : loop(home),
        pid(spawned.pid),
        tag(std::move(spawned.tag)),
        ended(home),
        started_at(home.clock().wall()),
        wrapped_(spawned.wrapped),
        events_(std::move(handlers)),
        in_(home, spawned.stdin_fd, spec.stdin_limit),
        out_(home, spawned.stdout_fd, {.line_limit = spec.line_limit}, out_events()),
        err_(home, spawned.stderr_fd,
             {.line_limit = kErrLine,
              .cut = true,
              .read_size = kErrReadSize,
              .pause_when_full = kErrPause},
             err_events()),
        control_(home, spawned.control_fd),
        command_(spec.command),
        pidfd_(home, spawned.pidfd) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Only when the loop ended before the child did: the last chance to leave nothing behind.
  ~Child() {
    if (reaped_) return;
    control_.close();
    pollfd wait{.fd = pidfd_.fd(), .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, 2000);
    signal_group(pid, SIGKILL);
    ::poll(&wait, 1, 2000);
    for (int round = 0; round < kRoundLimit && kill_survivors(pid, tag) > 0; ++round) {
      ::poll(nullptr, 0, 1);
      reap_orphans();
    }
    if (peek_exit(pidfd_.fd())) reap_leader(pid, pidfd_.fd());
  }

  void start() {
    in_.start(weak_from_this());
    out_.start(weak_from_this());
    err_.start(weak_from_this());
    read_control();
    pidfd_.async_wait(Ready::read, [self = shared_from_this()](bool aborted) {
      if (!aborted) self->leader_ended();
    });
    sweep_later();
  }

  void detach() {
    detached_ = true;
    // Not here: one of them may be the caller.
    loop.post([self = shared_from_this()] { self->events_ = {}; });
  }

  void terminate() {
    if (reaped_) return;
    remember_family(pid);
    signal(SIGTERM);
  }

  void signal(int number) {
    if (!reaped_) tell_keeper(control_.fd(), keeper::Word::signal, number);
  }

  void kill() {
    if (reaped_) return;
    remember_family(pid);
    tell_keeper(control_.fd(), keeper::Word::end, 0);
    expect_end();
  }

  // The child's own process; the keeper's until that has said it.
  int server_pid() {
    if (server_pid_ == 0 && !reaped_) hear();
    return server_pid_ == 0 ? pid : server_pid_;
  }

  base::Result<void> write_line(std::string line) {
    if (exit || !in_.is_open())
      return base::fail(base::Code::unavailable,
                        exit ? "the process has ended" : "stdin of the process is closed");
    return in_.write(std::move(line));
  }

  void close_in(bool after_queue) { in_.close(after_queue); }
  void gather(std::size_t lines) { out_.gather(lines); }

  runtime::Loop& loop;
  const int pid;  // the keeper
  const std::string tag;
  std::optional<ProcessExit> exit;
  bool finished = false;
  runtime::Notifier ended;
  const base::WallTime started_at;

 private:
  void read_control() {
    control_.async_wait(Ready::read, [self = shared_from_this()](bool aborted) {
      if (aborted || self->reaped_) return;
      // At its end there is nothing to read any more: the pidfd says the rest.
      if (self->hear()) self->read_control();
    });
  }

  // All that the keeper has said so far; false when it said nothing.
  bool hear() {
    bool heard = false;
    while (const auto message = hear_keeper(control_.fd())) {
      heard = true;
      switch (message->word) {
        case keeper::Word::started:
          server_pid_ = wrapped_ ? innermost(message->value) : message->value;
          break;
        case keeper::Word::failed:
          failure_ = std::string("cannot ") + message->text + " (" + command_ + ")";
          if (message->value != 0)
            failure_ += std::string(": ") + ::strerrordesc_np(message->value);
          break;
        case keeper::Word::ended:
          child_ended(message->value);
          break;
        default:
          base::log(base::LogLevel::error, "process", "the keeper {} says something unknown", pid);
      }
    }
    return heard;
  }

  void child_ended(int status) {
    // bubblewrap, as a shell does, tells a death by signal as 128 + its number.
    constexpr int kBySignal = 128;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status)
                       : wrapped_ && code > kBySignal && code <= kBySignal + SIGRTMAX
                           ? code - kBySignal
                           : 0;
    exit = signal != 0 ? ProcessExit{.code = {}, .signal = signal, .failure = {}}
                       : ProcessExit{.code = code, .signal = {}, .failure = {}};
    exit->failure = failure_;
    close_in(false);
    ended.notify_all();
    expect_end();
  }

  void expect_end() {
    if (std::exchange(end_expected_, true)) return;
    loop.schedule_at(loop.clock().now() + kKeeperLimit, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || self->reaped_ || self->leader_ended_) return;
      base::log(base::LogLevel::warning, "process", "the keeper {} does not end: killing it",
                self->pid);
      remember_family(self->pid);
      signal_group(self->pid, SIGKILL);
    });
  }

  // What is answered to the lines of one reading goes out together.
  LineReader::Events out_events() {
    return {.line =
                [this](std::string_view line) {
                  in_.hold();
                  if (!detached_ && events_.stdout_line) events_.stdout_line(line);
                },
            .turn = [this] { in_.release(); },
            .ended =
                [this](base::Error why) {
                  if (!detached_ && events_.stdout_closed) events_.stdout_closed(std::move(why));
                }};
  }
  LineReader::Events err_events() {
    return {.line =
                [this](std::string_view line) {
                  if (!detached_ && events_.stderr_line) events_.stderr_line(line);
                },
            .turn = {},
            .ended = {}};
  }

  // The keeper is a zombie now and holds the group's number until everything else of the family is
  // gone. Usually nothing is left; somebody may have killed the keeper.
  void leader_ended() {
    leader_ended_ = true;
    hear();
    if (!exit) {
      exit = peek_exit(pidfd_.fd()).value_or(ProcessExit{});
      exit->failure = failure_;
      close_in(false);
      ended.notify_all();
    }
    end_family(0);
  }

  void end_family(int round) {
    signal_group(pid, SIGKILL);
    reap_orphans();  // else the living are hard to find among the dead
    if (kill_survivors(pid, tag) > 0) {
      if (round < kRoundLimit) {
        const auto pause = milliseconds(std::min(1 << std::min(round, 6), 50));
        loop.schedule_at(loop.clock().now() + pause,
                         [self = shared_from_this(), round] { self->end_family(round + 1); });
        return;
      }
      base::log(base::LogLevel::error, "process", "descendants of process {} do not die", pid);
    }
    // What was written before the end is still in the pipes, a bounded rest: all their writers are
    // dead.
    out_.finish();
    err_.finish();
    reap_leader(pid, pidfd_.fd());
    reaped_ = true;
    pidfd_.close();
    control_.close();
    reap_orphans();
    finished = true;
    ended.notify_all();
    if (!detached_ && events_.exited) events_.exited(*exit);
    detach();
  }

  // Orphans that end by themselves while their server lives on; one sweep serves all children.
  void sweep_later() {
    loop.schedule_at(loop.clock().now() + kSweepInterval, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || self->finished) return;
      static std::atomic<base::Duration::rep> last{0};
      const auto now = self->loop.clock().now().time_since_epoch().count();
      auto before = last.load();
      if (now - before >= base::Duration(kSweepInterval).count() / 2 &&
          last.compare_exchange_strong(before, now))
        reap_orphans();
      remember_family(self->pid);
      self->sweep_later();
    });
  }

  const bool wrapped_;
  Process::Events events_;
  LineWriter in_;
  LineReader out_;
  LineReader err_;
  Descriptor control_;
  const std::string command_;
  std::string failure_;
  int server_pid_ = 0;
  Descriptor pidfd_;
  bool detached_ = false;
  bool end_expected_ = false;
  bool leader_ended_ = false;
  bool reaped_ = false;
};

runtime::Task<ProcessExit> stop_child(std::shared_ptr<Child> child, base::Duration grace) {
  const auto gone_within = [](std::shared_ptr<Child> one,
                              base::Duration limit) -> runtime::Task<bool> {
    const auto deadline = one->loop.clock().now() + limit;
    while (!one->exit && one->loop.clock().now() < deadline)
      co_await one->ended.wait_for(deadline - one->loop.clock().now());
    co_return one->exit.has_value();
  };
  remember_family(child->pid);
  child->close_in(true);
  if (!co_await gone_within(child, grace)) {
    child->terminate();
    child->close_in(false);
    if (!co_await gone_within(child, grace)) child->kill();
  }
  while (!child->finished) co_await child->ended.wait();
  co_return child->exit.value_or(ProcessExit{});
}

class ChildProcess final : public Process {
 public:
  explicit ChildProcess(std::shared_ptr<Child> child)
      : child_(std::move(child)), sampled_at_(child_->loop.clock().now()) {
    child_->start();
  }
  ~ChildProcess() override {
    if (child_->finished) return;
    child_->detach();
    child_->kill();
  }

  int pid() const override { return child_->server_pid(); }
  bool running() const override { return !child_->exit.has_value(); }
  std::optional<ProcessExit> exit() const override { return child_->exit; }
  base::Result<void> write_line(std::string line) override {
    return child_->write_line(std::move(line));
  }
  void gather(std::size_t lines) override { child_->gather(lines); }
  void close_stdin() override { child_->close_in(true); }
  void kill() override { child_->kill(); }
  void signal(int signal) override { child_->signal(signal); }
  runtime::Task<ProcessExit> stop(base::Duration grace) override {
    // Begun, it is carried through: half a stop would leave what it promised to end.
    return runtime::uncancelled(stop_child(child_, grace));
  }

  std::optional<ProcessUsage> sample() override {
    if (child_->exit) return std::nullopt;
    const auto usage = measure_family(child_->pid);
    if (!usage) return std::nullopt;
    const auto now = child_->loop.clock().now();
    const auto seconds = base::to_seconds(now - std::exchange(sampled_at_, now));
    const auto used = usage->cpu_seconds - std::exchange(cpu_seconds_, usage->cpu_seconds);
    return ProcessUsage{.pid = child_->server_pid(),
                        // A descendant that ended takes its time with it: never below zero.
                        .cpu_percent = seconds > 0 ? std::max(0.0, used / seconds * 100) : 0,
                        .memory_bytes = usage->memory_bytes,
                        .fds = usage->fds,
                        .threads = usage->threads,
                        .started_at = child_->started_at};
  }

 private:
  std::shared_ptr<Child> child_;
  base::SteadyTime sampled_at_;
  double cpu_seconds_ = 0;
};

bool may_pass(std::string_view name) {
  static constexpr std::array<std::string_view, 17> kNames{"PATH",
                                                           "HOME",
                                                           "USER",
                                                           "LOGNAME",
                                                           "SHELL",
                                                           "LANG",
                                                           "LANGUAGE",
                                                           "TERM",
                                                           "TMPDIR",
                                                           "TZ",
                                                           "SSL_CERT_FILE",
                                                           "SSL_CERT_DIR",
                                                           "XDG_RUNTIME_DIR",
                                                           "XDG_DATA_HOME",
                                                           "XDG_CACHE_HOME",
                                                           "XDG_CONFIG_HOME",
                                                           "NODE_EXTRA_CA_CERTS"};
  return name.starts_with("LC_") || std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

std::string ProcessExit::describe() const {
  if (!failure.empty()) return "was not started: " + failure;
  if (code) return "exited with code " + std::to_string(*code);
  if (signal) {
    const char* const name = ::sigabbrev_np(*signal);
    return "killed by signal " + std::to_string(*signal) +
           (name == nullptr ? "" : " (" + std::string(name) + ")");
  }
  return "ended";
}

base::Result<std::unique_ptr<Process>> Process::spawn(runtime::Loop& loop, ProcessSpec spec,
                                                      Events events) {
  auto spawned = spawn_child(spec);
  if (!spawned) return std::unexpected(spawned.error());
  return std::make_unique<ChildProcess>(
      std::make_shared<Child>(loop, spec, std::move(*spawned), std::move(events)));
}

std::map<std::string, std::string> child_environment(
    const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && may_pass(pair.substr(0, equals)))
      out.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  for (const auto& [name, value] : extra) out[name] = value;
  return out;
}

ProcessUsage sample_self() {
  static base::SystemClock clock;
  static const auto kStarted = clock.wall();
  thread_local auto last = clock.now();
  thread_local double last_cpu = 0;
  const auto usage = measure_process(static_cast<int>(::getpid())).value_or(FamilyUsage{});
  const auto now = clock.now();
  const auto seconds = base::to_seconds(now - std::exchange(last, now));
  const auto used = usage.cpu_seconds - std::exchange(last_cpu, usage.cpu_seconds);
  return {.pid = static_cast<int>(::getpid()),
          .cpu_percent = seconds > 0.001 ? used / seconds * 100 : 0,
          .memory_bytes = usage.memory_bytes,
          .fds = usage.fds,
          .threads = usage.threads,
          .started_at = kStarted};
}

}  // namespace telltale::net
