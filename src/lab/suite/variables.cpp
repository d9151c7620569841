#include "lab/suite/variables.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

namespace telltale::lab::suite {
namespace {

using base::Json;

struct Piece {
  std::string_view plain;                // text before the variable
  std::optional<std::string_view> name;  // what stands between ${ and }
  bool escaped = false;                  // $${: a plain ${ follows the text
};

// Cuts one piece off the front of `text`.
Piece next_piece(std::string_view& text) {
  const auto dollar = text.find("${");
  if (dollar == std::string_view::npos)
    return {.plain = std::exchange(text, {}), .name = {}, .escaped = false};
  if (dollar > 0 && text[dollar - 1] == '$') {
    Piece out{.plain = text.substr(0, dollar - 1), .name = {}, .escaped = true};
    text.remove_prefix(dollar + 2);
    return out;
  }
  const auto end = text.find('}', dollar);
  if (end == std::string_view::npos)
    return {.plain = std::exchange(text, {}), .name = {}, .escaped = false};
  Piece out{.plain = text.substr(0, dollar),
            .name = text.substr(dollar + 2, end - dollar - 2),
            .escaped = false};
  text.remove_prefix(end + 1);
  return out;
}

// JSON as people write it: 0.5, where Boost.JSON says 5E-1.
std::string written(const Json& value) {
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return base::write_json(value);
}

base::Result<Json> value_of(std::string_view name, const Variables& variables) {
  if (name.starts_with("env:")) {
    auto wanted = name.substr(4);
    std::optional<std::string_view> otherwise;
    if (const auto at = wanted.find(":-"); at != std::string_view::npos) {
      otherwise = wanted.substr(at + 2);
      wanted = wanted.substr(0, at);
    }
    const char* const found =
        std::getenv(std::string(wanted).c_str());  // NOLINT(concurrency-mt-unsafe): never written
    if (found != nullptr && *found != '\0') return Json(found);
    if (otherwise) return Json(*otherwise);
    return base::fail(base::Code::invalid_argument,
                      "the environment variable " + std::string(wanted) + " is not set");
  }
  const auto found = variables.find(std::string(name));
  if (found == variables.end())
    return base::fail(base::Code::invalid_argument,
                      "there is no variable " + std::string(name.substr(0, 100)));
  return found->second;
}

base::Result<Json> expand_string(std::string_view text, const Variables& variables) {
  if (text.find("${") == std::string_view::npos) return Json(text);
  std::string out;
  const auto whole = text;
  while (!text.empty()) {
    const auto piece = next_piece(text);
    out += piece.plain;
    if (piece.escaped) out += "${";
    if (!piece.name) continue;
    auto value = value_of(*piece.name, variables);
    if (!value) return std::unexpected(value.error());
    if (out.empty() && text.empty() && whole.size() == piece.name->size() + 3) return value;
    if (const auto* const inner = value->if_string())
      out += *inner;
    else
      out += written(*value);
    if (out.size() > kExpandedLimit)
      return base::fail(base::Code::too_large, "its variables make a text of over 16 MiB");
  }
  return Json(out);
}

base::Result<Json> expand_within(const Json& value, const Variables& variables, std::size_t& left) {
  if (const auto* const text = value.if_string()) {
    auto out = expand_string(*text, variables);
    const auto size = out && out->is_string() ? out->get_string().size() : 16;
    if (size > left) return base::fail(base::Code::too_large, "its variables make over 16 MiB");
    left -= size;
    return out;
  }
  if (const auto* const list = value.if_array()) {
    base::JsonArray out;
    for (const auto& one : *list) {
      auto inner = expand_within(one, variables, left);
      if (!inner) return inner;
      out.push_back(std::move(*inner));
    }
    return Json(std::move(out));
  }
  if (const auto* const object = value.if_object()) {
    base::JsonObject out;
    for (const auto& one : *object) {
      auto inner = expand_within(one.value(), variables, left);
      if (!inner) return inner;
      out[one.key()] = std::move(*inner);
    }
    return Json(std::move(out));
  }
  return value;
}

}  // namespace

base::Result<Json> expand(const Json& value, const Variables& variables) {
  auto left = kExpandedLimit;
  return expand_within(value, variables, left);
}

base::Result<std::string> expand_text(std::string_view text, const Variables& variables) {
  auto out = expand_string(text, variables);
  if (!out) return std::unexpected(out.error());
  if (const auto* const inner = out->if_string()) return std::string(*inner);
  return written(*out);
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty())
    if (const auto piece = next_piece(text); piece.name) out.emplace_back(*piece.name);
  return out;
}

bool reads_environment(const Json& value) {
  if (const auto* const text = value.if_string())
    return std::ranges::any_of(names_in(*text),
                               [](const auto& name) { return name.starts_with("env:"); });
  if (const auto* const list = value.if_array())
    return std::ranges::any_of(*list, reads_environment);
  if (const auto* const object = value.if_object())
    return std::ranges::any_of(*object,
                               [](const auto& one) { return reads_environment(one.value()); });
  return false;
}

}  // namespace telltale::lab::suite
