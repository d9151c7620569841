// The operations on users and on one's own session. Login, link, refresh and logout are not here:
// they set cookies and have their own handlers in the api face.
#pragma once

#include "auth/sessions.hpp"

namespace telltale::auth {

void declare_operations(runtime::OperationRegistry& registry, SessionService& sessions);

}  // namespace telltale::auth
