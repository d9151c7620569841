#include "mcp/oauth/plan.hpp"

#include "base/encoding.hpp"
#include "mcp/oauth/scope.hpp"

namespace telltale::mcp::oauth {

Plan plan_for(const Situation& situation) {
  const auto& demand = situation.demand;
  const bool insufficient =
      situation.status == 403 && demand.present && demand.error == "insufficient_scope";
  if (situation.status != 401 && !insufficient) return {.step = Step::not_ours};
  // A server that only knows passwords has no use for tokens; one that says nothing may have.
  if (demand.other && !demand.present) return {.step = Step::not_ours};
  if (situation.outdated) return {.step = Step::ask_again};
  if (demand.error == "use_dpop_nonce")
    return situation.new_nonce
               ? Plan{.step = Step::ask_again}
               : Plan{.step = Step::give_up, .why = "the server wants a DPoP nonce and gives none"};
  if (insufficient) {
    if (demand.scope.empty())
      return {.step = Step::give_up, .why = "the server wants more scopes and does not say which"};
    // Asked for already, and the server still says no: again would be without end.
    if (scopes_within(demand.scope, situation.requested_scope))
      return {.step = Step::give_up,
              .why = "the token was asked for the scopes \"" +
                     base::to_utf8(demand.scope.substr(0, 200)) +
                     "\", and the server still refuses it"};
    return {.step = Step::step_up};
  }
  if (situation.just_issued)
    return {.step = Step::give_up, .why = "the server refuses the token that was issued for it"};
  return {.step = Step::renew};
}

}  // namespace telltale::mcp::oauth
