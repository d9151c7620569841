#include "media/video_encoder.hpp"

#include <cmath>

namespace telltale::media {

namespace {

using Options = std::vector<std::pair<const char*, std::string>>;

// What a decoder must be able to (RFC 6184 section 8.1): level 3.1 ends with 720p30. Peers that say
// 3.1 allow asymmetry, and decode 1080p.
constexpr double kLevel31Pixels = 1280.0 * 720 * 30;

// Rate control buffers half a second: a key frame may be that large, no larger.
Options h264_options(const VideoEncoding& encoding) {
  const double pixels = encoding.frame_rate * encoding.size.width * encoding.size.height;
  const bool level31 = pixels <= kLevel31Pixels;
  return {{"preset", "superfast"},  // a third less CPU than veryfast (media_benchmark)
          {"tune", "zerolatency"},
          {"profile", "baseline"},
          {"forced-idr", "1"},
          // One slice: the packetiser cuts frames into packets of equal size, which is what makes a
          // burst one GSO send; more slices would cost rate and gain nothing on a link with NACK.
          {"x264-params",
           std::string(level31 ? "level=31" : "level=40") +
               ":sliced-threads=0:threads=1:scenecut=0:repeat-headers=1:annexb=1:aud=0"}};
}

Options vp8_options() {
  return {{"deadline", "realtime"}, {"cpu-used", "8"},        {"lag-in-frames", "0"},
          {"auto-alt-ref", "0"},    {"error-resilient", "1"}, {"static-thresh", "100"},
          {"undershoot-pct", "95"}, {"overshoot-pct", "15"},  {"max-intra-rate", "450"}};
}

}  // namespace

VideoEncoder::VideoEncoder(AvCodecContext context)
    : context_(std::move(context)), shell_(new_frame()), packet_(new_packet()) {}

base::Result<VideoEncoder> VideoEncoder::open(const VideoEncoding& encoding) {
  if (auto loaded = load_ffmpeg(); !loaded) return std::unexpected(loaded.error());
  const bool h264 = encoding.codec == Codec::h264;
  const auto* codec = avcodec_find_encoder_by_name(h264 ? "libx264" : "libvpx");
  if (codec == nullptr)
    return base::fail(base::Code::unsupported, h264 ? "FFmpeg was built without libx264"
                                                    : "FFmpeg was built without libvpx");
  AvCodecContext context(avcodec_alloc_context3(codec));
  if (!context) return base::fail(base::Code::unavailable, "no memory for an encoder");
  context->width = encoding.size.width;
  context->height = encoding.size.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, static_cast<int>(kVideoRate)};
  context->framerate = {static_cast<int>(std::lround(encoding.frame_rate * 1000)), 1000};
  context->bit_rate = encoding.bitrate_bps;
  context->rc_max_rate = encoding.bitrate_bps;
  if (!h264) context->rc_min_rate = encoding.bitrate_bps;
  context->rc_buffer_size = static_cast<int>(encoding.bitrate_bps / 2);
  context->max_b_frames = 0;
  context->gop_size = 1'000'000;  // key frames are ours to place
  context->keyint_min = 0;
  context->thread_count = 1;
  for (const auto& [name, value] : h264 ? h264_options(encoding) : vp8_options())
    if (const int code = av_opt_set(context->priv_data, name, value.c_str(), 0); code < 0)
      return av_fail(base::Code::internal, std::string("encoder option ") + name, code);
  if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0)
    return av_fail(base::Code::unavailable, "cannot start the video encoder", code);
  return VideoEncoder(std::move(context));
}

base::Result<std::vector<EncodedPicture>> VideoEncoder::encode(const AVFrame& picture,
                                                               std::int64_t at, bool key) {
  av_frame_unref(shell_.get());
  if (const int code = av_frame_ref(shell_.get(), &picture); code < 0)
    return av_fail(base::Code::unavailable, "no memory for a picture", code);
  if (last_at_ != kNoPts && at <= last_at_) at = last_at_ + 1;
  last_at_ = at;
  shell_->pts = at;
  shell_->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  shell_->key_frame = key ? 1 : 0;
  // What the decoder said of the input's stream is not true of ours.
  for (int i = shell_->nb_side_data - 1; i >= 0; --i)
    av_frame_remove_side_data(shell_.get(), shell_->side_data[i]->type);
  if (const int code = avcodec_send_frame(context_.get(), shell_.get()); code < 0)
    return av_fail(base::Code::internal, "cannot encode a picture", code);
  std::vector<EncodedPicture> out;
  for (;;) {
    const int code = avcodec_receive_packet(context_.get(), packet_.get());
    if (code == AVERROR(EAGAIN)) return out;
    if (code < 0) return av_fail(base::Code::internal, "cannot encode a picture", code);
    out.push_back({.bytes = {packet_->data, packet_->data + packet_->size},
                   .key = (packet_->flags & AV_PKT_FLAG_KEY) != 0});
    av_packet_unref(packet_.get());
  }
}

}  // namespace telltale::media
