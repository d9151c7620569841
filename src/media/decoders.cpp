#include "media/decoders.hpp"

#include "media/ladder.hpp"

namespace telltale::media {

namespace {

constexpr const char* kDecoders =
    "h264,hevc,vp8,vp9,libdav1d,libaom-av1,av1,mpeg4,mpeg2video,mpeg1video,mjpeg,theora,flv,h263,"
    "msmpeg4v3,prores,aac,aac_latm,mp3float,mp3,mp2,mp2float,opus,libopus,vorbis,libvorbis,flac,"
    "alac,ac3,eac3,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_u8,pcm_alaw,"
    "pcm_mulaw,adpcm_ms,adpcm_ima_wav,speex";
constexpr int kSampleRateMax = 768'000;
constexpr int kChannelsMax = 64;

base::Result<AvCodecContext> open_decoder(const AVStream* stream) {
  const auto* const decoder = find_decoder(stream->codecpar->codec_id);
  AvCodecContext context(decoder == nullptr ? nullptr : avcodec_alloc_context3(decoder));
  if (!context) return base::fail(base::Code::unsupported, "it cannot be decoded");
  if (const int code = avcodec_parameters_to_context(context.get(), stream->codecpar); code < 0)
    return av_fail(base::Code::invalid_argument, "it cannot be decoded", code);
  context->pkt_timebase = stream->time_base;
  context->thread_count = stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? 2 : 1;
  context->max_pixels = kPicturePixelsMax;
  if (const int code = avcodec_open2(context.get(), decoder, nullptr); code < 0)
    return av_fail(base::Code::invalid_argument, "it cannot be decoded", code);
  return context;
}

}  // namespace

const char* decoder_names() {
  return kDecoders;
}

const AVCodec* find_decoder(AVCodecID id) {
  const auto* const decoder = avcodec_find_decoder(id);
  if (decoder == nullptr || av_match_list(decoder->name, kDecoders, ',') == 0) return nullptr;
  return decoder;
}

base::Result<PictureDecoder> PictureDecoder::open(const AVStream* stream) {
  auto context = open_decoder(stream);
  if (!context) return std::unexpected(context.error());
  return PictureDecoder(std::move(*context));
}

base::Result<PictureDecoder> PictureDecoder::open_live(AVCodecID codec) {
  const auto* const decoder = find_decoder(codec);
  AvCodecContext context(decoder == nullptr ? nullptr : avcodec_alloc_context3(decoder));
  if (!context) return base::fail(base::Code::unsupported, "it cannot be decoded");
  context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  context->thread_count = 1;
  context->max_pixels = kPicturePixelsMax;
  if (const int code = avcodec_open2(context.get(), decoder, nullptr); code < 0)
    return av_fail(base::Code::unsupported, "it cannot be decoded", code);
  return PictureDecoder(std::move(context));
}

void PictureDecoder::decode(const AVPacket* packet, std::vector<SharedAvFrame>& out) {
  const auto receive = [&] {
    for (;;) {
      auto frame = new_frame();
      const int code = frame ? avcodec_receive_frame(context_.get(), frame.get()) : AVERROR_EOF;
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      if (code < 0) {
        ++errors_;
        ++errors_in_a_row_;
        return;
      }
      errors_in_a_row_ = 0;
      if (frame->width < kPictureSideMin || frame->height < kPictureSideMin) continue;
      out.emplace_back(frame.release(), FreeAv());
    }
  };
  int code = avcodec_send_packet(context_.get(), packet);
  if (code == AVERROR(EAGAIN)) {
    receive();
    code = avcodec_send_packet(context_.get(), packet);
  }
  if (code < 0 && code != AVERROR_EOF) {
    ++errors_;
    ++errors_in_a_row_;
  }
  receive();
}

void PictureDecoder::flush() {
  avcodec_flush_buffers(context_.get());
}

void PictureDecoder::hurry(bool on) {
  context_->skip_frame = on ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

base::Result<SoundDecoder> SoundDecoder::open(const AVStream* stream) {
  if (stream->codecpar->sample_rate > kSampleRateMax ||
      stream->codecpar->ch_layout.nb_channels > kChannelsMax)
    return base::fail(base::Code::unsupported,
                      "its sound has a sample rate or channels that are "
                      "beyond our limits");
  auto context = open_decoder(stream);
  if (!context) return std::unexpected(context.error());
  return SoundDecoder(std::move(*context));
}

bool SoundDecoder::resample(std::vector<float>& samples) {
  if (frame_->sample_rate <= 0 || frame_->sample_rate > kSampleRateMax ||
      frame_->ch_layout.nb_channels <= 0 || frame_->ch_layout.nb_channels > kChannelsMax)
    return false;
  if (!resampler_ || rate_ != frame_->sample_rate || format_ != frame_->format ||
      channels_ != frame_->ch_layout.nb_channels) {
    AVChannelLayout stereo;
    av_channel_layout_default(&stereo, 2);
    AVChannelLayout in = frame_->ch_layout;
    if (in.order == AV_CHANNEL_ORDER_UNSPEC) av_channel_layout_default(&in, in.nb_channels);
    SwrContext* made = nullptr;
    const int code = swr_alloc_set_opts2(
        &made, &stereo, AV_SAMPLE_FMT_FLT, static_cast<int>(kAudioRate), &in,
        static_cast<AVSampleFormat>(frame_->format), frame_->sample_rate, 0, nullptr);
    resampler_.reset(made);
    if (code < 0 || swr_init(made) < 0) {
      resampler_.reset();
      return false;
    }
    rate_ = frame_->sample_rate;
    format_ = frame_->format;
    channels_ = frame_->ch_layout.nb_channels;
  }
  const int room = swr_get_out_samples(resampler_.get(), frame_->nb_samples);
  if (room < 0) return false;
  samples.resize(2 * static_cast<std::size_t>(room));
  auto* out = reinterpret_cast<std::uint8_t*>(samples.data());
  const auto* const* const in = const_cast<const std::uint8_t**>(frame_->extended_data);
  const int made = swr_convert(resampler_.get(), &out, room, const_cast<const std::uint8_t**>(in),
                               frame_->nb_samples);
  samples.resize(2 * static_cast<std::size_t>(std::max(0, made)));
  return made >= 0;
}

void SoundDecoder::decode(const AVPacket* packet, std::vector<DecodedSound>& out) {
  const int code = avcodec_send_packet(context_.get(), packet);
  if (code < 0 && code != AVERROR_EOF && code != AVERROR(EAGAIN)) {
    ++errors_;
    ++errors_in_a_row_;
  }
  while (avcodec_receive_frame(context_.get(), frame_.get()) == 0) {
    DecodedSound sound{.pts = frame_->best_effort_timestamp, .samples = {}};
    if (resample(sound.samples)) {
      errors_in_a_row_ = 0;
      if (!sound.samples.empty()) out.push_back(std::move(sound));
    } else {
      ++errors_;
      ++errors_in_a_row_;
    }
    av_frame_unref(frame_.get());
  }
}

void SoundDecoder::flush() {
  avcodec_flush_buffers(context_.get());
  resampler_.reset();
}

}  // namespace telltale::media
