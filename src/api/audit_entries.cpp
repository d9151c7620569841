#include "api/audit_entries.hpp"

#include "base/json.hpp"

namespace telltale::api {
namespace {

base::JsonObject object_of(std::string_view text) {
  auto parsed = base::parse_json(text, {.max_depth = 8, .max_bytes = 64U << 10U});
  return parsed && parsed->is_object() ? std::move(parsed->get_object()) : base::JsonObject();
}

}  // namespace

SignInAttempt SignInAttempt::of(const net::Request& request) {
  const auto body = object_of(request.body);
  return {.action = "auth." + request.path.substr(request.path.rfind('/') + 1),
          .user = base::string_or(body, "username", base::string_or(body, "email")),
          .address = request.remote_address};
}

std::optional<audit::Entry> SignInAttempt::entry(const SignedIn& signed_in) const {
  const auto& response = signed_in.response;
  if (action == "auth.refresh" && response.status < 400) return std::nullopt;
  const auto answer = object_of(response.body);
  audit::Entry out{.actor = user, .address = address, .action = action, .subject = user};
  if (const auto* const who = base::find_object(answer, "user"))
    out.actor = out.subject = base::string_or(*who, "username");
  if (response.status < 400) return out;
  out.actor.clear();  // whom it says it is, it is not
  out.outcome = response.status < 500 ? "refused" : "failed";
  out.detail = base::string_or(answer, "detail");
  if (signed_in.revoked_of.empty()) return out;
  out.subject = signed_in.revoked_of;
  out.detail = "a refresh token that had been used before: somebody has a copy, the session ends";
  return out;
}

audit::Entry refused_at_door(const net::Request& request, const net::Response& response) {
  return {.address = request.remote_address,
          .action = "request.refused",
          .subject = request.method + " " + request.path,
          .outcome = "refused",
          .detail = base::string_or(object_of(response.body), "detail")};
}

}  // namespace telltale::api
