#include "mcp/http_headers.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

bool is_plain(std::string_view value) {
  if (value.empty()) return true;
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (blank(value.front()) || blank(value.back())) return false;
  if (value.starts_with("=?base64?") && value.ends_with("?=")) return false;
  return std::ranges::all_of(value, [](char c) { return c == '\t' || (c >= 0x20 && c <= 0x7e); });
}

bool mentions_session(std::string_view message) {
  std::string lower(message);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower.find("session") != std::string::npos;
}

}  // namespace

std::string encode_header_value(std::string_view value) {
  return is_plain(value) ? std::string(value) : "=?base64?" + base::base64_encode(value) + "?=";
}

net::Headers http_headers(net::Headers base, const HttpVersion& version, const SendHints& hints) {
  base.set("content-type", "application/json");
  base.set("accept", "application/json, text/event-stream");
  if (!version.version.empty()) base.set("mcp-protocol-version", version.version);
  if (version.era == Era::legacy) {
    if (!version.session_id.empty()) base.set("mcp-session-id", version.session_id);
    return base;
  }
  if (!hints.method.empty()) base.set("mcp-method", hints.method);
  if (!hints.name.empty()) base.set("mcp-name", encode_header_value(hints.name));
  for (const auto& [name, value] : hints.parameters)
    base.set("mcp-param-" + name, encode_header_value(value));
  return base;
}

net::Headers http_stream_headers(net::Headers base, const HttpVersion& version,
                                 std::string_view last_event_id) {
  base.set("accept", "text/event-stream");
  if (!version.version.empty()) base.set("mcp-protocol-version", version.version);
  if (!version.session_id.empty()) base.set("mcp-session-id", version.session_id);
  if (!last_event_id.empty()) base.set("last-event-id", std::string(last_event_id));
  return base;
}

base::Error refusal(int status, std::string_view body, bool had_session) {
  base::Error out{.code = base::Code::remote,
                  .detail = "the server answered HTTP " + std::to_string(status)};
  if (status == 401) out.code = base::Code::unauthenticated;
  if (status == 403) out.code = base::Code::permission_denied;
  if (status == 429) out.code = base::Code::rate_limited;
  std::int64_t code = 0;
  std::string message;
  if (auto parsed = base::parse_json(body); parsed && parsed->is_object())
    if (const auto* rpc = base::find_object(parsed->get_object(), "error")) {
      out.data["rpc"] = *rpc;
      code = base::find_integer(*rpc, "code").value_or(0);
      message = base::string_or(*rpc, "message");
      if (!message.empty()) out.detail += ": " + message;
      if (code == rpc::kMethodNotFound) out.code = base::Code::unsupported;
      if (code == rpc::kInvalidParams) out.code = base::Code::invalid_argument;
    }
  out.data["http_status"] = status;
  // The rule is 404; widespread servers (older SDKs, server-everything) answer 400 with an error
  // that names the session.
  const bool method_unknown = code == rpc::kMethodNotFound;
  if (had_session &&
      ((status == 404 && !method_unknown) || (status == 400 && mentions_session(message))))
    out.data["session_lost"] = true;
  return out;
}

bool is_session_id(std::string_view text) {
  return !text.empty() && text.size() <= 1024 &&
         std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e; });
}

}  // namespace telltale::mcp
