// What a viewer asks for: a rung of the ladder, or that we choose (auto). Numbers of 0 to 100 are
// the v0 interface's way to say the same.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.hpp"

namespace telltale::rtc {

enum class Quality : std::uint8_t { low, medium, high, automatic };

std::string_view quality_name(Quality quality) noexcept;  // low, medium, high, auto
// A name, or a number: under 34 low, under 67 medium, to 100 high. invalid_argument for the rest.
base::Result<Quality> parse_quality(std::string_view text);

}  // namespace telltale::rtc
