// What the lab found out about a server: one rule it broke, with the evidence. Values, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace telltale::lab {

// RFC 2119, as the rule's section of the specification says it.
enum class Level : std::uint8_t { must, should };

std::string_view level_name(Level level) noexcept;  // "MUST", "SHOULD"

struct Finding {
  std::string rule;  // "lifecycle.initialize-answers"
  Level level = Level::must;
  std::string section;  // "basic/lifecycle#initialization" of the specification's revision
  std::string detail;   // what was seen instead; at most kDetailLimit characters
  std::string remedy;   // one line: what to change in the server
  // The frames it is judged by, in order, each '>' (sent) or '<' (received) and the text as on the
  // wire, cut to kEvidenceLimit bytes.
  std::vector<std::string> evidence;
};

base::JsonObject to_json(const Finding& finding);  // its members by their names

inline constexpr std::size_t kDetailLimit = 300;
inline constexpr std::size_t kEvidenceLimit = 2048;

}  // namespace telltale::lab
