// ${name} and ${env:NAME} (with ${env:NAME:-otherwise}) in the texts of a suite. A text that is
// nothing but one variable becomes its value, whatever its type; within a text its JSON is written,
// a string as it is. $${ is a plain ${. A result is bounded by kExpandedLimit, and what is put in
// is not looked at again. Any thread; the environment is read, never written.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::lab::suite {

inline constexpr std::size_t kExpandedLimit = 16U << 20U;

using Variables = std::map<std::string, base::Json>;

base::Result<base::Json> expand(const base::Json& value, const Variables& variables);
base::Result<std::string> expand_text(std::string_view text, const Variables& variables);

// The names that stand in ${…}, env: ones included; for what can be said before anything runs.
std::vector<std::string> names_in(std::string_view text);
bool reads_environment(const base::Json& value);

}  // namespace telltale::lab::suite
