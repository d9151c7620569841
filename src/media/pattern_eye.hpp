// PatternEye: a viewer's eye for the test pattern. Encoded frames in, and of each picture which one
// it is and when it was due. Hides FFmpeg. One thread; open() loads FFmpeg (media/ffmpeg.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "media/frame.hpp"

namespace telltale::media {

class PatternEye {
 public:
  struct Picture {
    int width = 0;
    int height = 0;
    std::optional<std::int64_t> number;      // nothing: it is not the test pattern, or unreadable
    std::optional<base::Duration> day_time;  // since midnight UTC
  };

  // unsupported: no such decoder here; unavailable: no FFmpeg.
  static base::Result<PatternEye> open(Codec codec);
  PatternEye(PatternEye&&) noexcept;
  PatternEye& operator=(PatternEye&&) noexcept;
  ~PatternEye();

  // A whole frame; what could be decoded with it.
  std::vector<Picture> look(std::span<const std::uint8_t> frame);
  std::uint64_t errors() const noexcept;

 private:
  struct Impl;
  explicit PatternEye(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace telltale::media
