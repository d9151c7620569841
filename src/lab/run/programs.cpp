#include "lab/run/programs.hpp"

#include "base/duration.hpp"
#include "net/dial.hpp"
#include "net/listener.hpp"
#include "net/url.hpp"
#include "runtime/sync.hpp"

namespace telltale::lab::run {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kStopGrace = 2s;
constexpr base::Duration kAskAgain = 50ms;
constexpr std::size_t kTailLines = 5;

// Free when it was asked for: the system hands out others before it comes back to this one.
base::Result<std::uint16_t> free_port(runtime::Loop& loop) {
  auto listener = net::Listener::open(loop, "127.0.0.1", 0, true);
  if (!listener) return std::unexpected(listener.error());
  return (*listener)->port();
}

}  // namespace

struct Programs::Program {
  std::uint16_t port = 0;
  net::Url url = {};
  std::unique_ptr<net::Process> process = {};
  std::vector<std::string> tail = {};  // what it wrote last

  void keep(std::string_view line) {
    if (tail.size() == kTailLines) tail.erase(tail.begin());
    tail.emplace_back(line);
  }
  base::Error why(std::string text) const {
    for (const auto& line : tail) text += "\n  " + line;
    return {.code = base::Code::unavailable, .detail = std::move(text)};
  }
};

suite::Variables Programs::variables_of(const std::string& server,
                                        suite::Variables variables) const {
  if (const auto found = programs_.find(server); found != programs_.end())
    variables["free_port"] = std::to_string(found->second->port);  // env takes texts
  return variables;
}

runtime::TaskResult<bool> Programs::start(Programs* self, const suite::Suite* suite,
                                          suite::Variables variables,
                                          net::OutboundPolicy outbound) {
  for (const auto& [name, spec] : suite->spec.servers) {
    if (spec.command.empty() || spec.url.empty()) continue;
    auto started = co_await start_one(self, suite, name, variables, outbound);
    if (!started)
      co_return base::fail(started.error().code,
                           "the server " + name + " did not start: " + started.error().detail);
  }
  co_return true;
}

runtime::TaskResult<bool> Programs::start_one(Programs* self, const suite::Suite* suite,
                                              std::string name, suite::Variables variables,
                                              net::OutboundPolicy outbound) {
  const auto port = free_port(self->loop_);
  if (!port) co_return std::unexpected(port.error());
  const auto program = std::make_shared<Program>(Program{.port = *port});
  self->programs_[name] = program;
  auto spec = spec_of(suite->spec.servers.at(name), self->variables_of(name, std::move(variables)));
  if (!spec) co_return std::unexpected(spec.error());
  auto url = net::parse_url(spec->url);
  if (!url) co_return std::unexpected(url.error());
  program->url = std::move(*url);
  const auto said = [weak = std::weak_ptr(program)](std::string_view line) {
    if (const auto one = weak.lock()) one->keep(line);
  };
  auto spawned = net::Process::spawn(self->loop_, process_of(*spec, suite->folder),
                                     {.stdout_line = said, .stderr_line = said});
  if (!spawned) co_return std::unexpected(spawned.error());
  program->process = std::move(*spawned);
  co_return co_await listens(self, program.get(),
                             self->loop_.clock().now() + base::from_seconds(spec->start_timeout_s),
                             std::move(outbound));
}

runtime::TaskResult<bool> Programs::listens(Programs* self, const Program* program,
                                            base::SteadyTime until, net::OutboundPolicy outbound) {
  for (;;) {
    const auto left = until - self->loop_.clock().now();
    if (left <= base::Duration::zero())
      co_return std::unexpected(program->why("it does not listen on port " + program->url.port));
    auto reached = co_await net::dial(self->loop_, {.host = program->url.host,
                                                    .port = program->url.port,
                                                    .limit = left,
                                                    .outbound = outbound});
    if (const auto exit = program->process->exit())  // who answers then is another
      co_return std::unexpected(program->why("its program " + exit->describe()));
    if (reached) co_return true;
    if (reached.error().code != base::Code::unavailable) co_return std::unexpected(reached.error());
    co_await runtime::sleep_for(kAskAgain);
  }
}

runtime::Task<> Programs::stop(Programs* self) {
  for (const auto& [name, program] : std::exchange(self->programs_, {}))
    if (program->process) co_await program->process->stop(kStopGrace);
}

}  // namespace telltale::lab::run
