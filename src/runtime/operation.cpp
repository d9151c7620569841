#include "runtime/operation.hpp"

#include <algorithm>

namespace telltale::runtime {

bool Actor::may(std::string_view permission) const {
  return permission == "public" || (permission == "session" && !id.empty()) ||
         std::ranges::any_of(
             permissions, [&](const std::string& own) { return own == "*" || own == permission; });
}

}  // namespace telltale::runtime
