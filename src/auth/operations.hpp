// The operations on users, roles, API tokens and sessions. Login, link, refresh and logout are not
// here: they set cookies and have their own handlers in the api face.
#pragma once

#include "auth/sessions.hpp"

namespace telltale::auth {

void declare_operations(runtime::OperationRegistry& registry, SessionService& sessions);

void declare_own_operations(runtime::OperationRegistry& registry, SessionService* sessions);
void declare_user_operations(runtime::OperationRegistry& registry, SessionService* sessions);
void declare_role_operations(runtime::OperationRegistry& registry, SessionService* sessions);
void declare_token_operations(runtime::OperationRegistry& registry, SessionService* sessions);
void declare_session_operations(runtime::OperationRegistry& registry, SessionService* sessions);

// Nobody hands out, or takes over, more than he has himself.
base::Result<void> may_hand_out(const runtime::Actor& actor, const Directory& all,
                                const std::string& role);

}  // namespace telltale::auth
