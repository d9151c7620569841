#include "media/live.hpp"

#include <cmath>

namespace telltale::media {

namespace {
std::unexpected<base::Error> is_live() {
  return base::fail(base::Code::conflict, "it is live");
}
}  // namespace

LivePlaying::LivePlaying(std::string name, Codec video, bool audio, const base::Clock& clock)
    : name_(std::move(name)),
      clock_(clock),
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

base::Result<LivePlaying::Took> LivePlaying::take_over(Codec video, bool audio,
                                                       WantsKey wants_key) {
  const auto now = clock_.now();
  auto took = seen_.with([&](Seen& seen) -> base::Result<Took> {
    if (seen.ended) return base::fail(base::Code::not_found, "it has ended");
    if (seen.present && now - seen.heard < kSilent)
      return base::fail(base::Code::conflict, "something of this name is playing");
    if (video != video_->codec() || (audio && !audio_))
      return base::fail(base::Code::unsupported, "the publisher came back with another codec");
    Took out{.turn = ++seen.turn, .away = {}};
    if (!std::exchange(seen.first, false)) {
      out.away = now - seen.heard;
      seen.shift_s.reset();
    } else {
      seen.shift_s = 0;
    }
    for (auto& line : seen.lines) line.last.reset();
    seen.present = true;
    seen.heard = now;
    seen.demand = KeyFrameDemand(kKeyFrameIntervalMin);
    seen.wants_key = std::move(wants_key);
    return out;
  });
  if (took && took->away) video_->forget_group();
  return took;
}

// What comes back has begun its times anew: they go on from where those before had got to, by as
// much as has passed since.
FramePtr LivePlaying::shifted(Seen& seen, const FramePtr& frame) {
  const auto rate = static_cast<double>(frame->codec == Codec::opus ? kAudioRate : kVideoRate);
  if (!seen.shift_s)
    seen.shift_s = seen.reached_s + base::to_seconds(frame->due - seen.reached_at) -
                   static_cast<double>(frame->timestamp) / rate;
  if (*seen.shift_s == 0) return frame;
  auto out = std::make_shared<Frame>(*frame);
  out->timestamp += static_cast<std::uint32_t>(std::llround(*seen.shift_s * rate));
  return out;
}

// `given`: its timestamp as the publisher has it.
void LivePlaying::see(Seen& seen, const Frame& frame, std::uint32_t given) {
  const bool sound = frame.codec == Codec::opus;
  auto& line = seen.lines[sound ? 0 : 1];
  const auto rate = static_cast<double>(sound ? kAudioRate : kVideoRate);
  const auto since_last = frame.timestamp - line.last.value_or(frame.timestamp);
  if (line.last)
    line.seconds += static_cast<std::int32_t>(since_last) / rate;
  else
    line.seconds = given / rate + seen.shift_s.value_or(0);
  line.last = frame.timestamp;
  if (line.seconds >= seen.reached_s) {
    seen.reached_s = line.seconds;
    seen.reached_at = frame.due;
  }
  seen.heard = clock_.now();
  if (!seen.began) seen.began = frame.due;
  if (sound) return;
  if (frame.width > 0) {
    seen.rendition.width = frame.width;
    seen.rendition.height = frame.height;
  }
  if (since_last > 0 && since_last < kVideoRate) {
    seen.ticks += 0.1 * (since_last - seen.ticks);
    seen.rendition.frame_rate = std::round(kVideoRate / seen.ticks * 10) / 10;
  }
  seen.newest = frame.due;
  if (frame.key) seen.demand.made(clock_.now());
}

bool LivePlaying::put(Turn turn, const FramePtr& frame) {
  const bool sound = frame->codec == Codec::opus;
  const bool ours = sound ? audio_ != nullptr : frame->codec == video_->codec();
  bool there = false;
  const auto out = seen_.with([&](Seen& seen) -> FramePtr {
    there = seen.present && seen.turn == turn;
    if (!there || !ours) return nullptr;
    auto made = shifted(seen, frame);
    see(seen, *made, frame->timestamp);
    return made;
  });
  if (!out) return there;
  if (sound) {
    audio_->deliver(out);
    return true;
  }
  video_->deliver(out);
  if (!out->key && video_->starving()) ask_for_key();
  return true;
}

bool LivePlaying::leave(Turn turn) {
  const bool ours = seen_.with([turn](Seen& seen) {
    if (seen.turn != turn) return false;
    seen.wants_key = nullptr;
    return std::exchange(seen.present, false);
  });
  if (ours) video_->forget_group();  // an old picture is nothing to begin with
  return ours;
}

void LivePlaying::give_up(Turn turn, const std::string& reason,
                          const std::function<void()>& first) {
  if (!close(turn)) return;
  first();
  tell_end(reason);
}

void LivePlaying::finish(Turn turn, const std::string& reason) {
  if (seen_.with([turn](const Seen& seen) { return seen.turn == turn; })) end(reason);
}

void LivePlaying::end(const std::string& reason) {
  if (close({})) tell_end(reason);
}

// Whether it was open; with `absent` only if that publisher has left and nobody came since.
bool LivePlaying::close(std::optional<Turn> absent) {
  return seen_.with([absent](Seen& seen) {
    if (absent && (seen.present || seen.turn != *absent)) return false;
    seen.present = false;
    seen.wants_key = nullptr;
    return !std::exchange(seen.ended, true);
  });
}

void LivePlaying::tell_end(const std::string& reason) {
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
  const auto ask = seen_.with([now](Seen& seen) -> WantsKey {
    seen.demand.ask();
    if (!seen.present || !seen.demand.take(now)) return nullptr;
    seen.demand.made(now);  // asked for; a second request within the interval is as good as this
    return seen.wants_key;
  });
  if (ask) ask();
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
