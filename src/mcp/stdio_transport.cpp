// stdio (basic/transports/stdio of 2026-07-28, the same in every version): newline-delimited JSON,
// stderr is free text, the end is stdin closed, then TERM, then KILL.
#include "base/encoding.hpp"
#include "mcp/transport.hpp"

namespace telltale::mcp {
namespace {

// A child that closed stdout but lives: how long it may take to end by itself and say why.
constexpr base::Duration kLastWords = std::chrono::milliseconds(500);

class StdioTransport final : public Transport {
 public:
  StdioTransport(runtime::Loop& loop, net::ProcessSpec process, TransportListener& listener)
      : loop_(loop), spec_(std::move(process)), listener_(listener) {}
  ~StdioTransport() override { disarm(); }

  runtime::TaskResult<bool> open() override {
    net::Process::Events events;
    events.stdout_line = [this](std::string_view line) { on_line(line); };
    events.stderr_line = [this](std::string_view line) {
      listener_.on_stderr(base::to_utf8(line));
    };
    events.stdout_closed = [this](const base::Error& why) { on_stdout_closed(why); };
    events.exited = [this](const net::ProcessExit& exit) {
      disarm();
      report_closed({.code = base::Code::unavailable, .detail = "the process " + exit.describe()});
    };
    auto spawned = net::Process::spawn(loop_, spec_, std::move(events));
    if (!spawned) co_return std::unexpected(spawned.error());
    process_ = std::move(*spawned);
    co_return true;
  }

  base::Result<void> send(std::string text, SendHints) override {
    if (!process_ || closed_)
      return base::fail(base::Code::unavailable, "the process is not running");
    listener_.on_tap('>', text);
    return process_->write_line(std::move(text));
  }
  void abandon(std::int64_t) override {}
  void set_version(Era, std::string) override {}
  void session_ready() override {}
  runtime::Task<> close(base::Duration grace) override {
    closed_ = true;
    disarm();
    if (process_) co_await process_->stop(grace);
  }
  void gather(std::size_t answers) override {
    if (process_) process_->gather(answers);
  }
  TransportKind kind() const override { return TransportKind::stdio; }
  int pid() const override { return process_ ? process_->pid() : 0; }
  std::optional<net::ProcessUsage> sample() override {
    return process_ ? process_->sample() : std::nullopt;
  }
  void kill_process() override {
    if (process_) process_->kill();
  }
  bool signal_process(int signal) override {
    if (!process_ || !process_->running()) return false;
    process_->signal(signal);
    return true;
  }

 private:
  void on_line(std::string_view line) {
    if (closed_ || line.find_first_not_of(" \t") == std::string_view::npos) return;
    listener_.on_text(line, "stdio.not-json");
  }

  void on_stdout_closed(const base::Error& why) {
    const bool too_long = why.code == base::Code::too_large;
    if (too_long) listener_.on_finding({"stdio.line-too-long", why.detail, true});
    if (closed_ || !process_ || !process_->running()) return;
    process_->close_stdin();
    timer_ = loop_.schedule_at(loop_.clock().now() + kLastWords, [this, why] {
      timer_.reset();
      report_closed(why);
    });
  }

  void report_closed(const base::Error& why) {
    if (!std::exchange(closed_, true)) listener_.on_closed(why);
  }
  void disarm() {
    if (timer_) loop_.cancel(*timer_);
    timer_.reset();
  }

  runtime::Loop& loop_;
  net::ProcessSpec spec_;
  TransportListener& listener_;
  std::unique_ptr<net::Process> process_;
  std::optional<runtime::Loop::TimerKey> timer_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Transport> open_stdio_transport(runtime::Loop& loop, net::ProcessSpec process,
                                                TransportListener& listener) {
  return std::make_unique<StdioTransport>(loop, std::move(process), listener);
}

}  // namespace telltale::mcp
