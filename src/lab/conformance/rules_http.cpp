// Rules of Streamable HTTP: methods, headers, status codes, sessions, event streams.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "mcp/http_headers.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

bool is_type(const Step& step, std::string_view type) {
  return step.headers.get_or("content-type", "").starts_with(type);
}

Judgement content_types(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps)
    if (step.result() != nullptr && !is_type(step, "application/json") &&
        !is_type(step, "text/event-stream"))
      return failed("an answer of type " + show(step.headers.get_or("content-type", "")), {&step});
  return passed();
}

// Notifications of the session: 202, and no body.
Judgement notification_status(const Record& record) {
  const auto* step = record.step("session", "initialized");
  if (step == nullptr) return not_applicable("there was no handshake");
  return step->status == 202
             ? passed()
             : failed(fmt::format("initialized was answered with HTTP {}, not 202", step->status),
                      {step});
}
Judgement notification_body(const Record& record) {
  const auto* session = record.scene("session");
  const auto* step = session == nullptr ? nullptr : session->step("initialized");
  if (step == nullptr || step->status != 202) return not_applicable("it was not answered with 202");
  for (const auto& message : session->messages)
    if (message.exchange == step->exchange && !message.text.empty())
      return failed_by("202 to a notification has a body", message);
  return passed();
}

std::string session_of(const Record& record, std::string_view scene, std::string_view name) {
  const auto* step = record.step(scene, name);
  return step == nullptr ? "" : std::string(step->headers.get_or("mcp-session-id", ""));
}
Judgement session_ascii(const Record& record) {
  const auto id = session_of(record, "session", "initialize");
  if (id.empty()) return not_applicable("no sessions here");
  return mcp::is_session_id(id) ? passed()
                                : failed("the session id " + show(id) + " is not visible ASCII",
                                         {record.step("session", "initialize")});
}
Judgement session_random(const Record& record) {
  const auto one = session_of(record, "http", "initialize");
  const auto two = session_of(record, "http", "second");
  if (one.empty() || two.empty()) return not_applicable("no sessions here");
  const auto* first = record.step("http", "initialize");
  const auto* second = record.step("http", "second");
  if (one == two) return failed("two sessions have the same id", {first, second});
  if (one.size() < 16)
    return failed(fmt::format("a session id of {} characters can be guessed", one.size()), {first});
  std::size_t common = 0;
  while (common < one.size() && common < two.size() && one[common] == two[common]) ++common;
  if (one.size() == two.size() && one.size() - common < 8)
    return failed("session ids that count up can be guessed", {first, second});
  return passed();
}
Judgement session_ended(const Record& record) {
  const auto* gone = record.step("http", "delete");
  if (gone == nullptr) return not_applicable("no sessions here");
  if (gone->status < 200 || gone->status > 299)
    return not_applicable("the server ends no sessions on DELETE");
  return has_status(record, "after-delete", {404}, "a request of a session that was ended");
}

Judgement get_stream(const Record& record) {
  const auto* step = record.step("session", "get");
  if (step == nullptr) return not_applicable("was not tried");
  if (step->status == 405) return passed();
  if (step->status == 200 && is_type(*step, "text/event-stream")) return passed();
  return failed(fmt::format("GET was answered with HTTP {} {}", step->status,
                            step->headers.get_or("content-type", "")),
                {step});
}
Judgement get_no_answers(const Record& record) {
  const auto* session = record.scene("session");
  const auto* step = session == nullptr ? nullptr : session->step("get");
  if (step == nullptr || step->status != 200) return not_applicable("no stream on GET");
  for (const auto& message : session->messages)
    if (message.exchange == step->exchange && message.is_response())
      return failed_by("the answer to a POST came on the stream of GET", message);
  return passed();
}

Judgement stream_ends(const Record& record) {
  bool any = false;
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    if (!step.wanted_end || !step.answered() || !is_type(step, "text/event-stream")) continue;
    any = true;
    if (!step.ended)
      return failed(
          "the stream stays open after the answer to " + base::string_or(step.request, "method"),
          {&step});
  }
  return any ? passed() : not_applicable("no answer came as a stream");
}
Judgement event_ids(const Record& record) {
  std::set<std::string> seen;
  bool any = false;
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& message : session->messages) {
    if (message.event_id.empty()) continue;
    any = true;
    // A batch is noted whole and in parts, under one id.
    if (!seen.insert(message.event_id).second && !message.json.is_array())
      return failed_by("the event id " + show(message.event_id) + " is used twice", message);
  }
  return any ? passed() : not_applicable("no event has an id");
}
Judgement all_json(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps)
    for (const auto index : step.messages) {
      const auto& message = session->messages[index];
      const bool good_status = step.status >= 200 && step.status < 300;
      if (!message.is_json && good_status && message.exchange == step.exchange)
        return failed_by("an answer that is no JSON", message);
    }
  return passed();
}
Judgement own_exchange(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    if (step.answered() || step.status != 200 || step.name == "get" || step.name == "listen" ||
        !step.request.contains("id"))
      continue;
    return failed("HTTP 200 to a request, but no answer to it in the body", {&step});
  }
  return passed();
}

Judgement mismatch(const Record& record, std::string_view name, std::string_view what) {
  const auto* step = record.step("http", name);
  if (step == nullptr) return not_applicable("was not tried");
  if (step->status == 400 && step->error_code() == mcp::rpc::kHeaderMismatch) return passed();
  return failed(fmt::format("{}: HTTP {}, {} instead of 400 and -32020", what, step->status,
                            answer_of(*step)),
                {step});
}
Judgement session_status(const Record& record, std::string_view name, int status) {
  const auto* step = record.step("session", name);
  if (step == nullptr) return not_applicable("was not tried");
  return step->status == status
             ? passed()
             : failed(fmt::format("HTTP {} instead of {}", step->status, status), {step});
}

constexpr Rule kRules[] = {
    {.id = "http.origin-checked",
     .sections = {"basic/transports#security-warning",
                  "basic/transports/streamable-http#security-endpoint"},
     .remedy =
         "Refuse a foreign Origin with 403: else a web page reaches the server (DNS rebinding).",
     .judge =
         [](const Record& r) {
           return has_status(r, "origin", {403}, "a request with Origin: http://evil.example");
         },
     .scenes = scene::kHttp},
    {.id = "http.content-type",
     .sections = {"basic/transports#sending-messages-to-the-server",
                  "basic/transports/streamable-http#sending-messages"},
     .remedy = "Answer requests as application/json or text/event-stream.",
     .judge = content_types},
    {.id = "http.answer-in-body",
     .sections = {"basic/transports#sending-messages-to-the-server",
                  "basic/transports/streamable-http#sending-messages"},
     .remedy = "Answer a request in the body of its own POST.",
     .judge = own_exchange},
    {.id = "http.messages-json",
     .sections = {"basic/transports#sending-messages-to-the-server",
                  "basic/transports/streamable-http#sending-messages"},
     .remedy = "Send nothing but JSON-RPC in bodies and event data.",
     .judge = all_json},
    {.id = "http.notification-accepted",
     .sections = {"basic/transports#sending-messages-to-the-server", ""},
     .remedy = "Answer notifications with 202 Accepted.",
     .judge = notification_status},
    {.id = "http.notification-no-body",
     .sections = {"basic/transports#sending-messages-to-the-server", ""},
     .remedy = "Answer notifications without a body.",
     .judge = notification_body},
    {.id = "http.session-id-ascii",
     .sections = {"basic/transports#session-management", ""},
     .remedy = "Use only visible ASCII in session ids.",
     .judge = session_ascii},
    {.id = "http.session-id-random",
     .level = Level::should,
     .sections = {"basic/transports#session-management", ""},
     .remedy = "Make session ids unique and unpredictable: a random UUID.",
     .judge = session_random,
     .scenes = scene::kHttp},
    {.id = "http.session-required",
     .level = Level::should,
     .sections = {"basic/transports#session-management", ""},
     .remedy = "Refuse requests without the session id with 400.",
     .judge =
         [](const Record& r) {
           return has_status(r, "no-session", {400}, "a request without the session id");
         },
     .scenes = scene::kHttp},
    {.id = "http.session-unknown",
     .level = Level::should,
     .sections = {"basic/transports#session-management", ""},
     .remedy = "Refuse a session id you do not know with 404, so that the client begins anew.",
     .judge =
         [](const Record& r) {
           return has_status(r, "unknown-session", {404}, "a request with an unknown session id");
         },
     .scenes = scene::kHttp},
    {.id = "http.session-ended",
     .sections = {"basic/transports#session-management", ""},
     .remedy = "Answer requests of a session that was ended with 404.",
     .judge = session_ended,
     .scenes = scene::kHttp},
    {.id = "http.delete-answers",
     .level = Level::should,
     .sections = {"basic/transports#session-management", ""},
     .remedy = "Answer DELETE with 200 or 204, or with 405 when clients may not end sessions.",
     .judge =
         [](const Record& r) {
           return has_status(r, "delete", {200, 202, 204, 405}, "DELETE of a session");
         },
     .scenes = scene::kHttp},
    {.id = "http.version-refused",
     .sections = {"basic/transports#protocol-version-header", ""},
     .remedy = "Refuse an unsupported MCP-Protocol-Version with 400.",
     .judge =
         [](const Record& r) {
           return has_status(r, "bad-version", {400}, "MCP-Protocol-Version: 1999-01-01");
         },
     .scenes = scene::kHttp},
    {.id = "http.version-absent",
     .level = Level::should,
     .sections = {"basic/transports#protocol-version-header", ""},
     .remedy = "Take a request without MCP-Protocol-Version for one of 2025-03-26.",
     .judge =
         [](const Record& r) {
           return has_status(r, "no-version", {200}, "a request without MCP-Protocol-Version");
         },
     .scenes = scene::kHttp},
    {.id = "http.get-stream",
     .sections = {"basic/transports#listening-for-messages-from-the-server", ""},
     .remedy = "Answer GET with an event stream, or with 405.",
     .judge = get_stream},
    {.id = "http.get-no-answers",
     .sections = {"basic/transports#listening-for-messages-from-the-server", ""},
     .remedy = "Send answers only on the stream of their own POST.",
     .judge = get_no_answers},
    {.id = "http.stream-ends",
     .level = Level::should,
     .sections = {"basic/transports#sending-messages-to-the-server",
                  "basic/transports/streamable-http#receiving-messages"},
     .remedy = "End the stream once the answer is sent.",
     .judge = stream_ends},
    {.id = "http.event-ids",
     .sections = {"basic/transports#resumability-and-redelivery", ""},
     .remedy = "Give every event of a session an id of its own.",
     .judge = event_ids},
    {.id = "http.content-type-checked",
     .level = Level::should,
     .sections = {"RFC 9110 section 15.5.16", "RFC 9110 section 15.5.16"},
     .remedy = "Refuse bodies that are not application/json with 415.",
     .judge =
         [](const Record& r) {
           return has_status(r, "content-type", {415, 400}, "a body of type text/plain");
         },
     .scenes = scene::kHttp},
    {.id = "http.accept-checked",
     .level = Level::should,
     .sections = {"RFC 9110 section 15.5.7", ""},
     .remedy = "Refuse a client that accepts neither JSON nor event streams with 406.",
     .judge =
         [](const Record& r) { return has_status(r, "accept", {406, 400}, "Accept: image/png"); },
     .scenes = scene::kHttp},
    {.id = "http.method-checked",
     .level = Level::should,
     .sections = {"RFC 9110 section 15.5.6", ""},
     .remedy = "Refuse other methods than POST, GET and DELETE with 405.",
     .judge = [](const Record& r) { return has_status(r, "put", {405, 404, 501}, "PUT"); },
     .scenes = scene::kHttp},
    {.id = "http.garbage-refused",
     .level = Level::should,
     .sections = {"basic/transports#sending-messages-to-the-server",
                  "basic/transports/streamable-http#sending-messages"},
     .remedy = "Refuse a body that is no JSON with 400.",
     .judge =
         [](const Record& r) { return has_status(r, "not-json", {400}, "a body that is no JSON"); },
     .scenes = scene::kHttp},
    {.id = "http.version-mismatch",
     .sections = {"", "basic/transports/streamable-http#server-validation"},
     .remedy = "Refuse a MCP-Protocol-Version that differs from _meta with 400 and -32020.",
     .judge =
         [](const Record& r) {
           return mismatch(r, "version-mismatch", "header and _meta name different versions");
         },
     .scenes = scene::kHttp},
    {.id = "http.method-mismatch",
     .sections = {"", "basic/transports/streamable-http#server-validation"},
     .remedy = "Refuse a Mcp-Method that differs from the body with 400 and -32020.",
     .judge =
         [](const Record& r) {
           return mismatch(r, "method-mismatch", "header and body name different methods");
         },
     .scenes = scene::kHttp},
    {.id = "http.method-missing",
     .sections = {"", "basic/transports/streamable-http#server-validation"},
     .remedy = "Refuse requests without Mcp-Method with 400 and -32020.",
     .judge =
         [](const Record& r) {
           return mismatch(r, "method-missing", "a request without Mcp-Method");
         },
     .scenes = scene::kHttp},
    {.id = "http.name-mismatch",
     .sections = {"", "basic/transports/streamable-http#server-validation"},
     .remedy = "Refuse a Mcp-Name that differs from the body with 400 and -32020.",
     .judge =
         [](const Record& r) {
           return mismatch(r, "name-mismatch", "header and body name different tools");
         },
     .scenes = scene::kHttp},
    {.id = "http.unknown-method-404",
     .sections = {"", "basic/transports/streamable-http#protocol-version-header"},
     .remedy = "Answer a method you do not know with 404 and -32601.",
     .judge = [](const Record& r) { return session_status(r, "unknown-method", 404); }},
    {.id = "http.unsupported-version-400",
     .sections = {"", "basic/transports/streamable-http#protocol-version-header"},
     .remedy = "Answer a version you do not support with 400 and -32022.",
     .judge = [](const Record& r) { return session_status(r, "bad-version", 400); }},
    {.id = "http.no-session-ids",
     .level = Level::should,
     .sections = {"", "basic/transports/streamable-http#earlier-streamable-http-revisions"},
     .remedy = "Ignore Mcp-Session-Id; give and echo none.",
     .judge =
         [](const Record& r) {
           const auto* step = r.step("http", "session");
           if (step == nullptr) return not_applicable("was not tried");
           if (step->headers.contains("mcp-session-id"))
             return failed("the answer has an Mcp-Session-Id", {step});
           return step->result() != nullptr
                      ? passed()
                      : failed(
                            "a request with Mcp-Session-Id was answered with " + answer_of(*step),
                            {step});
         },
     .scenes = scene::kHttp},
};

}  // namespace

std::span<const Rule> http_rules() {
  return kRules;
}

}  // namespace telltale::lab
