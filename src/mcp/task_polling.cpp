// Tasks (extension io.modelcontextprotocol/tasks, SEP-2663): tools/call answered with a handle
// instead of a result.
#include <set>

#include "mcp/call.hpp"
#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

using runtime::TaskResult;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{1'000};
constexpr milliseconds kShortestPoll{20};
constexpr milliseconds kLongestPoll{60'000};
constexpr int kFailureLimit = 5;  // polls in a row without an answer

milliseconds interval_of(const base::JsonObject& task, milliseconds before) {
  const auto wanted = base::find_number(task, "pollIntervalMs");
  if (!wanted || !(*wanted > 0)) return before;
  return std::clamp(milliseconds(static_cast<std::int64_t>(std::min(*wanted, 1e9))), kShortestPoll,
                    kLongestPoll);
}

bool is_transient(const base::Error& error) {
  return error.code == base::Code::unavailable || error.code == base::Code::deadline_exceeded ||
         error.code == base::Code::rate_limited;
}

runtime::Task<> send_cancel(std::shared_ptr<Session> session, std::string task_id) {
  auto done = co_await session->exchange(
      {.method = "tasks/cancel", .params = {{"taskId", task_id}}, .exempt = true});
  if (!done) session->finding("task.not-cancelled", done.error().detail);
}

// Cancellation is the server's choice; that we no longer wait is ours to tell.
class CancelOnLeave {
 public:
  CancelOnLeave(std::shared_ptr<Session> session, std::string task_id)
      : session_(std::move(session)), task_id_(std::move(task_id)) {}
  CancelOnLeave(const CancelOnLeave&) = delete;
  CancelOnLeave& operator=(const CancelOnLeave&) = delete;
  ~CancelOnLeave() {
    if (!ended_ && !session_->closed() && !session_->ended())
      session_->tasks().spawn("mcp.task-cancel", send_cancel(session_, task_id_));
  }
  void ended() noexcept { ended_ = true; }

 private:
  std::shared_ptr<Session> session_;
  std::string task_id_;
  bool ended_ = false;
};

// Input requests not answered yet; keys are unique within the task.
TaskResult<bool> give_input(std::shared_ptr<Session> session, std::string task_id,
                            base::JsonObject requests,
                            std::shared_ptr<std::set<std::string>> answered, CallOptions options) {
  base::JsonObject open;
  for (const auto& item : requests)
    if (answered->insert(std::string(item.key())).second) open[item.key()] = item.value();
  if (open.empty()) co_return true;
  auto responses =
      co_await session->server_requests().answer_all(std::move(open), options.on_elicitation);
  if (!responses) co_return std::unexpected(responses.error());
  auto done = co_await session->exchange(
      {.method = "tasks/update",
       .params = {{"taskId", task_id}, {"inputResponses", std::move(*responses)}},
       .options = {.timeout = options.timeout,
                   .trace_parent = options.trace_parent,
                   .traffic = options.traffic}});
  if (!done) co_return std::unexpected(done.error());
  co_return true;
}

}  // namespace

TaskResult<base::JsonObject> follow_task(std::shared_ptr<Session> session, base::JsonObject created,
                                         CallOptions options) {
  const auto task_id = base::string_or(created, "taskId");
  if (task_id.empty())
    co_return base::fail(base::Code::protocol, "the server made a task without an id");
  const auto ceiling = session->now() + std::max(session->settings().request_ceiling,
                                                 options.timeout.value_or(base::Duration::zero()));
  const auto answered = std::make_shared<std::set<std::string>>();
  CancelOnLeave cancel(session, task_id);
  auto task = std::move(created);
  auto wait = kPoll;
  int failures = 0;
  int polls = 0;
  std::string said;
  for (;;) {
    const auto status = base::string_or(task, "status");
    if (const auto message = base::string_or(task, "statusMessage");
        options.on_progress && !message.empty() && message != said) {
      said = message;
      options.on_progress(
          {.progress = static_cast<double>(polls), .total = {}, .message = message});
    }
    if (status == "completed" || status == "failed" || status == "cancelled") {
      // What tools/call itself answered may be a seed without the result: then one tasks/get brings
      // it.
      if (const auto* result = base::find_object(task, "result");
          status == "completed" && result != nullptr) {
        cancel.ended();
        co_return *result;
      }
      const auto* error = base::find_object(task, "error");
      if (status != "completed" && (error != nullptr || polls > 0 || status == "cancelled")) {
        cancel.ended();
        if (status == "cancelled")
          co_return base::fail(base::Code::cancelled, "the server cancelled the task");
        co_return std::unexpected(error_of(error == nullptr ? base::JsonObject() : *error));
      }
      if (polls > 0)
        co_return base::fail(base::Code::protocol, "the task is completed but has no result");
    }
    if (const auto* requests = base::find_object(task, "inputRequests");
        status == "input_required" && requests != nullptr)
      if (auto given = co_await give_input(session, task_id, *requests, answered, options); !given)
        co_return std::unexpected(given.error());
    wait = interval_of(task, wait);
    if (session->now() + wait >= ceiling)
      co_return base::fail(base::Code::deadline_exceeded,
                           "the task has not ended within the longest time a call may take");
    co_await runtime::sleep_for(wait);
    auto next = co_await session->exchange({.method = "tasks/get",
                                            .params = {{"taskId", task_id}},
                                            .options = {.timeout = options.timeout,
                                                        .trace_parent = options.trace_parent,
                                                        .traffic = options.traffic}});
    ++polls;
    if (next) {
      failures = 0;
      task = std::move(*next);
    } else if (!is_transient(next.error()) || ++failures >= kFailureLimit) {
      co_return std::unexpected(next.error());
    }
  }
}

}  // namespace telltale::mcp
