// `tap -- COMMAND…`: passes stdin and stdout through unchanged and tells a running Telltale of each
// message (with a token or a password), records it in a file, or shows it on stderr. Exits as the
// command does.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace telltale::cli {

struct TapSettings {
  Connection connection;
  std::vector<std::string> command;
  std::string name;      // in the reports; "" is the command's
  bool payload = false;  // report the messages themselves too
  bool verbose = false;  // show them on stderr although they are reported or recorded
  std::string record;    // a file for all of it (docs/lab/recordings.md)
};

int run_tap(TapSettings settings);

}  // namespace telltale::cli
