// WHEP (draft-ietf-wish-whep) and WHIP (RFC 9725) over the operations webrtc.watch, webrtc.publish,
// webrtc.patch and webrtc.leave: here is only what is HTTP. An endpoint is /whep/{source} or
// /whip/{source}, its sessions are /whep/{source}/{id}. Pure; Face::whep() does the calling.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "net/http.hpp"

namespace telltale::api {

struct WhepTarget {
  bool publishes = false;  // WHIP
  std::string source;
  std::string session;  // "": the endpoint
  std::string path;     // of the endpoint, as it was asked for
};

// Nothing: not a path of WHEP or WHIP.
std::optional<WhepTarget> whep_target(const net::Request& request);

// What is wrong before anything is called: method, Content-Type, size. Nothing: all is well.
std::optional<net::Response> whep_refusal(const WhepTarget& target, const net::Request& request);
// To OPTIONS, which needs no login.
net::Response whep_options(const WhepTarget& target);

// Its paths for /openapi.json.
base::JsonObject whep_paths();

struct WhepCall {
  std::string operation;
  base::JsonObject arguments;
};
WhepCall whep_call(const WhepTarget& target, const net::Request& request);

// 201, 200 or 204, or 412 and 428 of a PATCH.
net::Response whep_answer(const WhepTarget& target, const net::Request& request,
                          const base::JsonObject& result);
// Errors by their meaning here: bad SDP 422, no codec in common 406, too many 503 with Retry-After.
net::Response whep_error(const base::Error& error, const net::Request& request);

}  // namespace telltale::api
