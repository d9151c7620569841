// FileInput, as it opens: what is in the file, and what of it browsers can play as it is.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "media/file_input.hpp"

namespace telltale::media {

namespace {

struct Orientation {
  int quarter_turns = 0;
  bool mirrored = false;
};

// ISO/IEC 14496-12 section 8.5.2: x' = a x + c y, y' = b x + d y.
Orientation orientation_of(const AVStream* stream) {
  const auto* const data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  if (data == nullptr) return {};
  std::array<std::int32_t, 9> matrix{};
  std::memcpy(matrix.data(), data, sizeof matrix);
  const double a = matrix[0];
  const double b = matrix[1];
  const double c = matrix[3];
  const double d = matrix[4];
  // What a mirror does at last is undone, so that a turn is left.
  const bool mirrored = a * d - b * c < 0;
  if (mirrored) {
    for (const std::size_t i : {0U, 3U})  // the least number has no opposite
      matrix[i] = -std::max(matrix[i], -std::numeric_limits<std::int32_t>::max());
  }
  const double angle = -av_display_rotation_get(matrix.data());
  if (std::isnan(angle)) return {};
  return {.quarter_turns = ((static_cast<int>(std::lround(angle / 90)) % 4) + 4) % 4,
          .mirrored = mirrored};
}

}  // namespace

base::Result<void> FileInput::look() {
  info_.duration = demuxer_->duration();
  info_.rewindable = demuxer_->sized();
  info_.seekable = demuxer_->sized() && info_.duration.has_value();
  if (const auto* const stream = demuxer_->sound()) {
    info_.audio = true;
    const auto& parameters = *stream->codecpar;
    info_.pass_audio =
        parameters.codec_id == AV_CODEC_ID_OPUS && parameters.ch_layout.nb_channels <= 2;
    auto decoder = SoundDecoder::open(stream);
    if (!decoder) {
      if (demuxer_->video() == nullptr) return std::unexpected(decoder.error());
      info_.audio = info_.pass_audio = false;
    }
  }
  const auto* const stream = demuxer_->video();
  Probed probed;
  if (auto done = probe_packets(probed); !done) return done;
  if (stream == nullptr) return {};
  auto decoder = PictureDecoder::open(stream);
  if (!decoder) return std::unexpected(decoder.error());
  const auto& parameters = *stream->codecpar;
  const auto orientation = orientation_of(stream);
  quarter_turns_ = orientation.quarter_turns;
  mirrored_ = orientation.mirrored;
  info_.frame_rate = demuxer_->frame_rate();
  PictureSize shown{.width = parameters.width, .height = parameters.height};
  const auto aspect = demuxer_->pixel_aspect();
  if (aspect.num != aspect.den)
    shown.width = std::clamp(static_cast<int>(std::lround(shown.width * av_q2d(aspect))),
                             kPictureSideMin, kPictureSideMax);
  if (quarter_turns_ % 2 == 1) std::swap(shown.width, shown.height);
  info_.picture = shown;

  if (!fits_browsers(parameters, probed.reordered) || probed.bitrate_bps > kPassBitrateMax)
    return {};
  const auto codec = parameters.codec_id == AV_CODEC_ID_VP8 ? Codec::vp8 : Codec::h264;
  if (codec == Codec::h264)
    if (auto opened = open_filter(); !opened) return opened;
  info_.pass_video = {.name = "source",
                      .width = parameters.width,
                      .height = parameters.height,
                      .frame_rate = info_.frame_rate,
                      .bitrate_bps = probed.bitrate_bps,
                      .codecs = {codec}};
  return {};
}

// The first packets, kept to be played: are pictures shown in the order in which they come, and at
// what rate? Is anything encrypted?
base::Result<void> FileInput::probe_packets(Probed& probed) {
  const auto* const stream = demuxer_->video();
  const std::size_t most = stream == nullptr ? 1 : kProbePackets;
  std::size_t packets = 0;
  std::size_t bytes = 0;
  std::int64_t video_bytes = 0;
  std::optional<base::Duration> first;
  std::optional<base::Duration> last;
  while (packets < most && bytes < kProbeBytes) {
    auto packet = new_packet();
    if (!packet) return base::fail(base::Code::unavailable, "no memory for a packet");
    const auto more = demuxer_->read(packet.get());
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    bytes += static_cast<std::size_t>(packet->size);
    if (stream == nullptr) ++packets;
    if (stream != nullptr && packet->stream_index == stream->index) {
      ++packets;
      const auto at = demuxer_->time_of(stream, packet->pts);
      probed.reordered = probed.reordered || (at && last && *at <= *last);
      if (!first) first = at;
      if (at) last = at;
      video_bytes += packet->size;
    }
    ahead_.push_back(std::move(packet));
  }
  if (stream == nullptr) return {};
  probed.bitrate_bps = stream->codecpar->bit_rate;
  if (probed.bitrate_bps <= 0 && first && last && *last > *first)
    probed.bitrate_bps = static_cast<std::int64_t>(static_cast<double>(video_bytes) * 8 /
                                                   base::to_seconds(*last - *first));
  if (probed.bitrate_bps <= 0)
    probed.bitrate_bps = std::max<std::int64_t>(demuxer_->bitrate_bps(), 100'000);
  return {};
}

bool FileInput::fits_browsers(const AVCodecParameters& video, bool reordered) const {
  const auto aspect = demuxer_->pixel_aspect();
  const bool turned = quarter_turns_ != 0 || mirrored_;
  if (reordered || turned || aspect.num != aspect.den) return false;
  if (video.width > 1920 || video.height > 1920 || info_.frame_rate > 61) return false;
  if (video.codec_id == AV_CODEC_ID_VP8) return true;
  if (video.codec_id != AV_CODEC_ID_H264 || video.video_delay > 0) return false;
  const int profile = video.profile & ~(FF_PROFILE_H264_CONSTRAINED | FF_PROFILE_H264_INTRA);
  const bool known = profile == FF_PROFILE_H264_BASELINE || profile == FF_PROFILE_H264_MAIN ||
                     profile == FF_PROFILE_H264_HIGH;
  const bool progressive =
      video.field_order == AV_FIELD_UNKNOWN || video.field_order == AV_FIELD_PROGRESSIVE;
  const bool plain = video.format == AV_PIX_FMT_YUV420P || video.format == AV_PIX_FMT_YUVJ420P;
  return known && progressive && plain && video.level <= 42;
}

base::Result<void> FileInput::open_filter() {
  const auto* const kind = av_bsf_get_by_name("h264_mp4toannexb");
  AVBSFContext* made = nullptr;
  if (kind == nullptr || av_bsf_alloc(kind, &made) < 0)
    return base::fail(base::Code::unavailable, "no memory for a filter");
  filter_.reset(made);
  const auto* const stream = demuxer_->video();
  made->time_base_in = stream->time_base;
  int code = avcodec_parameters_copy(made->par_in, stream->codecpar);
  if (code >= 0) code = av_bsf_init(made);
  if (code < 0) return av_fail(base::Code::invalid_argument, "its H.264 is damaged", code);
  return {};
}

}  // namespace telltale::media
