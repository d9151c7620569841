// Who sees what: a server that an actor may not read does not exist for him, nor do the events and
// operations that are about it. Whoever sees all servers costs one look.
#pragma once

#include "catalog/catalog.hpp"
#include "runtime/event.hpp"

namespace telltale::catalog {

// The server whose tasks have that owner (fleet/server.cpp); "" is none.
std::string_view server_of_task(std::string_view owner);
// The server an event is about; "" is none.
std::string_view server_of(const runtime::Event& event);
bool sees(const runtime::Actor& actor, const runtime::Event& event);
// An operation's record: one's own, on a server one sees, or what one may do oneself.
bool sees(const runtime::Actor& actor, const Catalog& catalog, const base::JsonObject& operation);

}  // namespace telltale::catalog
