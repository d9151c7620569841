#include "rtc/transport/udp_socket.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "rtc/transport/udp_batch.hpp"

namespace telltale::rtc {

ReceiveBuffer::ReceiveBuffer() : bytes_(std::make_unique<std::uint8_t[]>(kDatagrams * kBytes)) {
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    vectors_[i] = {.iov_base = bytes_.get() + i * kBytes, .iov_len = kBytes};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &addresses_[i];
  }
}

std::size_t ReceiveBuffer::receive(int descriptor) noexcept {
  for (auto& header : headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int count = ::recvmmsg(descriptor, headers_.data(), kDatagrams, MSG_DONTWAIT, nullptr);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
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
