// Reception statistics of one SSRC as RFC 3550 wants them in a report block: appendix A.3 (loss)
// and A.8 (jitter). Time is in nanoseconds of our clock. Part of an InboundStream.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "rtc/rtp/rtcp.hpp"
#include "rtc/rtp/unwrap.hpp"

namespace telltale::rtc {

class Reception {
 public:
  explicit Reception(std::uint32_t clock) noexcept : clock_(clock) {}

  // First arrivals only: a repaired packet counts, a double does not. Its unwrapped number.
  std::int64_t on_packet(std::uint16_t sequence, std::uint32_t timestamp, bool repaired,
                         base::SteadyTime now) noexcept {
    const auto number = sequences_.unwrap(sequence);
    if (!first_) first_ = highest_ = number;
    highest_ = number > highest_ ? number : highest_;
    ++received_;
    if (repaired) return number;  // came late by design: says nothing of the path's jitter
    const auto arrival = static_cast<std::int64_t>(base::to_seconds(now.time_since_epoch()) *
                                                   static_cast<double>(clock_));
    const auto transit = arrival - timestamps_.unwrap(timestamp);
    if (transit_) {
      const auto change = static_cast<double>(transit - *transit_);
      jitter_ += ((change < 0 ? -change : change) - jitter_) / 16;
    }
    transit_ = transit;
    return number;
  }
  void on_sender_report(std::uint64_t ntp, base::SteadyTime now) noexcept {
    last_sr_ = static_cast<std::uint32_t>(ntp >> 16U);
    last_sr_at_ = now;
  }

  std::int64_t lost() const noexcept {
    return first_ ? highest_ - *first_ + 1 - static_cast<std::int64_t>(received_) : 0;
  }
  double jitter_seconds() const noexcept { return jitter_ / static_cast<double>(clock_); }
  bool any() const noexcept { return first_.has_value(); }

  // The next block; the fraction counts from the one before.
  rtp::ReportBlock report(std::uint32_t ssrc, base::SteadyTime now) noexcept {
    const auto expected = first_ ? highest_ - *first_ + 1 : 0;
    const auto interval = expected - reported_expected_;
    const auto missed = interval - static_cast<std::int64_t>(received_ - reported_received_);
    reported_expected_ = expected;
    reported_received_ = received_;
    constexpr std::int64_t kLostMax = 0x7f'ffff;
    rtp::ReportBlock out{
        .ssrc = ssrc,
        .cumulative_lost = static_cast<std::int32_t>(lost() > kLostMax    ? kLostMax
                                                     : lost() < -kLostMax ? -kLostMax
                                                                          : lost()),
        .highest_sequence = static_cast<std::uint32_t>(highest_),
        .jitter = static_cast<std::uint32_t>(jitter_)};
    if (interval > 0 && missed > 0)
      out.fraction_lost = static_cast<std::uint8_t>(missed * 255 / interval);
    if (last_sr_at_) {
      out.last_sr = last_sr_;
      out.delay_since_last_sr =
          static_cast<std::uint32_t>(base::to_seconds(now - *last_sr_at_) * 65'536);
    }
    return out;
  }

 private:
  std::uint32_t clock_;
  rtp::SequenceUnwrapper sequences_;
  rtp::TimestampUnwrapper timestamps_;
  std::optional<std::int64_t> first_;
  std::int64_t highest_ = 0;
  std::uint64_t received_ = 0;
  std::optional<std::int64_t> transit_;
  double jitter_ = 0;
  std::uint32_t last_sr_ = 0;
  std::optional<base::SteadyTime> last_sr_at_;
  std::int64_t reported_expected_ = 0;
  std::uint64_t reported_received_ = 0;
};

}  // namespace telltale::rtc
