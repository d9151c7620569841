#include "cli/authorize.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/api_client.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"

namespace telltale::cli {
namespace {

constexpr auto kLook = std::chrono::seconds(1);
constexpr int kLooks = 600;  // as long as the answer is taken: ten minutes

int show(const Connection& connection, const base::Json& record) {
  if (connection.json) return print_json(record);
  const auto* const authorization = base::find_object(record.as_object(), "authorization");
  fmt::print("{}: {}\n", text_of(record.as_object(), "name"),
             authorization == nullptr ? "not used with OAuth" : text_of(*authorization, "state"));
  return 0;
}

bool is_authorized(const base::Json& record) {
  const auto* const authorization = base::find_object(record.as_object(), "authorization");
  return authorization != nullptr && base::string_or(*authorization, "state") == "authorized";
}

// The answer goes from the browser to the server, not through us: its record tells.
int wait_for_consent(const Connection& connection, const std::string& path) {
  for (int look = 0; look < kLooks; ++look) {
    std::this_thread::sleep_for(kLook);
    auto record = ask(connection, {.path = path});
    if (!record) return complain(record.error());
    if (is_authorized(*record)) return show(connection, *record);
  }
  return complain({.detail = "nobody has consented within ten minutes"});
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
  return what.no_wait ? 0 : wait_for_consent(connection, path);
}

}  // namespace telltale::cli
