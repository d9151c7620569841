#include "cli/tap.hpp"

#include <array>
#include <cstdio>
#include <filesystem>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/session.hpp"
#include "cli/tap_recorder.hpp"
#include "cli/tap_report.hpp"
#include "net/process.hpp"
#include "runtime/sync.hpp"

namespace telltale::cli {
namespace {

// One tapped session: what passes, and who is told.
struct Tap {
  runtime::Loop& loop;
  TapSettings settings;
  TapReader reader;
  std::optional<TapReporter> reporter;
  std::unique_ptr<TapRecorder> recorder;

  void saw(Direction direction, std::string_view text) {
    const auto message = reader.read(direction, text, loop.clock().now(), loop.clock().wall());
    if (reporter) reporter->add(message, settings.payload ? text : std::string_view());
    if (recorder) recorder->add(direction == Direction::to_server, text, loop.clock().now());
    if ((!reporter && !recorder) || settings.verbose)
      fmt::print(stderr, "{} {} {} {} id {} {} bytes{}\n", base::format_rfc3339(message.time),
                 direction == Direction::to_server ? "client →" : "server ←", message.kind,
                 message.method, message.id.empty() ? "-" : message.id, message.bytes,
                 message.duration_ms ? fmt::format(" {:.1f} ms", *message.duration_ms) : "");
  }
};

// The child is a stand-in for the command itself: it sees our whole environment.
std::map<std::string, std::string> whole_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto at = text.find('=');
    if (at != std::string_view::npos) out.emplace(text.substr(0, at), text.substr(at + 1));
  }
  return out;
}

runtime::Task<> pass_stdin(Tap* tap, net::Process* child) {
  boost::asio::posix::stream_descriptor input(tap->loop.context(), ::dup(0));
  std::string buffer;
  std::array<char, 16384> bytes{};
  for (;;) {
    boost::system::error_code error;
    const auto got = co_await input.async_read_some(
        boost::asio::buffer(bytes), boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error) break;
    buffer.append(bytes.data(), got);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = buffer.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      const auto line = buffer.substr(begin, end - begin);
      tap->saw(Direction::to_server, line);
      if (auto written = child->write_line(line); !written) co_return;
    }
    buffer.erase(0, begin);
  }
  child->close_stdin();
}

runtime::Task<int> pump(TapSettings settings) {
  auto* const loop = runtime::Loop::current();
  Tap tap{.loop = *loop, .settings = std::move(settings)};
  const auto& command = tap.settings.command;
  const auto& connection = tap.settings.connection;
  const auto name = tap.settings.name.empty()
                        ? std::filesystem::path(command.front()).filename().string()
                        : tap.settings.name;
  if (!tap.settings.record.empty()) {
    auto recorder = TapRecorder::open(tap.settings.record,
                                      {.name = name,
                                       .time = loop->clock().wall(),
                                       .command = command.front(),
                                       .args = {command.begin() + 1, command.end()}},
                                      loop->clock().now());
    if (!recorder) {
      fmt::print(stderr, "telltale: {}\n", recorder.error().detail);
      co_return 2;
    }
    tap.recorder = std::move(*recorder);
  }
  if (!connection.token.empty() || !connection.password.empty())
    tap.reporter.emplace(*loop, connection, name);
  const runtime::OneShot<net::ProcessExit> ended(*loop);
  net::Process::Events events;
  events.stdout_line = [&tap](std::string_view line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
    tap.saw(Direction::to_client, line);
  };
  events.stderr_line = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  events.exited = [ended](net::ProcessExit exit) { ended.set(exit); };
  auto process = net::Process::spawn(*loop,
                                     {.command = command.front(),
                                      .arguments = {command.begin() + 1, command.end()},
                                      .environment = whole_environment()},
                                     std::move(events));
  if (!process) {
    fmt::print(stderr, "telltale: {}\n", process.error().detail);
    co_return 127;
  }
  runtime::TaskGroup tasks(*loop, "tap");
  if (tap.reporter) tasks.spawn("tap.report", tap.reporter->run());
  tasks.spawn("tap.stdin", pass_stdin(&tap, process->get()));
  const auto exit = co_await ended.wait();
  if (tap.reporter) co_await tap.reporter->close();
  co_await tasks.stop();
  co_return exit.code.value_or(128 + exit.signal.value_or(0));
}

}  // namespace

int run_tap(TapSettings settings) {
  runtime::Runtime runtime(1);
  return run_here(runtime, pump(std::move(settings)));
}

}  // namespace telltale::cli
