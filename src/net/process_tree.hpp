// The family of a child: finding and killing what it left behind, reaping what was adopted, and
// measuring it. Nothing here kills by a number that could have been reused: the group's number is
// held by the unreaped leader, everything else is killed through a pidfd whose identity was checked
// after it was opened. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/process.hpp"

namespace telltale::net {

inline constexpr std::string_view kChildTag = "TELLTALE_CHILD";

// Leaders are the pids whose owner reaps them. Held over the clone, so that a child which dies at
// once is known already.
class LeaderRegistration {
 public:
  LeaderRegistration();
  void add(int pid) const;

 private:
  std::unique_lock<std::mutex> lock_;
};

// To the whole group; only while the leader has not been reaped.
void signal_group(int leader, int signal) noexcept;
// Notes who descends from the leader now. A descendant that later leaves session, group and
// environment behind and whose parent has ended can still be told by it: call this now and then,
// and before the leader is made to end.
void remember_family(int leader);
// SIGKILL to every descendant of the leader that is still alive, wherever it went (setsid, double
// fork). 0: none is left. More: look again after reap_orphans(), also when all that was found had
// ended, since what they started may have come to us behind our back.
std::size_t kill_survivors(int leader, const std::string& tag);
// The server below a sandbox's two helpers (bubblewrap and its init); `pid` while there is none.
int innermost(int pid);
// How the leader ended, without reaping it; nothing while it runs.
std::optional<ProcessExit> peek_exit(int pidfd);
void reap_leader(int leader, int pidfd);
// Adopted descendants that have ended (see become_subreaper).
void reap_orphans();

struct FamilyUsage {
  double cpu_seconds = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t fds = 0;
  std::uint64_t threads = 0;
};
std::optional<FamilyUsage> measure_process(int pid);
// All descendants of the leader (a keeper): what `npx` starts counts, not npx alone.
std::optional<FamilyUsage> measure_family(int leader);

}  // namespace telltale::net
