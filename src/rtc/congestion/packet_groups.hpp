// Packets sent within 5 ms are one group; the differences between consecutive groups are what the
// delay-based estimate looks at (draft-ietf-rmcat-gcc-02 sections 5.2 and 5.3). Packets that a
// congested hop lets out together count as one group too.
#pragma once

#include <optional>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

struct GroupDelta {
  double sent_ms = 0;        // between the last packets of the two groups, as sent …
  double arrived_ms = 0;     // … and as they arrived
  double arrival_at_ms = 0;  // of the later group, the receiver's clock
};

class PacketGroups {
 public:
  // Packets in the order they were sent. A delta when a group is complete, which its successor's
  // first packet shows.
  std::optional<GroupDelta> add(std::int64_t sent_us, std::int64_t arrived_us) noexcept;

 private:
  struct Group {
    std::int64_t first_sent_us = 0;
    std::int64_t last_sent_us = 0;
    std::int64_t first_arrived_us = 0;
    std::int64_t last_arrived_us = 0;
  };
  bool belongs(std::int64_t sent_us, std::int64_t arrived_us) const noexcept;

  std::optional<Group> previous_ = {};
  std::optional<Group> current_ = {};
};

}  // namespace telltale::rtc::congestion
