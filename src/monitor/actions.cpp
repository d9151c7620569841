#include "monitor/actions.hpp"

#include "base/duration.hpp"
#include "runtime/run.hpp"

namespace telltale::monitor {
namespace {

using rtc::congestion::SwitchReason;

SwitchReason reason_of(const Decided& decided) {
  if (decided.reason == "cpu") return SwitchReason::cpu;
  return decided.reason == "memory" ? SwitchReason::memory : SwitchReason::health;
}

base::Result<void> plain(const base::Result<bool>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

}  // namespace

EngineActions::EngineActions(rtc::Engine& engine, runtime::Loop& loop)
    : engine_(engine), tasks_(loop, "webrtc monitor") {}

void EngineActions::act(std::string id, Decided decided, Done done) {
  // Its strings are views of literals: they outlive the task.
  tasks_.loop().post(
      [this, id = std::move(id), decided = std::move(decided), done = std::move(done)]() mutable {
        const auto name = "webrtc." + std::string(decision_name(decided.what));
        tasks_.spawn(name, run(&engine_, std::move(id), std::move(decided), std::move(done)));
      });
}

runtime::Task<> EngineActions::run(rtc::Engine* engine, std::string id, Decided decided,
                                   Done done) {
  switch (decided.what) {
    case Decision::quality_down:
    case Decision::quality_up:
      done(plain(co_await engine->limit_quality(id, decided.what == Decision::quality_down,
                                                reason_of(decided))));
      break;
    case Decision::buffer:
      if (const auto source = engine->source_of(id)) {
        source->read_so(
            {.ahead = base::from_seconds(decided.value), .threshold = decided.threshold});
        done({});
      } else {
        done(base::fail(base::Code::not_found, "it plays nothing any more"));
      }
      break;
    case Decision::key_frame:
      done(plain(co_await engine->request_key_frame(id)));
      break;
    case Decision::ice_restart: {
      const auto told = co_await engine->tell_player(
          id, R"({"type":"ice_restart","reason":")" + std::string(decided.reason) + "\"}");
      if (!told)
        done(std::unexpected(told.error()));
      else if (!*told)
        done(base::fail(base::Code::unsupported, "the player has no stats channel to hear it on"));
      else
        done({});
      break;
    }
  }
}

runtime::Task<> EngineActions::stop() {
  return runtime::call_on(tasks_.loop(), tasks_.stop());
}

}  // namespace telltale::monitor
