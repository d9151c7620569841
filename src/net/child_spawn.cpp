#include "net/child_spawn.hpp"

#include <csignal>
#include <cstring>
#include <mutex>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.hpp"
#include "net/process_keeper.hpp"
#include "net/process_tree.hpp"

// ThreadSanitizer wraps clone() and takes every one for a fork; our child shares the memory and
// calls nothing of its.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern "C" int __clone(int (*)(void*), void*, int, void*,
                       ...);  // NOLINT(bugprone-reserved-identifier): glibc's name
#define clone __clone
#endif
#endif

namespace telltale::net {
namespace {

constexpr std::size_t kChildStack = 64U << 10U;
constexpr int kSignals = 64;

// Descriptors that the child dup()s to a low number come from above all of those.
constexpr int kAboveKeeper = 16;

int moved_above(int fd, int least) {
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, least);
  ::close(fd);
  return moved;
}

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = above_stdio(ends[0]);
    write = above_stdio(ends[1]);
    return read >= 0 && write >= 0;
  }
  // We may run without stdin or stdout ourselves; a pipe on 0..2 would be overwritten by the
  // child's dup2.
  static int above_stdio(int fd) { return fd > 2 ? fd : moved_above(fd, 3); }
};

// The two ends of the word between us and a keeper.
struct Control {
  int ours = -1;
  int its = -1;
  Control() = default;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  ~Control() {
    if (ours >= 0) ::close(ours);
    if (its >= 0) ::close(its);
  }
  bool open() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
    ours = moved_above(ends[0], kAboveKeeper);
    its = moved_above(ends[1], kAboveKeeper);
    return ours >= 0 && its >= 0;
  }
};

// Shared with the child, which runs in our memory until it has executed (CLONE_VM | CLONE_VFORK).
struct ChildStart {
  char* const* argv;
  char* const* envp;
  int in;
  int out;
  int err;
  int control;
  int program;
  int seccomp;  // -1: none
  long parent;
  volatile int error = 0;
};

// In the child. Raw system calls only: no libc state (and no sanitizer) may learn of a second
// process in this memory.
__attribute__((no_sanitize("address", "thread", "undefined"), no_stack_protector)) int run_child(
    void* argument) {
  auto& start = *static_cast<ChildStart*>(argument);
  const auto give_up = [&start]() __attribute__((no_sanitize("address", "thread", "undefined"))) {
    start.error = errno;
    ::syscall(SYS_exit_group, 127);
    return 0;
  };
  ::syscall(SYS_setsid);
  ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::syscall(SYS_getppid) != start.parent)
    return give_up();                   // the parent died before the line above
  unsigned long kernel_action[4] = {};  // SIG_DFL, no flags, empty mask
  for (int signal = 1; signal <= kSignals; ++signal)
    ::syscall(SYS_rt_sigaction, signal, kernel_action, nullptr, kSignals / 8);
  unsigned long no_signals = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr, kSignals / 8);
  if (::syscall(SYS_dup3, start.in, 0, 0) < 0 || ::syscall(SYS_dup3, start.out, 1, 0) < 0 ||
      ::syscall(SYS_dup3, start.err, 2, 0) < 0 ||
      ::syscall(SYS_dup3, start.control, keeper::kControl, 0) < 0 ||
      ::syscall(SYS_dup3, start.program, keeper::kSelf, 0) < 0)
    return give_up();
  int first_free = keeper::kSeccomp;
  if (start.seccomp >= 0) {
    if (::syscall(SYS_dup3, start.seccomp, keeper::kSeccomp, 0) < 0) return give_up();
    ++first_free;
  }
  ::syscall(SYS_close_range, first_free, ~0U, 0U);
  ::syscall(SYS_execveat, keeper::kSelf, "", start.argv, start.envp, AT_EMPTY_PATH);
  return give_up();
}

std::string error_text(int number) {
  return std::strerror(number);
}  // NOLINT(concurrency-mt-unsafe): glibc's is

base::Result<std::string> find_command(const ProcessSpec& spec) {
  if (spec.command.empty()) return base::bad_field("/command", "must not be empty");
  if (spec.command.find('/') != std::string::npos) return spec.command;
  const auto path = spec.environment.find("PATH");
  std::string_view rest = path == spec.environment.end() ? "/usr/local/bin:/usr/bin:/bin"
                                                         : std::string_view(path->second);
  while (!rest.empty()) {
    const auto end = rest.find(':');
    const auto folder = rest.substr(0, end);
    auto candidate = (folder.empty() ? std::string(".") : std::string(folder)) + "/" + spec.command;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return base::fail(base::Code::invalid_argument, "command not found: " + spec.command);
}

// What can be said before anything is started is said at once; the rest (a missing interpreter, a
// program for another machine) is how the process ends.
base::Result<void> check_command(const ProcessSpec& spec, const std::string& path) {
  int folder = AT_FDCWD;
  if (!spec.directory.empty()) {
    folder = ::open(spec.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
      return base::fail(base::Code::invalid_argument,
                        "cannot enter the directory " + spec.directory + ": " + error_text(errno));
  }
  struct stat found{};
  int number = 0;
  if (::fstatat(folder, path.c_str(), &found, 0) != 0 ||
      ::faccessat(folder, path.c_str(), X_OK, AT_EACCESS) != 0)
    number = errno;
  else if (!S_ISREG(found.st_mode))
    number = EACCES;
  if (folder != AT_FDCWD) ::close(folder);
  if (number == 0) return {};
  return base::fail(base::Code::invalid_argument,
                    "cannot run " + spec.command + ": " + error_text(number));
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (auto& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// A pipe whose reader is gone must be an error of write(), not the end of us.
void ignore_sigpipe() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction current{};
    if (::sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL)
      ::signal(SIGPIPE, SIG_IGN);
  });
}

// No handler of ours may run in the child while it shares our memory: every signal waits meanwhile.
base::Result<SpawnedChild> start_child(ChildStart& start) {
  std::vector<char> stack(kChildStack);
  auto* const top = stack.data() + (stack.size() & ~std::size_t{15}) - 64;
  SpawnedChild out;
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  int number = 0;
  {
    const LeaderRegistration registration;  // before anyone could take the new zombie for an orphan
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    out.pid =
        ::clone(run_child, top, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &start, &out.pidfd);
    number = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (out.pid > 0) registration.add(out.pid);
  }
  if (out.pid < 0)
    return base::fail(base::Code::unavailable,
                      "cannot start another process: " + error_text(number));
  ::fcntl(out.pidfd, F_SETFD, FD_CLOEXEC);
  return out;
}

}  // namespace

base::Result<SpawnedChild> spawn_child(const ProcessSpec& spec) {
  ignore_sigpipe();
  auto path = find_command(spec);
  if (!path) return std::unexpected(path.error());
  if (auto fine = check_command(spec, *path); !fine) return std::unexpected(fine.error());
  const auto program = keeper_program();
  if (!program) return std::unexpected(program.error());
  auto tag = base::secure_token(12);
  auto plan = plan_sandbox(spec, *path);
  if (!plan) return std::unexpected(plan.error());
  auto arguments = keeper_arguments(spec, *path, *plan);
  std::vector<std::string> environment;
  for (const auto& [name, value] : plan->environment)
    if (name != kChildTag) environment.push_back(fmt::format("{}={}", name, value));
  environment.push_back(std::string(kChildTag) + "=" + tag);
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);

  Pipe in;
  Pipe out;
  Pipe err;
  Control control;
  if (!in.open() || !out.open() || !err.open() || !control.open())
    return base::fail(base::Code::unavailable, "cannot make pipes: " + error_text(errno));
  ChildStart start{.argv = argv.data(),
                   .envp = envp.data(),
                   .in = in.read,
                   .out = out.write,
                   .err = err.write,
                   .control = control.its,
                   .program = *program,
                   .seccomp = plan->seccomp_fd,
                   .parent = ::getpid()};
  auto child = start_child(start);
  if (!child) return child;
  if (start.error != 0) {
    reap_leader(child->pid, child->pidfd);
    ::close(child->pidfd);
    return base::fail(base::Code::unavailable, "cannot run the keeper: " + error_text(start.error));
  }
  child->tag = std::move(tag);
  child->wrapped = !plan->wrapper.empty();
  child->control_fd = std::exchange(control.ours, -1);
  child->stdin_fd = std::exchange(in.write, -1);
  child->stdout_fd = std::exchange(out.read, -1);
  child->stderr_fd = std::exchange(err.read, -1);
  return child;
}

}  // namespace telltale::net
