// Bits in and out of bytes, most significant first, and the varints of the block formats. A reader
// past the end gives zeros and says so by failed(): one look after a whole point is enough.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace telltale::series {

class BitWriter {
 public:
  // The lowest `count` bits, 1 to 64.
  void put(std::uint64_t value, unsigned count) {
    if (count < 64) value &= (std::uint64_t{1} << count) - 1;
    if (count > free_) {
      const auto rest = count - free_;
      flush_word(free_ == 0 ? word_ : word_ | (value >> rest));
      word_ = 0;
      free_ = 64;
      count = rest;
    }
    // From the top: what of `value` was written already is shifted out.
    word_ |= (value << (64 - count)) >> (64 - free_);
    free_ -= count;
  }
  std::size_t size() const noexcept { return bytes_.size() + (64 - free_ + 7) / 8; }
  // All so far, the last byte filled with zeros.
  std::string bytes() const {
    std::string out = bytes_;
    for (unsigned i = 0; i < (64 - free_ + 7) / 8; ++i)
      out.push_back(static_cast<char>(word_ >> (56 - 8 * i)));
    return out;
  }

 private:
  void flush_word(std::uint64_t word) {
    for (unsigned i = 0; i < 8; ++i) bytes_.push_back(static_cast<char>(word >> (56 - 8 * i)));
  }
  std::string bytes_;
  std::uint64_t word_ = 0;
  unsigned free_ = 64;
};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t take(unsigned count) {
    std::uint64_t out = 0;
    while (count > 0) {
      const auto byte = at_ / 8;
      if (byte >= bytes_.size()) {
        failed_ = true;
        return 0;
      }
      const auto inside = static_cast<unsigned>(at_ % 8);
      const auto some = count < 8 - inside ? count : 8 - inside;
      const auto part =
          (static_cast<std::uint8_t>(bytes_[byte]) >> (8 - inside - some)) & ((1U << some) - 1);
      out = out << some | part;
      at_ += some;
      count -= some;
    }
    return out;
  }
  bool failed() const noexcept { return failed_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

inline std::uint64_t zigzag(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63U);
}
inline std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1U ^ (~(value & 1U) + 1));
}

inline void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 128; value >>= 7U) out.push_back(static_cast<char>(value | 128U));
  out.push_back(static_cast<char>(value));
}
// False at the end of the bytes, or when they are no varint of 64 bits.
inline bool take_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(from.front());
    from.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 127U) << shift;
    if (byte < 128) return true;
  }
  return false;
}

}  // namespace telltale::series
