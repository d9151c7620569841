// The events of connections, ours and foreign ones alike: `webrtc_connection` at every change,
// `webrtc_stats` at every look. Pure; fields: docs/websocket.md.
#pragma once

#include "rtc/connection_record.hpp"
#include "runtime/event.hpp"

namespace telltale::rtc {

runtime::Event connection_event(const ConnectionRecord& record, base::WallTime at,
                                std::string_view what, base::JsonObject more = {});
runtime::Event statistics_event(const ConnectionRecord& record, base::WallTime at,
                                base::JsonObject more = {});

}  // namespace telltale::rtc
