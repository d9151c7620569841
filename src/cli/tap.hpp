// `tap -- COMMAND…`: passes stdin and stdout through unchanged and shows each message on stderr.
// Exits as the command does.
#pragma once

#include <string>
#include <vector>

namespace telltale::cli {

int run_tap(const std::vector<std::string>& command);

}  // namespace telltale::cli
