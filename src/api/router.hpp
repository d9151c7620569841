// Router: method and path to what handles it. Literal segments win over {names}; a name takes one
// percent-decoded segment. Built once, then read from every loop.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace telltale::api {

using PathParameters = std::vector<std::pair<std::string, std::string>>;

template <class Target>
struct RouteMatch {
  const Target* target = nullptr;  // nullptr: no such path, or not with this method
  PathParameters parameters;
  std::vector<std::string> allowed;  // the methods the path takes, when it exists
};

std::vector<std::string_view> split_path(std::string_view path);
// Empty when the path does not fit or a segment is badly encoded.
std::optional<PathParameters> match_path(const std::vector<std::string>& pattern,
                                         std::string_view path);
// How exact a pattern is: more literal segments first.
int literal_rank(const std::vector<std::string>& pattern);

template <class Target>
class Router {
 public:
  void add(std::string method, std::string_view path, Target target) {
    Entry entry{.method = std::move(method), .target = std::move(target)};
    for (const auto segment : split_path(path)) entry.pattern.emplace_back(segment);
    const auto rank = literal_rank(entry.pattern);
    auto at = entries_.begin();
    while (at != entries_.end() && literal_rank(at->pattern) >= rank) ++at;
    entries_.insert(at, std::move(entry));
  }

  RouteMatch<Target> find(std::string_view method, std::string_view path) const {
    RouteMatch<Target> out;
    for (const auto& entry : entries_) {
      auto parameters = match_path(entry.pattern, path);
      if (!parameters) continue;
      out.allowed.push_back(entry.method);
      if (entry.method == method && out.target == nullptr) {
        out.target = &entry.target;
        out.parameters = std::move(*parameters);
      }
    }
    return out;
  }

 private:
  struct Entry {
    std::string method;
    std::vector<std::string> pattern;
    Target target;
  };
  std::vector<Entry> entries_;
};

}  // namespace telltale::api
