// Randomness. secure_bytes is for secrets and ids (getrandom); Random is seeded and replayable, for
// jitter and simulation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace telltale::base {

void secure_bytes(std::span<std::uint8_t> out);
std::string secure_token(std::size_t bytes);  // base64url, no padding

// SplitMix64-seeded xoshiro256**, Blackman and Vigna 2018. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept;
  std::uint64_t next() noexcept;
  double uniform() noexcept;                          // [0, 1)
  std::uint64_t below(std::uint64_t bound) noexcept;  // [0, bound), bound > 0
  bool chance(double probability) noexcept { return uniform() < probability; }

 private:
  std::uint64_t state_[4];
};

std::uint64_t secure_seed();

// "op_" + 26 characters that sort by time (ULID layout: 48 bits of milliseconds, 80 random bits).
std::string new_id(std::string_view prefix);

}  // namespace telltale::base
