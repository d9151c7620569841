#include "media/ladder.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::media {

namespace {

constexpr double kStepMin = 1.25;  // pixels of a rung over those of the one below
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
  for (const auto& rung : settings.rungs) {
    const PictureSize box{.width = rung.width, .height = rung.height};
    const auto size = fit(input, box);
    if (!out.empty() && pixels(size) < below * kStepMin) continue;
    below = pixels(size);
    // Less to show needs less, though not in proportion: the rule of thumb is the power of 3/4.
    const double share = std::min(1.0, std::pow(pixels(size) / pixels(box), 0.75));
    const auto bitrate = static_cast<std::int64_t>(static_cast<double>(rung.bitrate_bps) * share);
    out.push_back({.name = rung.name,
                   .width = size.width,
                   .height = size.height,
                   .frame_rate = std::min(frame_rate, settings.frame_rate_max),
                   .bitrate_bps = std::max(kBitrateMin, bitrate),
                   .codecs = {Codec::h264, Codec::vp8}});
  }
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
