#include "api/router.hpp"

#include <algorithm>

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

std::optional<PathParameters> match_path(const std::vector<std::string>& pattern,
                                         std::string_view path) {
  const auto segments = split_path(path);
  if (segments.size() != pattern.size()) return std::nullopt;
  for (std::size_t i = 0; i < pattern.size();
       ++i)  // literals first: most patterns fail here, cheaply
    if (!pattern[i].starts_with('{') && pattern[i] != segments[i]) return std::nullopt;
  PathParameters out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!pattern[i].starts_with('{')) continue;
    auto value = base::percent_decode(segments[i]);
    if (!value || value->empty()) return std::nullopt;
    out.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), std::move(*value));
  }
  return out;
}

int literal_rank(const std::vector<std::string>& pattern) {
  return static_cast<int>(
      std::ranges::count_if(pattern, [](const std::string& s) { return !s.starts_with('{'); }));
}

}  // namespace telltale::api
