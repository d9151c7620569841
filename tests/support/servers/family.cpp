// A stdio server that starts descendants in every way by which a process leaves its family:
// family FIFO [WAY…]. Each of them, and whatever they start, holds the FIFO open for writing and
// writes its way's name and a line end there: its reader sees end of file exactly when the last of
// them is gone, whatever their numbers. It answers initialize, ping and tools/list, else nothing;
// its end is that of its stdin. Ways: plain setsid double env_i deaf closed reaper parent leap.
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

const char* fifo_path = nullptr;
int fifo = -1;

void here(const char* way) {
  const auto line = std::string(way) + "\n";
  if (::write(fifo, line.data(), line.size()) < 0) ::_exit(3);
}

[[noreturn]] void stay(const char* way) {
  here(way);
  for (;;) ::pause();
}

// In a new process of its own.
template <class Body>
void in_child(Body body) {
  if (::fork() == 0) {
    body();
    ::_exit(0);
  }
}

void all_signals(void (*handler)(int)) {
  for (int signal = 1; signal < 32; ++signal) ::signal(signal, handler);
}

void begin(std::string_view way) {
  if (way == "plain") in_child([] { stay("plain"); });
  if (way == "setsid")
    in_child([] {
      ::setsid();
      stay("setsid");
    });
  if (way == "double")
    in_child([] {
      ::setsid();
      in_child([] { stay("double"); });
    });
  if (way == "env_i")  // nothing of our environment or of our sessions is left
    in_child([] {
      ::setsid();
      in_child([] {
        ::setsid();
        here("env_i");
        ::fcntl(fifo, F_SETFD, 0);
        char name[] = "sleep";
        char time[] = "100000";
        char* const arguments[] = {name, time, nullptr};
        char* const nothing[] = {nullptr};
        ::execve("/bin/sleep", arguments, nothing);
      });
    });
  if (way == "deaf")
    in_child([] {
      ::setsid();
      all_signals(SIG_IGN);
      stay("deaf");
    });
  if (way == "closed")
    in_child([] {
      ::setsid();
      ::close_range(0, ~0U, 0);
      fifo = ::open(fifo_path, O_WRONLY);
      stay("closed");
    });
  if (way == "reaper")  // adopts its own orphans
    in_child([] {
      ::setsid();
      ::prctl(PR_SET_CHILD_SUBREAPER, 1);
      in_child([] { in_child([] { stay("reaper"); }); });
      for (;;) ::pause();
    });
  if (way == "parent") {  // not our child but our sibling
    if (::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr) == 0) {
      ::setsid();
      stay("parent");
    }
  }
  if (way == "leap")  // never the same process for long
    in_child([] {
      ::setsid();
      here("leap");
      for (;;) {
        if (::fork() != 0) ::_exit(0);
        ::usleep(1000);
      }
    });
}

std::string id_of(std::string_view line) {
  const auto at = line.find("\"id\":");
  if (at == std::string_view::npos) return {};
  const auto begin = at + 5;
  return std::string(line.substr(begin, line.find_first_of(",}", begin) - begin));
}

void answer(std::string_view line) {
  const auto id = id_of(line);
  if (id.empty()) return;
  std::string_view result = "{}";
  if (line.find("\"initialize\"") != std::string_view::npos)
    result =
        R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"family","version":"1"}})";
  else if (line.find("\"tools/list\"") != std::string_view::npos)
    result = R"({"tools":[]})";
  else if (line.find("\"ping\"") == std::string_view::npos) {
    std::printf(R"({"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}})"
                "\n",
                id.c_str());
    std::fflush(stdout);
    return;
  }
  std::printf(R"({"jsonrpc":"2.0","id":%s,"result":%.*s})"
              "\n",
              id.c_str(), static_cast<int>(result.size()), result.data());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  fifo_path = argv[1];
  fifo = ::open(fifo_path, O_WRONLY | O_CLOEXEC);
  if (fifo < 0) return 3;
  std::vector<std::string_view> ways(argv + 2, argv + argc);
  if (ways.empty())
    ways = {"plain", "setsid", "double", "env_i", "deaf", "closed", "reaper", "parent", "leap"};
  for (const auto way : ways) begin(way);
  here("server");
  char* line = nullptr;
  size_t room = 0;
  for (ssize_t got = 0; (got = ::getline(&line, &room, stdin)) > 0;)
    answer({line, static_cast<size_t>(got)});
  std::free(line);
  return 0;
}
