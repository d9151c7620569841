#include "media/ladder.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::media {

namespace {

constexpr double kStepMin = 1.25;        // pixels a second of a rung over those of the one below
constexpr double kBitrateStepMin = 1.3;  // and its rate: else there is nothing to choose between
constexpr std::int64_t kBitrateMin = 120'000;

int even(double side) {
  return std::max(kPictureSideMin, static_cast<int>(std::lround(side / 2)) * 2);
}
double pixels(PictureSize size) {
  return static_cast<double>(size.width) * size.height;
}

}  // namespace

std::string_view codec_name(Codec codec) noexcept {
  switch (codec) {
    case Codec::h264:
      return "H.264";
    case Codec::vp8:
      return "VP8";
    case Codec::opus:
      return "Opus";
  }
  return "?";
}

PictureSize fit(PictureSize input, PictureSize box) {
  if (input.height > input.width) std::swap(box.width, box.height);
  const double scale = std::min({1.0, static_cast<double>(box.width) / input.width,
                                 static_cast<double>(box.height) / input.height});
  // An odd input becomes even by one pixel less, not more.
  const auto side = [scale](int of) { return scale < 1 ? even(of * scale) : even(of - of % 2); };
  return {.width = side(input.width), .height = side(input.height)};
}

std::vector<Rendition> choose_ladder(PictureSize input, double frame_rate,
                                     const LadderSettings& settings) {
  std::vector<Rendition> out;
  double below = 0;
  std::int64_t bitrate_below = 0;
  for (const auto& rung : settings.rungs) {
    const PictureSize box{.width = rung.width, .height = rung.height};
    const auto size = fit(input, box);
    const double rate = std::min(frame_rate > 0 ? frame_rate : rung.frame_rate, rung.frame_rate);
    const double shown = pixels(size) * rate;
    if (!out.empty() && shown < below * kStepMin) continue;
    below = shown;
    // Less to show needs less, though not in proportion: the rule of thumb is the power of 3/4.
    const double share = std::min(1.0, std::pow(pixels(size) / pixels(box), 0.75));
    auto bitrate = static_cast<std::int64_t>(static_cast<double>(rung.bitrate_bps) * share);
    bitrate =
        std::max({bitrate, kBitrateMin,
                  static_cast<std::int64_t>(static_cast<double>(bitrate_below) * kBitrateStepMin)});
    bitrate_below = bitrate;
    out.push_back({.name = rung.name,
                   .width = size.width,
                   .height = size.height,
                   .frame_rate = rate,
                   .bitrate_bps = bitrate,
                   .codecs = {Codec::h264, Codec::vp8}});
  }
  return out;
}

double LadderSettings::frame_rate_max() const noexcept {
  double out = 1;
  for (const auto& rung : rungs) out = std::max(out, rung.frame_rate);
  return out;
}

FrameRateLimit::FrameRateLimit(double frame_rate_max)
    : interval_(static_cast<base::Duration::rep>(1e9 / frame_rate_max)) {}

bool FrameRateLimit::take(base::Duration at) {
  // Timestamps of a container are rounded: a frame may come a little before its time.
  const auto slack = interval_ / 8;
  if (next_ && at + slack < *next_ && at + interval_ * 2 > *next_) return false;
  next_ = next_ && at < *next_ + interval_ && at + interval_ > *next_ ? *next_ + interval_
                                                                      : at + interval_;
  return true;
}

}  // namespace telltale::media
