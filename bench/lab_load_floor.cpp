// What a tools/call over a pipe takes when nothing is done but write, read and look for the
// newline: the floor of bench/lab_load.mjs. Prints p50, p99 and the CPU time of a call, ours
// without the server's, in microseconds as JSON.
//   lab_load_floor CALLS COMMAND ARGUMENTS…
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Child {
  int in = -1, out = -1;
};

Child start(char** words) {
  std::array<int, 2> in{}, out{};
  if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) std::abort();
  if (::fork() == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::close(in[1]);
    ::close(out[0]);
    ::execvp(words[0], words);
    std::_Exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  return {.in = in[1], .out = out[0]};
}

void put(const Child& child, std::string_view line) {
  if (::write(child.in, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    std::abort();
}

// Until the end of a line.
void take(const Child& child) {
  std::array<char, 65536> buffer;
  for (;;) {
    const auto got = ::read(child.out, buffer.data(), buffer.size());
    if (got <= 0) std::abort();
    if (buffer[static_cast<std::size_t>(got) - 1] == '\n') return;
  }
}

double cpu_micros() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto micros = [](const timeval& one) {
    return static_cast<double>(one.tv_sec) * 1e6 + static_cast<double>(one.tv_usec);
  };
  return micros(used.ru_utime) + micros(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto calls = static_cast<std::size_t>(std::strtoul(argv[1], nullptr, 10));
  const auto child = start(argv + 2);
  put(child,
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
      R"("capabilities":{},"clientInfo":{"name":"floor","version":"0"}}})"
      "\n");
  take(child);
  put(child, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
  std::vector<double> micros;
  const double cpu = cpu_micros();
  const auto all = calls + calls / 10;
  for (std::size_t i = 1; i <= all; ++i) {
    const auto line = R"({"jsonrpc":"2.0","id":)" + std::to_string(i) +
                      R"(,"method":"tools/call","params":{"name":"echo","arguments":{"text":)"
                      R"("hello"}}})"
                      "\n";
    const auto began = std::chrono::high_resolution_clock::now();
    put(child, line);
    take(child);
    const std::chrono::duration<double, std::micro> took =
        std::chrono::high_resolution_clock::now() - began;
    if (i > calls / 10) micros.push_back(took.count());  // the first tenth warms up
  }
  const double cpu_of_all = (cpu_micros() - cpu) / static_cast<double>(all);
  std::ranges::sort(micros);
  const double sum = std::accumulate(micros.begin(), micros.end(), 0.0);
  const auto at = [&micros](double share) {
    return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  std::printf("{\"calls\":%zu,\"p50\":%.1f,\"p99\":%.1f,\"cpu\":%.2f,\"seconds\":%.3f}\n",
              micros.size(), at(0.5), at(0.99), cpu_of_all, sum / 1e6);
  ::close(child.in);
  int status = 0;
  ::wait(&status);
  return 0;
}
