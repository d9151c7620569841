// When packets with a transport-wide sequence number came, until the next feedback message tells
// the sender (draft-holmer-rmcat-transport-wide-cc-extensions-01). What comes after its number was
// reported is left out. One per peer; limit: 2,048 numbers a message.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "rtc/rtp/rtcp_writer.hpp"
#include "rtc/rtp/unwrap.hpp"

namespace telltale::rtc {

class ArrivalLog {
 public:
  static constexpr std::size_t kNumbersMax = 2'048;
  static constexpr base::Duration kEvery = std::chrono::milliseconds(50);
  static constexpr std::size_t kManyWait = 100;  // then it is told at once

  void on_packet(std::uint16_t sequence, base::SteadyTime now);
  bool due(base::SteadyTime now) const noexcept { return report_at_ && now >= *report_at_; }
  std::optional<base::SteadyTime> next_deadline() const noexcept { return report_at_; }
  // Writes what waits, as much as fits; false: nothing.
  bool write(rtp::RtcpWriter& writer, std::uint32_t sender, std::uint32_t media,
             base::SteadyTime now);

 private:
  rtp::SequenceUnwrapper numbers_;
  std::vector<std::optional<rtp::ArrivalTime>> arrivals_;  // of base_ + index
  std::int64_t base_ = 0;
  std::size_t waiting_ = 0;
  bool started_ = false;
  std::uint8_t count_ = 0;
  std::optional<base::SteadyTime> report_at_;
};

}  // namespace telltale::rtc
