// What may be expected of a result that was seen: each value in it that stays the same is expected
// to be the same, what looks like a time, an id or a path of the moment only to have its type. From
// several results of the same request, what differed among them is such too. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::lab {

struct Inferred {
  std::string path;  // a JSON path into the result
  std::string rule;  // equals, contains or type
  base::Json value;  // what it says
};

inline constexpr std::size_t kInferredLimit = 24;  // of one result

// `results` are all of the same request; the first is the one to describe.
std::vector<Inferred> infer(const std::vector<const base::Json*>& results);
// A time, an id, an address or a folder of the moment; a hidden secret.
bool looks_volatile(const base::Json& value);
// The path one step further; "" where the key cannot be written.
std::string path_step(const std::string& path, std::string_view key);
// The first `limit` bytes, cut at a character's border.
std::string beginning(std::string_view text, std::size_t limit);

}  // namespace telltale::lab
