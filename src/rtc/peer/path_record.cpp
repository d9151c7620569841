#include "rtc/peer/path_record.hpp"

#include <utility>

#include "rtc/transport/udp_batch.hpp"

namespace telltale::rtc {

void fill_path(ConnectionStats& stats, const ice::LiteAgent& agent, ConnectionState state,
               std::string local) {
  const bool closed = state == ConnectionState::closed;
  const auto selected = agent.selected();
  auto& pair = stats.candidate_pair;
  if (selected) {
    pair.local = std::move(local);
    pair.remote = selected->remote.text();
    pair.protocol = (selected->via & kTcpBit) != 0 ? "tcp" : "udp";
  }
  pair.nominated = selected.has_value();
  pair.state = closed ? "failed" : selected ? "succeeded" : "in-progress";
  pair.requests_received = agent.counters().requests;
  pair.responses_sent = agent.counters().answers;
  pair.requests_refused = agent.counters().refused;
  pair.available_outgoing_bps = stats.bandwidth.target_bps;
  stats.transport.selected_candidate_pair_changes = agent.counters().path_changes;
  stats.transport.ice_state = closed                                   ? "closed"
                              : state == ConnectionState::offered      ? "new"
                              : !selected                              ? "checking"
                              : state == ConnectionState::disconnected ? "disconnected"
                                                                       : "connected";
  for (const auto& remote : stats.remote_inbound)
    if (remote.round_trip_s) pair.current_round_trip_s = remote.round_trip_s;
}

}  // namespace telltale::rtc
