#include "api/router.hpp"

#include "base/encoding.hpp"

namespace telltale::api {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    if (path.front() == '/') path.remove_prefix(1);
    const auto end = path.find('/');
    out.push_back(path.substr(0, end));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end);
  }
  return out;
}

std::optional<PathParameters> name_values(std::span<const std::string> names,
                                          std::span<const std::string_view> values) {
  PathParameters out;
  out.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto value = base::percent_decode(values[i]);
    if (!value || value->empty()) return std::nullopt;
    out.emplace_back(names[i], std::move(*value));
  }
  return out;
}

}  // namespace telltale::api
