#include "net/dial.hpp"

#include <algorithm>
#include <cstring>

#include <boost/asio/ip/tcp.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/sync.hpp"

namespace telltale::net {
namespace {

namespace asio = runtime::asio;
using asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

// getaddrinfo on a thread of Asio's. It cannot be cancelled, so that its answer may come when
// nobody waits any more.
runtime::TaskResult<Endpoints> resolve(runtime::Loop& loop, std::string host, std::string port,
                                       base::SteadyTime deadline) {
  boost::system::error_code parse_error;
  const auto address = asio::ip::make_address(host, parse_error);
  if (!parse_error) co_return Endpoints{{address, static_cast<std::uint16_t>(std::stoul(port))}};
  using Answer = base::Result<Endpoints>;
  const runtime::OneShot<Answer> answer(loop);
  const auto resolver = std::make_shared<tcp::resolver>(loop.executor());
  resolver->async_resolve(
      host, port,
      [answer, resolver, host](boost::system::error_code error, tcp::resolver::results_type found) {
        if (error) {
          answer.set(base::fail(base::Code::unavailable,
                                "cannot resolve " + host + ": " + error.message()));
          return;
        }
        Endpoints out;
        for (const auto& entry : found) out.push_back(entry.endpoint());
        answer.set(std::move(out));
      });
  auto got = co_await answer.wait_for(deadline - loop.clock().now());
  if (!got)
    co_return base::fail(base::Code::deadline_exceeded, "resolving " + host + " takes too long");
  co_return std::move(*got);
}

struct Connected {
  int fd = -1;
  std::string address;
};

base::Error connect_error(const tcp::endpoint& endpoint, int number) {
  return {.code = base::Code::unavailable,
          .detail = "cannot connect to " + endpoint.address().to_string() + " port " +
                    std::to_string(endpoint.port()) + ": " +
                    std::strerror(number)};  // NOLINT(concurrency-mt-unsafe): glibc's is
}

runtime::TaskResult<Connected> connect_one(runtime::Loop& loop, tcp::endpoint endpoint,
                                           base::SteadyTime deadline) {
  const int fd =
      ::socket(endpoint.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return std::unexpected(connect_error(endpoint, errno));
  Descriptor descriptor(loop, fd);
  const int started = ::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  if (started != 0 && errno != EINPROGRESS)
    co_return std::unexpected(connect_error(endpoint, errno));
  if (started != 0 && !co_await descriptor.wait(Ready::write, deadline))
    co_return std::unexpected(connect_error(endpoint, ETIMEDOUT));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) co_return std::unexpected(connect_error(endpoint, error));
  // The descriptor closes its own; the connection goes on under another number.
  const int ours = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (ours < 0) co_return std::unexpected(connect_error(endpoint, errno));
  co_return Connected{.fd = ours, .address = endpoint.address().to_string()};
}

}  // namespace

runtime::TaskResult<std::unique_ptr<Transport>> dial(runtime::Loop& loop, DialTarget target) {
  const auto deadline = loop.clock().now() + target.limit;
  auto endpoints = co_await resolve(loop, target.host, target.port, deadline);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  base::Result<Connected> connected =
      base::fail(base::Code::unavailable, target.host + " has no address");
  for (std::size_t i = 0; i < endpoints->size(); ++i) {
    // An address that swallows packets must not use up the time of the others.
    const auto left = deadline - loop.clock().now();
    const auto share = left / static_cast<std::int64_t>(endpoints->size() - i);
    if (left <= base::Duration::zero()) break;
    connected = co_await connect_one(loop, (*endpoints)[i], loop.clock().now() + share);
    if (connected) break;
  }
  if (!connected) co_return std::unexpected(connected.error());
  auto transport = target.tls ? make_tls_transport(loop, connected->fd, connected->address,
                                                   target.tls, target.host)
                              : make_tcp_transport(loop, connected->fd, connected->address);
  auto safe = co_await transport->handshake(deadline);
  if (!safe) {
    safe.error().detail = target.host + ": " + safe.error().detail;
    co_return std::unexpected(safe.error());
  }
  co_return transport;
}

}  // namespace telltale::net
