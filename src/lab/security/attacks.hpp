// What is tried on a tool, from its input schema: text arguments that name files, addresses or go
// into commands, filled with values that a careful server refuses. Harmless by themselves: they
// point at canaries (canary.hpp) and nowhere else. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::lab {

struct CanaryPlaces {
  std::string file;  // absolute
  std::string url;
  std::string trap;  // must not come to be
};

struct Attack {
  std::string rule;      // "security.path-escape", "security.ssrf", "security.command-injection"
  std::string argument;  // "" for what is no tool's: resources/read
  std::string value;
  base::JsonObject arguments;  // whole, the others as the schema wants them
};

// `schema` is the tool's inputSchema. `only`: rules without "security."; empty: all.
std::vector<Attack> attacks_on(const base::Json& schema, const CanaryPlaces& places,
                               const std::vector<std::string>& only);
// URIs for resources/read.
std::vector<Attack> attacks_on_resources(const CanaryPlaces& places,
                                         const std::vector<std::string>& only);

inline constexpr std::size_t kAttacksLimit = 200;  // on one tool

}  // namespace telltale::lab
