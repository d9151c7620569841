#include "apply.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "protocol.hpp"

namespace telltale::net::keeper {
namespace {

const char* value_of(const char* argument, const char* name) {
  const auto size = ::strlen(name);
  return ::strncmp(argument, name, size) == 0 && argument[size] == '=' ? argument + size + 1
                                                                       : nullptr;
}

bool read_option(const char* argument, Settings& out) {
  if (::strcmp(argument, "--wrapped") == 0) return out.wrapped = true;
  if (::strcmp(argument, "--inside") == 0) return out.inside = true;
  if (::strcmp(argument, "--no-new-privileges") == 0) return out.no_new_privileges = true;
  if (::strcmp(argument, "--seccomp") == 0) return out.seccomp = true;
  if (::strcmp(argument, "--no-network") == 0) return out.no_network = true;
  if (const auto* value = value_of(argument, "--landlock")) {
    out.landlock = ::atoi(value);
    return true;
  }
  if (const auto* value = value_of(argument, "--writable")) {
    if (out.writable_count == kMostPaths) return false;
    out.writable[out.writable_count++] = value;
    return true;
  }
  if (const auto* value = value_of(argument, "--directory")) {
    out.directory = value;
    return true;
  }
  if (const auto* value = value_of(argument, "--nice")) {
    out.nice = ::atoi(value);
    return true;
  }
  if (const auto* value = value_of(argument, "--limit")) {  // NUMBER:VALUE
    char* rest = nullptr;
    const auto resource = ::strtol(value, &rest, 10);
    if (*rest != ':' || out.limit_count == 16) return false;
    out.limits[out.limit_count++] = {static_cast<int>(resource), ::strtoull(rest + 1, nullptr, 10)};
    return true;
  }
  return false;
}

// landlock(7); the header of Debian 12 knows ABI 2 only.
constexpr unsigned long long kExecute = 1 << 0;
constexpr unsigned long long kWriteFile = 1 << 1;
constexpr unsigned long long kReadFile = 1 << 2;
constexpr unsigned long long kReadFolder = 1 << 3;
constexpr unsigned long long kTruncate = 1 << 14;
constexpr unsigned long long kDeviceControl = 1 << 15;
constexpr unsigned long long kTcp = 3;     // bind and connect
constexpr unsigned long long kScopes = 3;  // abstract sockets and signals

struct Ruleset {
  unsigned long long files;
  unsigned long long network;
  unsigned long long scopes;
};

unsigned long long file_rights(int abi) {
  const int bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  return (1ULL << bits) - 1;
}

void allow_below(int ruleset, const char* path, unsigned long long rights) {
  const int fd = ::open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) fail("open a writable path of the sandbox");
  struct stat found{};
  ::fstat(fd, &found);
  if (!S_ISDIR(found.st_mode))
    rights &= kExecute | kWriteFile | kReadFile | kTruncate | kDeviceControl;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights;
  rule.parent_fd = fd;
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    fail("add a Landlock rule");
  ::close(fd);
}

void apply_landlock(const Settings& settings) {
  const int abi = settings.landlock;
  const Ruleset rules{.files = file_rights(abi),
                      .network = abi >= 4 && settings.no_network ? kTcp : 0,
                      .scopes = abi >= 6 ? kScopes : 0};
  const size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const int ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0));
  if (ruleset < 0) fail("make a Landlock ruleset");
  allow_below(ruleset, "/", kExecute | kReadFile | kReadFolder);
  for (int i = 0; i < settings.writable_count; ++i)
    allow_below(ruleset, settings.writable[i], rules.files);
  if (::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) fail("restrict itself by Landlock");
  ::close(ruleset);
}

void apply_seccomp() {
  static sock_filter program[4096];
  const auto got = ::pread(kSeccomp, program, sizeof program, 0);
  if (got <= 0 || got == sizeof program) fail("read the seccomp program");
  sock_fprog all{.len = static_cast<unsigned short>(static_cast<size_t>(got) / sizeof program[0]),
                 .filter = program};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) != 0) fail("set the seccomp filter");
}

}  // namespace

bool read_settings(int argc, char** argv, Settings& out) {
  for (int i = 1; i < argc; ++i) {
    if (::strcmp(argv[i], "--") == 0) {
      if (i + 2 >= argc) return false;
      out.path = argv[i + 1];
      out.argv = argv + i + 2;
      return true;
    }
    if (!read_option(argv[i], out)) return false;
  }
  return false;
}

[[noreturn]] void fail(const char* what) {
  Message message{.word = Word::failed, .value = errno, .text = {}};
  ::strncpy(message.text, what, sizeof message.text - 1);
  (void)!::write(kReport, &message, sizeof message);
  ::_exit(127);
}

void prepare(const Settings& settings) {
  if (settings.directory != nullptr && ::chdir(settings.directory) != 0)
    fail("enter the directory");
  for (int i = 0; i < settings.limit_count; ++i) {
    const rlimit limit{settings.limits[i].value, settings.limits[i].value};
    if (::setrlimit(static_cast<__rlimit_resource>(settings.limits[i].resource), &limit) != 0)
      fail("set a limit");
  }
  if (settings.nice != 0) {
    errno = 0;
    if (::nice(settings.nice) == -1 && errno != 0) fail("set the niceness");
  }
  if (settings.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    fail("give up new privileges");
  if (settings.landlock > 0) apply_landlock(settings);
  if (settings.seccomp) apply_seccomp();
}

[[noreturn]] int run_wrapped(const Settings& settings) {
  ::fcntl(kReport, F_SETFD, FD_CLOEXEC);
  ::signal(SIGTERM, SIG_DFL);
  prepare(settings);
  const Message ready{.word = Word::started, .value = 0, .text = {}};
  (void)!::write(kReport, &ready, sizeof ready);
  ::close_range(kFirstFree, ~0U, 0);
  ::close_range(kControl, kReport - 1, 0);
  ::execve(settings.path, settings.argv, environ);
  fail("run the command");
}

}  // namespace telltale::net::keeper
