#include "lab/card/measure.hpp"

#include <algorithm>

#include "base/histogram.hpp"
#include "lab/conformance/conversation.hpp"
#include "lab/conformance/sample.hpp"
#include "mcp/protocol.hpp"
#include "runtime/finally.hpp"
#include "runtime/sync.hpp"

namespace telltale::lab {
namespace {

constexpr std::size_t kPings = 100;
constexpr std::size_t kPingWarmUp = 10;
constexpr std::size_t kCalls = 20;
constexpr std::size_t kCallWarmUp = 2;
constexpr std::size_t kTools = 12;
constexpr base::Duration kLineTime = std::chrono::milliseconds(700);  // then the line is done
constexpr base::Duration kCallTime = std::chrono::seconds(2);
constexpr int kKills = 3;

using Timed = std::function<runtime::TaskResult<bool>()>;  // false: an error of the server

double ms_of(std::uint64_t us) {
  return static_cast<double>(us) / 1000.0;
}

runtime::TaskResult<bool> ping(mcp::Client* client) {
  auto answer = co_await client->check(kCallTime);
  if (!answer) co_return std::unexpected(answer.error());
  co_return true;
}

runtime::TaskResult<bool> call(mcp::Client* client, std::string name, base::JsonObject arguments) {
  auto answer =
      co_await client->call_tool(std::move(name), std::move(arguments), {.timeout = kCallTime});
  if (answer) co_return !answer->is_error;
  const auto code = answer.error().code;
  if (code == base::Code::deadline_exceeded || code == base::Code::unavailable)
    co_return std::unexpected(answer.error());
  co_return false;
}

runtime::Task<LatencyLine> time_line(runtime::Loop* loop, LatencyLine line, Timed once,
                                     std::size_t warm_up, std::size_t count) {
  const auto& clock = loop->clock();
  const auto begun = clock.now();
  base::Histogram times;
  for (std::size_t i = 0; i < warm_up + count; ++i) {
    if (i > 0 && clock.now() - begun > kLineTime) break;
    const auto at = clock.now();
    auto good = co_await once();
    if (!good) {
      line.why_not = good.error().detail;
      break;
    }
    // A tool so slow that the warm-up takes all the time is measured by what there is.
    if (i < warm_up && clock.now() - begun < kLineTime) continue;
    times.record(static_cast<std::uint64_t>((clock.now() - at).count() / 1000));
    if (!*good) ++line.errors;
  }
  line.calls = times.count();
  line.p50_ms = ms_of(times.quantile(0.5));
  line.p99_ms = ms_of(times.quantile(0.99));
  line.max_ms = ms_of(times.max());
  co_return line;
}

runtime::TaskResult<Latencies> measure(runtime::Loop* loop, std::shared_ptr<mcp::Client> client,
                                       base::JsonArray tools, CardSettings settings) {
  Latencies out;
  const auto begun = loop->clock().now();
  auto session = co_await client->connect();
  if (!session) co_return std::unexpected(session.error());
  out.connect_ms = base::to_ms(loop->clock().now() - begun);
  auto* const raw = client.get();
  const bool modern = session->era == mcp::Era::modern;
  out.lines.push_back(co_await time_line(
      loop, {.name = modern ? "server/discover" : "ping", .is_tool = false},
      [raw] { return ping(raw); }, kPingWarmUp, kPings));
  std::size_t called = 0;
  for (const auto& tool : tools) {
    if (!tool.is_object()) continue;
    LatencyLine line{.name = base::string_or(tool.get_object(), "name")};
    auto arguments = sample_arguments(tool.get_object());
    if (!may_call(tool.get_object(), settings.conformance.allowed_tools))
      line.why_not = "not marked readOnlyHint";
    else if (!arguments)
      line.why_not = "no arguments could be made from its schema";
    else if (called++ >= kTools)
      line.why_not = "enough tools were measured";
    else
      line = co_await time_line(
          loop, line,
          [raw, name = line.name, given = *arguments] { return call(raw, name, given); },
          kCallWarmUp, kCalls);
    out.lines.push_back(std::move(line));
  }
  co_return out;
}

runtime::Task<bool> first_answer(std::shared_ptr<Conversation> talk, mcp::Era era) {
  if (era == mcp::Era::legacy) co_return co_await talk->begin(std::string(mcp::kNewestLegacy));
  const auto* step = co_await talk->ask("server/discover", "server/discover", {});
  co_return step->answered();
}

struct Round {
  runtime::Loop* loop;
  mcp::Era era;
  base::Duration limit;
  std::shared_ptr<Wire> one, two;
};

// Below zero: it did not come back.
runtime::Task<double> kill_once(Round round) {
  const auto& clock = round.loop->clock();
  if (!co_await round.one->open()) co_return -1;
  Scene before, after;
  auto talk = std::make_shared<Conversation>(round.one, round.era, &before, round.limit, clock);
  if (!co_await first_answer(talk, round.era)) co_return -1;
  const auto killed = clock.now();
  round.one->kill();
  while (round.one->alive()) co_await round.one->changed(round.one->frames().size(), round.limit);
  if (!co_await round.two->open()) co_return -1;
  auto again = std::make_shared<Conversation>(round.two, round.era, &after, round.limit, clock);
  const auto opened = clock.now();
  if (!co_await first_answer(again, round.era)) co_return -1;
  co_return base::to_ms(opened - killed + after.steps.front().took);
}

runtime::Task<> close_both(std::shared_ptr<Wire> one, std::shared_ptr<Wire> two) {
  co_await one->close();
  co_await two->close();
}

}  // namespace

runtime::TaskResult<Latencies> measure_latency(runtime::Loop* loop, mcp::Target target,
                                               base::JsonArray tools, CardSettings settings) {
  auto client = std::make_shared<mcp::Client>(
      *loop, std::move(target),
      mcp::ClientSettings{.name = "telltale-probe", .connect_timeout = settings.connect_timeout},
      mcp::Listener{});
  auto* const raw = client.get();
  co_return co_await runtime::finally(measure(loop, client, std::move(tools), std::move(settings)),
                                      raw->close(std::chrono::milliseconds(500)));
}

runtime::Task<KillRecovery> measure_recovery(runtime::Loop* loop, mcp::Target target, mcp::Era era,
                                             base::Duration limit) {
  KillRecovery out;
  if (!std::holds_alternative<mcp::StdioTarget>(target)) {
    out.why_not = "it is not ours to kill";
    co_return out;
  }
  for (int i = 0; i < kKills; ++i) {
    Round round{loop, era, limit, Wire::make(*loop, target), Wire::make(*loop, target)};
    const auto ms = co_await runtime::finally(kill_once(round), close_both(round.one, round.two));
    if (ms < 0) {
      out.why_not = "it did not answer after the kill";
      out.ms.clear();
      break;
    }
    out.ms.push_back(ms);
  }
  co_return out;
}

double KillRecovery::median() const {
  if (ms.empty()) return 0;
  auto sorted = ms;
  std::ranges::sort(sorted);
  return sorted[sorted.size() / 2];
}

}  // namespace telltale::lab
