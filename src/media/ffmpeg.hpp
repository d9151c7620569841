// FFmpeg's C types with an owner, and its errors and log in our terms. Only media includes FFmpeg.
#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "media/ffmpeg_functions.hpp"

namespace telltale::media {

struct FreeAv {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
  void operator()(SwrContext* context) const { swr_free(&context); }
};
using AvFrame = std::unique_ptr<AVFrame, FreeAv>;
using AvPacket = std::unique_ptr<AVPacket, FreeAv>;
using AvCodecContext = std::unique_ptr<AVCodecContext, FreeAv>;
using SharedAvFrame = std::shared_ptr<const AVFrame>;

inline AvFrame new_frame() {
  return AvFrame(av_frame_alloc());
}
inline AvPacket new_packet() {
  return AvPacket(av_packet_alloc());
}

inline constexpr std::int64_t kNoPts = INT64_MIN;  // AV_NOPTS_VALUE without its cast

std::string av_text(int code);
// "cannot decode the video: Invalid data found when processing input"
std::unexpected<base::Error> av_fail(base::Code code, std::string_view what, int av_code);

// FFmpeg's libraries, loaded by the first who plays anything; its log goes to ours, a few lines a
// second. Every door to FFmpeg (a demuxer, an encoder, the test pattern) asks for it before it
// calls anything else. Takes some 50 ms once: never on a loop. unavailable: names the library; it
// may be tried again.
base::Result<void> load_ffmpeg();

}  // namespace telltale::media
