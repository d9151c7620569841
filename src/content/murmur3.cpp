#include "content/murmur3.hpp"

#include <bit>

namespace telltale::content {
namespace {

constexpr std::uint64_t kFirst = 0x87c37b91114253d5;
constexpr std::uint64_t kSecond = 0x4cf5ad432745937f;

std::uint64_t scramble_first(std::uint64_t word) noexcept {
  return std::rotl(word * kFirst, 31) * kSecond;
}
std::uint64_t scramble_second(std::uint64_t word) noexcept {
  return std::rotl(word * kSecond, 33) * kFirst;
}

std::uint64_t finish(std::uint64_t word) noexcept {
  word = (word ^ (word >> 33U)) * 0xff51afd7ed558ccd;
  word = (word ^ (word >> 33U)) * 0xc4ceb9fe1a85ec53;
  return word ^ (word >> 33U);
}

// Up to eight bytes, the first the lowest.
std::uint64_t little_endian(std::string_view text) noexcept {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < text.size() && i < 8; ++i)
    out |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  return out;
}

}  // namespace

std::uint64_t murmur3(std::string_view text) noexcept {
  const auto size = std::uint64_t{text.size()};
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  for (; text.size() >= 16; text.remove_prefix(16)) {
    a ^= scramble_first(little_endian(text));
    a = (std::rotl(a, 27) + b) * 5 + 0x52dce729;
    b ^= scramble_second(little_endian(text.substr(8)));
    b = (std::rotl(b, 31) + a) * 5 + 0x38495ab5;
  }
  if (text.size() > 8) b ^= scramble_second(little_endian(text.substr(8)));
  a ^= scramble_first(little_endian(text));
  a ^= size;
  b ^= size;
  a += b;
  b += a;
  a = finish(a);
  b = finish(b);
  return a + b;
}

}  // namespace telltale::content
