// What is said of a call under load that did not go as expected: short, and the same for the same
// fault, since such are counted by what was said. Pure.
#pragma once

#include <fmt/format.h>

#include "lab/run/expectations.hpp"

namespace telltale::lab::measure {

inline std::string no_answer(std::string_view why) {
  return fmt::format("no answer: {}", why);
}

// "" when all expectations hold.
inline std::string verdict(const run::Answer& answer, const suite::ExpectSpec& expect) {
  std::vector<run::Mismatch> wrong;
  run::judge(answer, expect, "", wrong);
  if (wrong.empty()) return {};
  return fmt::format("{}: expected {}, got {}", wrong.front().what,
                     run::cut(wrong.front().expected, 100), run::cut(wrong.front().actual, 100));
}

}  // namespace telltale::lab::measure
