// Connecting: which era and which transport a server speaks (2026-07-28 basic/versioning), the
// handshake of the older one (2025-11-25 basic/lifecycle), and making a session anew when an HTTP
// server has forgotten it.
#pragma once

#include "mcp/session.hpp"

namespace telltale::mcp {

// Everything within settings.connect_timeout.
runtime::TaskResult<SessionInfo> connect(std::shared_ptr<Session> session);

// Begins to make a lost session anew, once for all who noticed; `seen_life` is Session::life when
// they sent what was refused.
void start_renewal(const std::shared_ptr<Session>& session, std::uint64_t seen_life);
// Waits for a renewal under way; true when there is none.
runtime::TaskResult<bool> renewed(std::shared_ptr<Session> session);

}  // namespace telltale::mcp
