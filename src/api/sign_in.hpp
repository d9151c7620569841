// Login, link, refresh and logout: the handlers that set cookies. The access cookie serves reading
// and WebSockets, the refresh cookie goes to /api/auth only; both are HttpOnly and SameSite=Strict.
#pragma once

#include <optional>

#include "auth/sessions.hpp"
#include "net/http.hpp"

namespace telltale::api {

// Nothing when the path is none of these.
bool is_sign_in(const net::Request& request);
runtime::Task<net::Response> handle_sign_in(auth::SessionService* sessions, net::Request request);

}  // namespace telltale::api
