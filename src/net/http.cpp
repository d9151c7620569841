#include "net/http.hpp"

#include "net/http_text.hpp"

namespace telltale::net {

void Headers::set(std::string name, std::string value) {
  erase(name);
  add(std::move(name), std::move(value));
}

void Headers::add(std::string name, std::string value) {
  if (items_.empty()) items_.reserve(8);  // as many as most messages have
  items_.emplace_back(std::move(name), std::move(value));
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : items_)
    if (equal_no_case(key, name)) return value;
  return std::nullopt;
}

std::string_view Headers::get_or(std::string_view name, std::string_view otherwise) const {
  return get(name).value_or(otherwise);
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const auto& [key, value] : items_) {
    if (!equal_no_case(key, name)) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = rest.find(',');
      const auto item = trim(rest.substr(0, end));
      if (equal_no_case(item.substr(0, item.find(';')), token)) return true;
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  return false;
}

void Headers::erase(std::string_view name) {
  std::erase_if(items_, [&](const auto& item) { return equal_no_case(item.first, name); });
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::optional<std::string> Request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (!equal_no_case(key, "cookie")) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = rest.find(';');
      const auto pair = trim(rest.substr(0, end));
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name)
        return std::string(pair.substr(equals + 1));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  return std::nullopt;
}

}  // namespace telltale::net
