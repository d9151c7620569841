// What the audit is told of requests that never become operations: sign-ins, good and bad, and
// requests that are refused at the door.
#pragma once

#include <optional>

#include "api/sign_in.hpp"
#include "audit/entry.hpp"

namespace telltale::api {

// What is needed of a sign-in request after it was handled; no secret of it is kept.
struct SignInAttempt {
  std::string action;  // auth.login, auth.link, auth.refresh, auth.logout
  std::string user;    // as given
  std::string address;
  static SignInAttempt of(const net::Request& request);
  // A refresh that succeeds is none: it begins no session, and every page load brings one.
  std::optional<audit::Entry> entry(const SignedIn& signed_in) const;
};

audit::Entry refused_at_door(const net::Request& request, const net::Response& response);

}  // namespace telltale::api
