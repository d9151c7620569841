#include "media/demuxer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "media/decoders.hpp"

namespace telltale::media {

namespace {

constexpr const char* kContainers =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,flv,avi,mp3,wav,flac,ogg,aac,h264,ivf";
constexpr const char* kContainerNames =
    "MP4, Matroska, WebM, MPEG-TS, FLV, AVI, Ogg, IVF, H.264, MP3, WAV, FLAC or AAC";
constexpr int kBufferBytes = 64 << 10;

int refuse_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

const char* name_of(AVCodecID id) {
  const auto* description = avcodec_descriptor_get(id);
  return description != nullptr ? description->long_name : "an unknown codec";
}

}  // namespace

Demuxer::Demuxer(std::shared_ptr<ByteSource> source, CancelFlag cancelled, const base::Clock& clock)
    : source_(std::move(source)), cancelled_(std::move(cancelled)), clock_(clock) {}

Demuxer::~Demuxer() {
  if (context_ != nullptr) avformat_close_input(&context_);
  if (io_ != nullptr) {
    av_freep(static_cast<void*>(&io_->buffer));
    avio_context_free(&io_);
  }
}

base::Result<std::unique_ptr<Demuxer>> Demuxer::open(std::shared_ptr<ByteSource> source,
                                                     CancelFlag cancelled,
                                                     const base::Clock& clock) {
  if (auto loaded = load_ffmpeg(); !loaded) return std::unexpected(loaded.error());
  std::unique_ptr<Demuxer> demuxer(new Demuxer(std::move(source), std::move(cancelled), clock));
  if (auto started = demuxer->start(); !started) return std::unexpected(started.error());
  if (auto chosen = demuxer->choose_streams(); !chosen) return std::unexpected(chosen.error());
  demuxer->opening_ = false;
  return demuxer;
}

int Demuxer::on_interrupt(void* self) {
  const auto* const demuxer = static_cast<const Demuxer*>(self);
  return demuxer->cancelled_->load() || demuxer->clock_.now() > demuxer->deadline_ ? 1 : 0;
}

int Demuxer::on_read(void* self, std::uint8_t* out, int size) {
  auto* const demuxer = static_cast<Demuxer*>(self);
  if (on_interrupt(self) != 0) return AVERROR_EXIT;
  if (demuxer->opening_ && demuxer->read_while_opening_ > kOpeningBytesMax) return AVERROR_EXIT;
  auto got = demuxer->source_->read(demuxer->offset_, {out, static_cast<std::size_t>(size)});
  if (!got) {
    demuxer->source_error_ = std::move(got.error());
    return AVERROR(EIO);
  }
  demuxer->offset_ += *got;
  demuxer->read_while_opening_ += *got;
  return *got == 0 ? AVERROR_EOF : static_cast<int>(*got);
}

std::int64_t Demuxer::on_seek(void* self, std::int64_t offset, int whence) {
  auto* const demuxer = static_cast<Demuxer*>(self);
  if (!demuxer->size_) return AVERROR(ENOSYS);
  const auto size = static_cast<std::int64_t>(*demuxer->size_);
  if ((whence & AVSEEK_SIZE) != 0) return size;
  switch (whence & ~AVSEEK_FORCE) {
    case SEEK_CUR:
      offset += static_cast<std::int64_t>(demuxer->offset_);
      break;
    case SEEK_END:
      offset += size;
      break;
    default:
      break;
  }
  if (offset < 0) return AVERROR(EINVAL);
  demuxer->offset_ = static_cast<std::uint64_t>(offset);
  return offset;
}

base::Error Demuxer::why(std::string_view what, int code) const {
  if (cancelled_->load()) return {.code = base::Code::cancelled, .detail = "it was stopped"};
  if (source_error_) return *source_error_;
  if (clock_.now() > deadline_)
    return {.code = base::Code::deadline_exceeded,
            .detail = std::string(what) + ": its bytes come too slowly"};
  if (opening_ && read_while_opening_ > kOpeningBytesMax)
    return {.code = base::Code::too_large,
            .detail = std::string(what) + ": what describes it is longer than 64 MiB"};
  return av_fail(base::Code::invalid_argument, what, code).error();
}

double Demuxer::bytes_a_second() const {
  const auto whole = duration();
  if (size_ && whole && *whole > base::Duration::zero())
    return static_cast<double>(*size_) / base::to_seconds(*whole);
  return std::max(0.0, static_cast<double>(bitrate_bps()) / 8);
}

base::Result<void> Demuxer::start() {
  deadline_ = clock_.now() + kOpeningLimit;
  auto size = source_->size();
  if (!size) return std::unexpected(size.error());
  size_ = *size;
  if (size_ == 0) return base::fail(base::Code::invalid_argument, "it is empty");
  auto* const buffer = static_cast<std::uint8_t*>(av_malloc(kBufferBytes));
  io_ = buffer == nullptr
            ? nullptr
            : avio_alloc_context(buffer, kBufferBytes, 0, this, on_read, nullptr, on_seek);
  context_ = avformat_alloc_context();
  if (io_ == nullptr || context_ == nullptr) {
    if (io_ == nullptr) av_free(buffer);
    return base::fail(base::Code::unavailable, "no memory to read it");
  }
  io_->seekable = size_ ? AVIO_SEEKABLE_NORMAL : 0;
  context_->pb = io_;
  context_->flags |= AVFMT_FLAG_CUSTOM_IO;
  context_->io_open = refuse_open;
  context_->interrupt_callback = {.callback = on_interrupt, .opaque = this};
  context_->probesize = kProbeBytes;
  context_->max_analyze_duration = 5LL * AV_TIME_BASE;
  context_->max_streams = kStreamsMax;
  context_->max_index_size = 16U << 20U;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "format_whitelist", kContainers, 0);
  av_dict_set(&options, "codec_whitelist", decoder_names(), 0);
  av_dict_set(&options, "protocol_whitelist", "none", 0);
  const int code = avformat_open_input(&context_, nullptr, nullptr, &options);
  av_dict_free(&options);
  if (code < 0) {  // it has freed the context
    if (code == AVERROR_INVALIDDATA || code == AVERROR(EINVAL) || code == AVERROR_EOF)
      if (!source_error_ && read_while_opening_ <= kOpeningBytesMax)
        return base::fail(base::Code::invalid_argument,
                          std::string("it is not ") + kContainerNames + ", or damaged");
    return std::unexpected(why("it cannot be read", code));
  }
  // Before anything is decoded to learn more about it.
  for (unsigned i = 0; i < context_->nb_streams; ++i)
    if (auto good = check(context_->streams[i]); !good) return good;
  if (const int found = avformat_find_stream_info(context_, nullptr); found < 0)
    return std::unexpected(why("its streams cannot be read", found));
  if (source_error_) return std::unexpected(*source_error_);
  if (cancelled_->load() || read_while_opening_ > kOpeningBytesMax || clock_.now() > deadline_)
    return std::unexpected(why("its streams cannot be read", AVERROR_EXIT));
  return {};
}

base::Result<void> Demuxer::check(const AVStream* stream) const {
  const auto* const parameters = stream->codecpar;
  if (parameters->codec_tag == MKTAG('e', 'n', 'c', 'v') ||
      parameters->codec_tag == MKTAG('e', 'n', 'c', 'a') ||
      av_stream_get_side_data(stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr) != nullptr)
    return base::fail(base::Code::unsupported, "it is encrypted");
  if (parameters->codec_type != AVMEDIA_TYPE_VIDEO) return {};
  const std::int64_t width = parameters->width;
  const std::int64_t height = parameters->height;
  if (width > kPictureSideMax || height > kPictureSideMax || width * height > kPicturePixelsMax)
    return base::fail(base::Code::too_large, "its pictures are " + std::to_string(width) + " by " +
                                                 std::to_string(height) +
                                                 " pixels; 4096 by 2304 are the most");
  return {};
}

base::Result<void> Demuxer::choose_streams() {
  const AVCodec* decoder = nullptr;
  const int video = av_find_best_stream(context_, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const int sound = av_find_best_stream(context_, AVMEDIA_TYPE_AUDIO, -1, video, nullptr, 0);
  if (video >= 0) video_ = context_->streams[video];
  if (sound >= 0) sound_ = context_->streams[sound];
  // The cover of an album is no film.
  if (video_ != nullptr && (video_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0)
    video_ = nullptr;
  if (sound_ != nullptr) {
    decoder = find_decoder(sound_->codecpar->codec_id);
    if (decoder == nullptr || sound_->codecpar->sample_rate <= 0) {
      if (video_ == nullptr)
        return base::fail(base::Code::unsupported, std::string("its sound is ") +
                                                       name_of(sound_->codecpar->codec_id) +
                                                       ", which we cannot decode");
      sound_ = nullptr;
    }
  }
  if (video_ != nullptr) {
    if (auto good = check(video_); !good) return good;
    const auto& parameters = *video_->codecpar;
    decoder = find_decoder(parameters.codec_id);
    if (decoder == nullptr)
      return base::fail(
          base::Code::unsupported,
          std::string("its video is ") + name_of(parameters.codec_id) + ", which we cannot decode");
    if (parameters.width < kPictureSideMin || parameters.height < kPictureSideMin) {
      if (parameters.width == 0)
        return base::fail(base::Code::invalid_argument,
                          "its video is damaged: no picture in it "
                          "tells its size");
      return base::fail(base::Code::invalid_argument, "its pictures are under 16 pixels");
    }
  }
  if (video_ == nullptr && sound_ == nullptr)
    return base::fail(base::Code::invalid_argument, "there is neither video nor sound in it");
  for (unsigned i = 0; i < context_->nb_streams; ++i)
    if (context_->streams[i] != video_ && context_->streams[i] != sound_)
      context_->streams[i]->discard = AVDISCARD_ALL;
  return {};
}

std::int64_t Demuxer::start_us() const {
  const std::int64_t start = context_->start_time;
  const std::int64_t most = kTimeMax.count() / 1000;
  return start > most || start < -most ? 0 : start;  // not known, or damaged
}

std::optional<base::Duration> Demuxer::duration() const {
  if (context_->duration <= 0 || context_->duration > kTimeMax.count() / 1000) return std::nullopt;
  return std::chrono::microseconds(context_->duration);
}

double Demuxer::frame_rate() const {
  const auto rate = av_guess_frame_rate(context_, video_, nullptr);
  const double value = rate.den > 0 ? av_q2d(rate) : 0;
  // What varies or lies is told as what most are.
  return value >= 1 && value <= 240 ? value : 30;
}

AVRational Demuxer::pixel_aspect() const {
  const auto aspect = av_guess_sample_aspect_ratio(context_, video_, nullptr);
  return aspect.num > 0 && aspect.den > 0 ? aspect : AVRational{1, 1};
}

base::Result<bool> Demuxer::read(AVPacket* packet) {
  deadline_ = clock_.now() + kReadingLimit;
  const int code = av_read_frame(context_, packet);
  if (code >= 0) {
    if (av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr)
      return base::fail(base::Code::unsupported, "it is encrypted");
    smooth(packet);
    return true;
  }
  if (cancelled_->load() || source_error_) return std::unexpected(why("it cannot be read", code));
  if (code == AVERROR_EOF) return false;
  if (code == AVERROR_EXIT) return std::unexpected(why("it cannot be read", code));
  return false;  // what is damaged beyond this point ends here
}

void Demuxer::smooth(AVPacket* packet) {
  const auto* const stream = context_->streams[packet->stream_index];
  if (stream != video_ && stream != sound_) return;
  if (packet->dts == kNoPts) packet->dts = packet->pts;
  const auto at = time_of(stream, packet->dts);
  if (!at) {
    packet->dts = packet->pts = kNoPts;
    return;
  }
  auto& times = stream == video_ ? video_times_ : sound_times_;
  const auto& other = stream == video_ ? sound_times_ : video_times_;
  const bool joined = (context_->iformat->flags & AVFMT_TS_DISCONT) != 0;
  const auto off = *at + times.jumped - times.last;
  const bool jumps = times.sought
      ? off > kPauseMax || off<-kPauseMax : off>(joined ? kJump : kPauseMax) || off < -kStepBack;
  if (jumps) {
    times.jumped -= off;
    // Where the other has jumped already by about as much, it knows better: they stay together.
    const auto apart = other.jumped - times.jumped;
    if (apart > base::Duration::zero() && apart < std::chrono::seconds(1))
      times.jumped = other.jumped;
  }
  times.sought = false;
  times.last = *at + times.jumped;
  // A picture is shown soon after its turn to be decoded.
  const auto shown = time_of(stream, packet->pts).value_or(*at);
  if (packet->pts != kNoPts && (shown > *at + kJump || shown < *at - kJump))
    packet->pts = packet->dts;
  const std::int64_t shift =
      av_rescale_q(times.jumped.count(), {1, 1'000'000'000}, stream->time_base);
  packet->dts += shift;
  if (packet->pts != kNoPts) packet->pts += shift;
}

base::Result<void> Demuxer::seek(base::Duration to) {
  deadline_ = clock_.now() + kReadingLimit;
  const std::int64_t start = start_us();
  const std::int64_t at = to.count() / 1000 + start;
  int code = avformat_seek_file(context_, -1, INT64_MIN, at, at, 0);
  if (code < 0) code = av_seek_frame(context_, -1, at, AVSEEK_FLAG_BACKWARD);
  // Formats without times can only be read from their start again.
  if (code < 0 && to == base::Duration::zero())
    code = av_seek_frame(context_, -1, 0, AVSEEK_FLAG_BYTE);
  if (code < 0) return std::unexpected(why("one cannot seek in it", code));
  video_times_ = sound_times_ = {.jumped = {}, .last = to, .sought = true};
  return {};
}

std::optional<base::Duration> Demuxer::time_of(const AVStream* stream, std::int64_t pts) const {
  if (pts == kNoPts) return std::nullopt;
  const base::Duration at(av_rescale_q(pts, stream->time_base, {1, 1'000'000'000}));
  if (at > kTimeMax || at < -kTimeMax) return std::nullopt;
  return at - std::chrono::microseconds(start_us());
}

}  // namespace telltale::media
