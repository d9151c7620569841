// Which of the last 1,024 packet indices were seen (RFC 3711 section 3.3.2). A packet is checked
// before its authentication and marked after it; what is older than the window counts as seen.
#pragma once

#include <array>
#include <cstdint>

namespace telltale::rtc::srtp {

class ReplayWindow {
 public:
  static constexpr std::uint64_t kSize = 1024;

  bool seen(std::uint64_t index) const noexcept {
    if (index >= end_) return false;
    if (end_ - index > kSize) return true;
    return (words_[word_of(index)] & bit_of(index)) != 0;
  }

  void mark(std::uint64_t index) noexcept {
    if (index >= end_) {
      // What lies between was not seen; a whole window forward forgets all.
      if (index - end_ >= kSize) {
        words_ = {};
      } else {
        for (auto at = end_; at <= index; ++at) words_[word_of(at)] &= ~bit_of(at);
      }
      end_ = index + 1;
    } else if (end_ - index > kSize) {
      return;
    }
    words_[word_of(index)] |= bit_of(index);
  }

  bool empty() const noexcept { return end_ == 0; }
  // The highest marked; only of a window that is not empty.
  std::uint64_t highest() const noexcept { return end_ - 1; }

 private:
  static constexpr std::size_t word_of(std::uint64_t index) noexcept {
    return static_cast<std::size_t>(index % kSize / 64);
  }
  static constexpr std::uint64_t bit_of(std::uint64_t index) noexcept {
    return std::uint64_t{1} << index % 64;
  }

  std::uint64_t end_ = 0;  // one behind the highest marked
  std::array<std::uint64_t, kSize / 64> words_ = {};
};

}  // namespace telltale::rtc::srtp
