// Bits in and out of bytes, most significant first, and the varints of the block formats. A reader
// past the end gives zeros and says so by failed(): one look after a whole point is enough.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
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
    if (count > kAtOnce) {
      const auto high = take_some(count - 32);
      return high << 32U | take_some(32);
    }
    return count == 0 ? 0 : take_some(count);
  }
  // How many bits like this one come, and the other one that ends them is taken too. More than
  // `most` of them are a failure.
  unsigned run(bool of_ones, unsigned most) {
    unsigned out = 0;
    for (;;) {
      const auto bits = of_ones ? ~ahead() : ahead();
      const auto some = static_cast<unsigned>(std::countl_zero(bits));
      const bool ends = some < kAtOnce;
      out += ends ? some : kAtOnce;
      at_ += ends ? some + 1 : kAtOnce;
      if (out > most || at_ > bytes_.size() * 8) {
        failed_ = true;
        return 0;
      }
      if (ends) return out;
    }
  }
  // At most `most`, 1 to 32, ones; the zero that ends fewer than that is taken too.
  unsigned ones(unsigned most) {
    const auto count = std::min(static_cast<unsigned>(std::countl_one(ahead())), most);
    at_ += count < most ? count + 1 : count;
    failed_ = failed_ || at_ > bytes_.size() * 8;
    return count;
  }
  bool failed() const noexcept { return failed_; }
  std::size_t bytes_taken() const noexcept { return (at_ + 7) / 8; }

 private:
  static constexpr unsigned kAtOnce = 57;
  std::uint64_t take_some(unsigned count) {
    const auto out = ahead() >> (64 - count);
    at_ += count;
    if (at_ > bytes_.size() * 8) {
      failed_ = true;
      return 0;
    }
    return out;
  }
  // The next kAtOnce bits at the top, zeros past the end.
  std::uint64_t ahead() const {
    const auto byte = at_ / 8;
    std::uint64_t word = 0;
    if (byte + 8 <= bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, 8);
      if constexpr (std::endian::native == std::endian::little) word = std::byteswap(word);
    } else {
      for (std::size_t i = byte; i < bytes_.size(); ++i)
        word |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes_[i]))
                << (56 - 8 * (i - byte));
    }
    return word << (at_ % 8);
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// Whole numbers from 1 on, small ones in few bits (Elias' gamma code).
inline void put_gamma(BitWriter& bits, std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width > 1) bits.put(0, width - 1);
  bits.put(value, width);
}
// 0 where there is none.
inline std::uint64_t take_gamma(BitReader& bits) {
  const auto width = bits.run(false, 63);
  if (bits.failed()) return 0;
  return std::uint64_t{1} << width | bits.take(width);
}

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
