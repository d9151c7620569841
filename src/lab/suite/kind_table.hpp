// What the suite format must know of the kinds of cases: their names, whether they take steps, and
// what may stand in the case's member of the kind's name. The kinds themselves are run/kind.hpp's.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/describe.hpp"

namespace telltale::lab::suite {

struct KindSpec {
  std::string name;  // "load"; also the member of a case that holds its keys
  std::string help;
  bool takes_steps = true;
  bool needs_steps = true;
  base::JsonObject options_schema = {};  // empty: it takes no keys of its own
  // Errors by JSON Pointer below `pointer`.
  std::function<base::Result<void>(const base::Json& options, const std::string& pointer)> check =
      {};
  bool needs_options = false;
};

// Keys declared as a struct (base/describe.hpp).
template <class Options>
KindSpec with_options(KindSpec spec) {
  spec.options_schema = base::json_schema<Options>();
  spec.check = [](const base::Json& options, const std::string& pointer) -> base::Result<void> {
    if (auto parsed = base::from_json<Options>(options, pointer); !parsed)
      return std::unexpected(parsed.error());
    return {};
  };
  return spec;
}

using KindTable = std::map<std::string, KindSpec, std::less<>>;

}  // namespace telltale::lab::suite
