#include "simulate/playout.hpp"

#include <algorithm>

namespace telltale::simulate {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kBufferMax = 500ms;
constexpr base::Duration kFreezeOver = 150ms;
constexpr std::int64_t kShrinks = 1'000;     // by this part with each frame
constexpr std::int64_t kRemembers = 16;      // frames, of the usual interval
constexpr std::uint64_t kFramesToKnow = 10;  // before a freeze is one
constexpr std::int64_t kClockRate = 90'000;

}  // namespace

std::optional<base::Duration> Playout::on_frame(std::uint32_t timestamp, base::SteadyTime arrived) {
  const auto ticks = static_cast<std::int32_t>(timestamp - timestamp_);
  timestamp_ = timestamp;
  if (frames_++ == 0) {
    origin_ = shown_ = arrived;
    return std::nullopt;
  }
  media_ += base::Duration(std::int64_t{ticks} * 1'000'000'000 / kClockRate);
  origin_ = std::min(origin_, arrived - media_);
  const auto late = arrived - media_ - origin_;
  buffer_ = std::min(kBufferMax, std::max(late, buffer_ - buffer_ / kShrinks));
  const auto shows = std::max({arrived, origin_ + media_ + buffer_, shown_});
  const auto since = shows - std::exchange(shown_, shows);
  if (frames_ > kFramesToKnow && since > std::max<base::Duration>(3 * usual_, usual_ + kFreezeOver))
    return since;
  usual_ = frames_ == 2 ? since : usual_ + (since - usual_) / kRemembers;
  return std::nullopt;
}

}  // namespace telltale::simulate
