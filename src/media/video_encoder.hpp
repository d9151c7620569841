// VideoEncoder: one picture in, one encoded frame out, at once: H.264 by libx264 (constrained
// baseline 3.1, above 720p30 4.0, one slice, SPS and PPS before each IDR; RFC 6184) or VP8 by
// libvpx (realtime; RFC 7741). One thread. A key frame is made when asked for and for the first
// picture only.
#pragma once

#include <cstdint>
#include <vector>

#include "media/ffmpeg.hpp"
#include "media/ladder.hpp"

namespace telltale::media {

struct VideoEncoding {
  Codec codec = Codec::h264;
  PictureSize size = {};
  double frame_rate = 30;
  std::int64_t bitrate_bps = 0;
};

struct EncodedPicture {
  std::vector<std::uint8_t> bytes;
  bool key = false;
};

class VideoEncoder {
 public:
  static base::Result<VideoEncoder> open(const VideoEncoding& encoding);
  // `at` in units of kVideoRate, rising. An empty answer: the encoder left the picture out.
  base::Result<std::vector<EncodedPicture>> encode(const AVFrame& picture, std::int64_t at,
                                                   bool key);

 private:
  explicit VideoEncoder(AvCodecContext context);
  AvCodecContext context_;
  AvFrame shell_;  // refers to the picture with timestamp and type of our own
  AvPacket packet_;
  std::int64_t last_at_ = kNoPts;
};

}  // namespace telltale::media
