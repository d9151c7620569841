// What to do about a refusal, decided without I/O (2026-07-28 basic/authorization, "Token Handling"
// and "Scope Challenge Handling").
#pragma once

#include <string>

#include "mcp/oauth/challenge.hpp"

namespace telltale::mcp::oauth {

enum class Step {
  not_ours,   // the refusal is not about authorization
  ask_again,  // what we have now is newer than what was refused, or has the nonce it lacked
  renew,      // refresh, or authorize (anew)
  step_up,    // authorize for more scopes
  give_up,    // nothing that we could do would help
};

struct Situation {
  int status = 0;
  Demand demand = {};
  bool new_nonce = false;            // DPoP is in use, and the refusal brought a nonce
  bool outdated = false;             // another token has come since
  bool just_issued = false;          // the token refused is seconds old and was never accepted
  std::string requested_scope = {};  // what the token refused was asked for
};

struct Plan {
  Step step = Step::not_ours;
  std::string why = {};  // of giving up
};

Plan plan_for(const Situation& situation);

}  // namespace telltale::mcp::oauth
