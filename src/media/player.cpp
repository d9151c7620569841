#include "media/player.hpp"

#include <algorithm>
#include <utility>

namespace telltale::media {

Player::Player(std::unique_ptr<Input> input, PlayerSettings settings, const base::Clock& clock,
               std::function<void()> wake)
    : settings_(std::move(settings)),
      clock_(clock),
      wake_(std::move(wake)),
      input_(std::move(input)),
      input_info_(input_->info()),
      timeline_(clock.now()),
      rhythm_(settings_.key_frame_interval),
      frame_rate_(settings_.ladder.frame_rate_max()) {
  info_ = {.name = settings_.name,
           .video = {},
           .audio = input_info_.audio,
           .live = false,
           .seekable = input_info_.seekable,
           .duration = input_info_.duration};
  lay_lanes();
}

Player::~Player() {
  finish("it was stopped");
}

void Player::lay_lanes() {
  if (input_info_.picture)
    info_.video = choose_ladder(*input_info_.picture, input_info_.frame_rate, settings_.ladder);
  for (const auto& rendition : info_.video)
    for (const auto codec : rendition.codecs)
      lanes_.push_back(std::make_unique<Lane>(rendition, codec, settings_.lanes, clock_, wake_));
  if (input_info_.pass_video) {
    const auto& pass = *input_info_.pass_video;
    source_ = std::make_shared<Fanout>(pass.name, pass.codecs.front(), wake_);
    const auto place =
        std::ranges::upper_bound(info_.video, pass.bitrate_bps, {}, &Rendition::bitrate_bps);
    info_.video.insert(place, pass);
  }
  if (input_info_.audio) audio_ = std::make_shared<Fanout>("audio", Codec::opus, wake_);
}

Fanout* Player::find(const std::string& rendition, Codec codec) {
  if (source_ && source_->rendition() == rendition && source_->codec() == codec)
    return source_.get();
  for (const auto& lane : lanes_)
    if (lane->fanout().rendition() == rendition && lane->fanout().codec() == codec)
      return &lane->fanout();
  return nullptr;
}

PlayState Player::state() const {
  return shared_.with([](const Shared& shared) { return shared.state; });
}

Statistics Player::statistics() const {
  auto out = shared_.with([](const Shared& shared) { return shared.statistics; });
  if (source_) out.tracks.push_back(source_->statistics());
  for (const auto& lane : lanes_) out.tracks.push_back(lane->fanout().statistics());
  if (audio_) out.tracks.push_back(audio_->statistics());
  return out;
}

base::Result<Watch> Player::watch_video(const std::string& rendition, Codec codec,
                                        std::shared_ptr<Sink> sink) {
  auto* const fanout = find(rendition, codec);
  if (fanout == nullptr)
    return base::fail(base::Code::invalid_argument, "there is no rendition \"" + rendition +
                                                        "\" in " + std::string(codec_name(codec)));
  return fanout->add(std::move(sink));
}

base::Result<Watch> Player::watch_audio(std::shared_ptr<Sink> sink) {
  if (!audio_) return base::fail(base::Code::invalid_argument, "there is no sound in it");
  return audio_->add(std::move(sink));
}

void Player::request_key_frame(const std::string& rendition, Codec codec) {
  for (const auto& lane : lanes_)
    if (lane->fanout().rendition() == rendition && lane->fanout().codec() == codec)
      lane->ask_key_frame();
}

base::Result<void> Player::seek(base::Duration to) {
  if (!info_.seekable)
    return base::fail(base::Code::conflict, "one cannot seek in this: its end is not known");
  if (to < base::Duration::zero() || to > info_.duration.value_or(kSeekMax))
    return base::fail(base::Code::invalid_argument, "there is nothing at this position");
  const bool had_ended = shared_.with([&](Shared& shared) {
    shared.seek = to;
    shared.state.position = to;
    return std::exchange(shared.state.ended, false);
  });
  if (had_ended) reopen();
  wake_();
  return {};
}

// It had ended: it can be watched again.
void Player::reopen() {
  if (source_) source_->reopen();
  if (audio_) audio_->reopen();
  for (const auto& lane : lanes_) lane->fanout().reopen();
}

void Player::pause(bool paused) {
  shared_.with([&](Shared& shared) { shared.state.paused = paused; });
  wake_();
}

void Player::loop(bool on) {
  shared_.with([&](Shared& shared) { shared.state.loop = on; });
  wake_();
}

std::optional<base::SteadyTime> Player::step() {
  const auto now = clock_.now();
  take_commands(now);
  const auto linger_ends = update_wants(now);
  publish(now);
  if (finished_) return linger_ends;
  const bool paused = state().paused && !peek_;
  if (paused || !watched_) {
    timeline_.hold(now);
    return linger_ends;
  }
  timeline_.release(now + kLead);
  if (!waiting_.empty() && timeline_.due(waiting_.begin()->first) <= now) {
    hand_over(now);
    return now;
  }
  if (wants_more(now)) {
    read(now);
    return clock_.now();
  }
  if (!waiting_.empty()) return timeline_.due(waiting_.begin()->first);
  if (input_ended_) {
    if (timeline_.due(pass_end_) > now) return timeline_.due(pass_end_);
    finish("");
    return linger_ends;
  }
  return now + kAhead / 4;  // nothing yet, and as far ahead as it may read
}

void Player::take_commands(base::SteadyTime now) {
  const auto to = shared_.with([](Shared& shared) { return std::exchange(shared.seek, {}); });
  if (to) do_seek(*to, now);
}

void Player::do_seek(base::Duration to, base::SteadyTime now) {
  const auto landed = input_->seek(to);
  if (!landed) return finish(landed.error().detail);
  finished_ = false;
  // Passed through, nothing can be shown between key frames.
  const bool exact = !source_ || source_->watchers() == 0;
  skip_before_ = exact ? to : std::min(*landed, to);
  waiting_.clear();
  waiting_bytes_ = 0;
  if (audio_encoder_) audio_encoder_->reset();
  for (const auto& lane : lanes_) lane->cut();
  if (source_) source_->forget_group();
  const auto from = timeline_.stream_at(now) + (timeline_.held() ? base::Duration() : kLead);
  timeline_.map(skip_before_, from);
  video_read_ = audio_read_ = pass_begin_ = pass_end_ = from;
  pass_units_ = 0;
  key_owed_ = true;
  input_ended_ = false;
  peek_ = input_info_.picture.has_value();
}

std::optional<base::SteadyTime> Player::update_wants(base::SteadyTime now) {
  std::optional<base::SteadyTime> next;
  const auto sooner = [&next](std::optional<base::SteadyTime> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  wanted_ = {};
  for (const auto& lane : lanes_) {
    sooner(lane->update(now));
    if (!lane->encoding()) continue;
    wanted_.pictures = true;
    wanted_.size.width = std::max(wanted_.size.width, lane->size().width);
    wanted_.size.height = std::max(wanted_.size.height, lane->size().height);
  }
  if (audio_ && audio_->watchers() > 0) {
    unheard_since_.reset();
    wanted_.sound = true;
  } else if (audio_ && watched_) {
    if (!unheard_since_) unheard_since_ = now;
    wanted_.sound = now < *unheard_since_ + settings_.lanes.linger;
    if (wanted_.sound) sooner(*unheard_since_ + settings_.lanes.linger);
  }
  watched_ = wanted_.pictures || (wanted_.sound && audio_) || (source_ && source_->watchers() > 0);
  return next;
}

bool Player::wants_more(base::SteadyTime now) const {
  if (waiting_.size() >= kWaitingUnitsMax || waiting_bytes_ >= kWaitingBytesMax) return false;
  if (input_ended_ && !(state().loop && input_info_.rewindable && pass_units_ > 0)) return false;
  const bool video = wanted_.pictures || source_;
  const bool audio = audio_ && (wanted_.sound || input_info_.pass_audio);
  auto read = std::max(video_read_, audio_read_);
  if (video && audio)
    read = std::max(std::min(video_read_, audio_read_), read - kSkewMax);
  else
    read = video ? video_read_ : audio_read_;
  return read < timeline_.stream_at(now) + kAhead;
}

void Player::finish(const std::string& reason) {
  if (finished_) return;
  finished_ = true;
  waiting_.clear();
  waiting_bytes_ = 0;
  timeline_.hold(clock_.now());
  for (const auto& lane : lanes_) {
    lane->stop();
    lane->fanout().end(reason);
  }
  if (source_) source_->end(reason);
  if (audio_) audio_->end(reason);
  shared_.with([](Shared& shared) { shared.state.ended = true; });
}

void Player::publish(base::SteadyTime now) {
  const auto read = input_->statistics();
  counted_.packets_read = read.packets_read;
  counted_.pictures_decoded = read.pictures_decoded;
  counted_.decode_errors = read.decode_errors;
  auto position = std::max(base::Duration::zero(), timeline_.to_media(timeline_.stream_at(now)));
  if (info_.duration) position = std::min(position, *info_.duration);
  shared_.with([&](Shared& shared) {
    if (!shared.seek) shared.state.position = position;
    shared.statistics = counted_;
  });
}

}  // namespace telltale::media
