#include "rtc/receive/arrival_log.hpp"

#include <algorithm>

namespace telltale::rtc {

void ArrivalLog::on_packet(std::uint16_t sequence, base::SteadyTime now) {
  const auto number = numbers_.unwrap(sequence);
  if (!started_) {
    started_ = true;
    base_ = number;
  }
  if (number < base_) return;
  auto index = static_cast<std::size_t>(number - base_);
  if (index >= kNumbersMax) {  // a leap: what lies before is told as lost by its absence
    arrivals_.clear();
    waiting_ = 0;
    base_ = number;
    index = 0;
  }
  if (index >= arrivals_.size()) arrivals_.resize(index + 1);
  if (!arrivals_[index]) ++waiting_;
  arrivals_[index] = std::chrono::duration_cast<rtp::ArrivalTime>(now.time_since_epoch());
  if (!report_at_) report_at_ = now + kEvery;
  if (waiting_ >= kManyWait) report_at_ = now;
}

bool ArrivalLog::write(rtp::RtcpWriter& writer, std::uint32_t sender, std::uint32_t media,
                       base::SteadyTime now) {
  report_at_.reset();
  const auto first = std::ranges::find_if(arrivals_, [](const auto& at) { return at.has_value(); });
  if (first == arrivals_.end()) return false;
  const auto skipped = static_cast<std::size_t>(first - arrivals_.begin());
  const auto taken = writer.transport_feedback(
      sender, media, static_cast<std::uint16_t>(base_ + static_cast<std::int64_t>(skipped)), count_,
      std::span(arrivals_).subspan(skipped));
  if (taken == 0) return false;
  ++count_;
  const auto done = skipped + taken;
  arrivals_.erase(arrivals_.begin(), arrivals_.begin() + static_cast<std::ptrdiff_t>(done));
  base_ += static_cast<std::int64_t>(done);
  waiting_ = static_cast<std::size_t>(
      std::ranges::count_if(arrivals_, [](const auto& at) { return at.has_value(); }));
  if (waiting_ > 0) report_at_ = now;
  return true;
}

}  // namespace telltale::rtc
