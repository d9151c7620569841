// Files to and from the content store of a running Telltale, in pieces: neither side holds more
// than one.
#pragma once

#include <cstdio>

#include "base/json.hpp"
#include "cli/commands.hpp"
#include "runtime/task.hpp"

namespace telltale::cli {

struct Sending {
  std::string name;
  bool pin = true;
  int cid_version = 0;
  bool raw_leaves = false;
};

// Reads `file` to its end; answers the record of what was added.
runtime::TaskResult<base::Json> send_content(Connection connection, std::FILE* file,
                                             Sending options);
// `what` is a CID, or a CID and a path below it. Answers how many bytes were written.
runtime::TaskResult<std::uint64_t> receive_content(Connection connection, std::string what,
                                                   std::FILE* file);

}  // namespace telltale::cli
