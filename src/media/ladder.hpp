// The ladder: in which sizes and rates a video is offered. Pure. Never larger nor faster than the
// input, its aspect kept, even sizes; rungs that would hardly differ are left out.
#pragma once

#include <vector>

#include "media/frame.hpp"

namespace telltale::media {

struct RungSettings {
  std::string name;
  int width = 0;  // the box of a landscape picture; a portrait one gets it turned
  int height = 0;
  double frame_rate = 0;
  std::int64_t bitrate_bps = 0;
};

struct LadderSettings {
  std::vector<RungSettings> rungs = {{"low", 640, 360, 15, 500'000},
                                     {"medium", 1280, 720, 30, 1'000'000},
                                     {"high", 1920, 1080, 30, 2'500'000}};
  double frame_rate_max() const noexcept;  // of all rungs: the input is thinned out to it
};

// Smaller pictures no encoder takes, larger ones we do not decode.
inline constexpr int kPictureSideMin = 16;
inline constexpr int kPictureSideMax = 8192;
inline constexpr std::int64_t kPicturePixelsMax = 4096LL * 2304;

struct PictureSize {
  int width = 0;
  int height = 0;
  bool operator==(const PictureSize&) const = default;
};

// The largest even size with the aspect of `input` inside `box`, not larger than `input`.
PictureSize fit(PictureSize input, PictureSize box);
// `input` as shown: turned already, pixels square. Lowest first; at least one rung.
std::vector<Rendition> choose_ladder(PictureSize input, double frame_rate,
                                     const LadderSettings& settings = {});

// Thins a faster input out to the ladder's rate: says which pictures to encode.
class FrameRateLimit {
 public:
  explicit FrameRateLimit(double frame_rate_max);
  bool take(base::Duration at);

 private:
  base::Duration interval_;
  std::optional<base::Duration> next_;
};

}  // namespace telltale::media
