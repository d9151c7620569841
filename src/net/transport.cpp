#include "net/transport.hpp"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace telltale::net {
namespace {

constexpr std::size_t kReadSize = 64U << 10U;
constexpr std::size_t kBuffersPerCall = 1024;  // IOV_MAX
constexpr unsigned kReadsPerTurn =
    16;  // of one peer that always has more, before the others have a turn
constexpr std::size_t kPaceBytesPerSecond = 64U << 10U;

std::span<char> scratch() {
  thread_local auto bytes = std::make_unique<char[]>(kReadSize);
  return {bytes.get(), kReadSize};
}

// Takes what was written off the front.
std::span<iovec> drop_front(std::span<iovec> buffers, std::size_t bytes) {
  while (!buffers.empty() && bytes >= buffers.front().iov_len) {
    bytes -= buffers.front().iov_len;
    buffers = buffers.subspan(1);
  }
  if (!buffers.empty()) {
    buffers.front().iov_base = static_cast<char*>(buffers.front().iov_base) + bytes;
    buffers.front().iov_len -= bytes;
  }
  return buffers;
}

class TcpTransport final : public Transport {
 public:
  using Transport::Transport;

  Io try_read(std::span<char> into) override {
    for (;;) {
      const auto got = ::recv(descriptor_.fd(), into.data(), into.size(), MSG_DONTWAIT);
      if (got > 0) {
        drained_ = static_cast<std::size_t>(got) < into.size();
        return {.bytes = static_cast<std::size_t>(got)};
      }
      drained_ = false;
      if (got == 0) return {.state = Io::State::ended};
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return {.state = Io::State::want_read};
      error_ = errno;
      return {.state = Io::State::failed};
    }
  }

  Io try_write(std::span<const iovec> buffers) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(buffers.data());
    message.msg_iovlen = std::min(buffers.size(), kBuffersPerCall);
    for (;;) {
      // One buffer, as in fan-out: send() spares the kernel the copy of the list.
      constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
      const auto sent = buffers.size() == 1 ? ::send(descriptor_.fd(), buffers[0].iov_base,
                                                     buffers[0].iov_len, kFlags)
                                            : ::sendmsg(descriptor_.fd(), &message, kFlags);
      if (sent >= 0) return {.bytes = static_cast<std::size_t>(sent)};
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return {.state = Io::State::want_write};
      error_ = errno;
      return {.state = Io::State::failed};
    }
  }

  runtime::TaskResult<bool> handshake(Deadline) override { co_return true; }
  void finish() noexcept override { ::shutdown(descriptor_.fd(), SHUT_WR); }
  bool secure() const noexcept override { return false; }
};

}  // namespace

Transport::Transport(runtime::Loop& loop, int fd, std::string remote_address)
    : descriptor_(loop, fd), remote_address_(std::move(remote_address)) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void Transport::shutdown() noexcept {
  if (descriptor_.is_open()) ::shutdown(descriptor_.fd(), SHUT_RDWR);
}

base::Error Transport::failure(std::string_view doing) const {
  return {.code = base::Code::unavailable,
          .detail = std::string(doing) + ": " +
                    std::strerror(error_)};  // NOLINT(concurrency-mt-unsafe): glibc's is
}

Io Transport::read_now(std::string_view& bytes) {
  const auto into = scratch();
  const auto io = try_read(into);
  bytes = {into.data(), io.bytes};
  return io;
}

runtime::TaskResult<std::string_view> Transport::read_some(Deadline deadline) {
  if (++reads_this_turn_ > kReadsPerTurn) {
    reads_this_turn_ = 0;
    co_await yield_to_loop();
  }
  for (;;) {
    std::string_view bytes;
    const auto io =
        std::exchange(drained_, false) ? Io{.state = Io::State::want_read} : read_now(bytes);
    if (io.state == Io::State::done) co_return bytes;
    if (io.state == Io::State::ended) co_return std::string_view();
    if (io.state == Io::State::failed) co_return std::unexpected(failure("reading failed"));
    reads_this_turn_ = 0;
    // TLS may want to write in order to read (a key update); the writer owns that direction, so
    // look again soon.
    constexpr base::Duration kSoon = std::chrono::milliseconds(20);
    const auto soon = loop().clock().now() + kSoon;
    const bool must_write = io.state == Io::State::want_write;
    const bool last = deadline && *deadline <= soon;
    const bool ready =
        co_await descriptor_.wait(Ready::read, must_write && !last ? Deadline(soon) : deadline);
    if (!ready && (!must_write || last))
      co_return base::fail(base::Code::deadline_exceeded, "the peer was silent for too long");
  }
}

base::Result<void> Transport::write_now(std::span<iovec>& buffers) {
  for (buffers = drop_front(buffers, 0); !buffers.empty();) {
    const auto io = try_write(buffers);
    if (io.state == Io::State::failed || io.state == Io::State::ended)
      return std::unexpected(failure("writing failed"));
    if (io.state != Io::State::done) break;
    buffers = drop_front(buffers, io.bytes);
  }
  return {};
}

runtime::TaskResult<bool> Transport::write(std::vector<iovec> buffers, Deadline deadline) {
  auto left = drop_front(buffers, 0);
  while (!left.empty()) {
    const auto io = try_write(left);
    if (io.state == Io::State::done) {
      left = drop_front(left, io.bytes);
    } else if (io.state == Io::State::want_write || io.state == Io::State::want_read) {
      const auto direction = io.state == Io::State::want_write ? Ready::write : Ready::read;
      if (!co_await descriptor_.wait(direction, deadline))
        co_return base::fail(base::Code::deadline_exceeded, "the peer does not read");
    } else {
      co_return std::unexpected(failure("writing failed"));
    }
  }
  co_return true;
}

std::unique_ptr<Transport> make_tcp_transport(runtime::Loop& loop, int fd,
                                              std::string remote_address) {
  return std::make_unique<TcpTransport>(loop, fd, std::move(remote_address));
}

base::SteadyTime paced_deadline(base::SteadyTime start, base::Duration base_limit,
                                std::size_t bytes) {
  const auto seconds = static_cast<std::int64_t>(bytes / kPaceBytesPerSecond);
  return start + base_limit + std::chrono::seconds(seconds);
}

}  // namespace telltale::net
