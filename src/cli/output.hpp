// What the commands share: asking the server, and printing what it says. Everything a server sends
// may hold terminal escapes: what is printed has none.
#pragma once

#include "base/json.hpp"
#include "cli/api_client.hpp"

namespace telltale::cli {

int complain(const base::Error& error);
int print_json(const base::Json& value);
std::string plain(std::string_view text);
std::string text_of(const base::JsonObject& record, std::string_view key);
base::Result<base::Json> ask(const Connection& connection, ApiCall call);

}  // namespace telltale::cli
