#include "net/child_spawn.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <mutex>
#include <set>

#include "base/random.hpp"

namespace telltale::net {
namespace {

// The pids we manage: a zombie among our children that is none of these was adopted and is reaped at once.
std::mutex managed_mutex;
std::set<int>& managed() {
  static std::set<int> pids;
  return pids;
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
    read = ends[0];
    write = ends[1];
    return true;
  }
};

std::string error_text(int number) { return std::strerror(number); }  // NOLINT(concurrency-mt-unsafe): glibc's is

base::Result<std::string> find_command(const ProcessSpec& spec) {
  if (spec.command.empty()) return base::bad_field("/command", "must not be empty");
  if (spec.command.find('/') != std::string::npos) return spec.command;
  const auto path = spec.environment.find("PATH");
  std::string_view rest = path == spec.environment.end() ? "/usr/local/bin:/usr/bin:/bin" : std::string_view(path->second);
  while (!rest.empty()) {
    const auto end = rest.find(':');
    const auto candidate = std::string(rest.substr(0, end)) + "/" + spec.command;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return base::fail(base::Code::invalid_argument, "command not found: " + spec.command);
}

// Only async-signal-safe calls from here to exec.
[[noreturn]] void run_child(const char* path, char* const* argv, char* const* envp, const char* directory, int in, int out,
                            int err, int report, int parent) {
  const auto give_up = [report] {
    const int number = errno;
    [[maybe_unused]] const auto sent = ::write(report, &number, sizeof number);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < 32; ++signal) ::signal(signal, SIG_DFL);
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) give_up();
  if (::dup3(report, 3, O_CLOEXEC) < 0) give_up();
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  if (directory != nullptr && ::chdir(directory) != 0) {
    const int number = errno;
    [[maybe_unused]] const auto sent = ::write(3, &number, sizeof number);
    ::_exit(126);
  }
  ::execve(path, argv, envp);
  const int number = errno;
  [[maybe_unused]] const auto sent = ::write(3, &number, sizeof number);
  ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (auto& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::string read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string out;
  std::array<char, 4096> bytes{};
  for (;;) {
    const auto got = ::read(fd, bytes.data(), bytes.size());
    if (got <= 0) break;
    out.append(bytes.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return out;
}

template <class Visit>
void each_pid(Visit visit) {
  DIR* const directory = ::opendir("/proc");
  if (directory == nullptr) return;
  while (const auto* entry = ::readdir(directory)) {  // NOLINT(concurrency-mt-unsafe): the stream is ours alone
    int pid = 0;
    const std::string_view name = entry->d_name;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) visit(pid);
  }
  ::closedir(directory);
}

void reap_adopted() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    {
      const std::lock_guard lock(managed_mutex);
      if (managed().contains(info.si_pid)) return;  // its owner collects it
    }
    ::waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG);
  }
}

}  // namespace

void become_subreaper() noexcept { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

base::Result<SpawnedChild> spawn_child(const ProcessSpec& spec) {
  auto path = find_command(spec);
  if (!path) return std::unexpected(path.error());
  SpawnedChild out{.tag = base::secure_token(12)};
  std::vector<std::string> arguments{spec.command};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  std::vector<std::string> environment{"TELLTALE_CHILD=" + out.tag};
  for (const auto& [name, value] : spec.environment) environment.push_back(name + "=" + value);
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);

  Pipe in;
  Pipe stdout_pipe;
  Pipe stderr_pipe;
  Pipe report;
  if (!in.open() || !stdout_pipe.open() || !stderr_pipe.open() || !report.open())
    return base::fail(base::Code::unavailable, "cannot make pipes: " + error_text(errno));
  const int parent = ::getpid();
  {
    // Held over the fork so that the new pid is known before anyone looks for orphans.
    const std::lock_guard lock(managed_mutex);
    out.pid = ::fork();
    if (out.pid > 0) managed().insert(out.pid);
  }
  if (out.pid < 0) return base::fail(base::Code::unavailable, "cannot fork: " + error_text(errno));
  if (out.pid == 0)
    run_child(path->c_str(), argv.data(), envp.data(), spec.directory.empty() ? nullptr : spec.directory.c_str(), in.read,
              stdout_pipe.write, stderr_pipe.write, report.write, parent);
  ::close(std::exchange(report.write, -1));
  out.pidfd = static_cast<int>(::syscall(SYS_pidfd_open, out.pid, 0));
  int number = 0;
  ssize_t got = 0;
  do got = ::read(report.read, &number, sizeof number);
  while (got < 0 && errno == EINTR);
  if (got > 0 || out.pidfd < 0) {
    if (out.pidfd < 0) ::kill(out.pid, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(out.pid), &info, WEXITED);
    const std::lock_guard lock(managed_mutex);
    managed().erase(out.pid);
    if (out.pidfd >= 0) ::close(out.pidfd);
    const bool in_directory = info.si_status == 126;
    return base::fail(base::Code::invalid_argument, (in_directory ? "cannot enter the directory " + spec.directory
                                                                  : "cannot run " + spec.command) +
                                                        ": " + error_text(number));
  }
  out.stdin_fd = std::exchange(in.write, -1);
  out.stdout_fd = std::exchange(stdout_pipe.read, -1);
  out.stderr_fd = std::exchange(stderr_pipe.read, -1);
  for (const int fd : {out.stdin_fd, out.stdout_fd, out.stderr_fd}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return out;
}

void signal_group(int pid, int signal) noexcept { ::kill(-pid, signal); }

std::size_t kill_tagged(const std::string& tag) {
  std::size_t found = 0;
  const auto needle = "TELLTALE_CHILD=" + tag;
  each_pid([&](int pid) {
    // The pidfd is opened before the look: it cannot name another process afterwards.
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) return;
    const auto environment = read_file("/proc/" + std::to_string(pid) + "/environ");
    if (environment.find(needle) != std::string::npos) {
      ::syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
      ++found;
    }
    ::close(pidfd);
  });
  return found;
}

ProcessExit reap_child(int pidfd) {
  siginfo_t info{};
  ProcessExit out;
  if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED) == 0) {
    if (info.si_code == CLD_EXITED)
      out.code = info.si_status;
    else
      out.signal = info.si_status;
    const std::lock_guard lock(managed_mutex);
    managed().erase(info.si_pid);
  }
  reap_adopted();
  return out;
}

std::optional<ProcessUsage> read_usage(int pid) {
  const auto root = "/proc/" + std::to_string(pid);
  const auto stat = read_file(root + "/stat");
  const auto after_name = stat.rfind(')');
  if (after_name == std::string::npos) return std::nullopt;
  std::array<unsigned long long, 22> field{};
  std::string_view rest = std::string_view(stat).substr(after_name + 2);
  for (auto& value : field) {
    const auto end = rest.find(' ');
    std::from_chars(rest.data(), rest.data() + std::min(end, rest.size()), value);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  static const auto kTicks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  static const auto kPage = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  ProcessUsage out{.pid = pid};
  out.cpu_percent = static_cast<double>(field[11] + field[12]) / kTicks;  // seconds so far: the caller takes the difference
  out.threads = field[17];
  out.memory_bytes = field[21] * kPage;
  DIR* const directory = ::opendir((root + "/fd").c_str());
  if (directory != nullptr) {
    while (::readdir(directory) != nullptr) ++out.fds;  // NOLINT(concurrency-mt-unsafe): the stream is ours alone
    ::closedir(directory);
    out.fds = out.fds >= 2 ? out.fds - 2 : 0;
  }
  return out;
}

}  // namespace telltale::net
