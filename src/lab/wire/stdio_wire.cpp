#include "lab/wire/stdio_wire.hpp"

#include "lab/wire/frame_log.hpp"

namespace telltale::lab {
namespace {

constexpr base::Duration kNoGrace{};

class StdioWire final : public Wire {
 public:
  StdioWire(runtime::Loop& loop, net::ProcessSpec spec, const WireLimits& limits)
      : loop_(loop), spec_(std::move(spec)), log_(loop, limits.frames) {
    spec_.line_limit = limits.message;
  }

  runtime::TaskResult<bool> open() override {
    log_.restart();
    net::Process::Events events;
    events.stdout_line = [this](std::string_view line) { add(Frame::Kind::message, line); };
    events.stderr_line = [this](std::string_view line) { add(Frame::Kind::note, line); };
    events.stdout_closed = [this](const base::Error& why) {
      if (why.code == base::Code::too_large) add(Frame::Kind::failed, why.detail);
    };
    events.exited = [this](const net::ProcessExit& exit) {
      add(Frame::Kind::closed, exit.describe());
    };
    auto spawned = net::Process::spawn(loop_, spec_, std::move(events));
    if (!spawned) co_return std::unexpected(spawned.error());
    process_ = std::move(*spawned);
    co_return true;
  }

  base::Result<std::size_t> send(Outgoing out) override {
    if (!process_) return base::fail(base::Code::unavailable, "the process is not running");
    add(Frame::Kind::sent, out.text);
    if (auto written = process_->write_line(std::move(out.text)); !written)
      return std::unexpected(written.error());
    return 0;
  }
  const std::vector<Frame>& frames() const override { return log_.frames(); }
  std::size_t dropped() const override { return log_.dropped(); }
  runtime::Task<bool> changed(std::size_t known, base::Duration limit) override {
    return FrameLog::changed(&log_, known, limit);
  }
  bool is_stdio() const override { return true; }
  bool alive() const override { return process_ && process_->running(); }
  void end_input() override {
    if (process_) process_->close_stdin();
  }
  void kill() override {
    if (process_) process_->kill();
  }
  void abandon(std::size_t) override {}
  std::optional<net::ProcessExit> exit() const override {
    return process_ ? process_->exit() : std::nullopt;
  }
  runtime::Task<> close() override {
    if (!process_) co_return;
    process_->kill();
    co_await process_->stop(kNoGrace);
  }

 private:
  void add(Frame::Kind kind, std::string_view text) {
    log_.add({.kind = kind, .text = std::string(text)});
  }

  runtime::Loop& loop_;
  net::ProcessSpec spec_;
  FrameLog log_;
  std::unique_ptr<net::Process> process_;
};

}  // namespace

std::shared_ptr<Wire> make_stdio_wire(runtime::Loop& loop, net::ProcessSpec spec,
                                      const WireLimits& limits) {
  return std::make_shared<StdioWire>(loop, std::move(spec), limits);
}

}  // namespace telltale::lab
