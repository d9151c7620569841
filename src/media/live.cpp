#include "media/live.hpp"

#include <cmath>

namespace telltale::media {

namespace {
std::unexpected<base::Error> is_live() {
  return base::fail(base::Code::conflict, "it is live");
}
}  // namespace

LivePlaying::LivePlaying(std::string name, Codec video, bool audio, const base::Clock& clock,
                         std::function<void()> wants_key)
    : name_(std::move(name)),
      clock_(clock),
      wants_key_(std::move(wants_key)),
      video_(std::make_shared<Fanout>("source", video, nullptr)),
      audio_(audio ? std::make_shared<Fanout>("audio", Codec::opus, nullptr) : nullptr) {
  seen_.with([&](Seen& seen) {
    seen.rendition = {.name = "source",
                      .width = 0,
                      .height = 0,
                      .frame_rate = 0,
                      .bitrate_bps = 0,
                      .codecs = {video}};
  });
}

void LivePlaying::put(const FramePtr& frame) {
  if (frame->codec == Codec::opus) {
    if (audio_) audio_->deliver(frame);
    return;
  }
  if (frame->codec != video_->codec()) return;
  seen_.with([&](Seen& seen) {
    if (frame->width > 0) {
      seen.rendition.width = frame->width;
      seen.rendition.height = frame->height;
    }
    if (seen.last_timestamp) {
      const auto ticks = frame->timestamp - *seen.last_timestamp;
      if (ticks > 0 && ticks < kVideoRate) seen.ticks += 0.1 * (ticks - seen.ticks);
      seen.rendition.frame_rate = std::round(kVideoRate / seen.ticks * 10) / 10;
    }
    seen.last_timestamp = frame->timestamp;
    if (!seen.began) seen.began = frame->due;
    seen.newest = frame->due;
    if (frame->key) seen.demand.made(clock_.now());
  });
  video_->deliver(frame);
  if (!frame->key && video_->starving()) ask_for_key();
}

void LivePlaying::end(const std::string& reason) {
  const bool first = seen_.with([](Seen& seen) { return !std::exchange(seen.ended, true); });
  if (!first) return;
  video_->end(reason);
  if (audio_) audio_->end(reason);
}

PlayingInfo LivePlaying::info() const {
  auto rendition = seen_.with([](const Seen& seen) { return seen.rendition; });
  rendition.bitrate_bps = static_cast<std::int64_t>(video_->statistics().bitrate_bps);
  return {.name = name_,
          .video = {std::move(rendition)},
          .audio = audio_ != nullptr,
          .live = true,
          .seekable = false,
          .duration = {}};
}

PlayState LivePlaying::state() const {
  return seen_.with([](const Seen& seen) {
    return PlayState{.position = seen.began ? seen.newest - *seen.began : base::Duration(),
                     .paused = false,
                     .loop = false,
                     .ended = seen.ended};
  });
}

Statistics LivePlaying::statistics() const {
  Statistics out;
  out.tracks.push_back(video_->statistics());
  if (audio_) out.tracks.push_back(audio_->statistics());
  return out;
}

base::Result<Watch> LivePlaying::watch_video(const std::string& rendition, Codec codec,
                                             std::shared_ptr<Sink> sink) {
  if (rendition != video_->rendition() || codec != video_->codec())
    return base::fail(base::Code::invalid_argument, "there is only the rendition \"source\" in " +
                                                        std::string(codec_name(video_->codec())));
  auto watch = video_->add(std::move(sink));
  if (watch && video_->starving()) ask_for_key();
  return watch;
}

base::Result<Watch> LivePlaying::watch_audio(std::shared_ptr<Sink> sink) {
  if (!audio_) return base::fail(base::Code::invalid_argument, "there is no sound in it");
  return audio_->add(std::move(sink));
}

void LivePlaying::request_key_frame(const std::string& rendition, Codec codec) {
  if (rendition == video_->rendition() && codec == video_->codec()) ask_for_key();
}

void LivePlaying::ask_for_key() {
  const auto now = clock_.now();
  const bool ask = seen_.with([now](Seen& seen) {
    seen.demand.ask();
    if (seen.ended || !seen.demand.take(now)) return false;
    seen.demand.made(now);  // asked for; a second request within the interval is as good as this
    return true;
  });
  if (ask && wants_key_) wants_key_();
}

base::Result<void> LivePlaying::seek(base::Duration) {
  return is_live();
}
base::Result<void> LivePlaying::pause(bool) {
  return is_live();
}
base::Result<void> LivePlaying::loop(bool) {
  return is_live();
}

}  // namespace telltale::media
