#include "base/redact.hpp"

#include <array>

namespace telltale::base {

bool names_secret(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  // Words of the protocol itself (2025-11-25 basic/utilities/progress, client/sampling).
  if (lower == "progresstoken" || lower == "maxtokens") return false;
  for (const std::string_view part : {"password", "secret", "token", "authorization", "api_key",
                                      "apikey", "credential", "private_key"})
    if (lower.find(part) != std::string::npos) return true;
  return false;
}

namespace {

constexpr int kDepth = 128;  // as deep as a message may be

Json walk(const Json& value, std::size_t text_limit, int depth) {
  if (depth > kDepth) return Json(kHidden);
  if (const auto* object = value.if_object()) {
    JsonObject out;
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
        out[item.key()] = walk(item.value(), text_limit, depth + 1);
      }
    }
    return out;
  }
  if (const auto* array = value.if_array()) {
    JsonArray out;
    for (const auto& item : *array) out.push_back(walk(item, text_limit, depth + 1));
    return out;
  }
  if (value.is_string() && value.get_string().size() > text_limit)
    return Json(std::to_string(value.get_string().size()) + " bytes of text");
  return value;
}

}  // namespace

Json redact(const Json& value, std::size_t text_limit) {
  return walk(value, text_limit, 0);
}

}  // namespace telltale::base
