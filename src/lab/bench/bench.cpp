#include "lab/bench/bench.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "runtime/together.hpp"

namespace telltale::lab {
namespace {

using runtime::Task;
using runtime::TaskResult;

// One round of one server, by several callers.
struct Round {
  runtime::Loop* loop;
  std::shared_ptr<mcp::Client> client;
  const BenchOptions* options;
  run::LatencyHistogram* all;  // null while warming up
  BenchSide* side;
  run::LatencyHistogram own = {};
  int left = 0;
};
using RoundRef = std::shared_ptr<Round>;

Task<base::Result<bool>> call_once(RoundRef round, std::size_t number) {
  const auto& calls = round->options->calls;
  const auto limit = base::from_ms(round->options->timeout_ms);
  if (calls.empty()) {
    auto answered = co_await round->client->check(limit);
    if (!answered) co_return std::unexpected(answered.error());
    co_return true;
  }
  const auto& call = calls[number % calls.size()];
  auto answer = co_await round->client->call_tool(call.tool, call.arguments, {.timeout = limit});
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->is_error) co_return base::fail(base::Code::remote, call.tool + " answers isError");
  co_return true;
}

Task<> caller(RoundRef round) {
  while (round->left > 0) {
    const auto number = static_cast<std::size_t>(round->left--);
    const auto begun = round->loop->clock().now();
    auto done = co_await call_once(round, number);
    const auto took = round->loop->clock().now() - begun;
    if (done) {
      round->own.record(took);
      if (round->all != nullptr) round->all->record(took);
      continue;
    }
    if (round->side->failed++ == 0) round->side->failure = done.error().detail;
    if (!round->client->connected()) co_return;
  }
}

Task<> run_round(RoundRef round, int calls) {
  round->left = calls;
  const auto begun = round->loop->clock().now();
  std::vector<Task<>> callers;
  callers.reserve(static_cast<std::size_t>(round->options->callers));
  for (int i = 0; i < round->options->callers; ++i) callers.push_back(caller(round));
  co_await runtime::together("lab.bench.caller", "lab bench", std::move(callers));
  if (round->all == nullptr) co_return;
  const auto seconds = base::to_seconds(round->loop->clock().now() - begun);
  round->side->median_ms.push_back(round->own.quantile_ms(0.5));
  round->side->p99_ms.push_back(round->own.quantile_ms(0.99));
  round->side->calls_per_second.push_back(
      seconds > 0 ? static_cast<double>(round->own.count()) / seconds : 0);
}

RoundRef round_of(runtime::Loop* loop, std::shared_ptr<mcp::Client> client,
                  const BenchOptions* options, BenchSide* side, bool counts) {
  return std::make_shared<Round>(Round{.loop = loop,
                                       .client = std::move(client),
                                       .options = options,
                                       .all = counts ? &side->latency : nullptr,
                                       .side = side});
}

struct Bench {
  BenchOptions options;
  std::shared_ptr<mcp::Client> clients[2];
  BenchResult result;
};

base::Result<bool> usable(const BenchSide& side, std::string_view who) {
  if (side.failed == 0) return true;
  return base::fail(base::Code::remote,
                    fmt::format("{} calls of {} failed: {}", side.failed, who, side.failure));
}

TaskResult<BenchResult> measure(runtime::Loop* loop, std::shared_ptr<Bench> bench,
                                std::function<void(double, double, std::string)> progress) {
  const auto* const options = &bench->options;
  auto* const sides = &bench->result;
  const auto side = [&](int which) { return which == 0 ? &sides->own : &*sides->versus; };
  const int count = sides->versus ? 2 : 1;
  for (int which = 0; which < count; ++which) {
    if (options->warm_up > 0)
      co_await run_round(round_of(loop, bench->clients[which], options, side(which), false),
                         options->warm_up);
    if (auto fine = usable(*side(which), which == 0 ? "the server" : options->versus); !fine)
      co_return std::unexpected(fine.error());
  }
  for (int round = 0; round < options->rounds; ++round) {
    for (int turn = 0; turn < count; ++turn) {
      // A B, B A, A B: whoever comes second is not always the same.
      const int which = count == 2 && round % 2 == 1 ? 1 - turn : turn;
      co_await run_round(round_of(loop, bench->clients[which], options, side(which), true),
                         options->calls_per_round);
      if (auto fine = usable(*side(which), which == 0 ? "the server" : options->versus); !fine)
        co_return std::unexpected(fine.error());
    }
    progress(round + 1, options->rounds,
             fmt::format("median {:.3f} ms", sides->own.median_ms.back()));
  }
  if (sides->versus) {
    const double least = options->least_percent / 100;
    sides->median = compare(sides->versus->median_ms, sides->own.median_ms, least);
    sides->p99 = compare(sides->versus->p99_ms, sides->own.p99_ms, least);
  }
  co_return std::move(bench->result);
}

}  // namespace

TaskResult<BenchResult> run_bench(runtime::Loop* loop, Connect own, Connect versus,
                                  BenchOptions options,
                                  std::function<void(double, double, std::string)> progress) {
  const auto bench = std::make_shared<Bench>(Bench{.options = std::move(options)});
  const Connect* const connects[]{&own, &versus};
  for (int which = 0; which < (versus ? 2 : 1); ++which) {
    auto client = co_await (*connects[which])([](mcp::ClientSettings&) {});
    if (!client) co_return std::unexpected(client.error());
    bench->clients[which] = std::move(*client);
  }
  if (versus) bench->result.versus.emplace();
  co_return co_await measure(loop, bench, std::move(progress));
}

}  // namespace telltale::lab
