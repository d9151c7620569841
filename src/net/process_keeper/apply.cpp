#include "apply.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
