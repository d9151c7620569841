// Router: method and path to what handles it. Literal segments win over {names}; a name takes one
// percent-decoded segment. A tree of segments, built once, then read from every loop; a lookup
// allocates only what it gives.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "base/error.hpp"

namespace telltale::api {

using PathParameters = std::vector<std::pair<std::string, std::string>>;

template <class Target>
struct RouteMatch {
  const Target* target = nullptr;  // nullptr: no such path, or not with this method
  PathParameters parameters;
  std::vector<std::string> allowed;  // the methods the path takes, when it exists but has no target
};

std::vector<std::string_view> split_path(std::string_view path);
// The values with their names; empty when one is badly encoded or has no text.
std::optional<PathParameters> name_values(std::span<const std::string> names,
                                          std::span<const std::string_view> values);

template <class Target>
class Router {
 public:
  void add(std::string method, std::string_view path, Target target) {
    auto* node = &root_;
    Entry entry{.method = std::move(method), .names = {}, .target = std::move(target)};
    for (const auto segment : split_path(path)) {
      const bool is_name = segment.starts_with('{');
      if (is_name) entry.names.emplace_back(segment.substr(1, segment.size() - 2));
      auto& next = is_name ? node->any : node->literals[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
    }
    CHECK(entry.names.size() <= kMostNames);
    node->entries.push_back(std::move(entry));
  }

  RouteMatch<Target> find(std::string_view method, std::string_view path) const {
    Search search{.method = method, .values = {}, .found = {}};
    if (path.starts_with('/')) path.remove_prefix(1);
    walk(root_, path, 0, search);
    if (search.found.target != nullptr) search.found.allowed.clear();
    return std::move(search.found);
  }

 private:
  static constexpr std::size_t kMostNames = 8;
  struct Entry {
    std::string method;
    std::vector<std::string> names;
    Target target;
  };
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> any;  // a {name}, whatever it is called
    std::vector<Entry> entries;
  };
  struct Search {
    std::string_view method;
    std::array<std::string_view, kMostNames> values;
    RouteMatch<Target> found;
  };

  static void walk(const Node& node, std::string_view path, std::size_t names, Search& search) {
    const auto end = path.find('/');
    const auto segment = path.substr(0, end);
    const auto step = [&](const Node& next, std::size_t count) {
      if (end != std::string_view::npos)
        walk(next, path.substr(end + 1), count, search);
      else
        take(next, count, search);
    };
    if (const auto literal = node.literals.find(segment); literal != node.literals.end())
      step(*literal->second, names);
    if (search.found.target != nullptr || !node.any) return;
    search.values[names] = segment;
    step(*node.any, names + 1);
  }

  static void take(const Node& node, std::size_t names, Search& search) {
    for (const auto& entry : node.entries) {
      auto parameters = name_values(entry.names, std::span(search.values).first(names));
      if (!parameters) return;  // nor does another method take it
      if (entry.method != search.method) {
        search.found.allowed.push_back(entry.method);
        continue;
      }
      search.found.target = &entry.target;
      search.found.parameters = std::move(*parameters);
      return;
    }
  }

  Node root_;
};

}  // namespace telltale::api
