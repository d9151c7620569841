#include "cli/authorize.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/api_client.hpp"
#include "cli/follow.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"

namespace telltale::cli {
namespace {

constexpr base::Duration kPatience = std::chrono::minutes(10);  // as long as the answer is taken

int show(const Connection& connection, const base::Json& record) {
  if (connection.json) return print_json(record);
  const auto* const authorization = base::find_object(record.as_object(), "authorization");
  fmt::print("{}: {}\n", text_of(record.as_object(), "name"),
             authorization == nullptr ? "not used with OAuth" : text_of(*authorization, "state"));
  return 0;
}

bool is_authorized(const base::JsonObject& record, const std::string& server) {
  const auto* const authorization = base::find_object(record, "authorization");
  return base::string_or(record, "name") == server && authorization != nullptr &&
         base::string_or(*authorization, "state") == "authorized";
}

// How it is when we come, and what changes from then on.
bool tells_consent(const base::JsonObject& message, const std::string& server) {
  const auto* const data = base::find_object(message, "data");
  if (data == nullptr) return false;
  if (base::string_or(*data, "event_type") == "authorized") return true;
  if (const auto* record = base::find_object(*data, "server"))
    return is_authorized(*record, server);
  const auto* const all = base::find_array(*data, "mcps");
  return all != nullptr && std::ranges::any_of(*all, [&](const base::Json& one) {
           return one.is_object() && is_authorized(one.get_object(), server);
         });
}

// The answer goes from the browser to the server, not through us: its events tell.
runtime::TaskResult<bool> consent(Connection connection, std::string server) {
  return runtime::with_timeout<bool>(
      kPatience, "nobody has consented within ten minutes",
      follow(std::move(connection), {"events", "status"}, server,
             [server](const base::JsonObject& message) { return tells_consent(message, server); }));
}

int wait_for_consent(const Connection& connection, const std::string& server,
                     const std::string& path) {
  runtime::Runtime runtime(1);
  if (auto given = run_here(runtime, consent(connection, server)); !given)
    return complain(given.error());
  auto record = ask(connection, {.path = path});
  return record ? show(connection, *record) : complain(record.error());
}

}  // namespace

int authorize_server(const Connection& connection, const Authorize& what) {
  if (what.server.empty()) return complain({.detail = "which server? servers authorize NAME"});
  const auto path = "/api/servers/" + base::percent_encode(what.server);
  if (what.forget || !what.callback.empty()) {
    auto record =
        what.forget
            ? ask(connection, {.method = "DELETE", .path = path + "/authorization", .wait_s = 60})
            : ask(connection, {.method = "POST",
                               .path = "/api/oauth/callback",
                               .body = base::JsonObject{{"authorization_response", what.callback}},
                               .wait_s = 60});
    return record ? show(connection, *record) : complain(record.error());
  }
  auto begun = ask(
      connection,
      {.method = "POST", .path = path + "/authorize", .body = base::JsonObject(), .wait_s = 60});
  if (!begun) return complain(begun.error());
  if (connection.json && what.no_wait) return print_json(*begun);
  fmt::print("Open this, consent, and come back:\n{}\n",
             text_of(begun->as_object(), "authorization_url"));
  std::fflush(stdout);
  return what.no_wait
             ? 0
             : wait_for_consent(connection, base::string_or(begun->as_object(), "server"), path);
}

}  // namespace telltale::cli
