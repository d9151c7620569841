// What a server may ask of its client: ping, roots, elicitation, sampling; as a request of its own
// (legacy) or inside a result (modern: inputRequests). Answers through the listener; holds no state
// but the handlers. Home loop only.
#pragma once

#include "mcp/pending_calls.hpp"

namespace telltale::mcp {

class ServerRequests {
 public:
  explicit ServerRequests(const Listener& listener)
      : on_elicitation_(listener.on_elicitation),
        on_sampling_(listener.on_sampling),
        roots_(listener.roots) {}

  // What we declare: elicitation always (a person may answer any single call), the rest when
  // somebody is there for it.
  base::JsonObject capabilities(Era era) const;

  // `of_call` answers elicitations before the listener does.
  runtime::TaskResult<base::JsonObject> answer(std::string method, base::JsonObject params,
                                               ElicitationHandler of_call) const;
  // 2026-07-28 basic/patterns/mrtr: every entry of inputRequests, one after the other;
  // inputResponses comes back.
  runtime::TaskResult<base::JsonObject> answer_all(base::JsonObject input_requests,
                                                   ElicitationHandler of_call) const;

 private:
  static runtime::TaskResult<base::JsonObject> elicit(base::JsonObject params,
                                                      ElicitationHandler handler);

  ElicitationHandler on_elicitation_;
  ElicitationHandler on_sampling_;
  std::vector<base::JsonObject> roots_;
};

}  // namespace telltale::mcp
