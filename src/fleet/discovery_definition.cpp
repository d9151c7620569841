#include "fleet/discovery_definition.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "fleet/definition.hpp"

namespace telltale::fleet {
namespace {

using base::Json;
using base::JsonObject;

constexpr std::string_view kForbiddenInNames = "/\\\n\r\t";

// "microsoft/playwright-mcp" is a name to VS Code.
std::string own_name_of(std::string_view name) {
  std::string out(name);
  for (auto& letter : out)
    if (kForbiddenInNames.contains(letter)) letter = '-';
  return out;
}

bool is_variable(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char one) {
    return (one >= 'A' && one <= 'Z') || (one >= 'a' && one <= 'z') || (one >= '0' && one <= '9') ||
           one == '_';
  });
}

// What stands in ${…} for us: the home folder, a variable; nothing when only the program knows.
std::optional<std::string> ours(std::string_view inside, const Place& place,
                                const std::string& home) {
  if (inside == "userHome") return home;
  if (inside.starts_with("env:")) return "${" + std::string(inside) + "}";
  if (place.program.starts_with("Claude Code") && is_variable(inside))
    return "${env:" + std::string(inside) + "}";
  return std::nullopt;
}

// Replaces each ${…} of a text; the first that is not ours is put into `unknown`.
std::string adapt_text(std::string_view text, const Place& place, const std::string& home,
                       std::string& unknown) {
  if (place.program == "Claude Desktop") return std::string(text);  // it replaces nothing
  std::string out;
  for (;;) {
    const auto begin = text.find("${");
    const auto end = begin == std::string_view::npos ? begin : text.find('}', begin);
    out += text.substr(0, begin);
    if (end == std::string_view::npos)
      return begin == std::string_view::npos ? out : out + std::string(text.substr(begin));
    const auto whole = text.substr(begin, end + 1 - begin);
    const auto known = ours(whole.substr(2, whole.size() - 3), place, home);
    if (!known && unknown.empty()) unknown = whole;
    out += known ? *known : std::string(whole);
    text.remove_prefix(end + 1);
  }
}

Json adapt(const Json& value, const Place& place, const std::string& home, std::string& unknown) {
  if (const auto* text = value.if_string()) return Json(adapt_text(*text, place, home, unknown));
  if (const auto* list = value.if_array()) {
    base::JsonArray out;
    for (const auto& item : *list) out.push_back(adapt(item, place, home, unknown));
    return out;
  }
  if (const auto* object = value.if_object()) {
    JsonObject out;
    for (const auto& item : *object) out[item.key()] = adapt(item.value(), place, home, unknown);
    return out;
  }
  return value;
}

std::string problem_of(const FoundServer& server, const Json& value, const std::string& unknown) {
  if (!value.is_object()) return "is no object";
  if (value.get_object().contains("envFile"))
    return "takes variables from a file (envFile), which Telltale does not read";
  if (!unknown.empty()) return "needs " + unknown + ", which only that program can fill in";
  const auto parsed = parse_definition(server.own_name, server.source, "");
  if (parsed) return "";
  const auto& error = parsed.error();
  if (error.fields.empty()) return error.detail;
  const auto& field = error.fields.front();
  return field.pointer.empty() ? field.message : field.pointer.substr(1) + " " + field.message;
}

}  // namespace

FoundServer read_found(const Place& place, std::string_view name, const Json& value,
                       const std::string& home) {
  FoundServer out{.name = std::string(name), .own_name = own_name_of(name)};
  std::string unknown;
  if (const auto* given = value.if_object()) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kMembers{
        {{"type", "type"},
         {"transport", "type"},
         {"command", "command"},
         {"args", "args"},
         {"env", "env"},
         {"cwd", "cwd"},
         {"url", "url"},
         {"serverUrl", "url"},
         {"headers", "headers"}}};
    for (const auto& [theirs, own] : kMembers)
      if (const auto* member = given->if_contains(theirs);
          member != nullptr && !member->is_null() && !out.source.contains(own))
        out.source[own] = adapt(*member, place, home, unknown);
    if (base::find_bool(*given, "disabled").value_or(false))
      out.source["telltale"] = JsonObject{{"autostart", false}};
  }
  out.problem = problem_of(out, value, unknown);
  return out;
}

}  // namespace telltale::fleet
