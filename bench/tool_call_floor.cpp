// What the kernel alone costs a gateway: takes a POST, writes a tools/call to the child's pipe,
// reads the answer's line and sends it back, and does nothing else: no user, no record, no JSON.
// The floor of bench/tool_call.mjs.   tool_call_floor PORT COMMAND ARGUMENTS…
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Child {
  int in = -1, out = -1;
};

Child start(char** words) {
  std::array<int, 2> in{}, out{};
  if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0 || ::signal(SIGPIPE, SIG_IGN) == SIG_ERR)
    std::abort();
  if (::fork() == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::execvp(words[0], words);
    std::_Exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  return {.in = in[1], .out = out[0]};
}

void put(int fd, std::string_view text) {
  if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
}

// Takes what is there; false at the end.
bool take(int fd, std::string& into) {
  std::array<char, 65536> buffer;
  const auto got = ::read(fd, buffer.data(), buffer.size());
  if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

struct Gateway {
  int epoll = ::epoll_create1(0);
  Child child = {};
  std::unordered_map<int, std::string> clients;    // what came and is not answered
  std::unordered_map<unsigned long, int> waiting;  // by id of the call
  std::string lines;
  unsigned long last_id = 0;

  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
  void call(int client) {
    waiting[++last_id] = client;
    put(child.in, R"({"jsonrpc":"2.0","id":)" + std::to_string(last_id) +
                      R"(,"method":"tools/call","params":{"name":"echo","arguments":{"text":)"
                      R"("hello"}}})"
                      "\n");
  }
  // One POST ends where its body does.
  void read_client(int client) {
    auto& input = clients[client];
    if (!take(client, input)) {
      clients.erase(client);
      ::close(client);
      return;
    }
    for (;;) {
      const auto head = input.find("\r\n\r\n");
      const auto length = input.find("ength: ");
      if (head == std::string::npos || length == std::string::npos) return;
      const auto body = std::strtoul(input.c_str() + length + 7, nullptr, 10);
      if (input.size() < head + 4 + body) return;
      input.erase(0, head + 4 + body);
      call(client);
    }
  }
  void read_child() {
    if (!take(child.out, lines)) std::exit(0);
    std::size_t begin = 0;
    for (auto end = lines.find('\n'); end != std::string::npos; end = lines.find('\n', begin)) {
      const auto line = std::string_view(lines).substr(begin, end - begin);
      begin = end + 1;
      const auto at = line.find("\"id\":");
      if (at == std::string_view::npos) continue;
      unsigned long id = 0;
      std::from_chars(line.data() + at + 5, line.data() + line.size(), id);
      const auto found = waiting.find(id);
      if (found == waiting.end()) continue;
      const auto client = found->second;
      waiting.erase(found);
      put(client, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                      std::to_string(line.size()) + "\r\n\r\n" + std::string(line));
    }
    lines.erase(0, begin);
  }
};

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::fputs("tool_call_floor PORT COMMAND ARGUMENTS…\n", stderr);
    return 2;
  }
  Gateway gateway;
  gateway.child = start(words + 2);
  put(gateway.child.in,
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",)"
      R"("capabilities":{},"clientInfo":{"name":"floor","version":"0"}}})"
      "\n"
      R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
      "\n");
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(words[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 ||
      ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 64) != 0) {
    std::perror("listen");
    return 1;
  }
  gateway.watch(listener);
  gateway.watch(gateway.child.out);
  for (;;) {
    std::array<epoll_event, 64> events;
    const int ready = ::epoll_wait(gateway.epoll, events.data(), 64, -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == gateway.child.out) {
        gateway.read_child();
      } else if (fd != listener) {
        gateway.read_client(fd);
      } else {
        const int client = ::accept(listener, nullptr, nullptr);
        const int on = 1;
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        gateway.watch(client);
      }
    }
  }
}
