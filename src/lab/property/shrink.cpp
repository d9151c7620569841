#include "lab/property/shrink.hpp"

#include <cmath>

namespace telltale::lab {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

void add(std::vector<Json>& out, Json value) {
  if (out.size() < kNeighbours) out.push_back(std::move(value));
}

// Cuts at a character's beginning only, so that it stays UTF-8.
std::string_view head(std::string_view text, std::size_t size) {
  while (size > 0 && size < text.size() && (text[size] & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}
std::string_view tail(std::string_view text, std::size_t from) {
  while (from < text.size() && (text[from] & 0xC0) == 0x80) ++from;
  return text.substr(from);
}

void smaller_text(std::string_view text, std::vector<Json>& out) {
  if (text.empty()) return;
  add(out, "");
  if (text.size() > 1) {
    add(out, Json(std::string(head(text, text.size() / 2))));
    add(out, Json(std::string(tail(text, text.size() - text.size() / 2))));
    add(out, Json(std::string(head(text, text.size() - 1))));
    add(out, Json(std::string(tail(text, 1))));
  }
  // Letters are simpler than anything else of the same length.
  if (text.find_first_not_of('a') != std::string_view::npos)
    add(out, Json(std::string(text.size(), 'a')));
}

void smaller_number(const Json& value, std::vector<Json>& out) {
  if (value.is_double()) {
    const double number = value.as_double();
    if (number == 0) return;
    add(out, 0);
    if (number != std::trunc(number)) add(out, std::trunc(number));
    if (number < 0) add(out, -number);
    if (std::abs(number) > 1) add(out, std::trunc(number / 2));
    return;
  }
  const auto number = value.is_int64() ? value.as_int64() : std::int64_t{0};
  if (value.is_uint64() && value.as_uint64() > 0) {
    add(out, 0);
    add(out, value.as_uint64() / 2);
    return;
  }
  if (number == 0) return;
  if (number < 0 && number != std::numeric_limits<std::int64_t>::min()) add(out, -number);
  // Towards 0 by all of it, a half, a quarter, …, one.
  for (auto step = number; step != 0; step /= 2) add(out, number - step);
}

void smaller_array(const JsonArray& items, std::vector<Json>& out) {
  if (items.empty()) return;
  add(out, JsonArray{});
  if (items.size() > 1) {
    const auto half = static_cast<std::ptrdiff_t>(items.size() / 2);
    add(out, JsonArray(items.begin(), items.begin() + half));
    add(out, JsonArray(items.begin() + half, items.end()));
  }
  for (std::size_t i = 0; i < items.size() && items.size() > 1; ++i) {
    JsonArray without = items;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    add(out, std::move(without));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (auto& item : smaller(items[i])) {
      JsonArray changed = items;
      changed[i] = std::move(item);
      add(out, std::move(changed));
    }
  }
}

void smaller_object(const JsonObject& object, std::vector<Json>& out) {
  for (const auto& member : object) {
    JsonObject without = object;
    without.erase(member.key());
    add(out, std::move(without));
  }
  for (const auto& member : object) {
    for (auto& value : smaller(member.value())) {
      JsonObject changed = object;
      changed[member.key()] = std::move(value);
      add(out, std::move(changed));
    }
  }
}

}  // namespace

std::vector<Json> smaller(const Json& value) {
  std::vector<Json> out;
  if (value.is_string())
    smaller_text(value.as_string(), out);
  else if (value.is_number())
    smaller_number(value, out);
  else if (value.is_array())
    smaller_array(value.as_array(), out);
  else if (value.is_object())
    smaller_object(value.as_object(), out);
  else if (value.is_bool() && value.as_bool())
    add(out, false);
  return out;
}

}  // namespace telltale::lab
