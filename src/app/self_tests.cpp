#include "app/self_tests.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "simulate/simulation.hpp"
#include "simulate/stage.hpp"
#include "simulate/tool_caller.hpp"

namespace telltale::app {
namespace {

using namespace std::chrono_literals;
using base::JsonObject;
using simulate::Stage;
using Step = runtime::TaskResult<std::string>;  // what it saw

constexpr auto kStepLimit = 20s;
constexpr auto kLook = 50ms;
const std::string kLeftOut = "left out: ";  // what cannot be tried here, and why

base::Error wrong(std::string what) {
  return {.code = base::Code::internal, .detail = std::move(what)};
}

runtime::TaskResult<JsonObject> api(Stage* stage, std::string method, std::string path,
                                    JsonObject body = {}) {
  const bool writes = method != "GET";
  auto answer =
      co_await Stage::ask(stage, {.method = std::move(method),
                                  .path = std::move(path),
                                  .body = writes ? base::write_json(body) : std::string()});
  if (!answer) co_return std::unexpected(answer.error());
  auto json = base::parse_json(answer->body);
  if (!json || !json->is_object()) co_return std::unexpected(wrong("the answer is no JSON object"));
  co_return std::move(json->get_object());
}

std::vector<JsonObject> objects(const JsonObject& answer, std::string_view key) {
  std::vector<JsonObject> out;
  if (const auto* const items = base::find(answer, key); items != nullptr && items->is_array())
    for (const auto& item : items->get_array())
      if (item.is_object()) out.push_back(item.get_object());
  return out;
}

Step readiness(Stage* stage) {
  auto answer = co_await api(stage, "GET", "/readyz");
  if (!answer) co_return std::unexpected(answer.error());
  co_return "ready";
}

Step servers(Stage* stage) {
  auto answer = co_await api(stage, "GET", "/api/servers?limit=500");
  if (!answer) co_return std::unexpected(answer.error());
  std::size_t healthy = 0;
  std::size_t all = 0;
  for (const auto& server : objects(*answer, "items")) {
    const auto status = base::string_or(server, "health_status");
    if (status == "stopped" || status == "disabled") continue;
    ++all;
    const auto name = base::string_or(server, "name");
    auto tested =
        co_await api(stage, "POST", "/api/servers/" + base::percent_encode(name) + "/test");
    if (!tested) co_return std::unexpected(wrong(name + ": " + tested.error().detail));
    ++healthy;
  }
  co_return fmt::format("{} of {} answer", healthy, all);
}

Step tool_call(Stage* stage) {
  auto calls = co_await simulate::harmless_calls(stage);
  if (!calls) co_return kLeftOut + calls.error().detail;
  const auto& call = calls->front();
  auto answer = co_await api(stage, "POST",
                             "/api/servers/" + base::percent_encode(call.server) + "/tools/" +
                                 base::percent_encode(call.tool) + "/call",
                             {{"arguments", JsonObject()}});
  if (!answer) co_return std::unexpected(answer.error());
  if (base::find_bool(*answer, "isError").value_or(false))
    co_return std::unexpected(wrong(call.server + " " + call.tool + " answered isError"));
  co_return call.server + " " + call.tool;
}

Step test_connection(Stage* stage) {
  auto answer = co_await api(stage, "POST", "/api/v0/webrtc/test_connection");
  if (!answer) co_return std::unexpected(answer.error());
  co_return fmt::format("{:.0f} ms: {} steps", base::find_number(*answer, "took_ms").value_or(0),
                        objects(*answer, "steps").size());
}

Step viewers(Stage* stage) {
  auto plan = stage->plan;
  plan.viewers = 3;
  plan.duration = 4s;
  plan.ramp = 0s;
  plan.stay = plan.settled = 0s;
  auto seen = co_await simulate::run(std::move(plan), {}, {});
  if (!seen) co_return std::unexpected(seen.error());
  const auto* const figures = base::find_object(seen->json, "figures");
  const auto figure = [&](std::string_view name) {
    return base::find_number(*figures, name).value_or(0);
  };
  if (figure("join_failures") > 0 || figure("frames_per_second") < 10)
    co_return std::unexpected(wrong(base::write_json(seen->json)));
  co_return fmt::format("3 of the test pattern: {:.1f} frames a second, the first after {:.0f} ms",
                        figure("frames_per_second"), figure("first_frame_max_ms"));
}

struct Joined {
  std::string id;
  std::unique_ptr<rtc::Caller> caller;
};

runtime::TaskResult<Joined> join(Stage* stage) {
  Joined out{.id = {}, .caller = std::make_unique<rtc::Caller>(stage->pool, rtc::CallerSettings{})};
  auto offer = out.caller->offer();
  if (!offer) co_return std::unexpected(offer.error());
  auto begun = co_await api(stage, "POST", "/api/v0/webrtc/stream_test_content",
                            {{"sdp", *offer}, {"quality", "low"}});
  if (!begun) co_return std::unexpected(begun.error());
  out.id = base::string_or(*begun, "connection_id");
  if (auto accepted = out.caller->accept(base::string_or(*begun, "sdp")); !accepted)
    co_return std::unexpected(accepted.error());
  const bool seen = co_await out.caller->wait_until(
      [](const rtc::Caller& at) { return at.closed() || at.video_frames() > 0; }, kStepLimit);
  if (!seen || out.caller->closed()) co_return std::unexpected(wrong("no picture came"));
  co_return out;
}

// Until the list of operations has one of this name on this connection that has ended.
Step ended_operation(Stage* stage, std::string name, std::string connection) {
  const auto until = stage->loop.clock().now() + kStepLimit;
  for (;;) {
    auto answer = co_await api(stage, "GET", "/api/v0/webrtc/operations");
    if (!answer) co_return std::unexpected(answer.error());
    for (const auto& one : objects(*answer, "operations"))
      if (base::string_or(one, "operation").find(name) != std::string::npos &&
          base::string_or(one, "connection_id") == connection &&
          base::string_or(one, "status") != "started") {
        if (!base::find_bool(one, "success").value_or(false))
          co_return std::unexpected(wrong(name + ": " + base::string_or(one, "error")));
        co_return base::string_or(one, "operation_id");
      }
    if (stage->loop.clock().now() > until)
      co_return std::unexpected(wrong("the operation " + name + " is not in the list"));
    co_await runtime::sleep_for(kLook);
  }
}

runtime::TaskResult<bool> closed_at_both_ends(Stage* stage, rtc::Caller* caller, std::string id) {
  if (!co_await caller->wait_until([](const rtc::Caller& at) { return at.closed(); }, kStepLimit))
    co_return std::unexpected(wrong("the viewer was not told"));
  auto answer = co_await api(stage, "GET", "/api/v0/webrtc/connections");
  if (!answer) co_return std::unexpected(answer.error());
  for (const auto& one : objects(*answer, "connections"))
    if (base::string_or(one, "connection_id") == id) {
      const auto status = base::string_or(one, "status");
      if (status != "closed" && status != "closing")
        co_return std::unexpected(wrong("its record says " + status));
    }
  co_return true;
}

Step quality_and_close(Stage* stage) {
  auto joined = co_await join(stage);
  if (!joined) co_return std::unexpected(joined.error());
  auto chosen =
      co_await api(stage, "POST", "/api/v0/webrtc/quality/" + joined->id, {{"quality", "medium"}});
  if (!chosen) co_return std::unexpected(chosen.error());
  auto closing = co_await api(stage, "POST", "/api/v0/webrtc/close/" + joined->id);
  if (!closing) co_return std::unexpected(closing.error());
  auto closed = co_await closed_at_both_ends(stage, joined->caller.get(), joined->id);
  if (!closed) co_return std::unexpected(closed.error());
  auto operation = co_await ended_operation(stage, "close", joined->id);
  if (!operation) co_return operation;
  co_return joined->id + " closed by " + *operation;
}

Step async_close(Stage* stage) {
  auto joined = co_await join(stage);
  if (!joined) co_return std::unexpected(joined.error());
  auto asked = co_await api(stage, "POST", "/api/v0/mcp/monitor/webrtc/test/async_close",
                            {{"connection_id", joined->id}});
  if (!asked) co_return std::unexpected(asked.error());
  auto closed = co_await closed_at_both_ends(stage, joined->caller.get(), joined->id);
  if (!closed) co_return std::unexpected(closed.error());
  co_return joined->id + " closed while the loop went on";
}

Step close_all(Stage* stage) {
  auto first = co_await join(stage);
  if (!first) co_return std::unexpected(first.error());
  auto second = co_await join(stage);
  if (!second) co_return std::unexpected(second.error());
  auto closing = co_await api(stage, "POST", "/api/v0/webrtc/close_all");
  if (!closing) co_return std::unexpected(closing.error());
  for (const auto* const one : {&*first, &*second}) {
    auto closed = co_await closed_at_both_ends(stage, one->caller.get(), one->id);
    if (!closed) co_return std::unexpected(closed.error());
  }
  co_return "both of two";
}

}  // namespace

runtime::Task<std::vector<SelfTestResult>> run_self_tests(simulate::Plan plan) {
  constexpr std::pair<std::string_view, Step (*)(Stage*)> kSteps[] = {
      {"the server is ready", readiness},
      {"MCP: every running server is tested", servers},
      {"MCP: a tool is called", tool_call},
      {"WebRTC: a test connection", test_connection},
      {"WebRTC: viewers", viewers},
      {"WebRTC: another quality, then close", quality_and_close},
      {"WebRTC: asynchronous close", async_close},
      {"WebRTC: close all", close_all}};
  std::vector<SelfTestResult> out;
  Stage stage(*runtime::Loop::current(), std::move(plan));
  auto token = co_await stage.plan.token();
  stage.token = token.value_or("");
  for (const auto& [name, step] : kSteps) {
    const auto began = stage.loop.clock().now();
    auto seen = co_await step(&stage);
    const bool left_out = seen && seen->starts_with(kLeftOut);
    auto detail = seen ? seen->substr(left_out ? kLeftOut.size() : 0) : seen.error().detail;
    out.push_back({.name = std::string(name),
                   .ok = seen.has_value(),
                   .left_out = left_out,
                   .took = stage.loop.clock().now() - began,
                   .detail = std::move(detail)});
  }
  co_await stage.pool.stop();
  co_return out;
}

std::string report_of(const std::vector<SelfTestResult>& results) {
  std::string out = "\n  Telltale tried itself:\n\n";
  std::size_t passed = 0, failed = 0, left_out = 0;
  for (const auto& one : results) {
    ++(one.left_out ? left_out : one.ok ? passed : failed);
    out += fmt::format("  {:<8}  {:<38} {:>6.0f} ms  {}\n",
                       one.left_out ? "left out"
                       : one.ok     ? "ok"
                                    : "FAILED",
                       one.name, base::to_ms(one.took), one.detail);
  }
  out += fmt::format("\n  {} passed, {} failed", passed, failed);
  return out + (left_out > 0 ? fmt::format(", {} left out\n", left_out) : "\n");
}

}  // namespace telltale::app
