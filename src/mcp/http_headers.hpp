// The request headers of Streamable HTTP: legacy (2025-11-25 basic/transports) and modern
// (2026-07-28 basic/transports/streamable-http, "Request Metadata"); and reading what a refusal
// means. No I/O.
#pragma once

#include "mcp/transport.hpp"
#include "net/http.hpp"

namespace telltale::mcp {

// Plain where it is safe, else =?base64?…?= ("Value Encoding").
std::string encode_header_value(std::string_view value);

struct HttpVersion {
  Era era = Era::legacy;
  std::string version;     // "" before initialize was answered
  std::string session_id;  // legacy
};

// `base` are the user's own headers; ours win over them.
net::Headers http_headers(net::Headers base, const HttpVersion& version, const SendHints& hints);
net::Headers http_stream_headers(net::Headers base, const HttpVersion& version,
                                 std::string_view last_event_id);

// A refusal as an Error: data has http_status and, where the body is one, the JSON-RPC error;
// session_lost when the answer says that the server does not know our session (any more).
base::Error refusal(int status, std::string_view body, bool had_session);

// Visible ASCII only (2025-11-25 basic/transports, "Session Management").
bool is_session_id(std::string_view text);

}  // namespace telltale::mcp
