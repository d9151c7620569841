// Requests to a token endpoint and their answers (RFC 6749 sections 2.3.1, 3.2, 5): the four ways
// to authenticate and all grants. No I/O.
#pragma once

#include "mcp/oauth/ec_key.hpp"
#include "mcp/oauth/form.hpp"
#include "mcp/oauth/registration.hpp"
#include "net/http.hpp"

namespace telltale::mcp::oauth {

namespace grant {
inline constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
inline constexpr std::string_view kTokenExchange =
    "urn:ietf:params:oauth:grant-type:token-exchange";
}  // namespace grant

Form code_form(const Pending& pending, const base::Secret& code);
Form refresh_form(const base::Secret& refresh_token, std::string_view resource);
Form client_credentials_form(std::string_view scope, std::string_view resource);
// RFC 7523 section 2.1: workload identity federation, and the second half of enterprise-managed
// authorization.
Form jwt_bearer_form(const base::Secret& assertion, std::string_view scope,
                     std::string_view resource);
// RFC 8693: an ID token of the enterprise's identity provider for an ID-JAG that `audience` takes.
Form id_jag_form(const base::Secret& id_token, std::string_view audience, std::string_view resource,
                 std::string_view scope);

// Adds to the form or to the headers what proves who we are.
struct ClientProof {
  Registration registration;
  std::string method;             // choose_auth_method
  std::optional<EcKey> key = {};  // private_key_jwt
  std::string audience = {};      // the issuer
};
base::Result<void> authenticate(Form& form, net::Headers& headers, const ClientProof& proof,
                                base::WallTime now);

// RFC 6749 section 5.1. `requested_scope` is what is granted when the answer does not say.
base::Result<Tokens> read_tokens(const base::Json& document, bool asked_dpop,
                                 std::string_view requested_scope, base::WallTime now);
// RFC 8693 section 2.2.1: the ID-JAG in it.
base::Result<base::Secret> read_id_jag(const base::Json& document);

// RFC 6749 section 5.2: data.oauth_error is the code. A description that repeats something of
// `form` is left out: nothing secret may come back in an Error.
base::Error token_refusal(int status, std::string_view body, const Form& form,
                          std::string_view endpoint);
base::Error refusal_of(std::string_view what, std::string_view url, int status,
                       std::string_view body, const Form& form);
std::string oauth_error(const base::Error& error);  // "" when there is none

}  // namespace telltale::mcp::oauth
