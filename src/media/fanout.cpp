#include "media/fanout.hpp"

#include <algorithm>

namespace telltale::media {

namespace {
constexpr base::Duration kRateWindow = std::chrono::seconds(3);
}

Fanout::Fanout(std::string rendition, Codec codec, std::function<void()> on_change)
    : rendition_(std::move(rendition)), codec_(codec), on_change_(std::move(on_change)) {}

base::Result<Watch> Fanout::add(std::shared_ptr<Sink> sink) {
  auto added = state_.with([&](State& state) -> base::Result<std::uint64_t> {
    if (state.ended)
      return base::fail(
          base::Code::conflict,
          "it has ended" + (state.ended->empty() ? std::string() : ": " + *state.ended));
    if (state.watchers.size() >= kWatchersMax)
      return base::fail(base::Code::unavailable, "too many watch this rendition");
    const auto id = state.next_id++;
    for (const auto& frame : state.group.frames()) sink->on_frame(frame);
    const bool started = codec_ == Codec::opus || !state.group.frames().empty();
    state.watchers.push_back({.id = id, .sink = std::move(sink), .started = started});
    return id;
  });
  if (!added) return std::unexpected(added.error());
  if (on_change_) on_change_();
  return Watch(nullptr, [weak = weak_from_this(), id = *added](void*) {
    if (const auto self = weak.lock()) self->remove(id);
  });
}

void Fanout::remove(std::uint64_t id) {
  // What the sink owns ends outside the lock.
  const auto gone = state_.with([id](State& state) {
    const auto found = std::ranges::find(state.watchers, id, &Watcher::id);
    std::shared_ptr<Sink> sink;
    if (found != state.watchers.end()) {
      sink = std::move(found->sink);
      state.watchers.erase(found);
    }
    return sink;
  });
  if (gone && on_change_) on_change_();
}

void Fanout::deliver(const FramePtr& frame) {
  state_.with([&](State& state) {
    auto& counted = state.statistics;
    ++counted.frames;
    counted.bytes += frame->bytes.size();
    if (frame->key) ++counted.key_frames;
    state.recent.emplace_back(frame->due, frame->bytes.size());
    if (state.recent.size() > 64 && frame->due - state.recent.front().first > kRateWindow * 2)
      std::erase_if(state.recent,
                    [&](const auto& at) { return frame->due - at.first > kRateWindow; });
    if (codec_ != Codec::opus) state.group.push(frame);
    for (auto& watcher : state.watchers) {
      watcher.started = watcher.started || frame->key;
      if (watcher.started) watcher.sink->on_frame(frame);
    }
  });
}

void Fanout::end(const std::string& reason) {
  const auto gone = state_.with([&](State& state) {
    if (!state.ended) state.ended = reason;
    state.group.clear();
    for (const auto& watcher : state.watchers) watcher.sink->on_end(reason);
    return std::exchange(state.watchers, {});
  });
}

void Fanout::reopen() {
  state_.with([](State& state) { state.ended.reset(); });
}

void Fanout::forget_group() {
  state_.with([this](State& state) {
    state.group.clear();
    for (auto& watcher : state.watchers) watcher.started = codec_ == Codec::opus;
  });
}

std::size_t Fanout::watchers() const {
  return state_.with([](const State& state) { return state.watchers.size(); });
}

bool Fanout::starving() const {
  return state_.with([](const State& state) {
    return std::ranges::any_of(state.watchers, [](const auto& one) { return !one.started; });
  });
}

TrackStatistics Fanout::statistics() const {
  return state_.with([this](const State& state) {
    auto out = state.statistics;
    out.rendition = rendition_;
    out.codec = codec_;
    out.watchers = state.watchers.size();
    if (state.recent.size() > 1) {
      const auto last = state.recent.back().first;
      std::size_t bytes = 0;
      auto first = last;
      for (const auto& [due, size] : state.recent)
        if (last - due <= kRateWindow) {
          if (first == last)
            first = due;  // its bytes lie before the span
          else
            bytes += size;
        }
      if (last > first)
        out.bitrate_bps = static_cast<double>(bytes) * 8 / base::to_seconds(last - first);
    }
    return out;
  });
}

}  // namespace telltale::media
