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
  bool hidden = false;
};

// Reads `file` to its end; answers the record of what was added.
runtime::TaskResult<base::Json> send_content(Connection connection, std::FILE* file,
                                             Sending options);
// All that lies below `folder`.
runtime::TaskResult<base::Json> send_directory(Connection connection, std::string folder,
                                               Sending options);
// `what` is a CID, or a CID and a path below it. Answers how many bytes were written.
runtime::TaskResult<std::uint64_t> receive_content(Connection connection, std::string what,
                                                   std::FILE* file);
// The same of any path that answers bytes.
runtime::TaskResult<std::uint64_t> receive_bytes(Connection connection, std::string path,
                                                 std::FILE* file);
// What `what` is: the answer of GET /api/content/{cid}, a directory's entries complete.
runtime::TaskResult<base::Json> look_up_content(Connection connection, std::string what);
// A directory into the new folder `into`, which must not be there yet or be empty.
runtime::TaskResult<std::uint64_t> receive_directory(Connection connection, std::string what,
                                                     std::string into);

}  // namespace telltale::cli
