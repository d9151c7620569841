// stdio transport (basic/transports of every version): newline-delimited JSON, stderr is free text.
#include "base/encoding.hpp"
#include "mcp/wire.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {
namespace {

class StdioWire final : public Wire {
 public:
  StdioWire(runtime::Loop& loop, net::ProcessSpec process, WireEvents events)
      : loop_(loop), spec_(std::move(process)), events_(std::move(events)) {}

  runtime::TaskResult<bool> open() override {
    net::Process::Events handlers;
    handlers.stdout_line = [this](std::string_view line) {
      if (line.find_first_not_of(" \t") == std::string_view::npos) return;
      events_.on_text('<', line);
      deliver_text(line, events_, "stdio.not-json");
    };
    handlers.stderr_line = [this](std::string_view line) {
      events_.on_stderr(base::to_utf8(line));
    };
    handlers.stdout_closed = [this](const base::Error& why) {
      if (why.code == base::Code::too_large)
        events_.on_finding({"stdio.line-too-long", why.detail, true});
      // The process usually ends right after; its own end says more than the pipe's.
      if (process_ && process_->running()) {
        close_reason_ = why;
        process_->close_stdin();
        loop_.schedule_at(loop_.clock().now() + std::chrono::milliseconds(500),
                          [weak = std::weak_ptr(alive_), this] {
                            if (!weak.expired() && !closed_) report_closed(*close_reason_);
                          });
      }
    };
    handlers.exited = [this](net::ProcessExit exit) {
      report_closed({.code = base::Code::unavailable, .detail = "the process " + exit.describe()});
    };
    auto spawned = net::Process::spawn(loop_, spec_, std::move(handlers));
    if (!spawned) co_return std::unexpected(spawned.error());
    process_ = std::move(*spawned);
    co_return true;
  }

  base::Result<void> send(const base::JsonObject& message, SendHints) override {
    if (!process_) return base::fail(base::Code::unavailable, "the process is not running");
    auto text = base::write_json(message);
    events_.on_text('>', text);
    return process_->write_line(std::move(text));
  }
  void abandon(std::int64_t) override {}
  void set_session(Era, std::string) override {}
  void session_ready() override {}
  runtime::Task<> close(base::Duration grace) override {
    closed_ = true;
    if (process_) co_await process_->stop(grace);
  }
  TransportKind kind() const override { return TransportKind::stdio; }
  int pid() const override { return process_ ? process_->pid() : 0; }
  std::optional<net::ProcessUsage> sample() override {
    return process_ ? process_->sample() : std::nullopt;
  }
  void kill_process() override {
    if (process_) process_->kill();
  }

 private:
  void report_closed(const base::Error& why) {
    if (!std::exchange(closed_, true)) events_.on_closed(why);
  }

  runtime::Loop& loop_;
  net::ProcessSpec spec_;
  WireEvents events_;
  std::unique_ptr<net::Process> process_;
  std::optional<base::Error> close_reason_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Wire> stdio_wire(runtime::Loop& loop, net::ProcessSpec process, WireEvents events) {
  return std::make_unique<StdioWire>(loop, std::move(process), std::move(events));
}

void deliver_text(std::string_view text, const WireEvents& events, std::string_view rule) {
  if (text.starts_with("\xef\xbb\xbf")) {
    text.remove_prefix(3);
    events.on_finding(
        {"encoding.byte-order-mark", "a message begins with a byte order mark", false});
  }
  auto parsed = base::parse_json(text, {.max_depth = 128, .max_bytes = 32U << 20U});
  const auto seen = [&] { return base::to_utf8(text.substr(0, 160)); };
  if (!parsed) return events.on_finding({std::string(rule), seen(), false});
  if (parsed->is_object()) return events.on_message(std::move(parsed->get_object()));
  if (!parsed->is_array()) return events.on_finding({"jsonrpc.not-an-object", seen(), false});
  for (auto& item : parsed->get_array())
    if (item.is_object())
      events.on_message(std::move(item.get_object()));
    else
      events.on_finding({"jsonrpc.not-an-object", seen(), false});
}

}  // namespace telltale::mcp
