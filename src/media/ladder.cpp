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
double shown(const Rendition& rung) {
  return pixels({.width = rung.width, .height = rung.height}) * rung.frame_rate;
}
std::int64_t above(const Rendition& below) {
  return static_cast<std::int64_t>(static_cast<double>(below.bitrate_bps) * kBitrateStepMin);
}

Rendition make(const RungSettings& rung, PictureSize input, double frame_rate) {
  const PictureSize box{.width = rung.width, .height = rung.height};
  const auto size = fit(input, box);
  // Less to show needs less, though not in proportion: the rule of thumb is the power of 3/4.
  const double share = std::min(1.0, std::pow(pixels(size) / pixels(box), 0.75));
  const auto bitrate = static_cast<std::int64_t>(static_cast<double>(rung.bitrate_bps) * share);
  return {.name = rung.name,
          .width = size.width,
          .height = size.height,
          .frame_rate = frame_rate > 0 ? std::min(frame_rate, rung.frame_rate) : rung.frame_rate,
          .bitrate_bps = std::max(bitrate, kBitrateMin),
          .codecs = {Codec::h264, Codec::vp8}};
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
  for (const auto& rung : settings.rungs) {
    auto made = make(rung, input, frame_rate);
    if (!out.empty() && shown(made) < shown(out.back()) * kStepMin) continue;
    if (!out.empty()) made.bitrate_bps = std::max(made.bitrate_bps, above(out.back()));
    out.push_back(std::move(made));
  }
  if (!settings.least || out.empty()) return out;
  auto least = make(*settings.least, input, frame_rate);
  if (shown(out.front()) >= shown(least) * kStepMin && out.front().bitrate_bps >= above(least))
    out.insert(out.begin(), std::move(least));
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
