#include "monitor/decision.hpp"

#include <array>

namespace telltale::monitor {

std::string_view decision_name(Decision decision) noexcept {
  constexpr std::array<std::string_view, kDecisions> kNames{"quality_down", "quality_up", "buffer",
                                                            "key_frame", "ice_restart"};
  const auto at = static_cast<std::size_t>(decision);
  return at < kNames.size() ? kNames[at] : "other";
}

}  // namespace telltale::monitor
