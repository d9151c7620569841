// Lane: one rung in one codec: it thins out to the rung's frame rate, scales and encodes what the
// player offers, on a thread of its own, while somebody watches and a little longer. What comes
// faster than it encodes is dropped, never queued up. The player owns it; all but ask_key_frame()
// and fanout() are for the player's thread.
#pragma once

#include <atomic>
#include <deque>
#include <thread>

#include "base/monitor.hpp"
#include "media/fanout.hpp"
#include "media/picture.hpp"
#include "media/timeline.hpp"
#include "media/video_encoder.hpp"

namespace telltale::media {

struct LaneSettings {
  base::Duration linger = std::chrono::seconds(5);  // after the last watcher
  base::Duration key_frame_interval_min = std::chrono::seconds(1);
  int key_frames_at_once = 2;
  bool threads = true;  // tests under virtual time encode within offer()
};

struct Offer {
  Picture picture;
  base::Duration stream = {};
  base::SteadyTime due = {};
  std::uint32_t timestamp = 0;
  bool key = false;
};

class Lane {
 public:
  static constexpr std::size_t kQueueMax = 2;
  static constexpr base::Duration kTooLate = std::chrono::milliseconds(250);

  Lane(const Rendition& rendition, Codec codec, LaneSettings settings, const base::Clock& clock,
       std::function<void()> on_change);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() { stop(); }

  Fanout& fanout() noexcept { return *fanout_; }
  const Fanout& fanout() const noexcept { return *fanout_; }
  void ask_key_frame();  // any thread

  // Starts or stops by who watches; when to ask again, if time alone changes that.
  std::optional<base::SteadyTime> update(base::SteadyTime now);
  bool encoding() const noexcept { return encoding_; }
  PictureSize size() const noexcept { return {rendition_.width, rendition_.height}; }
  void offer(Offer offer);
  // The pictures that come do not continue those that came.
  void cut();
  void stop();

 private:
  struct Queue {
    std::deque<Offer> offers;
    bool stopping = false;
  };
  struct Work {  // of the encoding thread
    explicit Work(PictureSize size) : scaler(size) {}
    Scaler scaler;
    std::optional<VideoEncoder> encoder;
    KeyFrameDemand demand{{}};
    bool key_owed = true;
    bool failed = false;
  };
  void start();
  void run();
  void drop();
  void encode(const Offer& offer);
  void fail(const base::Error& error);

  const Rendition rendition_;
  const LaneSettings settings_;
  const base::Clock& clock_;
  const std::shared_ptr<Fanout> fanout_;
  std::atomic<bool> key_asked_{false};
  bool encoding_ = false;
  FrameRateLimit frame_rate_;
  bool key_skipped_ = false;  // it was to be one, and was thinned out
  std::optional<base::SteadyTime> unwatched_since_;
  std::unique_ptr<Work> work_;
  base::Monitor<Queue> queue_;
  std::thread thread_;
};

}  // namespace telltale::media
