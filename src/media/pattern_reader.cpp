#include "media/pattern_reader.hpp"

#include "media/test_pattern.hpp"

namespace telltale::media {
namespace {

constexpr std::string_view kDigits = "0123456789";

std::optional<int> read_digit(const AVFrame& frame, int column, int row) {
  const double cell = frame.height / static_cast<double>(TestPattern::kCellsHigh);
  std::string seen;
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 3; ++x)
      seen += luma(frame, (column + x + 0.5) * cell, (row + y + 0.5) * cell) > 128 ? '#' : ' ';
  for (const char digit : kDigits)
    if (seen == TestPattern::glyph(digit)) return digit - '0';
  return std::nullopt;
}

}  // namespace

int luma(const AVFrame& frame, double x, double y) {
  return frame.data[0][static_cast<int>(y) * frame.linesize[0] + static_cast<int>(x)];
}

std::optional<std::int64_t> read_number(const AVFrame& frame) {
  std::int64_t number = 0;
  for (int i = 0; i < TestPattern::kNumberDigits; ++i) {
    const auto digit =
        read_digit(frame, TestPattern::kNumberColumn + i * 4, TestPattern::kNumberRow);
    if (!digit) return std::nullopt;
    number = number * 10 + *digit;
  }
  return number;
}

std::optional<base::Duration> read_day_time(const AVFrame& frame) {
  // HH:MM:SS.mmm: what each digit is worth, in milliseconds.
  constexpr std::pair<int, int> kPlaces[] = {{0, 36'000'000}, {1, 3'600'000}, {3, 600'000},
                                             {4, 60'000},     {6, 10'000},    {7, 1'000},
                                             {9, 100},        {10, 10},       {11, 1}};
  std::int64_t ms = 0;
  for (const auto& [place, worth] : kPlaces) {
    const auto digit =
        read_digit(frame, TestPattern::kNumberColumn + place * 4, TestPattern::kDayTimeRow);
    if (!digit) return std::nullopt;
    ms += std::int64_t{*digit} * worth;
  }
  return std::chrono::milliseconds(ms);
}

}  // namespace telltale::media
