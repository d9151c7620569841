#include "media/audio_encoder.hpp"

#include <algorithm>
#include <cstring>

namespace telltale::media {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kFrameValues = 2UL * AudioEncoder::kFrameSamples;

base::Duration time_of(std::int64_t samples) {
  return base::Duration(samples * kSecond / kAudioRate);
}
std::int64_t samples_in(base::Duration time) {
  return time.count() * kAudioRate / kSecond;
}

}  // namespace

AudioEncoder::AudioEncoder(AvCodecContext context)
    : context_(std::move(context)), frame_(new_frame()), packet_(new_packet()) {}

base::Result<AudioEncoder> AudioEncoder::open() {
  if (auto loaded = load_ffmpeg(); !loaded) return std::unexpected(loaded.error());
  const auto* codec = avcodec_find_encoder_by_name("libopus");
  if (codec == nullptr)
    return base::fail(base::Code::unsupported, "FFmpeg was built without libopus");
  AvCodecContext context(avcodec_alloc_context3(codec));
  if (!context) return base::fail(base::Code::unavailable, "no memory for an encoder");
  context->sample_rate = static_cast<int>(kAudioRate);
  context->sample_fmt = AV_SAMPLE_FMT_FLT;
  av_channel_layout_default(&context->ch_layout, 2);
  context->bit_rate = kBitrateBps;
  context->time_base = {1, static_cast<int>(kAudioRate)};
  for (const auto& [name, value] : {std::pair{"application", "audio"},
                                    {"frame_duration", "20"},
                                    {"fec", "1"},
                                    {"packet_loss", "5"},
                                    {"vbr", "constrained"}})
    if (const int code = av_opt_set(context->priv_data, name, value, 0); code < 0)
      return av_fail(base::Code::internal, std::string("encoder option ") + name, code);
  if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0)
    return av_fail(base::Code::unavailable, "cannot start the audio encoder", code);
  return AudioEncoder(std::move(context));
}

void AudioEncoder::reset() {
  held_.clear();
  encoded_ = -1;
}

base::Duration AudioEncoder::head() const {
  return anchor_ + time_of(encoded_ + static_cast<std::int64_t>(held_.size() / 2));
}

base::Result<std::vector<EncodedAudio>> AudioEncoder::encode(std::span<const float> samples,
                                                             base::Duration at) {
  if (encoded_ < 0) {
    anchor_ = at;
    encoded_ = 0;
  }
  const auto gap = at - head();
  if (gap > kSilenceMax) {
    // Not the same sound any more: what is held is filled up, then it goes on where it goes on.
    if (!held_.empty()) held_.resize(kFrameValues, 0.0F);
  } else if (gap > kTolerance) {
    held_.resize(held_.size() + 2 * static_cast<std::size_t>(samples_in(gap)), 0.0F);
  } else if (gap < -kTolerance) {
    const auto double_samples = 2 * static_cast<std::size_t>(samples_in(-gap));
    samples = samples.subspan(std::min(double_samples, samples.size()));
  }
  std::vector<EncodedAudio> out;
  const auto drain = [&]() -> base::Result<void> {
    while (held_.size() >= kFrameValues)
      if (auto done = encode_frame(out); !done) return done;
    return {};
  };
  if (gap > kSilenceMax) {
    if (auto done = drain(); !done) return std::unexpected(done.error());
    anchor_ = at;
    encoded_ = 0;
  }
  held_.insert(held_.end(), samples.begin(), samples.end());
  if (auto done = drain(); !done) return std::unexpected(done.error());
  return out;
}

base::Result<void> AudioEncoder::encode_frame(std::vector<EncodedAudio>& out) {
  const auto at = anchor_ + time_of(encoded_);
  av_frame_unref(frame_.get());
  frame_->format = AV_SAMPLE_FMT_FLT;
  frame_->sample_rate = static_cast<int>(kAudioRate);
  frame_->nb_samples = kFrameSamples;
  frame_->pts = pts_;
  av_channel_layout_default(&frame_->ch_layout, 2);
  if (const int code = av_frame_get_buffer(frame_.get(), 0); code < 0)
    return av_fail(base::Code::unavailable, "no memory for sound", code);
  std::memcpy(frame_->data[0], held_.data(), kFrameValues * sizeof(float));
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(kFrameValues));
  encoded_ += kFrameSamples;
  pts_ += kFrameSamples;
  if (const int code = avcodec_send_frame(context_.get(), frame_.get()); code < 0)
    return av_fail(base::Code::internal, "cannot encode sound", code);
  while (avcodec_receive_packet(context_.get(), packet_.get()) == 0) {
    out.push_back({.at = at, .bytes = {packet_->data, packet_->data + packet_->size}});
    av_packet_unref(packet_.get());
  }
  return {};
}

}  // namespace telltale::media
