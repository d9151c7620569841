// Many subscribers and one publisher in one process and one thread: the load of bench/fan_out.mjs.
// What it says to the server comes from files, so that it fits every peer; it counts deliveries and
// how late they are. Commands on stdin, one a line, each answered by one line of JSON on stdout:
//   connect COUNT REQUEST HELLO READY   subscribers: send the file REQUEST, after the answer the
//   file HELLO ("-": none); ready when a
//                                       message has the word READY ("-": at once)
//   publisher HELLO                     the connection that publishes; sends the file HELLO ("-":
//   none) run ROUNDS FILE EACH                each round sends FILE and waits for EACH messages at
//   every subscriber hold SECONDS                        reads and answers pings; says how many are
//   still there close                               closes the subscribers
// `@@` and twenty digits in what is published become the time; that of a delivery is found again in
// the message.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::size_t kDigits = 20;
constexpr int kAddresses = 8;        // 127.0.0.1 to .8: each has ports of its own
constexpr std::size_t kAtOnce = 64;  // connections under way

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "fan_out_client: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

std::string read_file(const std::string& path) {
  if (path == "-") return {};
  std::ifstream in(path, std::ios::binary);
  if (!in) die(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Connection {
  int fd = -1;
  enum class State : std::uint8_t { answering, greeted, ready, gone } state = State::answering;
  std::string pending;  // half a message
};

class Client {
 public:
  Client(std::uint16_t port, bool websocket) : port_(port), websocket_(websocket) {}

  void connect(std::size_t count, const std::string& request, const std::string& hello,
               const std::string& ready) {
    hello_ = hello;
    ready_word_ = ready == "-" ? "" : ready;
    const auto began = now_ns();
    const auto deadline = began + 60'000'000'000;
    connections_.reserve(connections_.size() + count);
    ready_ = 0;
    gone_ = 0;
    std::size_t opened = 0;
    while (ready_ + gone_ < count && now_ns() < deadline) {
      while (opened < count && opened - ready_ - gone_ < kAtOnce) {
        open(request);
        ++opened;
      }
      poll(100);
    }
    std::printf("{\"ready\":%zu,\"gone\":%zu,\"ms\":%.1f}\n", ready_, gone_, ms_since(began));
  }

  void publisher(const std::string& hello) {
    publisher_ = dial(0);
    send_all(publisher_, hello);
    std::printf("{}\n");
  }

  void run(int rounds, const std::string& text, std::size_t each) {
    latencies_.clear();
    received_bytes_ = 0;
    const auto began = now_ns();
    std::size_t missing = 0;
    for (int round = 0; round < rounds && missing == 0; ++round) {
      expected_ = latencies_.size() + each * ready_;
      send_all(publisher_, stamped(text));
      const auto deadline = now_ns() + 10'000'000'000;
      while (latencies_.size() < expected_ && now_ns() < deadline) poll(100);
      missing += expected_ - std::min(expected_, latencies_.size());
      drain(publisher_);
    }
    const auto ms = ms_since(began);
    std::ranges::sort(latencies_);
    const auto at = [&](double q) {
      return latencies_.empty() ? 0.0
                                : static_cast<double>(latencies_[static_cast<std::size_t>(
                                      q * static_cast<double>(latencies_.size() - 1))]) /
                                      1000;
    };
    const auto count = std::max<std::size_t>(latencies_.size(), 1);
    std::printf(
        "{\"deliveries\":%zu,\"missing\":%zu,\"ms\":%.1f,\"p50_us\":%.0f,\"p99_us\":%.0f,"
        "\"max_us\":%.0f,\"bytes\":%.1f}\n",
        latencies_.size(), missing, ms, at(0.5), at(0.99), at(1),
        static_cast<double>(received_bytes_) / static_cast<double>(count));
  }

  void hold(int seconds) {
    const auto until = now_ns() + seconds * 1'000'000'000LL;
    while (now_ns() < until) poll(100);
    std::printf("{\"ready\":%zu,\"gone\":%zu}\n", ready_, gone_);
  }

  void close() {
    for (auto& connection : connections_)
      if (connection.fd >= 0) ::close(connection.fd);
    connections_.clear();
    ready_ = 0;
    std::printf("{}\n");
  }

 private:
  static double ms_since(std::int64_t began) {
    return static_cast<double>(now_ns() - began) / 1'000'000;
  }

  int dial(std::size_t index) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(index % kAddresses));
    // The port is chosen when the other end is known: that many more there are.
    ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) die("bind");
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port_);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) die("connect");
    return fd;
  }

  void open(const std::string& request) {
    const auto index = connections_.size();
    auto& connection = connections_.emplace_back();
    connection.fd = dial(index);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0) die("epoll_ctl");
    send_all(connection.fd, request);
  }

  static void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return;  // the reader sees the end
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // The answers to what was published; nobody looks at them.
  static void drain(int fd) {
    std::array<char, 65536> bytes{};
    while (::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
  }

  static std::string stamped(std::string text) {
    std::array<char, kDigits + 1> digits{};
    std::snprintf(digits.data(), digits.size(), "%020lld", static_cast<long long>(now_ns()));
    for (auto at = text.find("@@"); at != std::string::npos; at = text.find("@@", at + 2))
      text.replace(at + 2, kDigits, digits.data(), kDigits);
    return text;
  }

  void poll(int timeout_ms) {
    std::array<epoll_event, 256> events{};
    const int count =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < count; ++i)
      read(connections_[static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64)]);
  }

  void read(Connection& connection) {
    static std::array<char, 262144> scratch{};
    const auto got = ::recv(connection.fd, scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      ::close(connection.fd);
      connection.fd = -1;
      if (connection.state == Connection::State::ready) --ready_;
      connection.state = Connection::State::gone;
      ++gone_;
      return;
    }
    std::string_view bytes(scratch.data(), static_cast<std::size_t>(got));
    received_bytes_ += bytes.size();
    now_ = now_ns();
    if (connection.pending.empty()) {
      bytes.remove_prefix(take(connection, bytes));
      if (!bytes.empty()) connection.pending = bytes;
    } else {
      connection.pending.append(bytes);
      connection.pending.erase(0, take(connection, connection.pending));
    }
  }

  // Whole messages; how many bytes they were.
  std::size_t take(Connection& connection, std::string_view bytes) {
    std::size_t used = 0;
    if (connection.state == Connection::State::answering) {
      if (websocket_) {
        const auto end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos) return 0;
        if (!bytes.starts_with("HTTP/1.1 101")) die("no upgrade: " + std::string(bytes));
        used = end + 4;
      }
      connection.state = Connection::State::greeted;
      send_all(connection.fd, hello_);
      if (ready_word_.empty()) make_ready(connection);
    }
    for (;;) {
      const auto rest = bytes.substr(used);
      const auto size = websocket_ ? frame_size(rest) : line_size(rest);
      if (size == 0 || size > rest.size()) return used;
      take_message(connection, rest.substr(0, size));
      used += size;
    }
  }

  static std::size_t line_size(std::string_view bytes) {
    const auto end = bytes.find('\n');
    return end == std::string_view::npos ? 0 : end + 1;
  }

  static std::size_t frame_size(std::string_view bytes) {
    if (bytes.size() < 2) return 0;
    const auto byte = [&](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]));
    };
    const auto code = byte(1) & 127U;
    if (code < 126) return 2 + code;
    const std::size_t width = code == 126 ? 2 : 8;
    if (bytes.size() < 2 + width) return 0;
    std::size_t length = 0;
    for (std::size_t i = 0; i < width; ++i) length = length << 8U | byte(2 + i);
    return 2 + width + length;
  }

  void take_message(Connection& connection, std::string_view message) {
    if (websocket_ && static_cast<unsigned char>(message[0]) == 0x89U) {  // a ping
      std::string pong{static_cast<char>(0x8A), static_cast<char>(0x80U | (message.size() - 2))};
      pong.append(4, '\0').append(message.substr(2));  // the mask is zero
      return send_all(connection.fd, pong);
    }
    if (connection.state == Connection::State::greeted) {
      if (message.find(ready_word_) != std::string_view::npos) make_ready(connection);
      return;
    }
    const auto at = message.find("@@");
    if (at == std::string_view::npos || at + 2 + kDigits > message.size()) return;
    std::int64_t sent = 0;
    std::from_chars(message.data() + at + 2, message.data() + at + 2 + kDigits, sent);
    latencies_.push_back(now_ - sent);
  }

  void make_ready(Connection& connection) {
    connection.state = Connection::State::ready;
    ++ready_;
  }

  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  const std::uint16_t port_;
  const bool websocket_;
  int publisher_ = -1;
  std::string hello_;
  std::string ready_word_;
  std::vector<Connection> connections_;
  std::vector<std::int64_t> latencies_;
  std::size_t ready_ = 0;
  std::size_t gone_ = 0;
  std::size_t expected_ = 0;
  std::size_t received_bytes_ = 0;
  std::int64_t now_ = 0;
};

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("fan_out_client PORT websocket|lines\n", stderr);
    return 2;
  }
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  Client client(static_cast<std::uint16_t>(std::atoi(words[1])),
                std::string_view(words[2]) == "websocket");
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::string command;
    std::string first;
    std::string second;
    std::string third;
    std::size_t number = 0;
    in >> command;
    if (command == "connect") {
      in >> number >> first >> second >> third;
      client.connect(number, read_file(first), read_file(second), third);
    } else if (command == "publisher") {
      in >> first;
      client.publisher(read_file(first));
    } else if (command == "run") {
      std::size_t each = 0;
      in >> number >> first >> each;
      client.run(static_cast<int>(number), read_file(first), each);
    } else if (command == "hold") {
      in >> number;
      client.hold(static_cast<int>(number));
    } else if (command == "close") {
      client.close();
    } else {
      return 2;
    }
    std::fflush(stdout);
  }
  return 0;
}
