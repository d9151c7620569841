// A disk that is full, for a process of ours and all below it: no file grows any more
// (RLIMIT_FSIZE, getrlimit(2)). A write fails with EFBIG where a full disk says ENOSPC; pipes and
// sockets are as before. A program that leaves SIGXFSZ as it is ends by it; Node, Python and the
// JVM do not. Only the soft limit is moved, so that it can be put back.
#pragma once

namespace telltale::lab {

// Blocks shortly (reads /proc). False when the process is gone, or is not ours.
bool fill_disk_of(int pid);
bool free_disk_of(int pid);

}  // namespace telltale::lab
