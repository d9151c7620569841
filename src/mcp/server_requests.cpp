// What a server may ask of its client: ping, roots, elicitation, sampling; as a request (legacy) or
// inside a result (modern).
#include "mcp/elicitation.hpp"
#include "mcp/session.hpp"

namespace telltale::mcp {
namespace {

constexpr std::size_t kServingLimit =
    64;  // a server that floods us with requests gets errors, not memory

base::JsonObject error_answer(const base::Json& id, std::int64_t code, std::string_view message) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}};
}

}  // namespace

void Client::State::on_request(const base::JsonObject& message) {
  const auto method = base::string_or(message, "method");
  const auto* params = base::find_object(message, "params");
  const auto id = message.at("id");
  if (serving >= kServingLimit) {
    finding("server.request-flood", "over 64 requests of the server wait for us");
    if (auto sent = wire->send(error_answer(id, -32000, "too many requests at once"), {}); !sent)
      finding("client.answer-not-sent", sent.error().detail);
    return;
  }
  ++serving;
  tasks.spawn("mcp.serve", answer_request(shared_from_this(), id, method,
                                          params == nullptr ? base::JsonObject() : *params));
}

runtime::Task<> Client::State::answer_request(std::shared_ptr<State> self, base::Json id,
                                              std::string method, base::JsonObject params) {
  std::function<runtime::TaskResult<base::JsonObject>(base::JsonObject)> of_call;
  // A request outside any call belongs to the newest call that can answer: the protocol does not
  // say which it is for.
  for (auto it = self->pending.rbegin(); it != self->pending.rend() && !of_call; ++it)
    of_call = it->second->options.on_elicitation;
  auto result = method == "elicitation/create" && of_call
                    ? co_await self->elicit(std::move(params), of_call)
                    : co_await self->serve(method, std::move(params));
  --self->serving;
  if (self->closed || !self->wire) co_return;
  base::JsonObject answer{{"jsonrpc", "2.0"}, {"id", id}};
  if (result)
    answer["result"] = std::move(*result);
  else
    answer = error_answer(id,
                          result.error().code == base::Code::unsupported
                              ? -32601
                              : base::json_rpc_code(result.error().code),
                          result.error().detail);
  if (auto sent = self->wire->send(answer, {}); !sent)
    self->finding("client.answer-not-sent", sent.error().detail);
}

runtime::TaskResult<base::JsonObject> Client::State::serve(std::string method,
                                                           base::JsonObject params) {
  if (method == "ping") co_return base::JsonObject();
  if (method == "roots/list") {
    base::JsonArray roots;
    for (const auto& root : listener.roots) roots.push_back(root);
    co_return base::JsonObject{{"roots", std::move(roots)}};
  }
  if (method == "elicitation/create")
    co_return co_await elicit(std::move(params), listener.on_elicitation);
  if (method == "sampling/createMessage" && listener.on_sampling)
    co_return co_await listener.on_sampling(std::move(params));
  co_return base::fail(base::Code::unsupported, "this client does not do " + method.substr(0, 80));
}

runtime::TaskResult<base::JsonObject> Client::State::elicit(
    base::JsonObject params,
    std::function<runtime::TaskResult<base::JsonObject>(base::JsonObject)> handler) {
  if (!handler) co_return base::JsonObject{{"action", "decline"}};
  base::JsonObject schema;
  if (const auto* wanted = base::find_object(params, "requestedSchema")) schema = *wanted;
  auto answer = co_await handler(std::move(params));
  if (answer && base::string_or(*answer, "action") == "accept")
    apply_elicitation_defaults(schema, *answer);
  co_return answer;
}

}  // namespace telltale::mcp
