// Pattern: a regular expression in time linear in the text, whoever wrote it: the NFA of Thompson
// (CACM 1968) run on all its states at once, no backtracking. It has . [a-z] [^x] * + ? | ( ) and
// backslash: \d \w \s and their capitals, or the character itself. It must fit the whole text, byte
// by byte. Immutable; any thread.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace telltale::series {

struct PatternError {
  std::size_t at = 0;  // of the pattern's characters
  const char* what = "";
};

class Pattern {
 public:
  static constexpr std::size_t kLengthMax = 256;
  static std::expected<Pattern, PatternError> compile(std::string_view text);
  Pattern() = default;  // fits the empty text
  bool fits(std::string_view text) const;

 private:
  friend class PatternCompiler;
  using Set = std::bitset<256>;
  struct State {
    enum class Kind : std::uint8_t { set, split, end } kind = Kind::end;
    std::size_t next = 0;
    std::size_t other = 0;  // of a split
    Set set = {};
  };
  void enter(std::size_t state, std::vector<std::size_t>& list, std::vector<bool>& seen) const;

  std::vector<State> states_{State{}};
  std::size_t start_ = 0;
};

}  // namespace telltale::series
