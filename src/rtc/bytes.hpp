// Network byte order over spans: loads and stores at an offset, and a Reader and a Writer that
// refuse to leave their span instead of failing. No allocation, no exceptions; a Reader or Writer
// that once went over its end stays `failed()`, so a caller checks once at the end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace telltale::rtc {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

template <std::size_t Count>
constexpr std::uint64_t load_be(Bytes bytes, std::size_t at) noexcept {
  static_assert(Count <= 8);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Count; ++i) value = value << 8U | bytes[at + i];
  return value;
}
constexpr std::uint16_t load_u16(Bytes bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(load_be<2>(bytes, at));
}
constexpr std::uint32_t load_u32(Bytes bytes, std::size_t at) noexcept {
  return static_cast<std::uint32_t>(load_be<4>(bytes, at));
}

template <std::size_t Count>
constexpr void store_be(MutableBytes bytes, std::size_t at, std::uint64_t value) noexcept {
  static_assert(Count <= 8);
  for (std::size_t i = 0; i < Count; ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> 8U * (Count - 1 - i));
}
constexpr void store_u16(MutableBytes bytes, std::size_t at, std::uint16_t value) noexcept {
  store_be<2>(bytes, at, value);
}
constexpr void store_u32(MutableBytes bytes, std::size_t at, std::uint32_t value) noexcept {
  store_be<4>(bytes, at, value);
}

inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class Reader {
 public:
  explicit constexpr Reader(Bytes bytes) noexcept : bytes_(bytes) {}

  template <std::size_t Count>
  constexpr std::uint64_t take() noexcept {
    if (!has(Count)) return 0;
    const auto value = load_be<Count>(bytes_, at_);
    at_ += Count;
    return value;
  }
  constexpr std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(take<1>()); }
  constexpr std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(take<2>()); }
  constexpr std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(take<3>()); }
  constexpr std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(take<4>()); }
  constexpr std::uint64_t u64() noexcept { return take<8>(); }
  constexpr Bytes bytes(std::size_t count) noexcept {
    if (!has(count)) return {};
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  constexpr Bytes rest() noexcept { return bytes(left()); }
  constexpr std::size_t left() const noexcept { return bytes_.size() - at_; }
  constexpr std::size_t position() const noexcept { return at_; }
  constexpr bool failed() const noexcept { return failed_; }

 private:
  constexpr bool has(std::size_t count) noexcept {
    if (count <= left()) return true;
    failed_ = true;
    at_ = bytes_.size();
    return false;
  }

  Bytes bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

class Writer {
 public:
  explicit constexpr Writer(MutableBytes bytes) noexcept : bytes_(bytes) {}

  template <std::size_t Count>
  constexpr void put(std::uint64_t value) noexcept {
    if (!has(Count)) return;
    store_be<Count>(bytes_, at_, value);
    at_ += Count;
  }
  constexpr void u8(std::uint64_t value) noexcept { put<1>(value); }
  constexpr void u16(std::uint64_t value) noexcept { put<2>(value); }
  constexpr void u24(std::uint64_t value) noexcept { put<3>(value); }
  constexpr void u32(std::uint64_t value) noexcept { put<4>(value); }
  constexpr void u64(std::uint64_t value) noexcept { put<8>(value); }
  constexpr void bytes(Bytes from) noexcept {
    if (!has(from.size())) return;
    std::copy(from.begin(), from.end(), bytes_.subspan(at_).begin());
    at_ += from.size();
  }
  constexpr void zeros(std::size_t count) noexcept {
    if (!has(count)) return;
    std::fill_n(bytes_.subspan(at_).begin(), count, std::uint8_t{0});
    at_ += count;
  }
  constexpr std::size_t left() const noexcept { return bytes_.size() - at_; }
  constexpr std::size_t position() const noexcept { return at_; }
  constexpr MutableBytes written() const noexcept { return bytes_.first(at_); }
  constexpr bool failed() const noexcept { return failed_; }
  // Back to an earlier position: what was begun did not fit.
  constexpr void rewind(std::size_t position) noexcept {
    at_ = position;
    failed_ = false;
  }

 private:
  constexpr bool has(std::size_t count) noexcept {
    if (!failed_ && count <= left()) return true;
    failed_ = true;
    return false;
  }

  MutableBytes bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace telltale::rtc
