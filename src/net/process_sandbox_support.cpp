// What this machine's kernel and packages give, found by trying: bubblewrap may be there and yet
// not work (user namespaces switched off, a container that refuses mounts).
#include <cstring>

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/process.hpp"
#include "net/process_sandbox.hpp"
#include "net/process_tree.hpp"

extern char** environ;

namespace telltale::net {
namespace {

constexpr int kTrialLimitMs = 10'000;

// Never by PATH: whoever can write a folder of it would write our sandbox.
std::string find_bubblewrap() {
  for (const char* const path : {"/usr/bin/bwrap", "/usr/local/bin/bwrap"})
    if (::access(path, X_OK) == 0) return path;
  return {};
}

std::string read_rest(int fd) {
  char bytes[512];
  const auto got = ::read(fd, bytes, sizeof bytes);
  std::string out(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
  if (const auto end = out.find('\n'); end != std::string::npos) out.resize(end);
  return out;
}

int spawn(std::string program, int errors) {
  std::vector<std::string> words{std::move(program),
                                 "--unshare-all",
                                 "--unshare-user",
                                 "--disable-userns",
                                 "--cap-drop",
                                 "ALL",
                                 "--die-with-parent",
                                 "--ro-bind",
                                 "/",
                                 "/",
                                 "--dev",
                                 "/dev",
                                 "--proc",
                                 "/proc",
                                 "--tmpfs",
                                 "/tmp",
                                 "--",
                                 "/bin/true"};
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, errors, 2);
  int pid = 0;
  const LeaderRegistration registration;  // nobody else reaps it
  if (::posix_spawn(&pid, argv.front(), &actions, nullptr, argv.data(), environ) != 0)
    pid = 0;
  else
    registration.add(pid);
  ::posix_spawn_file_actions_destroy(&actions);
  return pid;
}

// "" when it works.
std::string try_bubblewrap(const std::string& program) {
  int errors[2];
  if (::pipe2(errors, O_CLOEXEC | O_NONBLOCK) != 0) return "no pipe to try bubblewrap with";
  const int pid = spawn(program, errors[1]);
  ::close(errors[1]);
  std::string out = "bubblewrap cannot be run";
  if (pid > 0) {
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    pollfd wait{.fd = pidfd, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, kTrialLimitMs) != 1) {
      ::kill(pid, SIGKILL);
      ::poll(&wait, 1, -1);
    }
    const auto exit = peek_exit(pidfd);
    reap_leader(pid, pidfd);
    ::close(pidfd);
    if (exit && exit->code == 0) {
      out.clear();
    } else {
      out = "bubblewrap does not work here: " + read_rest(errors[0]);
    }
  }
  ::close(errors[0]);
  return out;
}

SandboxSupport find_support() {
  SandboxSupport out;
  constexpr unsigned kVersion = 1;
  out.landlock = static_cast<int>(
      std::max(0L, ::syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0}, kVersion)));
  // A filter at no address is a fault only where filters are known.
  out.seccomp = ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr, 0, 0) != 0 && errno == EFAULT;
  out.bubblewrap = find_bubblewrap();
  if (out.bubblewrap.empty()) {
    out.why_not = "bubblewrap is not installed (Debian package bubblewrap)";
  } else {
    out.why_not = try_bubblewrap(out.bubblewrap);
    if (!out.why_not.empty()) out.bubblewrap.clear();
  }
  return out;
}

}  // namespace

const SandboxSupport& sandbox_support() {
  static const SandboxSupport kSupport = find_support();
  return kSupport;
}

}  // namespace telltale::net
