// What the kernel alone costs: takes subscribers, sends them what a publisher says in one send()
// each, and does nothing else. The floor of bench/fan_out.mjs. A connection that begins with "GET"
// is answered 101 and subscribed; one that begins with a digit publishes `COUNT SIZE\n` and COUNT
// messages of SIZE bytes, again and again.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::string_view kUpgraded =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: unchecked\r\n\r\n";

std::string frame_of(std::string_view payload) {
  std::string out{static_cast<char>(0x81)};
  if (payload.size() < 126)
    out += static_cast<char>(payload.size());
  else
    out.append({char{126}, static_cast<char>(payload.size() >> 8U),
                static_cast<char>(payload.size() & 255U)});
  return out.append(payload);
}

// Sends every whole publication in `input` to all, and takes it off.
void publish(std::string& input, const std::vector<int>& subscribers) {
  for (;;) {
    const auto line = input.find('\n');
    if (line == std::string::npos) return;
    char* end = nullptr;
    const auto count = std::strtoul(input.c_str(), &end, 10);
    const auto size = std::strtoul(end, nullptr, 10);
    if (input.size() < line + 1 + count * size) return;
    std::string frames;
    for (std::size_t i = 0; i < count; ++i)
      frames += frame_of(std::string_view(input).substr(line + 1 + i * size, size));
    input.erase(0, line + 1 + count * size);
    for (const int fd : subscribers) ::send(fd, frames.data(), frames.size(), MSG_NOSIGNAL);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("fan_out_floor PORT\n", stderr);
    return 2;
  }
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(std::atoi(words[1])));
  if (listener < 0 || ::bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(listener, 4096) != 0) {
    std::perror("fan_out_floor");
    return 1;
  }
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  const auto watch = [&](int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener);
  std::vector<int> subscribers;
  std::map<int, std::string> inputs;
  std::array<epoll_event, 64> events{};
  std::array<char, 65536> bytes{};
  for (;;) {
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        const int taken = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        ::setsockopt(taken, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(taken);
        continue;
      }
      const auto got = ::recv(fd, bytes.data(), bytes.size(), 0);
      if (got <= 0) {
        std::erase(subscribers, fd);
        inputs.erase(fd);
        ::close(fd);
        continue;
      }
      auto& input = inputs[fd];
      input.append(bytes.data(), static_cast<std::size_t>(got));
      if (input.starts_with("GET") && input.ends_with("\r\n\r\n")) {
        ::send(fd, kUpgraded.data(), kUpgraded.size(), MSG_NOSIGNAL);
        subscribers.push_back(fd);
        input.clear();
      } else if (!input.starts_with("GET")) {
        publish(input, subscribers);
      }
    }
  }
}
