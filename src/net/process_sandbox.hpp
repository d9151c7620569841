// What a child may do: three levels, made of bubblewrap (namespaces, a file system of its own),
// Landlock, seccomp, no_new_privs and resource limits. A plan is made before anything is started
// and is then carried out whole or the child is not run: what it says is achieved is so.
// docs/sandbox.md. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace telltale::net {

struct ProcessSpec;

enum class SandboxLevel { none, standard, strict };
std::string_view sandbox_level_name(SandboxLevel level);
std::optional<SandboxLevel> parse_sandbox_level(std::string_view name);

struct SandboxSpec {
  SandboxLevel level = SandboxLevel::none;
  bool required = true;                  // refuse to start rather than start with less
  std::optional<bool> network = {};      // standard: yes, strict: no
  std::vector<std::string> read = {};    // paths besides those of the level
  std::vector<std::string> write = {};   // the same, writable
  std::vector<std::string> hidden = {};  // never visible (our own state)
};

struct ProcessLimits {             // 0: none
  std::uint64_t memory_bytes = 0;  // of address space, for each process
  std::uint64_t cpu_seconds = 0;   // of each process; over it: SIGXCPU
  std::uint64_t processes = 0;     // of the user in the sandbox; does not bind root
  std::uint64_t open_files = 0;
  int nice = 0;
};

// What this machine has, found once by trying.
struct SandboxSupport {
  std::string bubblewrap;  // its path
  std::string why_not;     // when it does not work
  int landlock = 0;        // ABI
  bool seccomp = false;
};
const SandboxSupport& sandbox_support();

struct SandboxResult {
  SandboxLevel requested = SandboxLevel::none;
  SandboxLevel achieved = SandboxLevel::none;
  std::string detail;  // the parts, or what is missing
};
// invalid_argument when the level is required and cannot be had here.
base::Result<SandboxResult> sandbox_result(const SandboxSpec& spec, const SandboxSupport& support);

struct SandboxPlan {
  SandboxResult result;
  std::vector<std::string> wrapper;  // bubblewrap and its arguments; empty without
  std::vector<std::string> options;  // of the keeper inside it
  std::map<std::string, std::string> environment;
  int seccomp_fd = -1;  // ours for ever
};
base::Result<SandboxPlan> plan_sandbox(const ProcessSpec& spec, const std::string& path);

// A descriptor with the seccomp program of the level, made once.
base::Result<int> seccomp_program(SandboxLevel level);

}  // namespace telltale::net
