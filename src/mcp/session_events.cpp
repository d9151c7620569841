// What comes up from the transport: answers, notifications and requests of the server.
#include <algorithm>

#include <fmt/format.h>

#include "mcp/connector.hpp"
#include "mcp/protocol.hpp"
#include "mcp/session.hpp"
#include "mcp/subscriptions.hpp"
#include "mcp/volley.hpp"

namespace telltale::mcp {
namespace {

constexpr std::size_t kServingLimit =
    64;  // a server that floods us with requests gets errors, not memory

}  // namespace

void Session::on_text(std::string_view text, std::string_view rule) {
  on_tap('<', text);
  for (auto* const volley : volleys_)
    if (volley->take(text)) return;
  auto input = read_messages(text, rule);
  for (auto& found : input.findings) on_finding(std::move(found));
  for (auto& message : input.messages) {
    if (auto* response = std::get_if<RpcResponse>(&message)) {
      const bool alone = input.messages.size() == 1 && input.findings.empty();
      if (volleys_take(*response, alone ? text : std::string_view())) continue;
      on_response(std::move(*response), text.size() / input.messages.size());
    } else if (const auto* notification = std::get_if<RpcNotification>(&message))
      on_notification(*notification);
    else
      on_request(std::move(std::get<RpcRequest>(message)));
  }
}

void Session::on_response(RpcResponse response, std::size_t bytes) {
  using Delivery = PendingCalls::Delivery;
  if (!response.id) {
    const auto why = response.outcome ? std::string() : ": " + response.outcome.error().detail;
    return finding("response.unknown-id",
                   "an answer to nothing we asked: id " + response.shown_id + why);
  }
  switch (calls_.complete(*response.id, std::move(response.outcome), bytes)) {
    case Delivery::delivered:
      return;
    case Delivery::duplicate:
      return stale_answer(response.shown_id, false);
    case Delivery::late:
      return stale_answer(response.shown_id, true);
    case Delivery::unknown:
      return finding("response.unknown-id",
                     "an answer to a request never made: id " + response.shown_id);
  }
}

bool Session::volleys_take(RpcResponse& response, std::string_view text) {
  return std::ranges::any_of(volleys_, [&](auto* volley) { return volley->take(response, text); });
}

void Session::stale_answer(std::string_view id, bool late) {
  if (late)
    finding("response.late", fmt::format("an answer nobody waits for any more, to request {}", id));
  else
    finding("response.duplicate", fmt::format("a second answer to request {}", id));
}

void Session::on_notification(const RpcNotification& notification) {
  const std::string_view method = notification.method;
  const auto& params = notification.params;
  if (method == "notifications/progress") return on_progress(params);
  if (method == "notifications/message") {
    const auto* data = params.if_contains("data");
    if (listener_.on_log)
      listener_.on_log(base::string_or(params, "level", "info"), base::string_or(params, "logger"),
                       data == nullptr ? base::Json() : *data);
    return;
  }
  if (method == "notifications/tools/list_changed" ||
      method == "notifications/prompts/list_changed" ||
      method == "notifications/resources/list_changed") {
    const auto kind = method.substr(14, method.size() - 14 - 13);
    cache_.invalidate(kind);
    if (listener_.on_list_changed) listener_.on_list_changed(kind);
    return;
  }
  if (method == "notifications/resources/updated") {
    if (listener_.on_resource_updated)
      listener_.on_resource_updated(base::string_or(params, "uri"));
    return;
  }
  if (method == "notifications/subscriptions/acknowledged")
    return subscriptions_->on_acknowledged(params);
  // The server gives up a subscription (the only thing it may cancel); a request it asked of us it
  // may cancel as well, but what a person was asked stays asked: the answer is then late, which the
  // server has to bear.
  if (method == "notifications/cancelled") {
    if (const auto id = base::find_integer(params, "requestId");
        id && subscriptions_->is_current(*id))
      calls_.complete(*id, base::fail(base::Code::cancelled, "the server ended the subscription"));
    return;
  }
  if (method == "notifications/elicitation/complete" || method == "notifications/tasks") return;
  finding("notification.unknown", std::string(method.substr(0, 80)));
}

void Session::on_progress(const base::JsonObject& params) {
  using Delivery = PendingCalls::Delivery;
  const auto* given = params.if_contains("progressToken");
  const auto token = base::find_integer(params, "progressToken");
  if (!token) {
    return finding(
        "progress.unknown-token",
        "progress with the token " + (given == nullptr ? "missing" : base::write_json(*given)));
  }
  const auto how =
      calls_.progress(*token, {.progress = base::find_number(params, "progress").value_or(0),
                               .total = base::find_number(params, "total"),
                               .message = base::string_or(params, "message")});
  if (how == Delivery::late)
    finding("progress.late", "progress after the end of request " + std::to_string(*token));
  if (how == Delivery::unknown)
    finding("progress.unknown-token", "progress of no request of ours: " + std::to_string(*token));
}

void Session::on_request(RpcRequest request) {
  if (request.method == "ping" && era_ == Era::legacy) return reply(result_message(request.id, {}));
  if (era_ == Era::modern && info_) {
    // "The server MUST NOT write JSON-RPC requests", and we must not answer with responses.
    return finding("server.request-in-modern-era", request.method.substr(0, 80));
  }
  if (serving_ >= kServingLimit) {
    finding("server.request-flood", "over 64 requests of the server wait for us");
    return reply(error_message(request.id, rpc::kBusy, "too many requests at once"));
  }
  ++serving_;
  if (!tasks_.spawn("mcp.serve", serve(shared_from_this(), std::move(request)))) --serving_;
}

runtime::Task<> Session::serve(std::shared_ptr<Session> self, RpcRequest request) {
  struct Served {
    Session& session;
    ~Served() { --session.serving_; }
  } const served{*self};
  auto result = co_await self->server_requests_.answer(request.method, std::move(request.params),
                                                       self->calls_.newest_elicitation());
  if (result) co_return self->reply(result_message(request.id, std::move(*result)));
  const auto& error = result.error();
  if (error.code == base::Code::unsupported)
    self->finding("server.unknown-request", request.method.substr(0, 80));
  self->reply(error_message(request.id, base::json_rpc_code(error.code), error.detail));
}

void Session::reply(const base::JsonObject& message) {
  if (closed_ || ended_ || !transport_) return;
  if (auto sent = transport_->send(base::write_json(message), {}); !sent)
    finding("client.answer-not-sent", sent.error().detail);
}

void Session::on_tap(char direction, std::string_view text) {
  if (listener_.on_message) listener_.on_message(direction, text);
}

void Session::on_failed(std::int64_t id, base::Error error) {
  if (std::ranges::any_of(volleys_, [&](auto* volley) { return volley->take_failure(id, error); }))
    return;
  calls_.complete(id, std::unexpected(std::move(error)));
}

void Session::on_session_lost() {
  if (closed_ || ended_ || !info_) return;
  start_renewal(shared_from_this(), life);
}

void Session::on_finding(Finding found) {
  finding(std::move(found.rule), std::move(found.detail), found.fatal);
}

void Session::on_stderr(std::string_view line) {
  if (listener_.on_stderr) listener_.on_stderr(line);
}

void Session::on_closed(const base::Error& why) {
  if (closed_ || std::exchange(ended_, true)) return;
  calls_.fail_all(why);
  for (auto* const volley : volleys_) volley->end(why);
  // While connecting, the one who connects hears of it by the result.
  if (ready_ && listener_.on_closed) listener_.on_closed(why);
}

}  // namespace telltale::mcp
