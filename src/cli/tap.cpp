#include "cli/tap.hpp"

#include <array>
#include <cstdio>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/json.hpp"
#include "cli/session.hpp"
#include "net/process.hpp"
#include "runtime/sync.hpp"

namespace telltale::cli {
namespace {

void show(char direction, std::string_view text) {
  const auto parsed = base::parse_json(text);
  std::string what = "not JSON";
  if (parsed && parsed->is_object()) {
    const auto& message = parsed->get_object();
    const auto* id = message.if_contains("id");
    what = base::string_or(message, "method", message.contains("error") ? "error" : "result");
    if (id != nullptr) what += " id " + base::write_json(*id);
  }
  fmt::print(stderr, "{} {} {} bytes  {}\n", base::format_rfc3339(base::SystemClock().wall()),
             direction == '>' ? "client →" : "server ←", text.size(), what);
}

runtime::Task<int> pump(std::vector<std::string> command) {
  auto* const loop = runtime::Loop::current();
  const runtime::OneShot<net::ProcessExit> ended(*loop);
  net::Process::Events events;
  events.stdout_line = [](std::string_view line) {
    show('<', line);
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  events.stderr_line = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  events.exited = [ended](net::ProcessExit exit) { ended.set(exit); };
  auto process = net::Process::spawn(*loop,
                                     {.command = command.front(),
                                      .arguments = {command.begin() + 1, command.end()},
                                      .environment = net::child_environment({})},
                                     std::move(events));
  if (!process) {
    fmt::print(stderr, "telltale: {}\n", process.error().detail);
    co_return 127;
  }
  runtime::TaskGroup tasks(*loop, "tap");
  tasks.spawn("tap.stdin", [](runtime::Loop* home, net::Process* child) -> runtime::Task<> {
    boost::asio::posix::stream_descriptor input(home->context(), ::dup(0));
    std::string buffer;
    std::array<char, 16384> bytes{};
    for (;;) {
      boost::system::error_code error;
      const auto got = co_await input.async_read_some(
          boost::asio::buffer(bytes),
          boost::asio::redirect_error(boost::asio::use_awaitable, error));
      if (error) break;
      buffer.append(bytes.data(), got);
      for (std::size_t end = 0; (end = buffer.find('\n')) != std::string::npos;
           buffer.erase(0, end + 1)) {
        const auto line = buffer.substr(0, end);
        show('>', line);
        if (auto written = child->write_line(line); !written) co_return;
      }
    }
    child->close_stdin();
  }(loop, process->get()));
  const auto exit = co_await ended.wait();
  co_await tasks.stop();
  co_return exit.code.value_or(128 + exit.signal.value_or(0));
}

}  // namespace

int run_tap(const std::vector<std::string>& command) {
  runtime::Runtime runtime(1);
  return run_here(runtime, pump(command));
}

}  // namespace telltale::cli
