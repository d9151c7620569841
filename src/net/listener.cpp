#include "net/listener.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <boost/asio/ip/tcp.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.hpp"
#include "runtime/sync.hpp"

namespace telltale::net {
namespace {

namespace asio = runtime::asio;
using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerTurn = 64;
constexpr base::Duration kExhaustedPause = std::chrono::milliseconds(100);

int open_reserve() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text,
                sizeof text);
    return text;
  }
  if (address.ss_family != AF_INET6) return "";
  ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text,
              sizeof text);
  constexpr std::string_view kMapped = "::ffff:";  // an IPv4 client of a dual-stack socket
  const std::string_view view = text;
  const bool mapped = view.starts_with(kMapped) && view.find('.') != std::string_view::npos;
  return std::string(mapped ? view.substr(kMapped.size()) : view);
}

struct Socket {
  int fd = -1;
  Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
  bool bind(const tcp::endpoint& endpoint, bool reuse_port) {
    const int on = 1;
    fd = ::socket(endpoint.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd >= 0 && ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           (!reuse_port || ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
           ::bind(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0;
  }
};

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::open(runtime::Loop& loop, const std::string& host,
                                                       std::uint16_t port, bool exclusive) {
  boost::system::error_code parse_error;
  const auto address =
      asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, parse_error);
  if (parse_error) return base::bad_field("/host", "must be an IP address or localhost");
  const tcp::endpoint endpoint(address, port);
  const auto refuse = [&](int number) {
    return base::fail(base::Code::conflict,
                      "cannot listen on " + host + " port " + std::to_string(port) + ": " +
                          std::strerror(number));  // NOLINT(concurrency-mt-unsafe): glibc's is
  };
  // Sharing is for our own loops: a bind without it tells whether another program is there.
  if (exclusive && port != 0)
    if (Socket probe; !probe.bind(endpoint, false)) return refuse(errno);
  Socket socket;
  if (!socket.bind(endpoint, true) || ::listen(socket.fd, kBacklog) != 0) return refuse(errno);
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  ::getsockname(socket.fd, bound.data(), &size);
  bound.resize(size);
  return std::unique_ptr<Listener>(new Listener(loop, std::exchange(socket.fd, -1), bound.port()));
}

base::Result<std::unique_ptr<Listener>> Listener::adopt(runtime::Loop& loop, int fd) {
  int listens = 0;
  socklen_t flag_size = sizeof listens;
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &flag_size) != 0 || listens == 0 ||
      ::getsockname(fd, bound.data(), &size) != 0 ||
      (bound.data()->sa_family != AF_INET && bound.data()->sa_family != AF_INET6))
    return base::fail(base::Code::invalid_argument,
                      "the socket that was handed over does not listen for TCP");
  bound.resize(size);
  // A copy for each loop: the queue of waiting connections is one.
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (own < 0)
    return base::fail(base::Code::unavailable, "no descriptor for the socket handed over");
  return std::unique_ptr<Listener>(new Listener(loop, own, bound.port()));
}

Listener::Listener(runtime::Loop& loop, int fd, std::uint16_t port)
    : descriptor_(loop, fd), port_(port), reserve_(open_reserve()) {}

Listener::~Listener() {
  if (reserve_ >= 0) ::close(reserve_);
}

void Listener::close() {
  closed_ = true;
  descriptor_.close();  // the wait in accept() ends
}

runtime::Task<> Listener::accept(std::function<void(Accepted)> take) {
  int this_turn = 0;
  while (!closed_) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = ::accept4(descriptor_.fd(), reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0 && reserve_ < 0) {
      // Another loop took the reserve's place while this one had let go of it, to shed: without one
      // nobody is turned away any more. It comes before new connections.
      ::close(fd);
      reserve_ = open_reserve();
      continue;
    }
    if (fd >= 0) {
      take({.fd = fd, .remote_address = address_text(address)});
      if (++this_turn % kAcceptsPerTurn == 0) co_await yield_to_loop();
      continue;
    }
    switch (errno) {
      case EAGAIN:
        co_await descriptor_.wait(Ready::read, std::nullopt);
        break;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        shed();
        co_await runtime::sleep_for(kExhaustedPause);
        break;
      default:
        break;  // ECONNABORTED and its kind: that connection's trouble, on to the next
    }
  }
}

void Listener::shed() {
  base::log(base::LogLevel::warning, "http", "no descriptor is left: a connection is refused");
  if (reserve_ >= 0) ::close(std::exchange(reserve_, -1));
  const int fd = ::accept4(descriptor_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) ::close(fd);
  reserve_ = open_reserve();
}

}  // namespace telltale::net
