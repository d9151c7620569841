// fork and exec, and what has to be true around them: own process group, no inherited descriptor or signal mask, death with
// the parent, an exec failure reported by name. Also the end: nothing of a child's family is left.
#pragma once

#include <string>

#include "net/process.hpp"

namespace telltale::net {

struct SpawnedChild {
  int pid = 0;
  int pidfd = -1;
  int stdin_fd = -1;   // ours, non-blocking
  int stdout_fd = -1;
  int stderr_fd = -1;
  std::string tag;     // value of TELLTALE_CHILD in the child's environment
};

base::Result<SpawnedChild> spawn_child(const ProcessSpec& spec);
// Sends to the whole group; safe because the leader has not been reaped yet.
void signal_group(int pid, int signal) noexcept;
// Kills every process that carries the tag, wherever it went; returns how many were found.
std::size_t kill_tagged(const std::string& tag);
// Collects the leader's status (it must have ended) and reaps what was adopted meanwhile.
ProcessExit reap_child(int pidfd);
// Orphans of our children become ours: called once at start.
void become_subreaper() noexcept;
std::optional<ProcessUsage> read_usage(int pid);

}  // namespace telltale::net
