#include "media/test_pattern.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/random.hpp"

namespace telltale::media {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kSoundSamples = 480;  // 10 ms
// Pictures are drawn before they are due, by this at most (Player::kAhead and a little).
constexpr base::Duration kDrawnAhead = std::chrono::milliseconds(300);

std::string clock_text(base::Duration time) {
  const auto ms = time / std::chrono::milliseconds(1);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000 % 100, ms / 60'000 % 60,
                     ms / 1000 % 60, ms % 1000);
}

struct Colour {
  std::uint8_t y, u, v;
};
constexpr Colour kBlack{16, 128, 128};
constexpr Colour kWhite{235, 128, 128};
// 75 % bars: grey, yellow, cyan, green, magenta, red, blue.
constexpr std::array<Colour, 7> kBars{{{180, 128, 128},
                                       {162, 44, 142},
                                       {131, 156, 44},
                                       {112, 72, 58},
                                       {84, 184, 198},
                                       {65, 100, 212},
                                       {35, 212, 114}}};

void fill(AVFrame& frame, const PatternArea& area, Colour colour) {
  const int right = std::clamp(area.x + area.width, 0, frame.width);
  const int bottom = std::clamp(area.y + area.height, 0, frame.height);
  const int left = std::clamp(area.x, 0, right);
  const int top = std::clamp(area.y, 0, bottom);
  for (int y = top; y < bottom; ++y)
    std::fill_n(frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0] + left,
                right - left, colour.y);
  for (int y = top / 2; y < (bottom + 1) / 2; ++y)
    for (const std::size_t plane : {1U, 2U})
      std::fill_n(
          frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane] + left / 2,
          (right + 1) / 2 - left / 2, plane == 1 ? colour.u : colour.v);
}

AvFrame new_picture(PictureSize size) {
  auto frame = new_frame();
  CHECK(frame);
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = size.width;
  frame->height = size.height;
  CHECK(av_frame_get_buffer(frame.get(), 0) == 0);
  return frame;
}

}  // namespace

const char* TestPattern::glyph(char digit) {
  constexpr std::array<const char*, 12> kGlyphs{
      "#### ## ## ####", " # ##  #  # ###", "###  #####  ###", "###  # ##  ####",
      "# ## ####  #  #", "####  ###  ####", "####  #### ####", "###  # #  #  # ",
      "#### ##### ####", "#### ####  ####", "    #     #    ", "             # "};
  if (digit == ':') return kGlyphs[10];
  if (digit == '.') return kGlyphs[11];
  return kGlyphs[static_cast<std::size_t>(digit - '0')];
}

TestPattern::TestPattern(TestPatternSettings settings) : settings_(settings) {
  CHECK(load_ffmpeg());  // who makes one has asked before
  base::Random random(1);
  snow_.resize(kSnowSide * kSnowSide);
  for (auto& grain : snow_) grain = static_cast<std::uint8_t>(60 + random.below(120));
}

InputInfo TestPattern::info() const {
  return {.picture = settings_.size,
          .frame_rate = static_cast<double>(settings_.frame_rate),
          .pass_video = {},
          .audio = true,
          .pass_audio = false,
          .seekable = true,
          .rewindable = true,
          .duration = {}};
}

void TestPattern::resize(PictureSize size) {
  size_ = size;
  auto frame = new_picture(size_);
  const auto [width, height] = size_;
  for (int i = 0; i < 7; ++i) {
    const int left = width * i / 7;
    const int right = width * (i + 1) / 7;
    const auto bar = static_cast<std::size_t>(i);
    fill(*frame, {left, 0, right - left, height * 2 / 3}, kBars[bar]);
    const Colour below = i % 2 == 0 ? kBars[6 - bar] : kBlack;
    fill(*frame, {left, height * 2 / 3, right - left, height / 12}, below);
    const auto grey = static_cast<std::uint8_t>(16 + 219 * i / 6);
    fill(*frame, {left, height * 3 / 4, right - left, height - height * 3 / 4}, {grey, 128, 128});
  }
  background_ = SharedAvFrame(frame.release(), FreeAv());
}

// Grain that no encoder can foresee: without it the streams would need a tenth of their rates, and
// what a link does to them could not be seen.
void TestPattern::draw_snow(AVFrame& frame, std::int64_t number, const PatternArea& area) const {
  base::Random random(static_cast<std::uint64_t>(number) + 1);
  const auto from = random.below(kSnowSide * kSnowSide);
  fill(frame, area, {128, 128, 128});
  for (int y = 0; y < area.height; ++y) {
    auto* const row =
        frame.data[0] + static_cast<std::ptrdiff_t>(area.y + y) * frame.linesize[0] + area.x;
    const auto line = from + static_cast<std::size_t>(y / 2) * 337;
    for (int x = 0; x < area.width; ++x)
      row[x] = snow_[(line + static_cast<std::size_t>(x / 2)) % snow_.size()];
  }
}

// Pictures follow each other evenly, so that jitter of the drawing is not taken for delay; what
// held everything up (a pause, a seek) moves the beginning.
base::Duration TestPattern::day_time_of(base::Duration at) {
  static const base::SystemClock kMachine;
  const std::chrono::sys_time<base::Duration> now =
      (settings_.clock != nullptr ? *settings_.clock : kMachine).wall();
  if (!began_ || *began_ + at < now || *began_ + at > now + kDrawnAhead) began_ = now - at;
  return (*began_ + at).time_since_epoch() % std::chrono::hours(24);
}

SharedAvFrame TestPattern::draw(std::int64_t number, base::Duration day_time) const {
  auto frame = new_picture(size_);
  CHECK(av_frame_copy(frame.get(), background_.get()) == 0);
  const int cell = std::max(1, size_.height / kCellsHigh);
  const auto text = [&](std::string_view digits, int column, int row) {
    const int cells = static_cast<int>(digits.size()) * 4 + 1;
    fill(*frame, {(column - 1) * cell, (row - 1) * cell, cells * cell, 7 * cell}, kBlack);
    for (const char digit : digits) {
      const char* shape = glyph(digit);
      for (int i = 0; i < 15; ++i)
        if (shape[i] == '#')
          fill(*frame, {(column + i % 3) * cell, (row + i / 3) * cell, cell, cell}, kWhite);
      column += 4;
    }
  };
  text(clock_text(std::chrono::milliseconds(number * 1000 / settings_.frame_rate)), kNumberColumn,
       kNumberRow - 9);
  text(clock_text(day_time), kNumberColumn, kDayTimeRow);
  text(fmt::format("{:0{}}", number % 100'000'000, kNumberDigits), kNumberColumn, kNumberRow);
  const bool lit = number % settings_.frame_rate * kSecond / settings_.frame_rate < kFlash.count();
  fill(*frame, {kFlashColumn * cell, kFlashRow * cell, kFlashCells * cell, kFlashCells * cell},
       lit ? kWhite : kBlack);
  draw_snow(*frame, number,
            {size_.width - 36 * cell, size_.height - 25 * cell, 32 * cell, 16 * cell});
  // A ball that takes four seconds from side to side, and hops.
  const double phase = static_cast<double>(number) / (4.0 * settings_.frame_rate);
  const double sway = (1 - std::cos(std::numbers::pi * phase)) / 2;
  const double hop = std::abs(std::sin(std::numbers::pi * phase * 4));
  const int side = 4 * cell;
  const int x = static_cast<int>(sway * (size_.width - side)) & ~1;
  const int floor = size_.height - side - 2 * cell;
  const int y = static_cast<int>(floor - hop * 8 * cell) & ~1;
  fill(*frame, {x, y, side, side}, {200, 60, 200});
  return {frame.release(), FreeAv()};
}

base::Result<bool> TestPattern::read(Wanted wanted, std::vector<Unit>& out) {
  ++statistics_.packets_read;
  const base::Duration picture_at(picture_ * kSecond / settings_.frame_rate);
  const base::Duration sound_at = std::chrono::milliseconds(10 * sound_);
  if (picture_at <= sound_at) {
    if (wanted.pictures) {
      const auto size = wanted.size.width > 0 ? fit(settings_.size, wanted.size) : settings_.size;
      if (!(size == size_)) resize(size);
      out.emplace_back(PictureUnit{.at = picture_at,
                                   .picture = {.frame = draw(picture_, day_time_of(picture_at))}});
      ++statistics_.pictures_decoded;
    }
    ++picture_;
    return true;
  }
  if (wanted.sound) {
    const auto in_second = sound_at % std::chrono::seconds(1);
    const bool beep = in_second < kFlash;
    const double hz = beep ? kBeepHz : kToneHz;
    const double loudness = beep ? 0.4 : 0.02;
    SoundUnit unit{.at = sound_at, .samples = std::vector<float>(std::size_t{2} * kSoundSamples)};
    for (std::size_t i = 0; i < kSoundSamples; ++i) {
      // Both tones have whole periods in 10 ms.
      const double angle = 2 * std::numbers::pi * hz * static_cast<double>(i) / kAudioRate;
      unit.samples[2 * i] = unit.samples[2 * i + 1] =
          static_cast<float>(loudness * std::sin(angle));
    }
    out.emplace_back(std::move(unit));
  }
  ++sound_;
  return true;
}

base::Result<base::Duration> TestPattern::seek(base::Duration to) {
  picture_ = std::max<std::int64_t>(0, to.count()) / (kSecond / settings_.frame_rate);
  const base::Duration at(picture_ * kSecond / settings_.frame_rate);
  sound_ = (at + std::chrono::milliseconds(9)) / std::chrono::milliseconds(10);
  return at;
}

}  // namespace telltale::media
