// The keeper: a tiny static program, embedded in Telltale, that stands between Telltale and each
// child. It is the subreaper of the child's whole family: whatever a descendant does (double fork,
// setsid, an emptied environment), when its parent ends it becomes the keeper's own child. When
// the child ends, when Telltale says so, or when Telltale is gone (kill -9 included: the socket
// closes), it kills all of them and ends. It kills only its own unreaped children, so never a
// number that could have been reused. docs/decisions/0005-keeper.md.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply.hpp"
#include "protocol.hpp"

namespace telltale::net::keeper {
namespace {

void tell(Word word, int value, const char* text = "") {
  Message message{.word = word, .value = value, .text = {}};
  ::strncpy(message.text, text, sizeof message.text - 1);
  // Nobody listens any more: then poll() says so at once.
  (void)!::send(kControl, &message, sizeof message, MSG_NOSIGNAL);
}

// The kernel's list of our children as text; a number cut by the end of the buffer waits for the
// next look.
bool kill_children() {
  static char text[1 << 16];
  static char path[64];
  if (path[0] == 0) {
    char digits[16];
    int at = sizeof digits;
    for (int pid = ::getpid(); pid > 0; pid /= 10) digits[--at] = static_cast<char>('0' + pid % 10);
    ::strcpy(path, "/proc/self/task/");
    ::strncat(path, digits + at, sizeof digits - static_cast<size_t>(at));
    ::strcat(path, "/children");
  }
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < sizeof text;
       size += got > 0 ? static_cast<size_t>(got) : 0)
    got = ::read(fd, text + size, sizeof text - size);
  ::close(fd);
  int pid = 0;
  for (size_t i = 0; i < size; ++i) {
    if (text[i] >= '0' && text[i] <= '9') {
      pid = pid * 10 + (text[i] - '0');
      continue;
    }
    if (pid > 1) {
      // Its group too: of one that forks and ends all the time, only that is sure to be there. It
      // is not reaped yet, dead or alive, and so holds the number.
      const int group = ::getpgid(pid);
      if (group > 1 && group != ::getpgrp()) ::kill(-group, SIGKILL);
      ::kill(pid, SIGKILL);
    }
    pid = 0;
  }
  return true;
}

// Killing a child makes its children ours; layer by layer, until none is left.
[[noreturn]] void end_all(int leader) {
  for (;;) {
    if (!kill_children() && leader > 0) ::kill(-leader, SIGKILL);
    int status = 0;
    int pid = ::waitpid(-1, &status, 0);
    if (pid < 0 && errno == ECHILD) ::_exit(0);
    for (; pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
      if (pid != leader) continue;
      tell(Word::ended, status);
      leader = 0;
    }
  }
}

struct Child {
  int pid = 0;  // 0: reaped
  int report = -1;
  bool started = false;
  bool applied = false;  // what it runs under is in force
};

// The child says what it cannot do; its silence (the end of the pipe by close-on-exec) is success.
void read_report(Child& child) {
  if (child.report < 0) return;
  Message message{};
  for (ssize_t got = 0; (got = ::read(child.report, &message, sizeof message)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got != sizeof message) break;
    if (message.word == Word::failed) {
      (void)!::send(kControl, &message, sizeof message, MSG_NOSIGNAL);
      child.applied = true;
      child.started = true;  // told already
    }
    if (message.word == Word::started) child.applied = true;
  }
  ::close(child.report);
  child.report = -1;
  if (!child.applied)
    tell(Word::failed, 0, "the sandbox could not be set up (its stderr says why)");
  if (child.applied && !child.started) tell(Word::started, child.pid);
  child.started = true;
}

void reap(Child& child) {
  int status = 0;
  for (int pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != child.pid) continue;
    if (child.report >= 0) {
      read_report(child);  // its last words are in the pipe
    }
    tell(Word::ended, status);
    end_all(0);
  }
}

[[noreturn]] void keep(Child child, int signals) {
  for (;;) {
    pollfd waits[3] = {{.fd = kControl, .events = POLLIN, .revents = 0},
                       {.fd = signals, .events = POLLIN, .revents = 0},
                       {.fd = child.report, .events = POLLIN, .revents = 0}};
    if (::poll(waits, 3, -1) < 0) continue;
    if (waits[2].revents != 0) read_report(child);
    if (waits[1].revents != 0) {
      signalfd_siginfo info{};
      if (::read(signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
          reap(child);
        else  // somebody means the server and found us
          ::kill(-child.pid, static_cast<int>(info.ssi_signo));
      }
    }
    if (waits[0].revents != 0) {
      Message message{};
      const auto got = ::recv(kControl, &message, sizeof message, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got != sizeof message || message.word == Word::end) end_all(child.pid);
      if (message.word == Word::signal) ::kill(-child.pid, message.value);
    }
  }
}

[[noreturn]] void run(const Settings& settings, int keeper_pid) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper_pid) ::_exit(127);
  if (settings.wrapped) {
    // Its helper processes shall leave the signals for the group to the server itself, which gets
    // the defaults back in run_wrapped().
    ::signal(SIGTERM, SIG_IGN);
  } else {
    ::fcntl(kReport, F_SETFD, FD_CLOEXEC);
    prepare(settings);
    ::close_range(kControl, kReport - 1, 0);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(settings.path, settings.argv, environ);
  fail("run the command");
}

}  // namespace

int keep_child(const Settings& settings) {
  ::prctl(PR_SET_NAME, "keeper");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::fcntl(kControl, F_SETFD, FD_CLOEXEC);
  sigset_t taken;
  ::sigfillset(&taken);
  ::sigprocmask(SIG_SETMASK, &taken, nullptr);
  ::sigemptyset(&taken);
  const int heard[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
  for (const int signal : heard) ::sigaddset(&taken, signal);
  int ends[2];
  if (::pipe(ends) != 0) {
    tell(Word::failed, errno, "make a pipe");
    return 1;
  }
  // Its number is agreed on, as it goes through a sandbox's helpers.
  const int report = ::fcntl(ends[0], F_DUPFD_CLOEXEC, kFirstFree);
  const int writing = ::fcntl(ends[1], F_DUPFD_CLOEXEC, kFirstFree);
  ::fcntl(report, F_SETFL, O_NONBLOCK);
  ::close(ends[0]);
  ::close(ends[1]);
  const int keeper_pid = ::getpid();
  const int pid = ::fork();
  if (pid == 0) {
    ::dup2(writing, kReport);
    ::close_range(kFirstFree, ~0U, 0);
    run(settings, keeper_pid);
  }
  if (pid < 0) {
    tell(Word::failed, errno, "start another process");
    return 1;
  }
  // The ends of the child's pipes are its own: that it closes them must be seen.
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; ++fd) ::dup2(nothing, fd);
  ::close(nothing);
  ::close(writing);
  ::close_range(kSelf, kReport, 0);
  (void)!::chdir("/");
  // From here on the socket tells that Telltale is gone; a death by signal would spare the family.
  ::prctl(PR_SET_PDEATHSIG, 0);
  keep({.pid = pid, .report = report, .applied = !settings.wrapped},
       ::signalfd(-1, &taken, SFD_CLOEXEC));
}

}  // namespace telltale::net::keeper

int main(int argc, char** argv) {
  using namespace telltale::net::keeper;
  Settings settings;
  if (!read_settings(argc, argv, settings)) return 126;
  return settings.inside ? run_wrapped(settings) : keep_child(settings);
}
