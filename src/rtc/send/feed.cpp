#include "rtc/send/feed.hpp"

#include <algorithm>

namespace telltale::rtc {

// What the source holds: it outlives the feed by a call that is under way, no longer.
class Feed::Sink final : public MediaSink {
 public:
  struct Entry {
    runtime::Loop* loop;
    std::shared_ptr<FeedTarget> target;
  };
  struct State {
    std::vector<Entry> entries;
    std::vector<PackedFramePtr> kept;
    std::size_t kept_bytes = 0;
    bool ended = false;
  };

  void on_frame(const MediaFramePtr& frame) override {
    auto packed = pack(*frame, ++index_);
    if (!packed) return;
    state_.with([&](State& state) {
      keep(state, packed);
      for (const auto& entry : state.entries)
        entry.loop->post([target = entry.target, packed] { target->on_frame(packed); });
    });
  }

  void on_end(const std::string& reason) override {
    state_.with([&](State& state) {
      state.ended = true;
      for (const auto& entry : state.entries)
        entry.loop->post([target = entry.target, reason] { target->on_end(reason); });
    });
  }

  base::Guarded<State>& state() noexcept { return state_; }

 private:
  static void keep(State& state, const PackedFramePtr& frame) {
    if (!is_video(frame->codec)) return;
    if (frame->key) {
      state.kept.clear();
      state.kept_bytes = 0;
    } else if (state.kept.empty()) {
      return;
    }
    // Too much to be of use at once: who joins waits for the next key frame.
    if (state.kept_bytes + frame->bytes > kKeptBytesMax) {
      state.kept.clear();
      return;
    }
    state.kept.push_back(frame);
    state.kept_bytes += frame->bytes;
  }

  std::uint64_t index_ = 0;  // one call at a time
  base::Guarded<State> state_;
};

Feed::Feed(std::shared_ptr<Source> source, std::string rendition, Codec codec)
    : source_(std::move(source)),
      rendition_(std::move(rendition)),
      codec_(codec),
      sink_(std::make_shared<Sink>()) {}

Feed::~Feed() = default;

base::Result<void> Feed::start() {
  auto watch = is_video(codec_) ? source_->watch_video(rendition_, codec_, sink_)
                                : source_->watch_audio(sink_);
  if (!watch) return std::unexpected(watch.error());
  watch_ = std::move(*watch);
  return {};
}

void Feed::subscribe(runtime::Loop& loop, const std::shared_ptr<FeedTarget>& target) {
  sink_->state().with(
      [&](Sink::State& state) { state.entries.push_back({.loop = &loop, .target = target}); });
}

void Feed::unsubscribe(const FeedTarget* target) {
  sink_->state().with([&](Sink::State& state) {
    std::erase_if(state.entries, [&](const auto& entry) { return entry.target.get() == target; });
  });
}

std::vector<PackedFramePtr> Feed::kept() const {
  return sink_->state().with([](const Sink::State& state) { return state.kept; });
}

void Feed::request_key_frame() {
  if (is_video(codec_)) source_->request_key_frame(rendition_, codec_);
}

bool Feed::ended() const {
  return sink_->state().with([](const Sink::State& state) { return state.ended; });
}

base::Result<std::shared_ptr<Feed>> FeedBook::open(const std::shared_ptr<Source>& source,
                                                   const std::string& rendition, Codec codec) {
  const Key key{.source = source.get(), .rendition = rendition, .codec = codec};
  bool fresh = false;
  auto feed = feeds_.with([&](auto& feeds) {
    std::erase_if(feeds, [](const auto& item) { return item.second.expired(); });
    auto& slot = feeds[key];
    auto found = slot.lock();
    if (!found) {
      found = std::make_shared<Feed>(source, rendition, codec);
      slot = found;
      fresh = true;
    }
    return found;
  });
  // Outside the lock: the source may deliver what it keeps before watch returns.
  if (fresh) {
    if (auto started = feed->start(); !started) return std::unexpected(started.error());
  }
  return feed;
}

std::size_t FeedBook::size() const {
  return feeds_.with([](const auto& feeds) {
    return static_cast<std::size_t>(
        std::ranges::count_if(feeds, [](const auto& item) { return !item.second.expired(); }));
  });
}

}  // namespace telltale::rtc
