#include "rtc/send/viewer.hpp"

#include <algorithm>

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskAgain = 500ms;
// Behind a slow link: 125 ms that it takes for the probe, a round trip of 160, and the wait for the
// receiver's next feedback message.
constexpr auto kLookFirst = 400ms;
constexpr std::int32_t kBehindMax = 45'000;   // half a second
constexpr std::int64_t kGoalMin = 1'000'000;  // of probing for a single rung
const std::string kNoRendition;

}  // namespace

Viewer::Viewer(Settings settings, LocalFeeds& feeds, SendSide& sender, const base::Clock& clock,
               Listener& listener)
    : settings_(std::move(settings)),
      feeds_(feeds),
      sender_(sender),
      clock_(clock),
      listener_(listener) {}

base::Result<void> Viewer::start() {
  const auto now = clock_.now();
  started_ = true;
  const auto info = settings_.source->info();
  if (settings_.video && sender_.has_video()) {
    for (const auto& rung : info.video)
      if (std::ranges::find(rung.codecs, *settings_.video) != rung.codecs.end())
        rungs_.push_back(rung);
    std::ranges::sort(rungs_, {}, &Rendition::bitrate_bps);
    if (rungs_.size() > congestion::RungPolicy::kRungsMax)
      rungs_.resize(congestion::RungPolicy::kRungsMax);
  }
  if (!rungs_.empty()) {
    std::vector<std::int64_t> rates;
    rates.reserve(rungs_.size());
    for (const auto& rung : rungs_) rates.push_back(rung.bitrate_bps);
    policy_.emplace(rates, settings_.start_bps);
    if (const auto pinned = rung_of(settings_.quality)) policy_->pin(pinned, now);
    tell_controller();
    if (!policy_->pinned() && rungs_.size() > 1 && sender_.look_first())
      looks_until_ = now + kLookFirst;
  }
  if (!looks_until_)
    if (auto begun = begin(now); !begun) return begun;
  listener_.on_pushed(now);
  return {};
}

// Sound and pictures begin together: one alone would be read ahead, and the other wait for it.
base::Result<void> Viewer::begin(base::SteadyTime now) {
  const bool looked = looks_until_.has_value() && sender_.controller().knows_path();
  looks_until_.reset();
  if (policy_) {
    if (looked) policy_->begin_on(sender_.estimate().target_bps);
    if (auto opened = open_first(now); !opened) return opened;
    give_kept(video_, now);
    tell_controller();
  }
  if (settings_.audio && settings_.source->info().audio && sender_.has_audio()) {
    auto opened = feeds_.open(settings_.source, "", Codec::opus, *this);
    if (!opened) return std::unexpected(opened.error());
    audio_ = std::move(*opened);
  }
  return {};
}

// The rung he begins with; when it cannot be had the nearest that can, a lower one first.
base::Result<void> Viewer::open_first(base::SteadyTime now) {
  const auto wanted = policy_->current();
  std::vector<std::size_t> order;
  for (auto rung = wanted + 1; rung-- > 0;) order.push_back(rung);
  for (auto rung = wanted + 1; rung < rungs_.size(); ++rung) order.push_back(rung);
  std::optional<base::Error> first;
  for (const auto rung : order) {
    auto opened = feeds_.open(settings_.source, rungs_[rung].name, *settings_.video, *this);
    if (!opened) {
      if (!first) first = opened.error();
      policy_->refused(rung, rung, now);
      continue;
    }
    video_ = std::move(*opened);
    current_ = rung;
    policy_->begin_at(rung);
    return {};
  }
  return std::unexpected(*first);
}

const std::string& Viewer::rendition() const noexcept {
  return rungs_.empty() || looks_until_ ? kNoRendition : rungs_[current_].name;
}

void Viewer::give_kept(Subscription& from, base::SteadyTime now) {
  for (const auto& frame : from.feed().kept()) on_video(frame, now);
}

void Viewer::on_feed_frame(const LocalFeed& feed, const PackedFramePtr& frame) {
  const auto now = clock_.now();
  if (audio_.is(feed)) {
    if (frame->index <= audio_index_) return;
    audio_index_ = frame->index;
    sender_.push(frame, now);
  } else if (video_.is(feed)) {
    on_video(frame, now);
  } else if (next_.is(feed)) {
    on_next(frame, now);
  }
  listener_.on_pushed(now);
}

void Viewer::on_video(const PackedFramePtr& frame, base::SteadyTime now) {
  if (frame->index <= video_index_) return;  // from what was kept
  video_index_ = frame->index;
  const bool only_sound = policy_ && policy_->audio_only() && audio_;
  if (only_sound) needs_key_ = true;
  if (only_sound || (needs_key_ && !frame->key)) {
    if (!only_sound) ask_for_key(video_.feed(), now);
    return;
  }
  needs_key_ = false;
  any_video_ = true;
  last_timestamp_ = frame->timestamp;
  if (sender_.push(frame, now)) return;
  // What waits is old by now; the picture goes on with the next key frame.
  sender_.clear_video();
  needs_key_ = true;
  ask_for_key(video_.feed(), now);
}

void Viewer::on_next(const PackedFramePtr& frame, base::SteadyTime now) {
  const auto ahead = static_cast<std::int32_t>(frame->timestamp - last_timestamp_);
  // Renditions are made beside each other: this one may be some frames behind the other. The stream
  // keeps its timestamps ascending.
  if (!frame->key || (any_video_ && ahead < -kBehindMax)) {
    ask_for_key(next_.feed(), now);
    return;
  }
  if (wanted_->to < wanted_->from) sender_.clear_video();  // it was too much
  const Switch change{
      .from = rungs_[current_].name, .to = rungs_[wanted_->to].name, .reason = wanted_->reason};
  current_ = wanted_->to;
  wanted_.reset();
  video_ = std::move(next_);
  video_index_ = frame->index - 1;
  needs_key_ = true;
  ++switches_;
  on_video(frame, now);
  listener_.on_switched(change);
}

void Viewer::ask_for_key(Feed& feed, base::SteadyTime now) {
  if (asked_at_ && now - *asked_at_ < kAskAgain) return;
  asked_at_ = now;
  feed.request_key_frame();
}

void Viewer::request_key_frame() {
  if (video_) video_.feed().request_key_frame();
}

void Viewer::on_feed_end(const LocalFeed& feed, const std::string& reason) {
  if (next_.is(feed)) return;
  // Sound and pictures end together; the first tells.
  const bool video = video_.is(feed);
  if (video || !video_) listener_.on_source_end(reason);
}

base::Result<void> Viewer::update(base::SteadyTime now) {
  if (!policy_) return {};
  if (looks_until_) {
    if (now < *looks_until_ && !sender_.controller().knows_path()) return {};
    return begin(now);
  }
  if (const auto change = policy_->update(sender_.estimate(), now)) (void)want(*change, now);
  if (next_) ask_for_key(next_.feed(), now);
  tell_controller();
  return {};
}

void Viewer::tell_controller() {
  sender_.controller().set_probe_goal(probe_goal_bps());
  sender_.controller().set_pinned(policy_->pinned());
}

// With one rung there is nothing to climb to: room for twice what it takes is enough to know of,
// and padding that looks for more is sent in vain.
std::int64_t Viewer::probe_goal_bps() const {
  if (rungs_.size() > 1) return policy_->probe_goal_bps();
  const auto rate = std::max(rungs_.front().bitrate_bps, sender_.estimate().acknowledged_bps);
  return rate > 0 ? std::max(rate * 2, kGoalMin) : 0;
}

base::Result<void> Viewer::want(const congestion::RungSwitch& change, base::SteadyTime now) {
  next_.reset();
  wanted_.reset();
  if (change.to == current_) return {};  // back before it was reached
  auto opened = feeds_.open(settings_.source, rungs_[change.to].name, *settings_.video, *this);
  if (!opened) {  // what is sent goes on
    policy_->refused(change.to, current_, now);
    return std::unexpected(opened.error());
  }
  policy_->opened(change.to);
  next_ = std::move(*opened);
  wanted_ = change;
  wanted_->from = current_;
  asked_at_.reset();
  ask_for_key(next_.feed(), now);
  return {};
}

const std::string& Viewer::limited_to() const noexcept {
  return limit_ ? rungs_[*limit_].name : kNoRendition;
}

base::Result<void> Viewer::limit(bool lower, congestion::SwitchReason why, base::SteadyTime now) {
  if (!policy_) return base::fail(base::Code::conflict, "no ladder is played");
  if (settings_.quality != Quality::automatic)
    return base::fail(base::Code::conflict, "the viewer chose this quality");
  if (lower) {
    const auto from = std::min(policy_->current(), limit_.value_or(rungs_.size() - 1));
    if (from == 0) return base::fail(base::Code::conflict, "it is the lowest there is");
    limit_ = from - 1;
  } else {
    if (!limit_) return base::fail(base::Code::conflict, "there is no limit");
    limit_ = *limit_ + 2 < rungs_.size() ? std::optional(*limit_ + 1) : std::nullopt;
  }
  const auto change = policy_->limit(limit_, why, now);
  if (looks_until_) return {};  // he begins below it
  if (change) return want(*change, now);
  return update(now);
}

std::optional<std::size_t> Viewer::rung_of(Quality quality) const noexcept {
  if (quality == Quality::automatic || rungs_.empty()) return std::nullopt;
  const auto named = std::ranges::find(rungs_, quality_name(quality), &Rendition::name);
  if (named != rungs_.end()) return static_cast<std::size_t>(named - rungs_.begin());
  if (quality == Quality::low) return 0;
  return quality == Quality::high ? rungs_.size() - 1 : rungs_.size() / 2;
}

base::Result<void> Viewer::set_quality(Quality quality, base::SteadyTime now) {
  if (!settings_.video || (started_ && !policy_))
    return base::fail(base::Code::conflict, "this connection has no video to choose a quality of");
  const auto before = std::exchange(settings_.quality, quality);
  if (!started_) return {};  // it begins with it
  const auto rung = rung_of(quality);
  const auto change = policy_->pin(rung, now);
  if (looks_until_) return rung ? begin(now) : base::Result<void>();
  if (change) {
    if (auto wanted = want(*change, now); !wanted) {  // it is as it was
      settings_.quality = before;
      (void)policy_->pin(before == Quality::automatic ? std::nullopt : std::optional(current_),
                         now);
      return wanted;
    }
  } else if (rung && *rung == current_) {
    next_.reset();  // a switch away from it may be under way
  }
  return update(now);
}

}  // namespace telltale::rtc
