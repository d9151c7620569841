#include "base/random.hpp"

#include <array>
#include <bit>

#include <sys/random.h>

#include "base/check.hpp"
#include "base/clock.hpp"
#include "base/encoding.hpp"

namespace telltale::base {

void secure_bytes(std::span<std::uint8_t> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got = ::getrandom(out.data() + done, out.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got > 0);  // a kernel without randomness is no place to make keys
    done += static_cast<std::size_t>(got);
  }
}

std::string secure_token(std::size_t bytes) {
  std::string raw(bytes, '\0');
  secure_bytes({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
  return base64url_encode(raw);
}

std::uint64_t secure_seed() {
  std::array<std::uint8_t, 8> bytes{};
  secure_bytes(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

Random::Random(std::uint64_t seed) noexcept : state_{} {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    word = mixed ^ (mixed >> 31U);
  }
}

std::uint64_t Random::next() noexcept {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() noexcept {
  return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

std::uint64_t Random::below(std::uint64_t bound) noexcept {
  CHECK(bound > 0);
  return next() % bound;
}

std::string new_id(std::string_view prefix) {
  static constexpr char kCrockford[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::array<std::uint8_t, 10> noise{};
  secure_bytes(noise);
  auto ms = static_cast<std::uint64_t>(unix_ms(SystemClock().wall()));
  std::string out(prefix);
  out += '_';
  for (int shift = 45; shift >= 0; shift -= 5)
    out += kCrockford[(ms >> static_cast<unsigned>(shift)) & 31U];
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const auto byte : noise) {
    bits = (bits << 8U) | byte;
    for (have += 8; have >= 5; have -= 5) out += kCrockford[(bits >> (have - 5)) & 31U];
  }
  return out;
}

}  // namespace telltale::base
