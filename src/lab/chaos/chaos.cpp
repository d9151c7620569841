#include "lab/chaos/chaos.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/faults/fault_transport.hpp"
#include "mcp/jsonrpc.hpp"
#include "runtime/sync.hpp"
#include "runtime/together.hpp"

namespace telltale::lab {
namespace {

using base::Duration;
using base::SteadyTime;
using runtime::Task;
using runtime::TaskResult;

constexpr std::size_t kCalmKept = 20;
constexpr std::size_t kRecoveriesKept = 1000;
constexpr Duration kRetry = std::chrono::milliseconds(50);  // between two tries to connect

// What the callers of one case share.
struct Chaos {
  runtime::Loop* loop;
  Connect connect;
  ChaosOptions options;
  std::function<void(double, double, std::string)> progress;
  SteadyTime begin{};
  SteadyTime end{};
  std::shared_ptr<FaultInjector> injector;
  std::shared_ptr<mcp::Client> client;
  std::optional<mcp::Era> era;    // found while nothing was wrong
  Duration connects_within = {};  // of a later connection, from how long the first took
  bool connecting = false;
  runtime::Notifier changed;
  std::optional<SteadyTime> lost;  // service: since the first call that failed
  std::optional<SteadyTime> last_success;
  std::size_t next_call = 0;
  ChaosResult result;

  Chaos(runtime::Loop* home, Connect how, ChaosOptions what, std::uint64_t seed,
        std::function<void(double, double, std::string)> said)
      : loop(home),
        connect(std::move(how)),
        options(std::move(what)),
        progress(std::move(said)),
        injector(std::make_shared<FaultInjector>(options.faults, seed)),
        changed(*home) {}

  SteadyTime now() const { return loop->clock().now(); }
  double seconds_in(SteadyTime at) const { return base::to_seconds(at - begin); }
  Duration timeout() const { return base::from_ms(options.timeout_ms); }
  // Faults are over, and so is their aftermath.
  SteadyTime limit() const {
    return std::max(end, injector->last_end()) + base::from_ms(options.recovery_ms);
  }
  bool over() const {
    if (now() < end) return false;
    // One success after everything is the proof that is waited for.
    return (last_success && *last_success > std::max(end, injector->last_end())) ||
           now() >= limit();
  }
};
using ChaosRef = std::shared_ptr<Chaos>;

// One connects, the others wait for it.
Task<bool> be_connected(ChaosRef chaos) {
  while (chaos->connecting) co_await chaos->changed.wait();
  if (chaos->client && chaos->client->connected()) co_return true;
  // Also when no call was under way as it was lost.
  if (!chaos->lost) chaos->lost = chaos->now();
  chaos->connecting = true;
  struct Done {
    ChaosRef chaos;
    ~Done() {
      chaos->connecting = false;
      chaos->changed.notify_all();
    }
  } const done{chaos};
  ++chaos->result.connects;
  auto client = co_await chaos->connect([&](mcp::ClientSettings& settings) {
    settings.wrap = with_faults(*chaos->loop, chaos->injector);
    // The handshake passes through the faults too: one that hangs is given up and begun again.
    settings.era = chaos->era;
    settings.connect_timeout = chaos->connects_within;
  });
  if (!client) {
    chaos->result.unreachable = client.error().detail;
    co_return false;
  }
  chaos->result.unreachable.clear();
  chaos->client = std::move(*client);
  co_return true;
}

void count_second(std::vector<double>& seconds, double at) {
  const auto index = static_cast<std::size_t>(std::max(at, 0.0));
  if (index >= 86'400) return;
  if (seconds.size() <= index) seconds.resize(index + 1);
  ++seconds[index];
}

void succeeded(Chaos& chaos, SteadyTime begun) {
  const auto now = chaos.now();
  ++chaos.result.succeeded;
  count_second(chaos.result.succeeded_per_second, chaos.seconds_in(now));
  // Only one that began after the loss proves that it is over.
  if (chaos.lost && begun >= *chaos.lost) {
    if (chaos.result.recoveries.size() < kRecoveriesKept)
      chaos.result.recoveries.push_back(
          {chaos.seconds_in(*chaos.lost), base::to_ms(now - *chaos.lost)});
    chaos.lost.reset();
  }
  chaos.last_success = begun;
}

void call_failed(Chaos& chaos, SteadyTime begun, const std::string& call, std::string detail) {
  const auto now = chaos.now();
  ++chaos.result.failed;
  count_second(chaos.result.failed_per_second, chaos.seconds_in(now));
  if (!chaos.lost) chaos.lost = begun;
  // Its time counts as disturbed while a fault lasts and as long as recovering may take after it.
  const auto grace = base::from_ms(chaos.options.recovery_ms);
  if (chaos.injector->active(begun, grace) || chaos.injector->active(now, grace)) return;
  ++chaos.result.failed_calm;
  if (chaos.result.calm.size() < kCalmKept)
    chaos.result.calm.push_back({chaos.seconds_in(begun), call, std::move(detail)});
}

Task<> call_once(ChaosRef chaos) {
  const auto client = chaos->client;
  const auto begun = chaos->now();
  ++chaos->result.calls;
  if (chaos->options.calls.empty()) {
    auto answered = co_await client->check(chaos->timeout());
    if (answered)
      succeeded(*chaos, begun);
    else
      call_failed(*chaos, begun, "ping", answered.error().detail);
    co_return;
  }
  const auto& call = chaos->options.calls[chaos->next_call++ % chaos->options.calls.size()];
  auto answer =
      co_await client->call_tool(call.tool, call.arguments, {.timeout = chaos->timeout()});
  if (!answer) {
    call_failed(*chaos, begun, call.tool, answer.error().detail);
    co_return;
  }
  if (answer->is_error) ++chaos->result.tool_errors;
  if (!answer->schema_errors.empty())
    call_failed(*chaos, begun, call.tool, "breaks outputSchema: " + answer->schema_errors.front());
  else
    succeeded(*chaos, begun);
}

Task<> caller(ChaosRef chaos) {
  while (!chaos->over()) {
    const auto begun = chaos->now();
    if (co_await be_connected(chaos)) {
      co_await call_once(chaos);
    } else {
      if (!chaos->lost) chaos->lost = begun;
      co_await runtime::sleep_for(kRetry);
    }
    const auto total = base::to_seconds(chaos->end - chaos->begin);
    chaos->progress(std::min(chaos->seconds_in(chaos->now()), total), total,
                    fmt::format("{} calls, {} failed, {} faults", chaos->result.calls,
                                chaos->result.failed, chaos->injector->count()));
    co_await runtime::sleep_for(base::from_ms(std::max(chaos->options.think_ms, 0.1)));
  }
}

// The first connection is made while nothing is wrong; the clock starts after it.
TaskResult<bool> start(ChaosRef chaos) {
  const auto before = chaos->now();
  auto client = co_await chaos->connect([&](mcp::ClientSettings& settings) {
    settings.wrap = with_faults(*chaos->loop, chaos->injector);
  });
  if (!client) co_return std::unexpected(client.error());
  ++chaos->result.connects;
  chaos->client = std::move(*client);
  chaos->era = chaos->client->session()->era;
  chaos->begin = chaos->now();
  chaos->end = chaos->begin + base::from_ms(chaos->options.duration_s * 1000);
  chaos->connects_within = std::max<Duration>(
      {3 * (chaos->begin - before), 2 * chaos->timeout(), std::chrono::seconds(2)});
  chaos->injector->start(chaos->begin, chaos->end);
  co_return true;
}

void conclude(Chaos& chaos) {
  auto& result = chaos.result;
  const auto calm_from = std::max(chaos.end, chaos.injector->last_end());
  result.recovered = chaos.last_success && *chaos.last_success > calm_from;
  if (result.recovered) result.recovered_ms = base::to_ms(*chaos.last_success - calm_from);
  result.faults = chaos.injector->counts();
  result.began = chaos.begin;
  result.events = chaos.injector->events();
}

}  // namespace

TaskResult<ChaosResult> run_chaos(runtime::Loop* loop, Connect connect, ChaosOptions options,
                                  std::uint64_t seed,
                                  std::function<void(double, double, std::string)> progress) {
  const auto chaos = std::make_shared<Chaos>(loop, std::move(connect), std::move(options), seed,
                                             std::move(progress));
  if (auto there = co_await start(chaos); !there) co_return std::unexpected(there.error());
  std::vector<Task<>> callers;
  callers.reserve(static_cast<std::size_t>(chaos->options.callers));
  for (int i = 0; i < chaos->options.callers; ++i) callers.push_back(caller(chaos));
  co_await runtime::together("lab.chaos.caller", "lab chaos", std::move(callers));
  conclude(*chaos);
  co_return std::move(chaos->result);
}

}  // namespace telltale::lab
