// What the audit is told of requests that never become operations: sign-ins, good and bad, and
// requests that are refused at the door.
#pragma once

#include "audit/entry.hpp"
#include "net/http.hpp"

namespace telltale::api {

// What is needed of a sign-in request after it was handled; no secret of it is kept.
struct SignInAttempt {
  std::string action;  // auth.login, auth.link, auth.refresh, auth.logout
  std::string user;    // as given
  std::string address;
  static SignInAttempt of(const net::Request& request);
  audit::Entry entry(const net::Response& response) const;
};

audit::Entry refused_at_door(const net::Request& request, const net::Response& response);

}  // namespace telltale::api
