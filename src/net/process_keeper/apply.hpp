// The last steps before a child's program runs: limits, folder, and inside a sandbox Landlock and
// seccomp. Each either succeeds or the child is not run: nothing here is best effort.
#pragma once

namespace telltale::net::keeper {

inline constexpr int kMostPaths = 256;

struct Settings {
  const char* path = nullptr;
  char** argv = nullptr;
  const char* directory = nullptr;
  bool wrapped = false;  // the program is a sandbox's, which runs us again inside
  bool inside = false;   // we are that second one
  bool no_new_privileges = false;
  bool seccomp = false;
  bool no_network = false;
  int landlock = 0;  // ABI to use, 0 for none
  const char* writable[kMostPaths] = {};
  int writable_count = 0;
  struct Limit {
    int resource;
    unsigned long long value;
  } limits[16] = {};
  int limit_count = 0;
  int nice = 0;
};

// --name=value …, then -- PATH ARGV0 ARGUMENTS…
bool read_settings(int argc, char** argv, Settings& out);
// In the child. Tells the keeper and ends when something cannot be done.
void prepare(const Settings& settings);
[[noreturn]] int run_wrapped(const Settings& settings);
[[noreturn]] void fail(const char* what);

}  // namespace telltale::net::keeper
