// Fanout: one rendition in one codec on its way to those who watch: the watchers, the newest group
// of pictures, what was counted. Any thread; it outlives its watchers' handles (they hold it
// weakly). One call of a sink at a time, in order; after a handle is gone none comes.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/guarded.hpp"
#include "media/group_cache.hpp"

namespace telltale::media {

using Watch = std::shared_ptr<void>;

class Fanout : public std::enable_shared_from_this<Fanout> {
 public:
  static constexpr std::size_t kWatchersMax = 10'000;

  // `on_change`: a watcher came or went. Called without the lock, on that watcher's thread.
  Fanout(std::string rendition, Codec codec, std::function<void()> on_change);

  // conflict: it has ended; unavailable: too many.
  base::Result<Watch> add(std::shared_ptr<Sink> sink);
  void deliver(const FramePtr& frame);
  void end(const std::string& reason);  // tells all and forgets them
  void reopen();                        // after end(): watchers may come again
  // What comes next does not continue what came: a watcher waits for its key frame.
  void forget_group();

  std::size_t watchers() const;
  // No key frame has been given yet to somebody who watches.
  bool starving() const;
  // Counted by whoever makes the frames.
  template <class Function>
  void count(Function function) {
    state_.with([&](State& state) { function(state.statistics); });
  }
  TrackStatistics statistics() const;
  Codec codec() const noexcept { return codec_; }
  const std::string& rendition() const noexcept { return rendition_; }

 private:
  struct Watcher {
    std::uint64_t id = 0;
    std::shared_ptr<Sink> sink;
    bool started = false;  // has had a key frame
  };
  struct State {
    std::vector<Watcher> watchers;
    std::uint64_t next_id = 0;
    std::optional<std::string> ended;
    GroupCache group;
    TrackStatistics statistics;
    std::vector<std::pair<base::SteadyTime, std::size_t>> recent;  // of the last seconds
  };
  void remove(std::uint64_t id);

  const std::string rendition_;
  const Codec codec_;
  const std::function<void()> on_change_;
  base::Guarded<State> state_;
};

}  // namespace telltale::media
