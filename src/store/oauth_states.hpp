// What the OAuth client of each server has been given (mcp/oauth/state.hpp), sealed as a whole.
// Bound to the URL it is for: whoever points the server elsewhere does not take the tokens along.
#pragma once

#include "store/store.hpp"

namespace telltale::store {

// An empty object when there is nothing, or it was for another URL.
runtime::TaskResult<base::JsonObject> load_oauth_state(Store& store, std::string server,
                                                       std::string url);
// An empty object removes it.
runtime::TaskResult<bool> save_oauth_state(Store& store, std::string server, std::string url,
                                           base::JsonObject state);

}  // namespace telltale::store
