#include "lab/security/attacks.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "lab/property/generate.hpp"

namespace telltale::lab {
namespace {

using base::Json;

// Names that people give to arguments of each sort.
constexpr std::array<std::string_view, 13> kPathNames{
    "path", "file",     "filename", "dir", "folder", "directory", "source",
    "root", "location", "uri",      "url", "cwd",    "target"};
constexpr std::array<std::string_view, 11> kUrlNames{"url",      "uri",    "href",    "link",
                                                     "endpoint", "source", "webhook", "callback",
                                                     "host",     "target", "location"};

bool names_one_of(std::string_view name, std::span<const std::string_view> words) {
  std::string low(name);
  std::ranges::transform(low, low.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::any_of(words, [&](std::string_view word) { return low.contains(word); });
}

bool is_text(const Json& schema) {
  if (!schema.is_object()) return false;
  const auto* type = schema.as_object().if_contains("type");
  return (type == nullptr || (type->is_string() && type->as_string() == "string")) &&
         !schema.as_object().contains("enum") && !schema.as_object().contains("const");
}

bool is_wanted(std::string_view rule, const std::vector<std::string>& only) {
  return only.empty() || std::ranges::find(only, rule.substr(rule.find('.') + 1)) != only.end();
}

std::vector<std::string> path_values(const std::string& file) {
  std::string up;
  for (int i = 0; i < 16; ++i) up += "../";
  std::string encoded;
  for (int i = 0; i < 16; ++i) encoded += "..%2f";
  const auto relative = file.substr(1);
  return {file,
          up + relative,
          "./" + up + relative,
          encoded + relative,
          "file://" + file,
          "file:///proc/self/root" + file,
          "/proc/self/root" + file};
}

std::vector<std::string> command_values(const std::string& trap) {
  return {"; touch " + trap,
          "$(touch " + trap + ")",
          "`touch " + trap + "`",
          "| touch " + trap,
          "\n touch " + trap + "\n",
          "' ; touch " + trap + " ; '",
          "\" ; touch " + trap + " ; \""};
}

std::vector<std::string> url_values(const std::string& url) {
  // The same place by other names: a filter of names lets them through.
  auto other = [&](std::string_view host) {
    auto out = url;
    return out.replace(out.find("127.0.0.1"), 9, host);
  };
  return {url, other("localhost"), other("2130706433"), other("[::ffff:127.0.0.1]"),
          other("0x7f.1")};
}

}  // namespace

std::vector<Attack> attacks_on(const Json& schema, const CanaryPlaces& places,
                               const std::vector<std::string>& only) {
  std::vector<Attack> out;
  const auto* properties =
      schema.is_object() ? base::find_object(schema.as_object(), "properties") : nullptr;
  if (properties == nullptr) return out;
  Generator generator(schema, 1);
  const auto least = generator.next();  // what it must have only
  if (!least.is_object()) return out;
  const auto add = [&](std::string_view rule, std::string_view argument,
                       const std::vector<std::string>& values) {
    if (!is_wanted(rule, only)) return;
    for (const auto& value : values) {
      if (out.size() >= kAttacksLimit) return;
      auto arguments = least.as_object();
      arguments[argument] = value;
      out.push_back({std::string(rule), std::string(argument), value, std::move(arguments)});
    }
  };
  for (const auto& property : *properties) {
    if (!is_text(property.value())) continue;
    if (names_one_of(property.key(), kPathNames))
      add("security.path-escape", property.key(), path_values(places.file));
    if (names_one_of(property.key(), kUrlNames))
      add("security.ssrf", property.key(), url_values(places.url));
    add("security.command-injection", property.key(), command_values(places.trap));
  }
  return out;
}

std::vector<Attack> attacks_on_resources(const CanaryPlaces& places,
                                         const std::vector<std::string>& only) {
  std::vector<Attack> out;
  if (is_wanted("security.path-escape", only))
    for (const auto& value : path_values(places.file))
      out.push_back({"security.path-escape", "uri", value, {}});
  if (is_wanted("security.ssrf", only))
    for (const auto& value : url_values(places.url))
      out.push_back({"security.ssrf", "uri", value, {}});
  return out;
}

}  // namespace telltale::lab
