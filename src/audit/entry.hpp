// One entry of the audit: who asked for what, from where, and how it ended. A plain value.
#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"

namespace telltale::audit {

struct Entry {
  std::string actor;
  std::string address;
  std::string action;   // an operation's name, auth.login, request.refused, …
  std::string subject;  // the server's name, the user's name, the path: what it was about
  base::Json arguments = base::JsonObject();  // redacted before it comes here
  std::string outcome = "ok";                 // started, ok, failed, refused
  std::string detail = {};
  std::string operation_id = {};
};

// An entry in its place in the chain. `steady_ms` is the clock that nobody can set: a jump of the
// wall clock shows as a difference of the two.
struct Record {
  std::int64_t seq = 0;
  base::WallTime time;
  std::int64_t steady_ms = 0;
  Entry entry;
  std::string hash;  // 64 hex digits
};

base::JsonObject describe(const Record& record);

}  // namespace telltale::audit
