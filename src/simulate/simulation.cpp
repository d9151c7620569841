#include "simulate/simulation.hpp"

#include "runtime/task_crowd.hpp"
#include "simulate/tool_caller.hpp"
#include "simulate/viewer.hpp"

namespace telltale::simulate {
namespace {

using namespace std::chrono_literals;

constexpr auto kTokenEvery = 10min;  // an access token lives fifteen

struct Crew {
  std::size_t left;
  runtime::Notifier gone;
};

template <class Actor>
runtime::Task<> perform(Actor* actor, Crew* crew) {
  co_await Actor::run(actor);
  if (--crew->left == 0) crew->gone.notify_all();
}

runtime::Task<> watch_clock(Stage* stage, Crew* crew, std::function<void(const Progress&)> told,
                            std::function<bool()> ended) {
  const auto began = stage->loop.clock().now();
  auto renew = began + kTokenEvery;
  while (crew->left > 0) {
    co_await runtime::sleep_for(1s);
    const auto now = stage->loop.clock().now();
    if (ended && ended()) stage->ends = std::min(stage->ends, now);
    if (now >= renew) {
      renew = now + kTokenEvery;
      if (auto token = co_await stage->plan.token())
        stage->token = std::move(*token);
      else
        stage->tally.error("a new token: " + token.error().detail);
    }
    if (told) told({.elapsed = now - began, .tally = stage->tally});
  }
}

}  // namespace

runtime::TaskResult<Summary> run(Plan plan, std::function<void(const Progress&)> told,
                                 std::function<bool()> ended) {
  auto* const loop = runtime::Loop::current();
  auto token = co_await plan.token();
  if (!token) co_return std::unexpected(token.error());
  Stage stage(*loop, std::move(plan));
  stage.token = std::move(*token);
  stage.calls = stage.plan.calls;
  if (stage.plan.callers > 0 && stage.calls.empty()) {
    auto found = co_await harmless_calls(&stage);
    if (!found) co_return std::unexpected(found.error());
    stage.calls = std::move(*found);
  }
  const auto began = loop->clock().now();
  stage.ends = began + stage.plan.duration;
  std::vector<std::unique_ptr<Viewer>> viewers;
  std::vector<std::unique_ptr<ToolCaller>> callers;
  Crew crew{.left = stage.plan.viewers + stage.plan.callers, .gone = runtime::Notifier(*loop)};
  runtime::TaskCrowd tasks(*loop, "simulate.actor", "simulation");
  for (std::size_t i = 0; i < stage.plan.viewers; ++i) {
    viewers.push_back(std::make_unique<Viewer>(stage, i));
    tasks.spawn(perform(viewers.back().get(), &crew));
  }
  for (std::size_t i = 0; i < stage.plan.callers; ++i) {
    callers.push_back(std::make_unique<ToolCaller>(stage, i));
    tasks.spawn(perform(callers.back().get(), &crew));
  }
  tasks.spawn(watch_clock(&stage, &crew, std::move(told), std::move(ended)));
  while (crew.left > 0) co_await crew.gone.wait_for(1s);
  co_await tasks.stop();
  co_await stage.pool.stop();
  co_return summarize(stage.plan, stage.tally, loop->clock().now() - began);
}

}  // namespace telltale::simulate
