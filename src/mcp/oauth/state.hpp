// What an OAuth client remembers about one server: plain values that can be written as JSON and
// read back. Everything that grants
// something is bound to one issuer (2026-07-28 basic/authorization): another
// issuer begins with nothing. No I/O.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"

namespace telltale::mcp::oauth {

enum class RegistrationKind { pre_registered, metadata_document, dynamic };

struct Registration {
  RegistrationKind kind = RegistrationKind::dynamic;
  std::string client_id;
  base::Secret client_secret = {};
  std::string auth_method = {};   // at the token endpoint; "": choose
  std::string redirect_uri = {};  // of a dynamic registration: another one needs another
  std::int64_t expires_at_s = 0;  // of the secret, Unix time; 0: never
};

struct Tokens {
  base::Secret access_token;
  base::Secret refresh_token = {};
  bool dpop = false;              // else Bearer
  std::string scope = {};         // granted
  std::int64_t expires_at_s = 0;  // Unix time; 0: not said
};

// Between the authorization URL and the callback.
struct Pending {
  std::string state;
  base::Secret code_verifier;
  std::string url;  // what the person opens
  std::string issuer;
  std::string token_endpoint;
  std::vector<std::string> token_auth_methods = {};
  bool iss_required = false;
  std::string redirect_uri;
  std::string resource;  // "" where no document names one
  std::string scope = {};
  std::vector<std::string> named_by = {};  // addresses of those who named the token endpoint
  std::int64_t created_at_s = 0;
};

struct State {
  std::string issuer = {};
  std::string metadata_url = {};     // what the server's last challenge named as its metadata, …
  std::string metadata_peer = {};    // … and the address it came from
  std::string requested_scope = {};  // all that was asked of this issuer
  std::optional<Registration> registration = {};
  std::optional<Tokens> tokens = {};
  base::Secret dpop_key = {};  // PEM
  std::vector<Pending> pending = {};
};

// The members that hold secrets, as JSON Pointers; `*` is every element. Whoever stores the JSON
// seals these.
inline constexpr std::array<std::string_view, 5> kSecretMembers{
    "/registration/client_secret", "/tokens/access_token", "/tokens/refresh_token", "/dpop_key",
    "/pending/*/code_verifier"};

base::JsonObject write_state(const State& state);  // secrets in the clear
base::Result<State> read_state(const base::JsonObject& object);

inline constexpr std::int64_t kPendingLife_s = 600;
inline constexpr std::size_t kPendingLimit = 8;
// Forgets what is too old, and the oldest beyond the limit.
void prune_pending(State& state, std::int64_t now_s);

}  // namespace telltale::mcp::oauth
