#include "rtc/transport/udp_socket.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/udp.h>

#include "rtc/transport/udp_batch.hpp"

namespace telltale::rtc {

// Not initialised: of a message's room only the pages that are received into become resident.
ReceiveBuffer::ReceiveBuffer()
    : bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(kMessages * kMessageBytes)) {
  for (std::size_t i = 0; i < kMessages; ++i) {
    vectors_[i] = {.iov_base = bytes_.get() + i * kMessageBytes, .iov_len = kMessageBytes};
    auto& header = headers_[i].msg_hdr;
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_name = &addresses_[i];
    header.msg_control = controls_[i].bytes;
  }
}

std::size_t ReceiveBuffer::receive(int descriptor) noexcept {
  for (auto& header : headers_) {
    header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    header.msg_hdr.msg_controllen = sizeof(Control);
  }
  const int count = ::recvmmsg(descriptor, headers_.data(), kMessages, MSG_DONTWAIT, nullptr);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

std::size_t ReceiveBuffer::segment_of(std::size_t index) const noexcept {
  auto& header = headers_[index];
  const auto* const control = CMSG_FIRSTHDR(&header.msg_hdr);
  int segment = 0;
  if (control != nullptr && control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO)
    std::memcpy(&segment, CMSG_DATA(control), sizeof segment);
  return segment > 0 ? static_cast<std::size_t>(segment) : std::max<std::size_t>(header.msg_len, 1);
}

stun::Address ReceiveBuffer::address(std::size_t index) const noexcept {
  return from_sockaddr(addresses_[index]);
}

base::Result<UdpSocket> UdpSocket::bind(runtime::asio::io_context& context,
                                        const stun::Address& address, const Buffers& buffers) {
  const auto failed = [&] {
    const auto code = errno == EADDRNOTAVAIL ? base::Code::not_found : base::Code::unavailable;
    return base::fail(code, fmt::format("cannot open UDP {}: {}", address.text(),
                                        std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe)
  };
  const int descriptor =
      ::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return failed();
  runtime::asio::posix::stream_descriptor stream(context, descriptor);
  const int on = 1;
  // Where the kernel has no UDP_GRO (before 5.0) each message is a datagram.
  (void)::setsockopt(descriptor, SOL_UDP, UDP_GRO, &on, sizeof on);
  if (address.v6 && ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
    return failed();
  // As much as the system allows; less is no error.
  const auto receive_bytes = static_cast<int>(buffers.receive_bytes);
  const auto send_bytes = static_cast<int>(buffers.send_bytes);
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
  sockaddr_storage bound = {};
  const auto length = to_sockaddr(address, bound);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&bound), length) != 0) return failed();
  socklen_t size = sizeof bound;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return failed();
  return UdpSocket(std::move(stream), from_sockaddr(bound));
}

std::vector<stun::Address> machine_addresses(bool loopback) {
  std::vector<stun::Address> out;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return out;
  for (const auto* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || (at->ifa_flags & IFF_UP) == 0) continue;
    if ((at->ifa_flags & IFF_LOOPBACK) != 0 && !loopback) continue;
    const auto family = at->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    sockaddr_storage address = {};
    std::memcpy(&address, at->ifa_addr,
                family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    auto found = from_sockaddr(address);
    found.port = 0;
    // fe80::/10 means nothing without its interface.
    if (found.v6 && found.ip[0] == 0xfe && (found.ip[1] & 0xc0U) == 0x80) continue;
    out.push_back(found);
  }
  ::freeifaddrs(list);
  return out;
}

}  // namespace telltale::rtc
