#include "lab/finding.hpp"

namespace telltale::lab {

std::string_view level_name(Level level) noexcept {
  return level == Level::must ? "MUST" : "SHOULD";
}

}  // namespace telltale::lab
