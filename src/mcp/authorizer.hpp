// What a transport asks about authorization (2026-07-28 basic/authorization): which headers prove
// who we are, and what to do about a refusal. oauth/client.hpp implements it. One authorizer
// belongs to one server and may outlive transports; home loop only. close() comes before
// destruction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "net/ip_network.hpp"

namespace telltale::mcp {

// The error of a call that a person has to allow first: Code::unauthenticated, and
// data.authorization_required is true, data.authorization_url says where.
inline constexpr std::string_view kAuthorizationRequired = "authorization_required";

struct Proof {
  net::Headers headers = {};     // win over the user's own
  std::uint64_t generation = 0;  // of the token: a refusal says which one was refused
};

struct Refusal {
  int status = 0;
  std::vector<std::string> challenges = {};  // every WWW-Authenticate field
  std::string dpop_nonce = {};
  net::IpAddress peer = {};      // who refused: what it names is no further in than it is
  std::uint64_t generation = 0;  // of the proof that was sent
};

class Authorizer {
 public:
  Authorizer() = default;
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  virtual ~Authorizer() = default;

  // For one request: a proof must not be sent twice (RFC 9449 section 4.3).
  virtual runtime::TaskResult<Proof> headers(std::string method, std::string url) = 0;
  // True: ask again. False: this refusal is not about authorization. Error: there is no way in.
  virtual runtime::TaskResult<bool> challenged(Refusal refusal) = 0;
  // An answer that was no refusal, and its DPoP-Nonce, if any (RFC 9449 section 8.2).
  virtual void accepted(std::uint64_t generation, std::string dpop_nonce) = 0;
  virtual runtime::Task<> close() = 0;
};

}  // namespace telltale::mcp
