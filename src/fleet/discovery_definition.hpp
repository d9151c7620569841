// What another program's file says of a server, as a definition of ours. Pure.
#pragma once

#include "fleet/discovery.hpp"

namespace telltale::fleet {

FoundServer read_found(const Place& place, std::string_view name, const base::Json& value,
                       const std::string& home);

}  // namespace telltale::fleet
