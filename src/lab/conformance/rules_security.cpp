// Rules of security: what descriptions hide, what errors and results give away, what gets out.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "lab/conformance/judging.hpp"
#include "lab/conformance/texts.hpp"
#include "lab/conformance/tool_schema_faults.hpp"

namespace telltale::lab {
namespace {

using Object = base::JsonObject;
using Scan = std::string (*)(std::string_view);

constexpr int kDepthLimit = 32;

// All strings of a value, also the names of members.
std::string scan(const base::Json& value, Scan find, int depth = 0) {
  if (const auto* text = value.if_string()) return find(*text);
  if (depth > kDepthLimit) return "";
  if (const auto* list = value.if_array())
    for (const auto& one : *list)
      if (auto found = scan(one, find, depth + 1); !found.empty()) return found;
  if (const auto* object = value.if_object())
    for (const auto& [key, one] : *object) {
      if (auto found = find(key); !found.empty()) return found;
      if (auto found = scan(one, find, depth + 1); !found.empty()) return found;
    }
  return "";
}

struct ListOf {
  std::string_view method, member;
};
constexpr ListOf kLists[] = {{"tools/list", "tools"},
                             {"resources/list", "resources"},
                             {"resources/templates/list", "resourceTemplates"},
                             {"prompts/list", "prompts"}};

// Everything a model is shown of a server before it does anything.
Judgement shown(const Record& record, Scan find, bool tools_only) {
  bool any = false;
  for (const auto& list : kLists) {
    if (tools_only && list.member != "tools") continue;
    for (const auto& item : items(record, list.method, list.member)) {
      any = true;
      const auto found = scan(*item.value, find);
      if (found.empty()) continue;
      const auto name = item.object() == nullptr ? "" : base::string_or(*item.object(), "name");
      return failed(fmt::format("{} {} holds {}", list.member, show(name), found), {item.from});
    }
  }
  return any ? passed() : not_applicable("nothing is listed");
}

Judgement instructions(const Record& record) {
  for (const auto* name : {"initialize", "server/discover"}) {
    const auto* step = record.step("session", name);
    const auto* result = step == nullptr ? nullptr : step->result();
    const auto* text = result == nullptr ? nullptr : base::find(*result, "instructions");
    if (text == nullptr || !text->is_string()) continue;
    for (const auto find : {hidden_characters, instruction_to_model})
      if (auto found = find(text->get_string()); !found.empty())
        return failed("instructions hold " + found, {step});
    return passed();
  }
  return not_applicable("no instructions");
}

// Errors and results with isError.
Judgement errors(const Record& record, Scan find) {
  bool any = false;
  for (const auto& scene : record.scenes)
    for (const auto& step : scene.steps) {
      const base::Json told = step.error() != nullptr ? base::Json(*step.error())
                              : is_error_result(step) ? base::Json(*step.result())
                                                      : base::Json();
      if (told.is_null()) continue;
      any = true;
      if (auto found = scan(told, find); !found.empty())
        return failed("an error shows " + found, {&step});
    }
  return any ? passed() : not_applicable("there were no errors");
}

Judgement results(const Record& record, Scan find, std::string_view verb) {
  bool any = false;
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    if (step.result() == nullptr) continue;
    any = true;
    if (auto found = scan(*step.result(), find); !found.empty())
      return failed(fmt::format("a result {} {}", verb, found), {&step});
  }
  return any ? passed() : not_applicable("there were no results");
}

Judgement logged_secrets(const Record& record) {
  bool any = false;
  for (const auto& scene : record.scenes) {
    for (const auto& message : scene.messages) {
      if (message.object() == nullptr ||
          base::string_or(*message.object(), "method") != "notifications/message")
        continue;
      any = true;
      if (auto found = scan(message.json, secret); !found.empty())
        return failed_by("a log message holds " + found, message);
    }
    for (const auto& note : scene.notes) {
      any = true;
      if (auto found = secret(note); !found.empty())
        return failed("a line on stderr holds " + found);
    }
  }
  return any ? passed() : not_applicable("nothing was logged");
}

Judgement escapes(const Record& record) {
  bool any = false;
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    if (!step.name.starts_with("resources/read escape ")) continue;
    any = true;
    const auto* contents =
        step.result() == nullptr ? nullptr : base::find_array(*step.result(), "contents");
    if (contents == nullptr) continue;
    for (const auto& one : *contents) {
      if (!one.is_object()) continue;
      auto text = base::string_or(one.get_object(), "text");
      if (const auto blob = base::find_string(one.get_object(), "blob"))
        if (auto bytes = base::base64_decode(*blob)) text = std::move(*bytes);
      if (is_passwd_file(text)) return failed("a path leads out: /etc/passwd was given", {&step});
    }
  }
  return any ? passed() : not_applicable("no resources capability");
}

std::string bad_icons(const Object& object) {
  const auto* list = base::find_array(object, "icons");
  if (list == nullptr) return "";
  for (const auto& icon : *list) {
    const auto src = icon.is_object() ? base::string_or(icon.get_object(), "src") : "";
    if (!src.starts_with("https://") && !src.starts_with("data:"))
      return "has an icon at " + show(src);
  }
  return "";
}
Judgement icons(const Record& record) {
  bool any = false;
  for (const auto& list : kLists)
    for (const auto& item : items(record, list.method, list.member)) {
      if (item.object() == nullptr || !item.object()->contains("icons")) continue;
      any = true;
      if (auto fault = bad_icons(*item.object()); !fault.empty())
        return failed(std::string(list.member) + " " + fault, {item.from});
    }
  return any ? passed() : not_applicable("there are no icons");
}

constexpr Rule kRules[] = {
    {.id = "security.hidden-text",
     .level = Level::should,
     .sections = {"server/tools#security-considerations", "server/tools#security-considerations"},
     .remedy = "Take invisible characters out of names and descriptions.",
     .judge = [](const Record& r) { return shown(r, hidden_characters, false); }},
    {.id = "security.injected-instructions",
     .level = Level::should,
     .sections = {"server/tools#security-considerations", "server/tools#security-considerations"},
     .remedy = "Describe what it does; give the model no orders, and nothing to hide from people.",
     .judge = [](const Record& r) { return shown(r, instruction_to_model, false); }},
    {.id = "security.server-instructions",
     .level = Level::should,
     .sections = {"schema#initializeresult", "schema#discoverresult"},
     .remedy = "Explain the server in instructions; no orders against people, nothing invisible.",
     .judge = instructions},
    {.id = "security.control-characters",
     .level = Level::should,
     .sections = {"server/tools#security-considerations", "server/tools#security-considerations"},
     .remedy = "Take control characters out of what is shown: terminals obey them.",
     .judge = [](const Record& r) { return shown(r, terminal_escape, false); }},
    {.id = "security.sanitized-results",
     .sections = {"server/tools#security-considerations", "server/tools#security-considerations"},
     .remedy = "Sanitize results: no terminal escapes or other control characters.",
     .judge =
         [](const Record& r) {
           return each_result(r, "tools/call good ", [](const Step& step) {
             auto found = scan(*step.result(), terminal_escape);
             return found.empty() ? found : "the result of a call holds " + found;
           });
         }},
    {.id = "security.path-escape",
     .sections = {"server/resources#security-considerations",
                  "server/resources#security-considerations"},
     .remedy = "Resolve paths before you check them; refuse what lies outside.",
     .judge = escapes},
    {.id = "security.error-stack-trace",
     .level = Level::should,
     .sections = {"server/utilities/logging#security", "server/utilities/logging#security"},
     .remedy = "Say in errors what went wrong, not where in the code.",
     .judge = [](const Record& r) { return errors(r, stack_trace); },
     .scenes = scene::kAll},
    {.id = "security.error-paths",
     .level = Level::should,
     .sections = {"server/utilities/logging#security", "server/utilities/logging#security"},
     .remedy = "Keep paths of the installation out of errors.",
     .judge = [](const Record& r) { return errors(r, internal_path); },
     .scenes = scene::kAll},
    {.id = "security.secrets-in-logs",
     .sections = {"server/utilities/logging#security", "server/utilities/logging#security"},
     .remedy = "Never log credentials.",
     .judge = logged_secrets,
     .scenes = scene::kAll},
    {.id = "security.secrets-in-results",
     .level = Level::should,
     .sections = {"server/tools#security-considerations", "server/tools#security-considerations"},
     .remedy = "Keep keys and tokens out of lists and results.",
     .judge = [](const Record& r) { return results(r, secret, "holds"); }},
    {.id = "security.remote-schema",
     .level = Level::should,
     .sections = {"basic#schema-validation", "basic#$ref-resolution"},
     .remedy = "Keep schemas in one piece: a $ref into the network is not followed.",
     .judge =
         [](const Record& r) { return each_item(r, "tools/list", "tools", remote_reference); }},
    {.id = "security.icon-schemes",
     .sections = {"basic#icons", "basic#icons"},
     .remedy = "Give icons as https: or data: URIs.",
     .judge = icons},
};

}  // namespace

std::span<const Rule> security_rules() {
  return kRules;
}

}  // namespace telltale::lab
