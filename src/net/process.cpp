#include "net/process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdlib>
#include <deque>

#include "net/child_spawn.hpp"
#include "net/line_splitter.hpp"
#include "runtime/sync.hpp"

extern char** environ;

namespace telltale::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kReadSize = 64U << 10U;  // at most this much of one child per turn of the loop
constexpr std::size_t kStderrLine = 16U << 10U;
constexpr base::Duration kPipeGrace = std::chrono::milliseconds(500);

// Everything that callbacks under way need; it outlives the Process until the last of them has run.
struct Child : std::enable_shared_from_this<Child> {
  Child(runtime::Loop& home, const ProcessSpec& spec, SpawnedChild spawned, Process::Events handlers)
      : loop(home),
        events(std::move(handlers)),
        pid(spawned.pid),
        tag(std::move(spawned.tag)),
        stdin_limit(spec.stdin_limit),
        in(home.context(), spawned.stdin_fd),
        out(home.context(), spawned.stdout_fd),
        err(home.context(), spawned.stderr_fd),
        ended_fd(home.context(), spawned.pidfd),
        out_lines(spec.line_limit, false),
        err_lines(kStderrLine, true),
        ended(home),
        started_at(home.clock().wall()),
        sampled_at(home.clock().now()) {}

  void start() {
    read_out();
    read_err();
    ended_fd.async_wait(asio::posix::stream_descriptor::wait_read,
                        [self = shared_from_this()](error_code error) { if (!error) self->leader_ended(); });
  }

  void read_out() {
    out.async_read_some(asio::buffer(out_bytes), [self = shared_from_this()](error_code error, std::size_t got) {
      if (!error) {
        const bool fits = self->out_lines.feed({self->out_bytes.data(), got}, [&](std::string_view line) {
          if (self->events.stdout_line) self->events.stdout_line(line);
        });
        if (fits) return self->read_out();
        return self->close_out({.code = base::Code::too_large, .detail = "a line on stdout is over the limit"});
      }
      const bool half = self->out_lines.partial();
      self->close_out({.code = base::Code::unavailable,
                       .detail = half ? "stdout closed in the middle of a line" : "stdout closed"});
    });
  }

  void close_out(base::Error why) {
    if (std::exchange(out_closed, true)) return;
    error_code ignored;  // closing what is closed already
    out.close(ignored);
    if (events.stdout_closed) events.stdout_closed(std::move(why));
    maybe_finish();
  }

  void read_err() {
    err.async_read_some(asio::buffer(err_bytes), [self = shared_from_this()](error_code error, std::size_t got) {
      const auto hand_out = [&](std::string_view line) { if (self->events.stderr_line) self->events.stderr_line(line); };
      if (!error) {
        self->err_lines.feed({self->err_bytes.data(), got}, hand_out);
        return self->read_err();
      }
      self->err_lines.finish(hand_out);
      self->err_closed = true;
      error_code ignored;  // closing what is closed already
      self->err.close(ignored);
      self->maybe_finish();
    });
  }

  void write_more() {
    if (writing || queue.empty() || !in.is_open()) return;
    writing = true;
    in.async_write_some(asio::buffer(queue.front().data() + written, queue.front().size() - written),
                        [self = shared_from_this()](error_code error, std::size_t sent) {
                          self->writing = false;
                          if (error) {
                            self->queue.clear();
                            self->queued = 0;
                            return;
                          }
                          self->written += sent;
                          if (self->written == self->queue.front().size()) {
                            self->queued -= self->written;
                            self->written = 0;
                            self->queue.pop_front();
                          }
                          if (self->queue.empty() && self->close_when_written) self->close_in();
                          self->write_more();
                        });
  }

  void close_in() {
    error_code ignored;  // closing what is closed already
    in.close(ignored);
  }

  // The leader is a zombie and keeps the group's number: the rest of the family can be killed by it without doubt.
  void leader_ended() {
    signal_group(pid, SIGKILL);
    kill_tagged(tag);
    exit = reap_child(ended_fd.native_handle());
    error_code ignored;  // closing what is closed already
    ended_fd.close(ignored);
    close_in();
    maybe_finish();
    if (finished) return;
    // What was written before the end is still in the pipes; a pipe that somebody else holds open is not waited for.
    loop.schedule_at(loop.clock().now() + kPipeGrace, [self = shared_from_this()] {
      error_code pipe_error;  // closing what is closed already
      self->out.close(pipe_error);
      self->err.close(pipe_error);
    });
  }

  void maybe_finish() {
    if (finished || !exit || !out_closed || !err_closed) return;
    finished = true;
    ended.notify_all();
    if (events.exited) events.exited(*exit);
  }

  runtime::Loop& loop;
  Process::Events events;
  const int pid;
  const std::string tag;
  const std::size_t stdin_limit;
  asio::posix::stream_descriptor in;
  asio::posix::stream_descriptor out;
  asio::posix::stream_descriptor err;
  asio::posix::stream_descriptor ended_fd;
  LineSplitter out_lines;
  LineSplitter err_lines;
  std::array<char, kReadSize> out_bytes{};
  std::array<char, kReadSize / 4> err_bytes{};
  std::deque<std::string> queue;
  std::size_t queued = 0;
  std::size_t written = 0;
  bool writing = false;
  bool close_when_written = false;
  bool out_closed = false;
  bool err_closed = false;
  bool finished = false;
  std::optional<ProcessExit> exit;
  runtime::Notifier ended;
  const base::WallTime started_at;
  base::SteadyTime sampled_at;
  double cpu_seconds = 0;
};

class ChildProcess final : public Process {
 public:
  explicit ChildProcess(std::shared_ptr<Child> child) : child_(std::move(child)) { child_->start(); }
  ~ChildProcess() override {
    child_->events = {};
    if (!child_->exit) kill();
  }

  int pid() const override { return child_->pid; }
  bool running() const override { return !child_->exit.has_value(); }
  std::optional<ProcessExit> exit() const override { return child_->exit; }
  void close_stdin() override {
    child_->close_when_written = true;
    if (child_->queue.empty()) child_->close_in();
  }
  void kill() override {
    if (!child_->exit) signal_group(child_->pid, SIGKILL);
  }

  base::Result<void> write_line(std::string line) override {
    if (child_->exit || !child_->in.is_open()) return base::fail(base::Code::unavailable, "the process has ended");
    if (child_->queued + line.size() + 1 > child_->stdin_limit)
      return base::fail(base::Code::rate_limited, "the process does not read its stdin");
    line += '\n';
    child_->queued += line.size();
    child_->queue.push_back(std::move(line));
    child_->write_more();
    return {};
  }

  runtime::Task<ProcessExit> stop(base::Duration grace) override { return stop_child(child_, grace); }

  std::optional<ProcessUsage> sample() override {
    if (child_->exit) return std::nullopt;
    auto usage = read_usage(child_->pid);
    if (!usage) return std::nullopt;
    const auto now = child_->loop.clock().now();
    const auto cpu = usage->cpu_percent;
    const auto seconds = base::to_seconds(now - child_->sampled_at);
    usage->cpu_percent = seconds > 0 ? (cpu - child_->cpu_seconds) / seconds * 100 : 0;
    usage->started_at = child_->started_at;
    child_->sampled_at = now;
    child_->cpu_seconds = cpu;
    return usage;
  }

 private:
  static runtime::Task<ProcessExit> stop_child(std::shared_ptr<Child> child, base::Duration grace) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    child->close_when_written = true;
    if (child->queue.empty()) child->close_in();
    for (const int signal : {0, SIGTERM, SIGKILL}) {
      if (child->finished) break;
      if (signal != 0 && !child->exit) signal_group(child->pid, signal);
      if (signal == SIGTERM) child->close_in();
      while (!child->finished && co_await child->ended.wait_for(signal == SIGKILL ? std::chrono::seconds(5) : grace)) {
      }
    }
    co_return child->exit.value_or(ProcessExit{});
  }

  std::shared_ptr<Child> child_;
};

bool may_pass(std::string_view name) {
  static constexpr std::array<std::string_view, 16> kNames{
      "PATH",          "HOME",          "USER",          "LOGNAME",        "SHELL",         "LANG",       "LANGUAGE",
      "TERM",          "TMPDIR",        "TZ",            "SSL_CERT_FILE",  "SSL_CERT_DIR",  "XDG_RUNTIME_DIR",
      "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"};
  return name.starts_with("LC_") || std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

std::string ProcessExit::describe() const {
  if (code) return "exited with code " + std::to_string(*code);
  if (signal) {
    const char* const name = ::sigabbrev_np(*signal);
    return "killed by signal " + std::to_string(*signal) + (name == nullptr ? "" : " (" + std::string(name) + ")");
  }
  return "ended";
}

base::Result<std::unique_ptr<Process>> Process::spawn(runtime::Loop& loop, ProcessSpec spec, Events events) {
  auto spawned = spawn_child(spec);
  if (!spawned) return std::unexpected(spawned.error());
  return std::make_unique<ChildProcess>(std::make_shared<Child>(loop, spec, std::move(*spawned), std::move(events)));
}

std::map<std::string, std::string> child_environment(const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
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
  static thread_local base::SteadyTime last = clock.now();
  static thread_local double last_cpu = 0;
  auto usage = read_usage(::getpid()).value_or(ProcessUsage{});
  const auto now = clock.now();
  const auto cpu = usage.cpu_percent;
  const auto seconds = base::to_seconds(now - last);
  usage.cpu_percent = seconds > 0.001 ? (cpu - last_cpu) / seconds * 100 : 0;
  usage.started_at = kStarted;
  last = now;
  last_cpu = cpu;
  return usage;
}

}  // namespace telltale::net
