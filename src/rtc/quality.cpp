#include "rtc/quality.hpp"

#include <array>
#include <charconv>
#include <string>

namespace telltale::rtc {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"low", "medium", "high", "auto"};

}  // namespace

std::string_view quality_name(Quality quality) noexcept {
  return kNames[static_cast<std::size_t>(quality)];
}

base::Result<Quality> parse_quality(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (text == kNames[i]) return static_cast<Quality>(i);
  int number = -1;
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || number < 0 || number > 100)
    return base::fail(
        base::Code::invalid_argument,
        "quality is low, medium, high, auto or a number from 0 to 100, not " + std::string(text));
  return number < 34 ? Quality::low : number < 67 ? Quality::medium : Quality::high;
}

}  // namespace telltale::rtc
