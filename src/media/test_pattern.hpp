// TestPattern: bars as SMPTE's, a moving ball, the time since its beginning, the frame's number and
// the time of day at which it is due (UTC, for who measures how late it is seen) in digits, and a
// tone; at each full second a white square and a beep, both for 100 ms from the same instant on, so
// that lips can be checked without lips. Snow in a corner keeps the
// encoders at their rates. Endless. The player's thread.
#pragma once

#include "media/input.hpp"

namespace telltale::media {

struct TestPatternSettings {
  PictureSize size = {.width = 1920, .height = 1080};  // at most: no larger than is watched
  int frame_rate = 30;
  const base::Clock* clock = nullptr;  // of the time of day; null: the machine's
};

struct PatternArea {  // in pixels
  int x, y, width, height;
};

class TestPattern final : public Input {
 public:
  static constexpr base::Duration kFlash = std::chrono::milliseconds(100);
  static constexpr double kToneHz = 1000;
  static constexpr double kBeepHz = 2000;

  explicit TestPattern(TestPatternSettings settings = {});
  InputInfo info() const override;
  base::Result<bool> read(Wanted wanted, std::vector<Unit>& out) override;
  base::Result<base::Duration> seek(base::Duration to) override;
  InputStatistics statistics() const override { return statistics_; }

  // Where the digits are, in cells of the picture's height: for who reads them back
  // (media/pattern_reader.hpp). A glyph is 3 cells wide and 5 high.
  static constexpr int kCellsHigh = 60;
  static constexpr int kNumberDigits = 8;
  static constexpr int kNumberRow = 27;
  static constexpr int kNumberColumn = 4;
  static constexpr int kDayTimeRow = 36;  // HH:MM:SS.mmm, in the same columns
  static constexpr int kFlashRow = 4, kFlashColumn = 4, kFlashCells = 8;
  static const char* glyph(char digit);  // 15 cells, '#' is lit

 private:
  void resize(PictureSize size);
  void draw_snow(AVFrame& frame, std::int64_t number, const PatternArea& area) const;
  SharedAvFrame draw(std::int64_t number, base::Duration day_time) const;
  base::Duration day_time_of(base::Duration at);

  static constexpr std::size_t kSnowSide = 512;

  const TestPatternSettings settings_;
  PictureSize size_;  // drawn now
  SharedAvFrame background_;
  std::vector<std::uint8_t> snow_;
  std::int64_t picture_ = 0;  // the next
  std::int64_t sound_ = 0;    // the next, in tens of milliseconds
  // When the first picture was due, were there no pauses.
  std::optional<std::chrono::sys_time<base::Duration>> began_;
  InputStatistics statistics_;
};

}  // namespace telltale::media
