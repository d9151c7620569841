// A UDP socket of ours: bound, not blocking, read by recvmmsg in handfuls of 32. Owned by a worker
// or a caller, on one loop; closes at its end.
#pragma once

#include <array>
#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "rtc/stun/address.hpp"
#include "runtime/task.hpp"

namespace telltale::rtc {

// Where datagrams are read into: one per loop, shared by all its sockets.
class ReceiveBuffer {
 public:
  static constexpr std::size_t kDatagrams = 32;
  static constexpr std::size_t kBytes = 2'048;  // of one; a longer one is dropped

  ReceiveBuffer();
  // take(datagram, from) for each that waits, at most kDatagrams. How many there were.
  template <class Take>
  std::size_t read(int descriptor, Take&& take) {
    const auto count = receive(descriptor);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& header = headers_[i];
      if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0) continue;
      take(MutableBytes(bytes_.get() + i * kBytes, header.msg_len), address(i));
    }
    return count;
  }

 private:
  std::size_t receive(int descriptor) noexcept;
  stun::Address address(std::size_t index) const noexcept;

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::array<mmsghdr, kDatagrams> headers_ = {};
  std::array<iovec, kDatagrams> vectors_ = {};
  std::array<sockaddr_storage, kDatagrams> addresses_ = {};
};

class UdpSocket {
 public:
  struct Buffers {
    std::size_t receive_bytes = 1U << 20U;
    std::size_t send_bytes = 1U << 20U;
  };
  // unavailable: the address is taken, or not ours.
  static base::Result<UdpSocket> bind(runtime::asio::io_context& context,
                                      const stun::Address& address, const Buffers& buffers);

  const stun::Address& local() const noexcept { return local_; }
  int descriptor() noexcept { return stream_.native_handle(); }
  runtime::asio::posix::stream_descriptor& stream() noexcept { return stream_; }

 private:
  UdpSocket(runtime::asio::posix::stream_descriptor stream, const stun::Address& local)
      : stream_(std::move(stream)), local_(local) {}

  runtime::asio::posix::stream_descriptor stream_;
  stun::Address local_;
};

// The machine's addresses that others can be told: no link-local ones; loopback if asked.
std::vector<stun::Address> machine_addresses(bool loopback);

}  // namespace telltale::rtc
