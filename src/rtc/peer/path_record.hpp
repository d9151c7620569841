// What a record tells of the way to its peer: the candidate pair and the state of ICE, in the words
// of webrtc-stats. Pure.
#pragma once

#include <string>

#include "rtc/connection_record.hpp"
#include "rtc/ice/lite_agent.hpp"

namespace telltale::rtc {

// `local`: our address on the selected path. Round trips and bandwidth are those already in there.
void fill_path(ConnectionStats& stats, const ice::LiteAgent& agent, ConnectionState state,
               std::string local);

}  // namespace telltale::rtc
