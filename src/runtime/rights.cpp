#include "runtime/rights.hpp"

#include <algorithm>

namespace telltale::runtime {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(
      patterns, [&](const std::string& pattern) { return matches_pattern(pattern, text); });
}

bool covers_patterns(const std::vector<std::string>& wide, const std::vector<std::string>& narrow) {
  return std::ranges::all_of(narrow, [&](const std::string& pattern) {
    return contains(wide, "*") || contains(wide, pattern);
  });
}

}  // namespace

// Greedy with one point to return to: linear for one star, and never worse than quadratic.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Rights::Rights(std::vector<Grant> grants) : grants_(std::move(grants)) {}

Rights Rights::of(std::vector<std::string> permissions) {
  return Rights({Grant{.permissions = std::move(permissions)}});
}

bool Rights::may(std::string_view permission) const {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    return contains(grant.permissions, permission) && !grant.servers.empty();
  });
}

bool Rights::may(std::string_view permission, std::string_view server) const {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    return contains(grant.permissions, permission) && any_matches(grant.servers, server);
  });
}

bool Rights::may(std::string_view permission, std::string_view server,
                 std::string_view tool) const {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    return contains(grant.permissions, permission) && any_matches(grant.servers, server) &&
           any_matches(grant.tools, tool);
  });
}

bool Rights::everywhere(std::string_view permission) const {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    return contains(grant.permissions, permission) && contains(grant.servers, "*") &&
           contains(grant.tools, "*");
  });
}

bool Rights::cover(const Rights& other) const {
  return std::ranges::all_of(other.grants_, [&](const Grant& wanted) {
    return std::ranges::all_of(wanted.permissions, [&](const std::string& permission) {
      return std::ranges::any_of(grants_, [&](const Grant& own) {
        return contains(own.permissions, permission) &&
               covers_patterns(own.servers, wanted.servers) &&
               covers_patterns(own.tools, wanted.tools);
      });
    });
  });
}

Rights Rights::limited_to(const std::vector<std::string>& permissions) const {
  auto grants = grants_;
  for (auto& grant : grants)
    std::erase_if(grant.permissions,
                  [&](const std::string& own) { return !contains(permissions, own); });
  return Rights(std::move(grants));
}

std::vector<std::string> Rights::permissions() const {
  std::vector<std::string> out;
  for (const auto& grant : grants_)
    for (const auto& permission : grant.permissions)
      if (!contains(out, permission)) out.push_back(permission);
  return out;
}

}  // namespace telltale::runtime
