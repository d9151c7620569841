#include "api/whep.hpp"

#include "api/cross_origin.hpp"
#include "api/face.hpp"
#include "api/router.hpp"
#include "base/encoding.hpp"

namespace telltale::api {
namespace {

constexpr std::string_view kSdp = "application/sdp";
constexpr std::string_view kFragment = "application/trickle-ice-sdpfrag";
constexpr std::size_t kBodyBytesMax = 65'536;
constexpr std::string_view kExposed =
    "location, etag, link, accept-patch, accept-post, retry-after";
constexpr std::string_view kRetryAfter = "5";  // seconds, where the error does not say

std::string_view methods_of(const WhepTarget& target) {
  return target.session.empty() ? "OPTIONS, POST" : "OPTIONS, PATCH, DELETE";
}

// Without parameters, in lower case (RFC 9110 section 8.3.1).
std::string media_type(const net::Request& request) {
  const auto whole = request.headers.get_or("content-type", "");
  std::string out(whole.substr(0, whole.find(';')));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

net::Response problem(int status, std::string_view title, std::string detail,
                      const net::Request& request) {
  auto out = json_response(status, base::JsonObject{{"type", "about:blank"},
                                                    {"title", title},
                                                    {"status", status},
                                                    {"detail", detail},
                                                    {"instance", request.path},
                                                    {"success", false},
                                                    {"error", detail}});
  out.headers.set("content-type", "application/problem+json");
  return out;
}

// RFC 9725 section 4.6: one Link header for each server.
void add_ice_servers(const base::JsonObject& result, net::Response& out) {
  const auto* const servers = base::find_array(result, "ice_servers");
  if (servers == nullptr) return;
  for (const auto& server : *servers) {
    const auto* const object = server.if_object();
    const auto* const urls = object == nullptr ? nullptr : base::find_array(*object, "urls");
    if (urls == nullptr) continue;
    for (const auto& url : *urls) {
      auto link = "<" + std::string(url.as_string()) + ">; rel=\"ice-server\"";
      if (const auto name = base::string_or(*object, "username"); !name.empty())
        link += "; username=\"" + name + "\"; credential=\"" +
                base::string_or(*object, "credential") + "\"; credential-type=\"password\"";
      out.headers.add("link", std::move(link));
    }
  }
}

// An entity tag without its quotes; `*` as it is.
std::optional<std::string> if_match_of(const net::Request& request) {
  const auto header = request.headers.get("if-match");
  if (!header) return std::nullopt;
  auto text = *header;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return std::string(text.substr(1, text.size() - 2));
  return std::string(text);
}

}  // namespace

std::optional<WhepTarget> whep_target(const net::Request& request) {
  const bool views = request.path.starts_with("/whep/");
  const bool publishes = request.path.starts_with("/whip/");
  if (!views && !publishes) return std::nullopt;
  // HTTP's own reader lets none through; what becomes a Location must not rely on it.
  if (request.path.find_first_of("\r\n") != std::string::npos) return std::nullopt;
  const auto segments = split_path(request.path);
  if (segments.size() < 2 || segments.size() > 3 || segments[1].empty()) return std::nullopt;
  auto source = base::percent_decode(segments[1]);
  if (!source || source->empty()) return std::nullopt;
  WhepTarget out = {
      .publishes = publishes, .source = std::move(*source), .session = {}, .path = {}};
  out.path = std::string(publishes ? "/whip/" : "/whep/") + std::string(segments[1]);
  if (segments.size() == 3) {
    auto session = base::percent_decode(segments[2]);
    if (!session || session->empty()) return std::nullopt;
    out.session = std::move(*session);
  }
  return out;
}

std::optional<net::Response> whep_refusal(const WhepTarget& target, const net::Request& request) {
  const bool posts = request.method == "POST" && target.session.empty();
  const bool patches = request.method == "PATCH" && !target.session.empty();
  const bool deletes = request.method == "DELETE" && !target.session.empty();
  if (!posts && !patches && !deletes) {
    auto out = problem(405, "Method Not Allowed", request.method + " is not taken here", request);
    out.headers.set("allow", std::string(methods_of(target)));
    return out;
  }
  if (deletes) return std::nullopt;
  const auto wanted = posts ? kSdp : kFragment;
  if (media_type(request) != wanted) {
    auto out =
        problem(415, "Unsupported Media Type", "the body must be " + std::string(wanted), request);
    out.headers.set(posts ? "accept-post" : "accept-patch", std::string(wanted));
    return out;
  }
  if (request.body.size() > kBodyBytesMax)
    return problem(413, "Content Too Large", "the body has 65,536 bytes at most", request);
  if (request.body.empty())
    return problem(422, "Unprocessable Content", "the body is empty", request);
  return std::nullopt;
}

net::Response whep_options(const WhepTarget& target) {
  net::Response out{.status = 204};
  out.headers.set("allow", std::string(methods_of(target)));
  if (target.session.empty())
    out.headers.set("accept-post", std::string(kSdp));
  else
    out.headers.set("accept-patch", std::string(kFragment));
  allow_methods(methods_of(target), "authorization, content-type, if-match", out);
  return out;
}

WhepCall whep_call(const WhepTarget& target, const net::Request& request) {
  if (request.method == "DELETE")
    return {.operation = "webrtc.leave", .arguments = {{"connection_id", target.session}}};
  if (request.method == "PATCH") {
    WhepCall out = {.operation = "webrtc.patch",
                    .arguments = {{"connection_id", target.session}, {"fragment", request.body}}};
    if (const auto tag = if_match_of(request)) out.arguments["if_match"] = *tag;
    return out;
  }
  WhepCall out = {.operation = target.publishes ? "webrtc.publish" : "webrtc.watch",
                  .arguments = {{"source", target.source}, {"sdp", request.body}}};
  if (target.publishes) return out;
  if (const auto quality = request.query_value("quality"))
    out.arguments["quality"] = std::string(*quality);
  if (request.query_value("own") == "true") out.arguments["own"] = true;
  return out;
}

net::Response whep_answer(const WhepTarget& target, const net::Request& request,
                          const base::JsonObject& result) {
  net::Response out;
  const auto tag = [&] {
    if (const auto etag = base::string_or(result, "etag"); !etag.empty())
      out.headers.set("etag", "\"" + etag + "\"");
  };
  if (request.method == "DELETE") return out;
  if (request.method == "POST") {
    out.status = 201;
    out.headers.set("content-type", std::string(kSdp));
    out.headers.set("location", target.path + "/" +
                                    base::percent_encode(base::string_or(result, "connection_id")));
    out.headers.set("accept-patch", std::string(kFragment));
    out.headers.set("cache-control", "no-store");
    tag();
    add_ice_servers(result, out);
    out.body = base::string_or(result, "sdp");
    return out;
  }
  const auto outcome = base::string_or(result, "outcome");
  if (outcome == "etag_missing")
    return problem(428, "Precondition Required",
                   "If-Match must name the ICE session, or * to begin a new one", request);
  if (outcome == "etag_mismatch")
    return problem(412, "Precondition Failed", "If-Match names another ICE session", request);
  tag();
  if (outcome == "restarted") {
    out.headers.set("content-type", std::string(kFragment));
    out.headers.set("cache-control", "no-store");
    out.body = base::string_or(result, "fragment");
  } else {
    out.status = 204;
  }
  return out;
}

net::Response whep_error(const base::Error& error, const net::Request& request) {
  auto out = problem_response(error, request.path);
  if (error.code == base::Code::invalid_argument)
    out = problem(422, "Unprocessable Content", error.detail, request);
  else if (error.code == base::Code::unsupported)
    out = problem(406, "Not Acceptable", error.detail, request);
  if (out.status == 503 && !out.headers.contains("retry-after"))
    out.headers.set("retry-after", std::string(kRetryAfter));
  return out;
}

// Who may not is told nothing else: the login and the permission come before what is wrong with the
// request.
runtime::Task<net::Response> Face::whep(net::Request request) {
  const auto target = whep_target(request);
  if (request.method == "OPTIONS") {
    auto out = whep_options(*target);
    allow_origin(checked_origin(request), kExposed, out);
    co_return out;
  }
  std::optional<net::Response> out;
  Quota quota;
  auto caller = admit(request, false, quota);
  auto asked = whep_call(*target, request);
  if (!caller)
    out = co_await refused(request, std::move(caller.error()));
  else if (caller->actor.may(dispatcher_.catalog().find(asked.operation)->spec.permission))
    out = whep_refusal(*target, request);
  if (!out) {
    catalog::Call call{.operation = std::move(asked.operation),
                       .arguments = std::move(asked.arguments),
                       .actor = std::move(caller->actor)};
    call.wait = std::chrono::seconds(60);  // longer than its time limit: the answer is here
    const auto outcome = co_await dispatcher_.call(std::move(call));
    if (!outcome.result)
      out = whep_error(outcome.result.error(), request);
    else if (!outcome.finished)
      out = whep_error({.code = base::Code::unavailable, .detail = "it takes too long"}, request);
    else
      out = whep_answer(*target, request, outcome.result->as_object());
  }
  allow_origin(checked_origin(request), kExposed, *out);
  quota.describe(*out);
  co_return std::move(*out);
}

}  // namespace telltale::api
