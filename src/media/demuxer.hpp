// Demuxer: the packets of one video and one sound stream of a file, read through a ByteSource.
// Nothing else is ever opened: no protocol, no other file, only containers that hold their media
// themselves. One thread; `cancelled` and the source's cancel() end what blocks, from any thread.
#pragma once

#include <atomic>
#include <span>

#include "media/byte_source.hpp"
#include "media/ffmpeg.hpp"
#include "media/ladder.hpp"

namespace telltale::media {

using CancelFlag = std::shared_ptr<std::atomic<bool>>;

class Demuxer {
 public:
  static constexpr std::uint64_t kOpeningBytesMax = 64ULL << 20U;  // headers and what lies there
  static constexpr base::Duration kOpeningLimit = std::chrono::seconds(30);
  static constexpr base::Duration kReadingLimit = std::chrono::seconds(30);
  // Times that jump further than this are no pause in the film but damage, or, where recordings
  // were joined (MPEG-TS), a new count.
  static constexpr base::Duration kJump = std::chrono::seconds(10);
  static constexpr base::Duration kStepBack = std::chrono::milliseconds(200);
  static constexpr base::Duration kPauseMax = std::chrono::minutes(10);
  static constexpr base::Duration kTimeMax = std::chrono::hours(24 * 365);  // beyond: damaged
  static constexpr unsigned kStreamsMax = 64;
  static constexpr std::int64_t kProbeBytes = 4 << 20;

  // invalid_argument: no media in it, and why; unsupported: media we cannot play; too_large: beyond
  // our limits; and the source's own errors.
  static base::Result<std::unique_ptr<Demuxer>> open(std::shared_ptr<ByteSource> source,
                                                     CancelFlag cancelled,
                                                     const base::Clock& clock);
  Demuxer(const Demuxer&) = delete;
  Demuxer& operator=(const Demuxer&) = delete;
  ~Demuxer();

  const AVStream* video() const noexcept { return video_; }  // null: none
  const AVStream* sound() const noexcept { return sound_; }
  std::optional<base::Duration> duration() const;
  bool sized() const noexcept { return size_.has_value(); }
  // What playing takes of its bytes; 0: not known.
  double bytes_a_second() const;
  std::int64_t bitrate_bps() const { return context_->bit_rate; }
  double frame_rate() const;
  AVRational pixel_aspect() const;

  base::Result<bool> read(AVPacket* packet);  // false: the end
  base::Result<void> seek(base::Duration to);
  // Media time of a packet or frame of a stream; nothing: it carries none.
  std::optional<base::Duration> time_of(const AVStream* stream, std::int64_t pts) const;

 private:
  Demuxer(std::shared_ptr<ByteSource> source, CancelFlag cancelled, const base::Clock& clock);
  base::Result<void> start();
  base::Result<void> choose_streams();
  std::int64_t start_us() const;
  void smooth(AVPacket* packet);
  base::Result<void> check(const AVStream* stream) const;
  base::Error why(std::string_view what, int code) const;
  static int on_read(void* self, std::uint8_t* out, int size);
  static std::int64_t on_seek(void* self, std::int64_t offset, int whence);
  static int on_interrupt(void* self);

  const std::shared_ptr<ByteSource> source_;
  const CancelFlag cancelled_;
  const base::Clock& clock_;
  std::optional<std::uint64_t> size_;
  std::uint64_t offset_ = 0;
  std::uint64_t read_while_opening_ = 0;
  bool opening_ = true;
  base::SteadyTime deadline_;
  std::optional<base::Error> source_error_;
  AVIOContext* io_ = nullptr;
  AVFormatContext* context_ = nullptr;
  AVStream* video_ = nullptr;
  AVStream* sound_ = nullptr;
  struct Times {
    base::Duration jumped{};  // taken out of them
    base::Duration last{};
    bool sought = true;  // the next packet is the first from there
  };
  Times video_times_, sound_times_;
};

}  // namespace telltale::media
