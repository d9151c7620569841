// PictureDecoder and SoundDecoder: packets of a stream into pictures, and into 48 kHz stereo
// samples. One thread. A packet that cannot be decoded is counted, not fatal.
#pragma once

#include <vector>

#include "media/ffmpeg.hpp"
#include "media/frame.hpp"

namespace telltale::media {

// Of all that FFmpeg can decode, what is worth the risk. Null: none of ours.
const AVCodec* find_decoder(AVCodecID id);
const char* decoder_names();  // as FFmpeg's codec_whitelist

class PictureDecoder {
 public:
  static base::Result<PictureDecoder> open(const AVStream* stream);
  // Of a live stream, that says in itself what it is: pictures come out at once.
  static base::Result<PictureDecoder> open_live(AVCodecID codec);
  // Null: no more come, what is held is given. After that, or a seek: flush().
  void decode(const AVPacket* packet, std::vector<SharedAvFrame>& out);
  void flush();
  void hurry(bool on);
  std::uint64_t errors() const noexcept { return errors_; }
  std::uint64_t errors_in_a_row() const noexcept { return errors_in_a_row_; }

 private:
  explicit PictureDecoder(AvCodecContext context) : context_(std::move(context)) {}
  AvCodecContext context_;
  std::uint64_t errors_ = 0;
  std::uint64_t errors_in_a_row_ = 0;
};

struct DecodedSound {
  std::int64_t pts = kNoPts;
  std::vector<float> samples;  // left and right in turn
};

class SoundDecoder {
 public:
  static base::Result<SoundDecoder> open(const AVStream* stream);
  void decode(const AVPacket* packet, std::vector<DecodedSound>& out);
  void flush();
  std::uint64_t errors() const noexcept { return errors_; }
  std::uint64_t errors_in_a_row() const noexcept { return errors_in_a_row_; }

 private:
  explicit SoundDecoder(AvCodecContext context)
      : context_(std::move(context)), frame_(new_frame()) {}
  bool resample(std::vector<float>& samples);

  AvCodecContext context_;
  AvFrame frame_;
  std::unique_ptr<SwrContext, FreeAv> resampler_;
  int rate_ = 0, format_ = -1, channels_ = 0;  // what it was made for
  std::uint64_t errors_ = 0;
  std::uint64_t errors_in_a_row_ = 0;
};

}  // namespace telltale::media
