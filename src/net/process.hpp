// A child process with pipes, on its home loop: below a keeper (process_keeper.hpp), which ends it
// and all its descendants when it ends or when we do; a pidfd, never a kill by number that could
// have been reused; close-on-exec on everything.
// stdout and stdin carry lines; stderr is text. spawn() never uses a shell and never searches PATH
// unless the command has no slash.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/process_sandbox.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"

namespace telltale::net {

struct ProcessSpec {
  std::string command;
  std::vector<std::string> arguments;
  std::map<std::string, std::string>
      environment;             // the whole environment of the child (see child_environment)
  std::string directory = {};  // "" is ours
  std::size_t line_limit = 16U << 20U;   // of stdout; a longer line ends the session
  std::size_t stdin_limit = 32U << 20U;  // bytes queued to a child that does not read
  SandboxSpec sandbox = {};
  ProcessLimits limits = {};
};

struct ProcessExit {
  std::optional<int> code;       // exited by itself
  std::optional<int> signal;     // killed by
  std::string failure = {};      // why it never ran
  std::string describe() const;  // "exited with code 1", "killed by signal 9 (KILL)"
};

struct ProcessUsage {  // of the child and all its descendants
  int pid = 0;
  double cpu_percent = 0;  // of one core, since the last sample
  std::uint64_t memory_bytes = 0;
  std::uint64_t fds = 0;
  std::uint64_t threads = 0;
  base::WallTime started_at;
};

class Process {
 public:
  struct Events {                                            // all on the home loop
    std::function<void(std::string_view line)> stdout_line;  // without its line end (LF or CRLF)
    std::function<void(std::string_view text)> stderr_line;  // cut at 16 KiB
    std::function<void(base::Error why)> stdout_closed;  // end of stdout, or a line over the limit
    std::function<void(ProcessExit)> exited;             // once, last of all output
  };

  static base::Result<std::unique_ptr<Process>> spawn(runtime::Loop& loop, ProcessSpec spec,
                                                      Events events);
  Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  virtual ~Process() = default;  // kills the group at once if it still runs; prefer stop()

  virtual int pid() const = 0;
  // Queues one line (the newline is added). unavailable when the child is gone, rate_limited when
  // its pipe is full.
  virtual base::Result<void> write_line(std::string line) = 0;
  // For who asks much at once: stdout is read when it is likely to hold about so many lines, if
  // they come fast enough that none waits over 100 us for it; 0, as at first: whenever there is
  // something.
  virtual void gather(std::size_t lines) = 0;
  virtual void close_stdin() = 0;
  virtual bool running() const = 0;
  virtual std::optional<ProcessExit> exit() const = 0;
  // Closes stdin, waits `grace`, SIGTERM to the group, waits `grace`, SIGKILL to all that is left;
  // returns when none is.
  virtual runtime::Task<ProcessExit> stop(base::Duration grace) = 0;
  virtual void kill() = 0;              // SIGKILL to the group now
  virtual void signal(int signal) = 0;  // to the group, by its keeper; nothing once it has ended
  virtual std::optional<ProcessUsage> sample() = 0;
};

// Orphans of our children become ours instead of init's, so that none is lost. The application
// calls it once, first thing; every zombie among our children that no Process owns is reaped from
// then on.
void become_subreaper();
// Our environment cut down to what a child may see (PATH, HOME, LANG, TMPDIR, …) plus `extra`.
std::map<std::string, std::string> child_environment(
    const std::map<std::string, std::string>& extra);
// CPU, memory, descriptors and threads of this very process.
ProcessUsage sample_self();

}  // namespace telltale::net
