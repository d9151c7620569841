// Where Telltale keeps what it knows when nobody names another place.
#pragma once

#include <string>

namespace telltale::store {

std::string default_state_directory();  // $XDG_STATE_HOME/telltale or ~/.local/state/telltale

}  // namespace telltale::store
