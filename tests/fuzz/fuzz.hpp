// What the fuzz targets share. `require` is a property that must hold for every input; a broken one
// aborts, which is how libFuzzer learns of it. `in_pieces` cuts an input as a network might.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace telltale::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Pieces of 1 to 16 bytes, by the input's own first byte.
template <class Take>
void in_pieces(std::string_view text, Take&& take) {
  std::size_t step = text.empty() ? 1 : static_cast<unsigned char>(text.front());
  while (!text.empty()) {
    step = step * 37 % 101 + 1;
    const auto piece = text.substr(0, step % 16 + 1);
    if (!take(piece)) return;
    text.remove_prefix(piece.size());
  }
}

}  // namespace telltale::fuzz
