#include "mcp/call.hpp"

#include "base/encoding.hpp"
#include "mcp/connector.hpp"
#include "mcp/lists.hpp"
#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

using runtime::TaskResult;

constexpr int kRoundLimit = 10;  // of input_required

bool may_need_input(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

using RequestPtr = std::shared_ptr<const Session::Exchange>;

// One exchange; a session that turns out to be lost is made anew, once, and the request asked
// again: a refused request was not carried out.
TaskResult<base::JsonObject> exchange_in_session(std::shared_ptr<Session> session,
                                                 RequestPtr request) {
  {
    const runtime::Span waiting(session->renewing ? request->options.trace : runtime::TracePlace{},
                                "session");
    if (auto there = co_await renewed(session); !there) co_return std::unexpected(there.error());
  }
  const auto life = session->life;
  auto result = co_await session->exchange(*request);
  if (result || !result.error().data.contains("session_lost")) co_return result;
  {
    const runtime::Span renewing(request->options.trace, "session");
    start_renewal(session, life);
    if (auto there = co_await renewed(session); !there) co_return std::unexpected(there.error());
  }
  if (session->life == life) co_return result;
  co_return co_await session->exchange(*request);
}

// "Client Behavior" of custom headers: a mismatch may mean that the tool has changed since it was
// listed.
TaskResult<base::JsonObject> exchange_with_headers(std::shared_ptr<Session> session,
                                                   RequestPtr request) {
  auto result = co_await exchange_in_session(session, request);
  if (result || request->method != "tools/call" || rpc_code(result.error()) != rpc::kHeaderMismatch)
    co_return result;
  session->finding("tool.header-mismatch", result.error().detail);
  session->cache().invalidate("tools");
  if (auto tools = co_await list_tools(session, {.timeout = request->options.timeout}); !tools)
    co_return result;
  co_return co_await exchange_in_session(session, std::move(request));
}

}  // namespace

ToolCallResult check_tool_result(Session& session, const std::string& tool,
                                 base::JsonObject result) {
  ToolCallResult out;
  out.is_error = base::find_bool(result, "isError").value_or(false);
  auto verdict = session.tools().check_result(tool, result);
  if (!verdict.errors.empty())
    session.finding(std::string(kOutputSchema), tool + ": " + verdict.errors.front());
  if (!verdict.complete)
    session.finding("tool.output-schema-too-complex", tool + ": not checked to the end");
  out.schema_errors = std::move(verdict.errors);
  out.result = std::move(result);
  return out;
}

TaskResult<base::JsonObject> call(std::shared_ptr<Session> session, std::string method,
                                  base::JsonObject params, CallOptions options) {
  auto asked = std::make_shared<Session::Exchange>(Session::Exchange{
      .method = method, .params = std::move(params), .options = std::move(options)});
  for (int round = 0;; ++round) {
    auto result = co_await exchange_with_headers(session, asked);
    if (!result) co_return result;
    const auto type = base::string_or(*result, "resultType", "complete");
    if (type == "complete") co_return result;
    if (type == "task" && method == "tools/call") {
      runtime::Span task(asked->options.trace, "task");
      auto done = co_await follow_task(session, std::move(*result), asked->options);
      task.end(done.has_value());
      co_return done;
    }
    if (type != "input_required" || !may_need_input(method)) {
      session->finding("result.type", "resultType \"" + base::to_utf8(type.substr(0, 40)) +
                                          "\" as the answer to " + method);
      co_return base::fail(base::Code::protocol, "the server answered " + method +
                                                     " with resultType \"" +
                                                     base::to_utf8(type.substr(0, 40)) + "\"");
    }
    if (round == kRoundLimit)
      co_return base::fail(base::Code::protocol, "the server asks for input without end");
    // The same request again with a new id, with the answers, and with the state exactly as it
    // came.
    for (const auto* const key : {"inputResponses", "requestState"}) asked->params.erase(key);
    if (const auto* wanted = base::find_object(*result, "inputRequests")) {
      auto responses =
          co_await session->server_requests().answer_all(*wanted, asked->options.on_elicitation);
      if (!responses) co_return std::unexpected(responses.error());
      asked->params["inputResponses"] = std::move(*responses);
    } else if (!result->contains("requestState")) {
      co_return base::fail(base::Code::protocol,
                           "the server asks for input without saying for what");
    }
    if (const auto* state = result->if_contains("requestState"))
      asked->params["requestState"] = *state;
  }
}

}  // namespace telltale::mcp
