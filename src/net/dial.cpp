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
using Addresses = std::vector<IpAddress>;

// getaddrinfo on a thread of Asio's. It cannot be cancelled, so that its answer may come when
// nobody waits any more.
runtime::TaskResult<Addresses> ask_system(runtime::Loop* loop, std::string host,
                                          base::SteadyTime deadline) {
  using Answer = base::Result<Addresses>;
  const runtime::OneShot<Answer> answer(*loop);
  const auto resolver = std::make_shared<tcp::resolver>(loop->executor());
  resolver->async_resolve(
      host, "0",
      [answer, resolver, host](boost::system::error_code error, tcp::resolver::results_type found) {
        if (error) {
          answer.set(base::fail(base::Code::unavailable,
                                "cannot resolve " + host + ": " + error.message()));
          return;
        }
        Addresses out;
        for (const auto& entry : found) out.push_back(entry.endpoint().address());
        answer.set(std::move(out));
      });
  auto got = co_await answer.wait_for(deadline - loop->clock().now());
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

runtime::TaskResult<Connected> connect_one(runtime::Loop* loop, tcp::endpoint endpoint,
                                           base::SteadyTime deadline) {
  const int fd =
      ::socket(endpoint.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return std::unexpected(connect_error(endpoint, errno));
  Descriptor descriptor(*loop, fd);
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

runtime::TaskResult<Addresses> check_all(runtime::Loop* loop, DialTarget target,
                                         base::SteadyTime deadline) {
  auto allowed = target.outbound.check(Url{.host = target.host, .port = target.port});
  if (!allowed) co_return std::unexpected(allowed.error());
  boost::system::error_code no_address;
  const auto literal = asio::ip::make_address(target.host, no_address);
  if (!no_address) co_return Addresses{literal};
  base::Result<Addresses> found = base::fail(base::Code::internal, "");
  if (target.resolve)
    found = co_await target.resolve(target.host);
  else
    found = co_await ask_system(loop, target.host, deadline);
  if (!found) co_return std::unexpected(found.error());
  for (const auto& address : *found)
    if (allowed = target.outbound.check(address); !allowed) {
      allowed.error().detail = target.host + ": " + allowed.error().detail;
      co_return std::unexpected(allowed.error());
    }
  if (found->empty())
    co_return base::fail(base::Code::unavailable, target.host + " has no address");
  co_return std::move(*found);
}

runtime::TaskResult<std::unique_ptr<Transport>> connect(runtime::Loop* loop, DialTarget target) {
  const auto deadline = loop->clock().now() + target.limit;
  auto addresses = co_await check_all(loop, target, deadline);
  if (!addresses) co_return std::unexpected(addresses.error());
  const auto port = static_cast<std::uint16_t>(std::stoul(target.port));  // parse_url saw to it
  base::Result<Connected> connected =
      base::fail(base::Code::deadline_exceeded, "resolving " + target.host + " took all the time");
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    // An address that swallows packets must not use up the time of the others.
    const auto left = deadline - loop->clock().now();
    const auto share = left / static_cast<std::int64_t>(addresses->size() - i);
    if (left <= base::Duration::zero()) break;
    connected = co_await connect_one(loop, {(*addresses)[i], port}, loop->clock().now() + share);
    if (connected) break;
  }
  if (!connected) co_return std::unexpected(connected.error());
  auto transport = target.tls ? make_tls_transport(*loop, connected->fd, connected->address,
                                                   target.tls, target.host)
                              : make_tcp_transport(*loop, connected->fd, connected->address);
  auto safe = co_await transport->handshake(deadline);
  if (!safe) {
    safe.error().detail = target.host + ": " + safe.error().detail;
    co_return std::unexpected(safe.error());
  }
  co_return transport;
}

}  // namespace

runtime::TaskResult<std::vector<IpAddress>> checked_addresses(runtime::Loop& loop,
                                                              DialTarget target,
                                                              base::SteadyTime deadline) {
  return check_all(&loop, std::move(target), deadline);
}

runtime::TaskResult<std::unique_ptr<Transport>> dial(runtime::Loop& loop, DialTarget target) {
  return connect(&loop, std::move(target));
}

}  // namespace telltale::net
