// A UDP socket of ours: bound, not blocking, read by recvmmsg in handfuls of 32 messages, each one
// datagram or what the kernel kept together of one sender (UDP_GRO, udp(7)). Owned by a worker or a
// caller, on one loop; closes at its end.
#pragma once

#include <algorithm>
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
  static constexpr std::size_t kMessages = 32;
  static constexpr std::size_t kDatagramBytes = 2'048;  // a longer one is dropped

  ReceiveBuffer();
  // take(datagram, from) for each of the messages that wait, at most kMessages. How many messages
  // there were.
  template <class Take>
  std::size_t read(int descriptor, Take&& take) {
    const auto count = receive(descriptor);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = headers_[i].msg_len;
      const std::size_t segment = segment_of(i);
      if (segment > kDatagramBytes) continue;
      const auto from = address(i);
      for (std::size_t at = 0; at < size; at += segment)
        take(MutableBytes(bytes_.get() + i * kMessageBytes + at, std::min(segment, size - at)),
             from);
    }
    return count;
  }

 private:
  static constexpr std::size_t kMessageBytes = 65'536;  // no datagram nor GRO's is longer
  struct Control {
    alignas(cmsghdr) unsigned char bytes[CMSG_SPACE(sizeof(int))] = {};
  };

  std::size_t receive(int descriptor) noexcept;
  // Bytes of each datagram in the message, the last may be shorter; never zero.
  std::size_t segment_of(std::size_t index) const noexcept;
  stun::Address address(std::size_t index) const noexcept;

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::array<mmsghdr, kMessages> headers_ = {};
  std::array<iovec, kMessages> vectors_ = {};
  std::array<sockaddr_storage, kMessages> addresses_ = {};
  std::array<Control, kMessages> controls_ = {};
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
