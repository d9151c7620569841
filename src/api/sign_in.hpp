// Login, link, refresh and logout: the handlers that set cookies. The access cookie serves reading
// and WebSockets, the refresh cookie goes to /api/auth only; both are HttpOnly and SameSite=Strict.
#pragma once

#include <vector>

#include "api/open_route.hpp"
#include "auth/sessions.hpp"
#include "net/http.hpp"

namespace telltale::api {

std::vector<OpenRoute> sign_in_routes();
bool is_sign_in(const net::Request& request);

struct SignedIn {
  net::Response response;
  std::string revoked_of;  // a refresh token that had been used before: whose session it ended
};
runtime::Task<SignedIn> handle_sign_in(auth::SessionService* sessions, net::Request request);

}  // namespace telltale::api
