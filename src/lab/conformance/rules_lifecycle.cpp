// Rules of the lifecycle: the handshake of the legacy era, discovery of the modern one.
#include <algorithm>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

const base::JsonObject* opening(const Record& record) {
  const auto* step =
      record.step("session", record.era == mcp::Era::modern ? "server/discover" : "initialize");
  return step == nullptr ? nullptr : step->result();
}
const Step* opening_step(const Record& record) {
  return record.step("session", record.era == mcp::Era::modern ? "server/discover" : "initialize");
}
// A fault of the result that opened the session.
Judgement of_opening(const Record& record, std::string (*fault)(const base::JsonObject&)) {
  const auto* result = opening(record);
  if (result == nullptr) return not_applicable("there was no handshake");
  auto found = fault(*result);
  return found.empty() ? passed() : failed("the result " + found, {opening_step(record)});
}

std::string asked_version(const Step& step) {
  const auto* params = base::find_object(step.request, "params");
  return params == nullptr ? "" : base::string_or(*params, "protocolVersion");
}

Judgement version_echoed(const Record& record) {
  const auto* unknown = record.step("version", "initialize");
  if (unknown == nullptr || unknown->result() == nullptr)
    return not_applicable("the server names no version for one it does not know");
  const auto named = base::string_or(*unknown->result(), "protocolVersion");
  for (const auto& scene : record.scenes) {
    const auto* step = scene.step("initialize");
    if (step == nullptr || step == unknown || asked_version(*step) != named) continue;
    if (step->result() == nullptr)
      return failed(
          fmt::format("{}, which it named itself, was answered with {}", named, answer_of(*step)),
          {unknown, step});
    const auto got = base::string_or(*step->result(), "protocolVersion");
    return got == named ? passed()
                        : failed(fmt::format("asked for {}, which it named itself, it answers {}",
                                             named, show(got)),
                                 {unknown, step});
  }
  return not_applicable("the version it names could not be asked for");
}

Judgement unknown_version(const Record& record) {
  const auto* step = record.step("version", "initialize");
  if (step == nullptr) return not_applicable("was not tried");
  if (!step->answered())
    return failed("initialize with an unknown version was answered with " + answer_of(*step),
                  {step});
  const auto* result = step->result();
  if (result != nullptr && base::string_or(*result, "protocolVersion") == asked_version(*step))
    return failed("it claims to speak " + asked_version(*step), {step});
  return passed();
}

Judgement old_version(const Record& record) {
  const auto* step = record.step("old-version", "initialize");
  if (step == nullptr) return not_applicable("was not tried");
  if (step->answered()) return passed();
  return failed("initialize with 2024-11-05 was answered with " + answer_of(*step), {step});
}

Judgement early_request(const Record& record) {
  const auto* scene = record.scene("early");
  const auto* early = scene == nullptr ? nullptr : scene->step("early");
  if (early == nullptr) return not_applicable("was not tried");
  const auto* step = scene->step("initialize");
  if (step == nullptr || step->result() == nullptr)
    return failed("after a request before initialize, initialize is answered with " +
                      (step == nullptr ? std::string("nothing") : answer_of(*step)),
                  {early, step});
  return passed();
}

Judgement bare_initialize(const Record& record) {
  const auto* step = record.step("early", "initialize bare");
  if (step == nullptr) return not_applicable("was not tried");
  if (step->error() != nullptr || step->status >= 400) return passed();
  return failed("initialize without params was answered with " + answer_of(*step), {step});
}

std::string bad_capabilities(const base::JsonObject& result) {
  const auto* all = base::find_object(result, "capabilities");
  if (all == nullptr) return "";
  for (const auto& [name, value] : *all) {
    const auto* one = value.if_object();
    if (one == nullptr)
      return fmt::format("declares {} as something that is no object",
                         show(std::string_view(name)));
    for (const auto* flag : {"listChanged", "subscribe"})
      if (const auto* given = base::find(*one, flag); given != nullptr && !given->is_bool())
        return fmt::format("declares {}.{} that is neither true nor false", std::string_view(name),
                           flag);
  }
  return "";
}

std::string bad_server_info(const base::JsonObject& result) {
  const auto* info = base::find_object(result, "serverInfo");
  if (info == nullptr) return "has no serverInfo";
  for (const auto* key : {"name", "version"})
    if (auto fault = not_text(*info, key, true); !fault.empty())
      return "has a serverInfo that " + fault;
  return "";
}

Judgement early_server_requests(const Record& record) {
  for (const auto& scene : record.scenes) {
    const auto* step = scene.step("initialized");
    const auto* first = scene.step("initialize");
    if (step == nullptr || first == nullptr) continue;
    for (const auto& message : scene.messages) {
      if (!message.is_request() || message.at >= step->began) continue;
      const auto method = base::string_or(*message.object(), "method");
      if (method != "ping")
        return failed_by("it asks for " + method + " before initialized", message);
    }
  }
  return passed();
}

Judgement undeclared_requests(const Record& record) {
  for (const auto& scene : record.scenes)
    for (const auto& message : scene.messages) {
      if (!message.is_request()) continue;
      const auto method = base::string_or(*message.object(), "method");
      if (method.starts_with("sampling/") || method.starts_with("roots/") ||
          method.starts_with("elicitation/"))
        return failed_by("it asks for " + method + ", which we have not declared", message);
    }
  return passed();
}

Judgement survives(const Record& record) {
  const auto* scene = record.scene("session");
  const auto* step = scene == nullptr ? nullptr : scene->step("last");
  if (scene == nullptr || (step == nullptr && !scene->initialized))
    return not_applicable("there was no session");
  if (step != nullptr && step->result() != nullptr) return passed();
  const Step* last = scene->steps.empty() ? nullptr : &scene->steps.back();
  return failed("at the end of the session it does not answer any more: " + scene->trouble, {last});
}

Judgement discover_versions(const Record& record) {
  const auto* result = opening(record);
  if (result == nullptr) return not_applicable("there was no discovery");
  const auto* list = base::find_array(*result, "supportedVersions");
  if (list == nullptr || list->empty())
    return failed("the result has no supportedVersions", {opening_step(record)});
  for (const auto& one : *list)
    if (!one.is_string())
      return failed("supportedVersions has something that is no string", {opening_step(record)});
  if (std::ranges::find(*list, base::Json(mcp::kModernVersion)) == list->end())
    return failed("it answers 2026-07-28 but does not list it", {opening_step(record)});
  return passed();
}

Judgement unsupported_version(const Record& record) {
  const auto* step = record.step("session", "bad-version");
  if (step == nullptr) return not_applicable("was not tried");
  const auto* error = step->error();
  if (error == nullptr || step->error_code() != mcp::rpc::kUnsupportedVersion)
    return failed("a request of version 1999-01-01 was answered with " + answer_of(*step), {step});
  const auto* data = base::find_object(*error, "data");
  if (data == nullptr || base::find_array(*data, "supported") == nullptr)
    return failed("the error does not list the supported versions", {step});
  return passed();
}

constexpr Rule kRules[] = {
    {.id = "lifecycle.initialize-answers",
     .sections = {"basic/lifecycle#initialization", ""},
     .remedy = "Answer initialize with protocolVersion, capabilities and serverInfo.",
     .judge = [](const Record& r) { return answered(r, "session", "initialize", "initialize"); }},
    {.id = "lifecycle.protocol-version",
     .sections = {"basic/lifecycle#version-negotiation", ""},
     .remedy = "Put the version you will speak into protocolVersion, as a string.",
     .judge =
         [](const Record& r) {
           return of_opening(r, [](const base::JsonObject& result) {
             return not_text(result, "protocolVersion", true);
           });
         }},
    {.id = "lifecycle.published-version",
     .level = Level::should,
     .sections = {"basic/lifecycle#version-negotiation", ""},
     .remedy = "Name a published revision of the protocol, the latest you support.",
     .judge =
         [](const Record& r) {
           return of_opening(r, [](const base::JsonObject& result) {
             const auto version = base::string_or(result, "protocolVersion");
             return version.empty() || mcp::is_legacy_version(version)
                        ? std::string()
                        : "names version " + show(version) + ", which was never published";
           });
         }},
    {.id = "lifecycle.capabilities-given",
     .sections = {"basic/lifecycle#initialization", "server/discover"},
     .remedy = "Answer with a capabilities object, empty when there are none.",
     .judge =
         [](const Record& r) {
           return of_opening(r, [](const base::JsonObject& result) {
             return base::find_object(result, "capabilities") == nullptr
                        ? std::string("has no capabilities object")
                        : std::string();
           });
         }},
    {.id = "lifecycle.capabilities-typed",
     .sections = {"basic/lifecycle#capability-negotiation", "server/discover"},
     .remedy = "Declare each capability as an object; listChanged and subscribe are booleans.",
     .judge = [](const Record& r) { return of_opening(r, bad_capabilities); }},
    {.id = "lifecycle.server-info",
     .sections = {"basic/lifecycle#initialization", ""},
     .remedy = "Answer initialize with a serverInfo that has name and version.",
     .judge = [](const Record& r) { return of_opening(r, bad_server_info); }},
    {.id = "lifecycle.instructions-text",
     .sections = {"schema#initializeresult", "schema#discoverresult"},
     .remedy = "Give instructions as a string, or leave them out.",
     .judge =
         [](const Record& r) {
           return of_opening(r, [](const base::JsonObject& result) {
             return not_text(result, "instructions", false);
           });
         }},
    {.id = "lifecycle.unknown-version",
     .sections = {"basic/lifecycle#version-negotiation", ""},
     .remedy = "Answer a version you do not support with one you do, never with the same.",
     .judge = unknown_version,
     .scenes = scene::kVersions},
    {.id = "lifecycle.version-echoed",
     .sections = {"basic/lifecycle#version-negotiation", ""},
     .remedy = "Answer a version you support with the same version.",
     .judge = version_echoed,
     .scenes = scene::kVersions | scene::kSession},
    {.id = "lifecycle.older-version",
     .sections = {"basic/lifecycle#version-negotiation", ""},
     .remedy = "Answer clients of older revisions too: with their version or one you support.",
     .judge = old_version,
     .scenes = scene::kVersions},
    {.id = "lifecycle.early-request",
     .level = Level::should,
     .sections = {"basic/lifecycle#initialization", ""},
     .remedy = "Refuse what comes before initialize, and let the handshake still happen.",
     .judge = early_request,
     .scenes = scene::kEarly},
    {.id = "lifecycle.initialize-without-params",
     .level = Level::should,
     .sections = {"basic/lifecycle#error-handling", ""},
     .remedy = "Refuse initialize without params with -32602.",
     .judge = bare_initialize,
     .scenes = scene::kEarly},
    {.id = "lifecycle.no-early-requests",
     .level = Level::should,
     .sections = {"basic/lifecycle#initialization", ""},
     .remedy = "Send no requests but ping before initialized has come.",
     .judge = early_server_requests},
    {.id = "lifecycle.only-negotiated",
     .sections = {"basic/lifecycle#operation", ""},
     .remedy = "Ask for sampling, roots or elicitation only when the client declared it.",
     .judge = undeclared_requests,
     .scenes = scene::kAll},
    {.id = "lifecycle.survives-session",
     .sections = {"basic/utilities/ping#behavior-requirements", "server/discover"},
     .remedy = "Stay alive through unknown, invalid and concurrent requests.",
     .judge = survives},
    {.id = "lifecycle.discover-answers",
     .sections = {"", "server/discover"},
     .remedy = "Implement server/discover.",
     .judge =
         [](const Record& r) {
           return answered(r, "session", "server/discover", "server/discover");
         }},
    {.id = "lifecycle.discover-versions",
     .sections = {"", "server/discover"},
     .remedy = "List in supportedVersions every version you answer.",
     .judge = discover_versions},
    {.id = "lifecycle.discover-server-info",
     .level = Level::should,
     .sections = {"", "basic#_meta"},
     .remedy = "Put io.modelcontextprotocol/serverInfo with name and version into _meta.",
     .judge =
         [](const Record& r) {
           return of_opening(r, [](const base::JsonObject& result) {
             const auto* meta = base::find_object(result, "_meta");
             const auto* info =
                 meta == nullptr ? nullptr : base::find_object(*meta, mcp::meta::kServerInfo);
             return info == nullptr ? std::string("has no serverInfo in _meta")
                                    : not_text(*info, "name", true);
           });
         }},
    {.id = "lifecycle.stateless",
     .sections = {"", "basic#statelessness"},
     .remedy = "Answer every request by itself: nothing may have to come before it.",
     .judge =
         [](const Record& r) {
           if (!r.has("tools")) return not_applicable("no tools capability");
           return answered(r, "session", "stateless", "tools/list as the first request");
         }},
    {.id = "lifecycle.meta-required",
     .sections = {"", "basic#_meta"},
     .remedy = "Refuse a request without the required _meta with -32602 (HTTP: status 400).",
     .judge =
         [](const Record& r) {
           const auto* step = r.step("session", "no-meta");
           if (step == nullptr) return not_applicable("was not tried");
           const bool good = step->error_code() == mcp::rpc::kInvalidParams;
           return good ? passed()
                       : failed("a request without _meta was answered with " + answer_of(*step),
                                {step});
         },
     // Over HTTP a server of both eras may take such a request for a legacy one.
     .carrier = Carrier::stdio},
    {.id = "lifecycle.unsupported-version",
     .sections = {"", "basic/versioning#protocol-version-negotiation"},
     .remedy = "Refuse other versions with -32022 and data.supported.",
     .judge = unsupported_version},
};

}  // namespace

std::span<const Rule> lifecycle_rules() {
  return kRules;
}

}  // namespace telltale::lab
