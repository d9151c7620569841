// What a viewer is shown: takes the frames of one rung of his source's ladder and of its sound to
// his SendSide, starts him with the kept group of pictures, and changes the rung at a key frame,
// when the congestion control or he himself wants another. Numbers and timestamps go on as if
// nothing had happened. Part of a Peer, on its loop.
#pragma once

#include <optional>

#include "rtc/congestion/rung_policy.hpp"
#include "rtc/quality.hpp"
#include "rtc/send/local_feed.hpp"
#include "rtc/send/send_side.hpp"

namespace telltale::rtc {

class Viewer final : private FeedListener {
 public:
  struct Switch {
    std::string from;
    std::string to;
    congestion::SwitchReason reason;
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_pushed(base::SteadyTime now) = 0;  // there is something to drain
    virtual void on_switched(const Switch& change) = 0;
    virtual void on_source_end(const std::string& reason) = 0;
  };
  struct Settings {
    std::shared_ptr<Source> source;
    std::optional<Codec> video = {};
    bool audio = false;
    Quality quality = Quality::automatic;
    std::int64_t start_bps = 1'000'000;
  };

  Viewer(Settings settings, LocalFeeds& feeds, SendSide& sender, const base::Clock& clock,
         Listener& listener);
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  // Once the peer can be sent something. Errors as of Source::watch_*. With an automatic quality
  // the path is looked at first, for a moment, so that he begins with the rung it carries.
  base::Result<void> start();
  // After every change of the estimate; while looks_until() says so, after every event. Errors as
  // of start().
  base::Result<void> update(base::SteadyTime now);
  const std::optional<base::SteadyTime>& looks_until() const noexcept { return looks_until_; }
  base::Result<void> set_quality(Quality quality, base::SteadyTime now);
  // Of an automatic quality: one rung lower than what is sent is the highest from now on, or one
  // more than the limit is allowed. conflict: it was chosen, there is no lower one, no limit.
  base::Result<void> limit(bool lower, congestion::SwitchReason why, base::SteadyTime now);
  void request_key_frame();

  const std::string& limited_to() const noexcept;  // "": not limited
  const std::string& rendition() const noexcept;
  Quality quality() const noexcept { return settings_.quality; }
  std::uint64_t switches() const noexcept { return switches_; }
  bool at_highest() const noexcept { return !policy_ || current_ + 1 >= rungs_.size(); }
  std::shared_ptr<Source> source() const { return settings_.source; }

 private:
  void on_feed_frame(const LocalFeed& feed, const PackedFramePtr& frame) override;
  void on_feed_end(const LocalFeed& feed, const std::string& reason) override;
  void on_video(const PackedFramePtr& frame, base::SteadyTime now);
  void on_next(const PackedFramePtr& frame, base::SteadyTime now);
  void give_kept(Subscription& from, base::SteadyTime now);
  void tell_controller();
  std::int64_t probe_goal_bps() const;
  base::Result<void> want(const congestion::RungSwitch& change, base::SteadyTime now);
  base::Result<void> begin(base::SteadyTime now);
  base::Result<void> open_first(base::SteadyTime now);
  void ask_for_key(Feed& feed, base::SteadyTime now);
  std::optional<std::size_t> rung_of(Quality quality) const noexcept;

  Settings settings_;
  LocalFeeds& feeds_;
  SendSide& sender_;
  const base::Clock& clock_;
  Listener& listener_;
  std::vector<Rendition> rungs_;
  std::optional<congestion::RungPolicy> policy_;
  std::optional<std::size_t> limit_;  // of an automatic quality
  std::size_t current_ = 0;           // the rung that is sent
  Subscription audio_;
  Subscription video_;
  Subscription next_;  // of the rung that is wanted, until its key frame comes
  std::optional<congestion::RungSwitch> wanted_;
  std::uint64_t audio_index_ = 0;
  std::uint64_t video_index_ = 0;
  std::uint32_t last_timestamp_ = 0;             // of the source
  std::optional<base::SteadyTime> looks_until_;  // no picture before then, or what the path carries
  bool started_ = false;
  bool any_video_ = false;
  bool needs_key_ = true;
  std::optional<base::SteadyTime> asked_at_;
  std::uint64_t switches_ = 0;
};

}  // namespace telltale::rtc
