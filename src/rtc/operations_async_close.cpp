// webrtc.async_close: what the programs before us could only simulate. A connection of ours to
// ourselves is made (ICE, DTLS, a data channel), or one that is there is taken; a task of its own
// closes it on the same loops that go on serving everything else; operation, task and each step
// with its time are the answer.
#include "rtc/operations.hpp"
#include "rtc/peer/caller.hpp"
#include "rtc/v0_records.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::rtc {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct AsyncClose {
  std::optional<std::string> connection_id;
};
BOOST_DESCRIBE_STRUCT(AsyncClose, (), (connection_id))
constexpr auto field_rules(const AsyncClose*) {
  return std::array{FieldRule{.name = "connection_id",
                              .help = "one that is open; without it one is made for the test"}};
}

namespace {

using namespace std::chrono_literals;

constexpr auto kStepLimit = 10s;

class Steps {
 public:
  explicit Steps(const base::Clock& clock) : clock_(clock), last_(clock.now()) {}
  void done(std::string_view name) {
    const auto now = clock_.now();
    list_.push_back(JsonObject{{"name", name}, {"took_ms", base::to_ms(now - last_)}});
    last_ = now;
  }
  JsonArray take() { return std::move(list_); }

 private:
  const base::Clock& clock_;
  base::SteadyTime last_;
  JsonArray list_;
};

using Told = runtime::OneShot<base::Result<bool>>;

runtime::Task<> close_it(Engine* engine, std::string id, Told told) {
  auto closed = co_await engine->close(std::move(id), "asked");
  told.set(std::move(closed));
}

Json task_named(const runtime::TaskRegistry& tasks, std::string_view name) {
  for (const auto& one : tasks.running())
    if (one.name == name) return v0::task(one);
  for (const auto& one : tasks.ended())
    if (one.name == name) return v0::task(one);
  return nullptr;
}

// The close, as a task of this operation; then what became of both.
TaskResult<JsonObject> close_by_task(Control* control, ContextPtr context, std::string id,
                                     Steps* steps) {
  auto* const loop = runtime::Loop::current();
  runtime::TaskGroup group(*loop, context->id());
  const Told told(*loop);
  const auto name = "webrtc.async_close " + id;
  group.spawn(name, close_it(&control->engine, id, told));
  auto closed = co_await told.wait();
  co_await group.stop();
  if (!closed) co_return std::unexpected(closed.error());
  if (!*closed) co_return std::unexpected(no_connection(id));
  steps->done("closed");
  const auto record = control->engine.find(id);
  co_return JsonObject{
      {"success", true},
      {"operation_id", context->id()},
      {"connection_id", id},
      {"message", "Connection " + id + " was closed by a task of its own"},
      {"connection_state", record ? Json(state_name(record->state)) : Json(nullptr)},
      {"close_reason", record ? Json(record->close_reason) : Json(nullptr)},
      {"task", task_named(control->runtime.tasks(), name)}};
}

base::Error step_failed(std::string_view step, const Caller& caller) {
  return {.code = base::Code::unavailable,
          .detail = "the connection of the test failed at " + std::string(step) +
                    (caller.error().empty() ? "" : ": " + caller.error())};
}

TaskResult<JsonObject> make_and_close(Control* control, ContextPtr context, CallerPool* pool,
                                      Steps* steps) {
  Caller caller(*pool, {.video = false, .audio = false, .data = true});
  auto offer = caller.offer();
  if (!offer) co_return std::unexpected(offer.error());
  auto answer = co_await control->engine.answer(
      {.sdp = *offer, .source = "test", .actor = context->actor().name});
  if (!answer) co_return std::unexpected(answer.error());
  context->set_subject(answer->id);
  steps->done("made");
  if (auto accepted = caller.accept(answer->sdp); !accepted)
    co_return std::unexpected(accepted.error());
  const bool connected = co_await caller.wait_until(
      [](const Caller& at) { return at.closed() || at.connected(); }, kStepLimit);
  if (!connected || caller.closed()) {
    (void)co_await control->engine.close(answer->id, "self_test");
    co_return std::unexpected(step_failed("connecting", caller));
  }
  steps->done("connected");
  auto out = co_await close_by_task(control, context, answer->id, steps);
  if (!out) co_return out;
  // The other side hears of it as any client would.
  const bool heard =
      co_await caller.wait_until([](const Caller& at) { return at.closed(); }, kStepLimit);
  if (!heard) co_return std::unexpected(step_failed("the goodbye", caller));
  steps->done("heard");
  co_return out;
}

TaskResult<JsonObject> async_close(Control* control, ContextPtr context, AsyncClose input) {
  Steps steps(control->runtime.clock());
  base::Result<JsonObject> out;
  if (input.connection_id) {
    context->set_subject(*input.connection_id);
    out = co_await close_by_task(control, context, *input.connection_id, &steps);
  } else {
    CallerPool pool(*runtime::Loop::current());
    out = co_await make_and_close(control, context, &pool, &steps);
    co_await pool.stop();
  }
  if (out) (*out)["steps"] = steps.take();
  co_return out;
}

}  // namespace

void declare_test_operations(runtime::OperationRegistry& registry, Control& control) {
  runtime::OperationSpec spec = {
      .name = "webrtc.async_close",
      .help = "A connection is closed by a task of its own while the loops go on: a test",
      .permission = "webrtc:control",
      .changes = true,
      .routes = {{"POST", "/api/v0/mcp/monitor/webrtc/test/async_close"},
                 {"POST", "/api/v0/mcp/test/webrtc/async_test"}}};
  spec.keep = runtime::Keep::batched;
  add_operation(registry, control, std::move(spec), async_close);
}

}  // namespace telltale::rtc
