#include "mcp/oauth/token.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mcp/oauth/jwt.hpp"
#include "net/http_text.hpp"

namespace telltale::mcp::oauth {
namespace {

constexpr std::size_t kLongestToken = 64U << 10U;
constexpr std::int64_t kLongestLife_s = 10LL * 366 * 24 * 3600;

std::string clear(const base::Secret& secret) {
  return std::string(secret.reveal());
}

void add(Form& form, std::string name, std::string_view value) {
  if (!value.empty()) form.emplace_back(std::move(name), value);
}

std::unexpected<base::Error> refused(std::string why) {
  return base::fail(base::Code::protocol, "oauth: " + std::move(why));
}

// A header must not break, and a token is of these characters (RFC 6750 section 2.1).
bool is_token_text(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Form code_form(const Pending& pending, const base::Secret& code) {
  Form out{{"grant_type", "authorization_code"},
           {"code", clear(code)},
           {"redirect_uri", pending.redirect_uri},
           {"code_verifier", clear(pending.code_verifier)}};
  add(out, "resource", pending.resource);
  return out;
}

Form refresh_form(const base::Secret& refresh_token, std::string_view resource) {
  Form out{{"grant_type", "refresh_token"}, {"refresh_token", clear(refresh_token)}};
  add(out, "resource", resource);
  return out;
}

Form client_credentials_form(std::string_view scope, std::string_view resource) {
  Form out{{"grant_type", "client_credentials"}};
  add(out, "scope", scope);
  add(out, "resource", resource);
  return out;
}

Form jwt_bearer_form(const base::Secret& assertion, std::string_view scope,
                     std::string_view resource) {
  Form out{{"grant_type", std::string(grant::kJwtBearer)}, {"assertion", clear(assertion)}};
  add(out, "scope", scope);
  add(out, "resource", resource);
  return out;
}

Form id_jag_form(const base::Secret& id_token, std::string_view audience, std::string_view resource,
                 std::string_view scope) {
  Form out{{"grant_type", std::string(grant::kTokenExchange)},
           {"requested_token_type", "urn:ietf:params:oauth:token-type:id-jag"},
           {"subject_token", clear(id_token)},
           {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"},
           {"audience", std::string(audience)}};
  add(out, "resource", resource);
  add(out, "scope", scope);
  return out;
}

base::Result<void> authenticate(Form& form, net::Headers& headers, const ClientProof& proof,
                                base::WallTime now) {
  const auto& who = proof.registration;
  if (proof.method == "client_secret_basic") {
    // Both halves are form-encoded first (RFC 6749 section 2.3.1).
    headers.set("authorization",
                "Basic " + base::base64_encode(base::percent_encode(who.client_id) + ":" +
                                               base::percent_encode(who.client_secret.reveal())));
    return {};
  }
  form.emplace_back("client_id", who.client_id);
  if (proof.method == "client_secret_post")
    form.emplace_back("client_secret", clear(who.client_secret));
  if (proof.method != "private_key_jwt") return {};
  if (!proof.key) return refused("private_key_jwt needs a private key");
  auto assertion = client_assertion(*proof.key, who.client_id, proof.audience, now);
  if (!assertion) return std::unexpected(assertion.error());
  form.emplace_back("client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  form.emplace_back("client_assertion", std::move(*assertion));
  return {};
}

base::Result<Tokens> read_tokens(const base::Json& document, bool asked_dpop,
                                 std::string_view requested_scope, base::WallTime now) {
  if (!document.is_object()) return refused("the answer with the token is no JSON object");
  const auto& object = document.get_object();
  Tokens out{.access_token = base::Secret(base::string_or(object, "access_token")),
             .refresh_token = base::Secret(base::string_or(object, "refresh_token")),
             .scope = base::string_or(object, "scope", requested_scope)};
  const auto type = base::string_or(object, "token_type");
  out.dpop = net::equal_no_case(type, "dpop");
  if (!is_token_text(out.access_token.reveal()))
    return refused("the answer with the token has no usable access token");
  if (!out.refresh_token.empty() && !is_token_text(out.refresh_token.reveal()))
    return refused("the answer with the token has no usable refresh token");
  if ((!out.dpop && !net::equal_no_case(type, "bearer")) || (out.dpop && !asked_dpop))
    return refused("the token is of type \"" + base::to_utf8(type.substr(0, 40)) +
                   "\", which was not asked for");
  if (const auto life = base::find_number(object, "expires_in"); life && *life > 0)
    out.expires_at_s = base::unix_ms(now) / 1000 + static_cast<std::int64_t>(std::min(
                                                       *life, static_cast<double>(kLongestLife_s)));
  return out;
}

base::Result<base::Secret> read_id_jag(const base::Json& document) {
  if (!document.is_object()) return refused("the identity provider's answer is no JSON object");
  const auto& object = document.get_object();
  base::Secret out(base::string_or(object, "access_token"));
  if (base::string_or(object, "issued_token_type") != "urn:ietf:params:oauth:token-type:id-jag" ||
      !is_token_text(out.reveal()))
    return refused("the identity provider issued no identity assertion grant (id-jag)");
  return out;
}

base::Error token_refusal(int status, std::string_view body, const Form& form,
                          std::string_view endpoint) {
  return refusal_of("token endpoint", endpoint, status, body, form);
}

base::Error refusal_of(std::string_view what, std::string_view url, int status,
                       std::string_view body, const Form& form) {
  base::Error out{.code = base::Code::unauthenticated,
                  .detail = "oauth: the " + std::string(what) + " " +
                            std::string(url.substr(0, 200)) + " answered HTTP " +
                            std::to_string(status)};
  if (status >= 500) out.code = base::Code::unavailable;
  if (status == 429) out.code = base::Code::rate_limited;
  const auto parsed = base::parse_json(body, {.max_depth = 16, .max_bytes = 64U << 10U});
  if (!parsed || !parsed->is_object()) return out;
  const auto repeats = [&](std::string_view text) {
    return std::ranges::any_of(form, [&](const auto& one) {
      return one.second.size() >= 16 && text.find(one.second) != std::string_view::npos;
    });
  };
  const auto code = base::string_or(parsed->get_object(), "error").substr(0, 80);
  const auto why = base::string_or(parsed->get_object(), "error_description");
  if (code.empty() || repeats(code)) return out;
  out.data["oauth_error"] = base::to_utf8(code);
  out.detail += ": " + base::to_utf8(code);
  if (!why.empty() && !repeats(why)) out.detail += " (" + base::to_utf8(why.substr(0, 200)) + ")";
  return out;
}

std::string oauth_error(const base::Error& error) {
  return base::string_or(error.data, "oauth_error");
}

}  // namespace telltale::mcp::oauth
