// What is asked of a connection from outside, carried out on the loop of its worker: each finds its
// peer, does it, and lets what it wrote leave. not_found: the connection is not there (any more).
// Called by the engine, which hops to that loop; errors otherwise as its methods of these names.
#pragma once

#include <optional>
#include <string>

#include "rtc/congestion/rung_policy.hpp"
#include "rtc/engine.hpp"
#include "rtc/peer/worker.hpp"
#include "rtc/sdp/fragment.hpp"

namespace telltale::rtc::orders {

runtime::TaskResult<PatchAnswer> patch(Worker* worker, std::string id, sdp::Fragment fragment,
                                       std::optional<std::string> if_match);
runtime::TaskResult<bool> accept(Worker* worker, std::string id, std::string answer);
runtime::TaskResult<bool> close(Worker* worker, std::string id, std::string reason);  // or false
runtime::TaskResult<std::size_t> close_all(Worker* worker, std::string reason);
runtime::TaskResult<bool> set_quality(Worker* worker, std::string id, Quality quality);
runtime::TaskResult<bool> limit_quality(Worker* worker, std::string id, bool lower,
                                        congestion::SwitchReason why);
runtime::TaskResult<bool> request_key_frame(Worker* worker, std::string id);
runtime::TaskResult<bool> tell_player(Worker* worker, std::string id, std::string text);

}  // namespace telltale::rtc::orders
