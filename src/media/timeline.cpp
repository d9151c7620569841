#include "media/timeline.hpp"

namespace telltale::media {

void Timeline::map(base::Duration media, base::Duration stream) {
  while (mappings_.size() > 1 && mappings_.back().from >= stream) mappings_.pop_back();
  mappings_.push_back({.from = stream, .offset = stream - media});
}

base::Duration Timeline::to_stream(base::Duration media) const {
  return media + mappings_.back().offset;
}

base::Duration Timeline::to_media(base::Duration stream) {
  while (mappings_.size() > 1 && mappings_[1].from <= stream) mappings_.pop_front();
  return stream - mappings_.front().offset;
}

base::Duration Timeline::stream_at(base::SteadyTime now) const {
  return held_ ? stream_ : stream_ + (now - anchor_);
}

void Timeline::hold(base::SteadyTime now) {
  if (held_) return;
  stream_ = stream_at(now);
  anchor_ = now;
  held_ = true;
}

void Timeline::release(base::SteadyTime now) {
  if (!held_) return;
  anchor_ = now;
  held_ = false;
}

std::uint32_t Timeline::timestamp(base::Duration stream, std::int64_t rate) const {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const auto since = (due(stream) - epoch_).count();
  // By whole seconds and the rest, rounded: years fit, and 20 ms of audio are 960 units each time.
  const auto rest = (since % kNsPerSecond * rate + kNsPerSecond / 2) / kNsPerSecond;
  return static_cast<std::uint32_t>(since / kNsPerSecond * rate + rest);
}

}  // namespace telltale::media
