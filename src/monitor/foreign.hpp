// Foreign connections: what getStats() of another application says (W3C webrtc-stats), as a record
// of ours, so that Meter, Track and the scores take it as it is. What is missing, of another type
// or beyond all bounds is left at its default: it comes from somebody's page. Pure.
#pragma once

#include <optional>

#include "rtc/connection_record.hpp"

namespace telltale::monitor {

// Fills stats, codecs, peer_address and client of `out` anew; times and state are the caller's.
void read_rtc_stats(const base::JsonArray& stats, rtc::ConnectionRecord& out);

// Of RTCPeerConnection.connectionState; nothing: no such state.
std::optional<rtc::ConnectionState> foreign_state(std::string_view connection_state) noexcept;

}  // namespace telltale::monitor
