// Rules of JSON-RPC 2.0 as MCP uses it: the shape of messages, ids, errors, and what bad input
// brings.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "lab/conformance/scripts.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

std::string bad_version(const Message& message) {
  return base::string_or(*message.object(), "jsonrpc") == "2.0"
             ? ""
             : "a message without \"jsonrpc\": \"2.0\"";
}
std::string not_one_outcome(const Message& message) {
  if (!message.is_response()) return "";
  const auto& object = *message.object();
  const int count = int{object.contains("result")} + int{object.contains("error")};
  if (count == 1) return "";
  return count == 0 ? "an answer with neither result nor error"
                    : "an answer with both result and error";
}
std::string bad_result(const Message& message) {
  const auto* result = base::find(*message.object(), "result");
  return message.is_response() && result != nullptr && !result->is_object()
             ? "a result that is no object"
             : "";
}
std::string bad_error(const Message& message) {
  const auto* error = base::find(*message.object(), "error");
  return message.is_response() && error != nullptr && !error->is_object()
             ? "an error that is no object"
             : "";
}
std::string bad_error_code(const Message& message) {
  const auto* error = base::find_object(*message.object(), "error");
  if (!message.is_response() || error == nullptr) return "";
  const auto* code = base::find(*error, "code");
  const bool integer = code != nullptr && (code->is_int64() || code->is_uint64());
  return integer ? "" : "an error whose code is no integer";
}
std::string bad_error_message(const Message& message) {
  const auto* error = base::find_object(*message.object(), "error");
  if (!message.is_response() || error == nullptr) return "";
  return base::find_string(*error, "message") ? "" : "an error whose message is no string";
}
std::string bad_request_id(const Message& message) {
  if (!message.is_request()) return "";
  const auto* id = base::find(*message.object(), "id");
  return id->is_string() || id->is_int64() || id->is_uint64()
             ? ""
             : "a request of the server whose id is neither string nor integer";
}
std::string bad_params(const Message& message) {
  const auto* params = base::find(*message.object(), "params");
  const bool ours = message.is_request() || message.is_notification();
  return ours && params != nullptr && !params->is_object() ? "params that are no object" : "";
}
// The labels of a prefix: letter first, letter or digit last ("_meta", "Key name format").
bool good_meta_key(std::string_view key) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto alnum = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  if (const auto slash = key.find('/'); slash != std::string_view::npos) {
    auto prefix = key.substr(0, slash);
    key.remove_prefix(slash + 1);
    while (true) {
      const auto dot = prefix.find('.');
      const auto label = prefix.substr(0, dot);
      if (label.empty() || !letter(label.front()) || !alnum(label.back())) return false;
      if (dot == std::string_view::npos) break;
      prefix.remove_prefix(dot + 1);
    }
  }
  if (key.empty()) return true;
  return alnum(key.front()) && alnum(key.back()) && std::ranges::all_of(key, [&](char c) {
           return alnum(c) || c == '-' || c == '_' || c == '.';
         });
}
std::string bad_meta(const Message& message) {
  for (const auto* part : {"params", "result"}) {
    const auto* outer = base::find_object(*message.object(), part);
    const auto* meta = outer == nullptr ? nullptr : base::find(*outer, "_meta");
    if (meta == nullptr) continue;
    if (!meta->is_object()) return "a _meta that is no object";
    for (const auto& [key, value] : meta->get_object())
      if (!good_meta_key(key))
        return fmt::format("a _meta key {} against the naming rules", show(std::string_view(key)));
  }
  return "";
}
std::string reserved_code(const Message& message) {
  const auto* error = base::find_object(*message.object(), "error");
  if (!message.is_response() || error == nullptr) return "";
  const auto code = base::find_integer(*error, "code").value_or(0);
  if (code > -32020 || code < -32099) return "";
  const bool defined = code == mcp::rpc::kHeaderMismatch || code == mcp::rpc::kMissingCapability ||
                       code == mcp::rpc::kUnsupportedVersion;
  return defined ? "" : fmt::format("error {} of the reserved range", code);
}

// Ids of answers against ids of requests, per scene.
Judgement each_scene_ids(const Record& record, bool twice) {
  for (const auto& scene : record.scenes) {
    if (scene.name.starts_with("garbage")) continue;  // there ids are garbage too
    std::map<std::string, int> asked;
    for (const auto& step : scene.steps)
      if (const auto* id = base::find(step.request, "id")) ++asked[base::write_json(*id)];
    std::map<std::string, int> got;
    for (const auto& message : scene.messages) {
      if (!message.is_response()) continue;
      const auto* id = base::find(*message.object(), "id");
      if (id == nullptr || id->is_null()) continue;  // of what could not be read
      const auto text = base::write_json(*id);
      if (!twice && !asked.contains(text))
        return failed_by(fmt::format("an answer with the id {}, which we never sent", text),
                         message);
      if (twice && ++got[text] > std::max(asked[text], 1))
        return failed_by(fmt::format("a second answer to the request {}", text), message);
    }
  }
  return passed();
}

Judgement text_id(const Record& record) {
  const auto* step = record.step("session", "ping text-id");
  if (step == nullptr) return not_applicable("was not tried");
  if (step->result() != nullptr) return passed();
  return failed("a request whose id is a string was answered with " + answer_of(*step), {step});
}
Judgement zero_id(const Record& record) {
  const auto* step = record.step("session", "ping zero-id");
  if (step == nullptr) return not_applicable("was not tried");
  if (step->result() != nullptr) return passed();
  return failed("a request with the id 0 was answered with " + answer_of(*step), {step});
}

Judgement silent_notifications(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  bool any = false;
  for (const auto& step : session->steps) {
    if (step.sent.empty() || step.request.contains("id") || !step.request.contains("method"))
      continue;
    any = true;
    if (step.answered() && step.status < 400) return failed("a notification was answered", {&step});
  }
  return any ? passed() : not_applicable("no notification was sent");
}

Judgement unknown_method(const Record& record) {
  return refused(record, "session", "unknown-method", "a method that does not exist");
}

const Step* garbage(const Record& record, std::string_view name) {
  for (const auto& scene : record.scenes)
    if (scene.name.starts_with("garbage"))
      if (const auto* step = scene.step(name)) return step;
  return nullptr;
}
Judgement garbage_answered(const Record& record, std::initializer_list<std::string_view> names) {
  bool any = false;
  for (const auto name : names) {
    const auto* step = garbage(record, name);
    if (step == nullptr) continue;
    any = true;
    if (step->error() == nullptr && step->status < 400)
      return failed(fmt::format("{} was answered with {}", name, answer_of(*step)), {step});
  }
  return any ? passed() : not_applicable("was not tried");
}
Judgement garbage_code(const Record& record, std::initializer_list<std::string_view> names,
                       std::int64_t code) {
  bool any = false;
  for (const auto name : names) {
    const auto* step = garbage(record, name);
    if (step == nullptr || step->error() == nullptr) continue;
    any = true;
    if (step->error_code() != code)
      return failed(
          fmt::format("{} was answered with {} instead of {}", name, answer_of(*step), code),
          {step});
  }
  return any ? passed() : not_applicable("no error came");
}
Judgement garbage_survived(const Record& record) {
  bool any = false;
  for (const auto& input : garbage_inputs()) {
    const auto* step = garbage(record, input.name);
    if (step == nullptr) continue;
    any = true;
    if (!step->alive)
      return failed(
          fmt::format("after {} ({}) no ping is answered any more", input.name, input.what),
          {step});
  }
  return any ? passed() : not_applicable("was not tried");
}

Judgement at_once(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  bool any = false;
  for (const auto& step : session->steps) {
    if (step.name.find(" at-once ") == std::string::npos) continue;
    any = true;
    if (step.result() == nullptr)
      return failed(fmt::format("one of 16 requests at once was answered with {}", answer_of(step)),
                    {&step});
  }
  return any ? passed() : not_applicable("was not tried");
}

Judgement utf8(const Record& record) {
  for (const auto& scene : record.scenes)
    for (const auto& message : scene.messages)
      if (!message.utf8) return failed_by("a message that is not UTF-8", message);
  return passed();
}

constexpr Rule kRules[] = {
    {.id = "jsonrpc.version-member",
     .sections = {"basic#messages", "basic#messages"},
     .remedy = "Put \"jsonrpc\": \"2.0\" into every message.",
     .judge = [](const Record& r) { return each_message(r, bad_version); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.result-or-error",
     .sections = {"basic#responses", "basic#responses"},
     .remedy = "Give every answer either a result or an error, never both or none.",
     .judge = [](const Record& r) { return each_message(r, not_one_outcome); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.result-object",
     .sections = {"basic#result-responses", "basic#result-responses"},
     .remedy = "Make every result an object, {} when there is nothing to say.",
     .judge = [](const Record& r) { return each_message(r, bad_result); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.error-object",
     .sections = {"basic#error-responses", "basic#error-responses"},
     .remedy = "Make every error an object with code and message.",
     .judge = [](const Record& r) { return each_message(r, bad_error); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.error-code",
     .sections = {"basic#error-responses", "basic#error-responses"},
     .remedy = "Give every error an integer code.",
     .judge = [](const Record& r) { return each_message(r, bad_error_code); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.error-message",
     .sections = {"basic#error-responses", "basic#error-responses"},
     .remedy = "Give every error a message, as a string.",
     .judge = [](const Record& r) { return each_message(r, bad_error_message); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.request-id",
     .sections = {"basic#requests", ""},
     .remedy = "Give requests of the server a string or integer id, never null.",
     .judge = [](const Record& r) { return each_message(r, bad_request_id); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.params-object",
     .sections = {"basic#notifications", "basic#notifications"},
     .remedy = "Make params an object, or leave it out.",
     .judge = [](const Record& r) { return each_message(r, bad_params); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.meta-keys",
     .sections = {"basic#_meta", "basic#_meta"},
     .remedy = "Name _meta keys as the rules say: prefix.of.labels/name.",
     .judge = [](const Record& r) { return each_message(r, bad_meta); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.reserved-codes",
     .sections = {"", "basic#error-codes"},
     .remedy = "Use codes from -32000 to -32019 for errors of your own.",
     .judge = [](const Record& r) { return each_message(r, reserved_code); },
     .scenes = scene::kAll},
    {.id = "jsonrpc.known-id",
     .sections = {"basic#responses", "basic#responses"},
     .remedy = "Answer with the id of the request, unchanged in value and type.",
     .judge = [](const Record& r) { return each_scene_ids(r, false); }},
    {.id = "jsonrpc.one-answer",
     .sections = {"basic#responses", "basic#responses"},
     .remedy = "Answer each request exactly once.",
     .judge = [](const Record& r) { return each_scene_ids(r, true); }},
    {.id = "jsonrpc.text-id",
     .sections = {"basic#requests", ""},
     .remedy = "Take ids that are strings and give them back as strings.",
     .judge = text_id},
    {.id = "jsonrpc.zero-id",
     .sections = {"basic#requests", ""},
     .remedy = "Take 0 for an id like any other; do not test an id for truth.",
     .judge = zero_id},
    {.id = "jsonrpc.silent-notifications",
     .sections = {"basic#notifications", "basic#notifications"},
     .remedy = "Send no answer to a notification, known or not.",
     .judge = silent_notifications},
    {.id = "jsonrpc.unknown-method",
     .sections = {"JSON-RPC 2.0 section 5.1", "JSON-RPC 2.0 section 5.1"},
     .remedy = "Refuse a method that does not exist with an error.",
     .judge = unknown_method},
    {.id = "jsonrpc.unknown-method-code",
     .level = Level::should,
     .sections = {"JSON-RPC 2.0 section 5.1", "JSON-RPC 2.0 section 5.1"},
     .remedy = "Refuse a method that does not exist with -32601.",
     .judge =
         [](const Record& r) {
           return refused_with(r, "session", "unknown-method", mcp::rpc::kMethodNotFound,
                               "method not found");
         }},
    {.id = "jsonrpc.concurrent-requests",
     .sections = {"basic#responses", "basic#responses"},
     .remedy = "Answer every request, also when many are under way at once.",
     .judge = at_once},
    {.id = "jsonrpc.utf8",
     .sections = {"basic/transports", "basic/transports#messages"},
     .remedy = "Encode messages in UTF-8.",
     .judge = utf8,
     .scenes = scene::kAll},
    {.id = "jsonrpc.parse-error",
     .level = Level::should,
     .sections = {"JSON-RPC 2.0 section 5.1", "JSON-RPC 2.0 section 5.1"},
     .remedy = "Answer what is no JSON with a parse error (-32700), id null.",
     .judge = [](const Record& r) { return garbage_answered(r, {"truncated", "no-json"}); },
     .scenes = scene::kGarbage},
    {.id = "jsonrpc.parse-error-code",
     .level = Level::should,
     .sections = {"JSON-RPC 2.0 section 5.1", "JSON-RPC 2.0 section 5.1"},
     .remedy = "Give a parse error the code -32700.",
     .judge = [](const Record& r) { return garbage_code(r, {"truncated", "no-json"}, -32700); },
     .scenes = scene::kGarbage},
    {.id = "jsonrpc.invalid-request",
     .level = Level::should,
     .sections = {"JSON-RPC 2.0 section 5.1", "JSON-RPC 2.0 section 5.1"},
     .remedy = "Answer JSON that is no request with an error (-32600).",
     .judge =
         [](const Record& r) {
           return garbage_answered(r, {"scalar", "empty-object", "wrong-types", "no-method"});
         },
     .scenes = scene::kGarbage},
    {.id = "jsonrpc.survives-garbage",
     .sections = {"basic/utilities/ping#behavior-requirements", "server/discover"},
     .remedy = "Keep answering after input that is no message; catch errors of parsing.",
     .judge = garbage_survived,
     .scenes = scene::kGarbage},
};

}  // namespace

std::span<const Rule> jsonrpc_rules() {
  return kRules;
}

}  // namespace telltale::lab
