// JSON paths, the part of RFC 9535 that expectations need: $, .name, ['name'], [n] (negative: from
// the end), [*] and .*. Bounded: what a path selects ends at kSelectedLimit. No I/O.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/json.hpp"

namespace telltale::lab::suite {

class JsonPath {
 public:
  static constexpr std::size_t kSelectedLimit = 100'000;

  static base::Result<JsonPath> parse(std::string_view text);
  // In document order; the values live as long as `root`.
  std::vector<const base::Json*> select(const base::Json& root) const;
  // It can select one value at most.
  bool single() const noexcept;

 private:
  struct Every {};
  using Step = std::variant<std::string, std::int64_t, Every>;
  std::vector<Step> steps_;
};

// The value without what these paths select: members go, elements of lists become null.
base::Json without(const base::Json& value, const std::vector<JsonPath>& paths);
// Errors by JSON Pointer below `pointer`.
base::Result<std::vector<JsonPath>> parse_paths(const std::vector<std::string>& texts,
                                                const std::string& pointer = {});

}  // namespace telltale::lab::suite
