// Is B faster than A? From pairs of measurements made one right after the other, so that what slows
// the machine slows both: Student's t interval of the mean of log(B/A), and a verdict only where
// the whole interval says so. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace telltale::lab {

// Of B against A, where less is better.
enum class Speed : std::uint8_t { faster, slower, cannot_tell };
std::string_view speed_name(Speed speed) noexcept;

struct Comparison {
  std::size_t pairs = 0;
  double ratio = 1;  // B/A, geometric mean
  double low = 0;    // of the 95 % confidence interval
  double high = 0;
  Speed speed = Speed::cannot_tell;
  std::string why;  // one sentence, with the figures
};

// `a` and `b` of the same length, all above 0 (others are left out in pairs). `least`: a difference
// smaller than this share is none (0.02: 2 %). Fewer than five pairs tell nothing.
Comparison compare(std::span<const double> a, std::span<const double> b, double least);

// The same for rounds that were not measured in turn (two runs, one of them long ago): Welch's
// interval of the difference of the means of log. What changed on the machine in between counts as
// a difference, so it takes more to tell.
Comparison compare_apart(std::span<const double> a, std::span<const double> b, double least);

inline constexpr std::size_t kLeastPairs = 5;

}  // namespace telltale::lab
