#include "mcp/oauth/state.hpp"

namespace telltale::mcp::oauth {
namespace {

using base::JsonArray;
using base::JsonObject;

constexpr int kVersion = 1;
constexpr std::array<std::string_view, 3> kKinds{"pre_registered", "metadata_document", "dynamic"};

std::string clear(const base::Secret& secret) {
  return std::string(secret.reveal());
}
base::Secret secret(const JsonObject& object, std::string_view key) {
  return base::Secret(base::string_or(object, key));
}
std::int64_t integer(const JsonObject& object, std::string_view key) {
  return base::find_integer(object, key).value_or(0);
}
JsonArray list(const std::vector<std::string>& words) {
  return JsonArray(words.begin(), words.end());
}
std::vector<std::string> list(const JsonObject& object, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* const found = base::find_array(object, key))
    for (const auto& one : *found)
      if (one.is_string()) out.emplace_back(one.get_string());
  return out;
}

JsonObject write(const Registration& from) {
  return {{"kind", kKinds.at(static_cast<std::size_t>(from.kind))},
          {"client_id", from.client_id},
          {"client_secret", clear(from.client_secret)},
          {"auth_method", from.auth_method},
          {"redirect_uri", from.redirect_uri},
          {"expires_at_s", from.expires_at_s}};
}

JsonObject write(const Tokens& from) {
  return {{"access_token", clear(from.access_token)},
          {"refresh_token", clear(from.refresh_token)},
          {"dpop", from.dpop},
          {"scope", from.scope},
          {"expires_at_s", from.expires_at_s}};
}

JsonObject write(const Pending& from) {
  return {{"state", from.state},
          {"code_verifier", clear(from.code_verifier)},
          {"url", from.url},
          {"issuer", from.issuer},
          {"token_endpoint", from.token_endpoint},
          {"token_auth_methods", list(from.token_auth_methods)},
          {"iss_required", from.iss_required},
          {"redirect_uri", from.redirect_uri},
          {"resource", from.resource},
          {"scope", from.scope},
          {"named_by", list(from.named_by)},
          {"created_at_s", from.created_at_s}};
}

Registration read_registration(const JsonObject& from) {
  Registration out{.client_id = base::string_or(from, "client_id"),
                   .client_secret = secret(from, "client_secret"),
                   .auth_method = base::string_or(from, "auth_method"),
                   .redirect_uri = base::string_or(from, "redirect_uri"),
                   .expires_at_s = integer(from, "expires_at_s")};
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (base::string_or(from, "kind") == kKinds.at(i)) out.kind = static_cast<RegistrationKind>(i);
  return out;
}

Tokens read_tokens(const JsonObject& from) {
  return {.access_token = secret(from, "access_token"),
          .refresh_token = secret(from, "refresh_token"),
          .dpop = base::find_bool(from, "dpop").value_or(false),
          .scope = base::string_or(from, "scope"),
          .expires_at_s = integer(from, "expires_at_s")};
}

Pending read_pending(const JsonObject& from) {
  return {.state = base::string_or(from, "state"),
          .code_verifier = secret(from, "code_verifier"),
          .url = base::string_or(from, "url"),
          .issuer = base::string_or(from, "issuer"),
          .token_endpoint = base::string_or(from, "token_endpoint"),
          .token_auth_methods = list(from, "token_auth_methods"),
          .iss_required = base::find_bool(from, "iss_required").value_or(true),
          .redirect_uri = base::string_or(from, "redirect_uri"),
          .resource = base::string_or(from, "resource"),
          .scope = base::string_or(from, "scope"),
          .named_by = list(from, "named_by"),
          .created_at_s = integer(from, "created_at_s")};
}

}  // namespace

JsonObject write_state(const State& state) {
  JsonObject out{{"version", kVersion},
                 {"issuer", state.issuer},
                 {"metadata_url", state.metadata_url},
                 {"metadata_peer", state.metadata_peer},
                 {"requested_scope", state.requested_scope},
                 {"dpop_key", clear(state.dpop_key)}};
  if (state.registration) out["registration"] = write(*state.registration);
  if (state.tokens) out["tokens"] = write(*state.tokens);
  JsonArray pending;
  for (const auto& one : state.pending) pending.emplace_back(write(one));
  out["pending"] = std::move(pending);
  return out;
}

base::Result<State> read_state(const JsonObject& object) {
  if (base::find_integer(object, "version") != kVersion)
    return base::fail(base::Code::storage, "oauth: what was stored is of another version");
  State out{.issuer = base::string_or(object, "issuer"),
            .metadata_url = base::string_or(object, "metadata_url"),
            .metadata_peer = base::string_or(object, "metadata_peer"),
            .requested_scope = base::string_or(object, "requested_scope"),
            .dpop_key = secret(object, "dpop_key")};
  if (const auto* const found = base::find_object(object, "registration"))
    out.registration = read_registration(*found);
  if (const auto* const found = base::find_object(object, "tokens"))
    out.tokens = read_tokens(*found);
  if (const auto* const found = base::find_array(object, "pending"))
    for (const auto& one : *found)
      if (one.is_object()) out.pending.push_back(read_pending(one.get_object()));
  return out;
}

void prune_pending(State& state, std::int64_t now_s) {
  std::erase_if(state.pending, [&](const Pending& one) {
    return one.created_at_s + kPendingLife_s < now_s || one.created_at_s > now_s + kPendingLife_s;
  });
  while (state.pending.size() > kPendingLimit) state.pending.erase(state.pending.begin());
}

}  // namespace telltale::mcp::oauth
