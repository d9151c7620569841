#include "rtc/sctp/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace telltale::rtc::sctp {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() noexcept {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1U ^ ((value & 1U) != 0 ? 0x82f6'3b78U : 0U);
    table[i] = value;
  }
  return table;
}
constexpr auto kTable = make_table();

std::uint32_t add_by_table(std::uint32_t value, Bytes bytes) noexcept {
  for (const auto byte : bytes) value = value >> 8U ^ kTable[(value ^ byte) & 0xffU];
  return value;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t add_by_instruction(std::uint32_t value,
                                                                   Bytes bytes) noexcept {
  std::uint64_t wide = value;
  while (bytes.size() >= sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    wide = _mm_crc32_u64(wide, word);
    bytes = bytes.subspan(sizeof word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (const auto byte : bytes) narrow = _mm_crc32_u8(narrow, byte);
  return narrow;
}
#endif

using Add = std::uint32_t (*)(std::uint32_t, Bytes) noexcept;

Add choose() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return add_by_instruction;
#endif
  return add_by_table;
}
const Add kAdd = choose();

}  // namespace

std::uint32_t crc32c(Bytes bytes) noexcept {
  return ~kAdd(0xffff'ffffU, bytes);
}

std::uint32_t crc32c_by_table(Bytes bytes) noexcept {
  return ~add_by_table(0xffff'ffffU, bytes);
}

std::uint32_t packet_checksum(Bytes packet) noexcept {
  constexpr std::array<std::uint8_t, 4> kZero = {};
  auto value = kAdd(0xffff'ffffU, packet.first(8));
  value = kAdd(value, kZero);
  return ~kAdd(value, packet.subspan(12));
}

}  // namespace telltale::rtc::sctp
