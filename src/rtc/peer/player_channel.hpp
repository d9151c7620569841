// A word with a viewer's player over its data channels: on `stats` it reports what it sees, and
// is told ours; what comes on `echo` goes back, which measures; anything else is not for us. Part
// of a Peer, on its loop; outlives the session whose data link it hears.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "rtc/peer/data_link.hpp"

namespace telltale::rtc {

class PlayerChannel final : public DataLink::Listener {
 public:
  explicit PlayerChannel(const base::Clock& clock) : clock_(clock) {}

  // False: it has no `stats` channel open.
  bool tell(std::string_view text, base::SteadyTime now);
  bool listens() const noexcept { return link_ != nullptr; }
  const std::optional<base::JsonObject>& report() const noexcept { return report_; }
  base::WallTime reported_at() const noexcept { return reported_at_; }

 private:
  void on_channel(DataLink&, sctp::ChannelId, const std::string&) override {}
  void on_message(DataLink& link, sctp::ChannelId id, const std::string& label, DataLink::Kind kind,
                  Bytes message) override;

  const base::Clock& clock_;
  DataLink* link_ = nullptr;  // set with the first word of the player
  sctp::ChannelId stats_ = {};
  std::optional<base::JsonObject> report_;  // the last one
  base::WallTime reported_at_ = {};
};

}  // namespace telltale::rtc
