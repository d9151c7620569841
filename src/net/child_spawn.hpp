// Starting a child below a keeper of its own (process_keeper.hpp): its own session and group, no
// inherited descriptor, signal mask or handler. What ends a child is the keeper, and should that be
// killed itself, process_tree.hpp.
#pragma once

#include <string>

#include "net/process.hpp"

namespace telltale::net {

struct SpawnedChild {
  int pid = 0;  // of the keeper
  int pidfd = -1;
  int control_fd = -1;
  int stdin_fd = -1;  // our ends
  int stdout_fd = -1;
  int stderr_fd = -1;
  bool wrapped = false;  // by a sandbox: its helpers stand between the keeper and the server
  std::string tag;  // value of TELLTALE_CHILD in the environment of the child and of all it starts
};

base::Result<SpawnedChild> spawn_child(const ProcessSpec& spec);

}  // namespace telltale::net
