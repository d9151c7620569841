#include "mcp/server_requests.hpp"

#include "base/encoding.hpp"
#include "mcp/elicitation.hpp"
#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

constexpr std::size_t kInputLimit = 64;

}  // namespace

base::JsonObject ServerRequests::capabilities(Era era) const {
  base::JsonObject out{
      {"elicitation", {{"form", {{"applyDefaults", true}}}, {"url", base::JsonObject()}}}};
  if (!roots_.empty()) out["roots"] = base::JsonObject();
  if (on_sampling_) out["sampling"] = base::JsonObject();
  if (era == Era::modern) out["extensions"] = {{kTasksExtension, base::JsonObject()}};
  return out;
}

runtime::TaskResult<base::JsonObject> ServerRequests::answer(std::string method,
                                                             base::JsonObject params,
                                                             ElicitationHandler of_call) const {
  if (method == "ping") co_return base::JsonObject();
  if (method == "roots/list" && !roots_.empty()) {
    base::JsonArray roots;
    for (const auto& root : roots_) roots.push_back(root);
    co_return base::JsonObject{{"roots", std::move(roots)}};
  }
  if (method == "elicitation/create")
    co_return co_await elicit(std::move(params), of_call ? of_call : on_elicitation_);
  if (method == "sampling/createMessage" && on_sampling_)
    co_return co_await on_sampling_(std::move(params));
  co_return base::fail(base::Code::unsupported,
                       "this client does not do " + base::to_utf8(method.substr(0, 80)));
}

runtime::TaskResult<base::JsonObject> ServerRequests::answer_all(base::JsonObject input_requests,
                                                                 ElicitationHandler of_call) const {
  if (input_requests.size() > kInputLimit)
    co_return base::fail(base::Code::protocol, "the server asks for more than 64 inputs at once");
  base::JsonObject out;
  for (const auto& item : input_requests) {
    const auto* asked = item.value().if_object();
    if (asked == nullptr)
      co_return base::fail(base::Code::protocol, "an input request is no object");
    const auto* params = base::find_object(*asked, "params");
    auto given = co_await answer(base::string_or(*asked, "method"),
                                 params == nullptr ? base::JsonObject() : *params, of_call);
    if (!given) co_return std::unexpected(given.error());
    out[item.key()] = std::move(*given);
  }
  co_return out;
}

runtime::TaskResult<base::JsonObject> ServerRequests::elicit(base::JsonObject params,
                                                             ElicitationHandler handler) {
  if (auto mode = elicitation_mode(params); !mode) co_return std::unexpected(mode.error());
  if (!handler) co_return base::JsonObject{{"action", "decline"}};
  auto given = co_await handler(params);
  if (!given) co_return std::unexpected(given.error());
  co_return finish_elicitation(params, std::move(*given));
}

}  // namespace telltale::mcp
