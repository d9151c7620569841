#include "catalog/redact.hpp"

#include <array>

namespace telltale::catalog {
namespace {

constexpr std::string_view kHidden = "••••";
constexpr std::size_t kTextLimit = 16U << 10U;

bool names_secret(std::string_view key) {
  std::string lower(key);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const std::string_view part : {"password", "secret", "token", "authorization", "api_key",
                                      "apikey", "credential", "private_key"})
    if (lower.find(part) != std::string::npos) return true;
  return false;
}

base::Json walk(const base::Json& value, int depth) {
  if (depth > 32) return base::Json(kHidden);
  if (const auto* object = value.if_object()) {
    base::JsonObject out;
    for (const auto& item : *object) {
      if (names_secret(item.key())) {
        out[item.key()] = kHidden;
      } else if ((item.key() == "env" || item.key() == "headers") && item.value().is_object()) {
        auto& hidden = out[item.key()].emplace_object();
        for (const auto& inner : item.value().get_object()) hidden[inner.key()] = kHidden;
      } else if (item.key() == "sdp" && item.value().is_string()) {
        // It has the password of an ICE session, and is long.
        out["sdp"] = std::to_string(item.value().get_string().size()) + " bytes of SDP";
      } else {
        out[item.key()] = walk(item.value(), depth + 1);
      }
    }
    return out;
  }
  if (const auto* array = value.if_array()) {
    base::JsonArray out;
    for (const auto& item : *array) out.push_back(walk(item, depth + 1));
    return out;
  }
  if (value.is_string() && value.get_string().size() > kTextLimit)
    return base::Json(std::to_string(value.get_string().size()) + " bytes of text");
  return value;
}

}  // namespace

base::Json redact(const base::Json& arguments) {
  return walk(arguments, 0);
}

}  // namespace telltale::catalog
