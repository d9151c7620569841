#include "rtc/transport/udp_batch.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netinet/udp.h>

namespace telltale::rtc {

UdpBatch::UdpBatch(bool gso, SendTcp send_tcp)
    : gso_(gso),
      send_tcp_(std::move(send_tcp)),
      headers_(kVector),
      vectors_(kVector),
      addresses_(kVector),
      controls_(kVector) {
  set_joins(gso);
}

std::uint32_t UdpBatch::add_socket(int descriptor) {
  const auto free = std::ranges::find(descriptors_, -1);
  if (free != descriptors_.end()) {
    *free = descriptor;
    return static_cast<std::uint32_t>(free - descriptors_.begin());
  }
  descriptors_.push_back(descriptor);
  return static_cast<std::uint32_t>(descriptors_.size() - 1);
}

void UdpBatch::remove_socket(std::uint32_t via) {
  if (via < descriptors_.size()) descriptors_[via] = -1;
}

void UdpBatch::transmit(std::span<const Message> messages, Bytes bytes) noexcept {
  while (!messages.empty()) {
    const auto via = messages.front().path.via;
    if ((via & kTcpBit) != 0) {
      const auto& message = messages.front();
      for (std::size_t at = 0; at < message.size; at += message.segment) {
        const auto size = std::min<std::size_t>(message.segment, message.size - at);
        ++counters_.sends;
        if (!send_tcp_ || !send_tcp_(via, bytes.subspan(message.at + at, size)))
          ++counters_.refused;
      }
      messages = messages.subspan(1);
      continue;
    }
    std::size_t run = 1;
    while (run < messages.size() && run < kVector && messages[run].path.via == via) ++run;
    const int descriptor = via < descriptors_.size() ? descriptors_[via] : -1;
    if (descriptor < 0) {
      for (const auto& message : messages.first(run)) counters_.refused += message.count;
      messages = messages.subspan(run);
      continue;
    }
    messages = messages.subspan(send_run(descriptor, messages.first(run), bytes));
  }
}

// How many messages are dealt with: sent, sent singly, or dropped.
std::size_t UdpBatch::send_run(int descriptor, std::span<const Message> run, Bytes bytes) noexcept {
  for (std::size_t i = 0; i < run.size(); ++i) {
    const auto& message = run[i];
    // The kernel does not write through it.
    vectors_[i] = {.iov_base = const_cast<std::uint8_t*>(bytes.data()) + message.at,
                   .iov_len = message.size};
    auto& header = headers_[i].msg_hdr;
    header = {};
    header.msg_name = &addresses_[i];
    header.msg_namelen = to_sockaddr(message.path.remote, addresses_[i]);
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    if (message.count < 2) continue;
    header.msg_control = controls_[i].bytes;
    header.msg_controllen = sizeof controls_[i].bytes;
    cmsghdr* const control = CMSG_FIRSTHDR(&header);
    if (control == nullptr) continue;
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    std::memcpy(CMSG_DATA(control), &message.segment, sizeof message.segment);
  }
  const int sent =
      ::sendmmsg(descriptor, headers_.data(), static_cast<unsigned>(run.size()), MSG_DONTWAIT);
  if (sent > 0) {
    counters_.sends += static_cast<std::uint64_t>(sent);
    return static_cast<std::size_t>(sent);
  }
  if (errno == EINTR) return 0;
  const auto& first = run.front();
  const bool no_segments = errno == EIO || errno == EINVAL || errno == EOPNOTSUPP;
  if (first.count > 1 && (no_segments || errno == EMSGSIZE)) {
    if (no_segments) {
      gso_ = false;
      set_joins(false);
    }
    send_singly(descriptor, first, bytes);
  } else {
    counters_.refused += first.count;
  }
  return 1;
}

void UdpBatch::send_singly(int descriptor, const Message& message, Bytes bytes) noexcept {
  sockaddr_storage address = {};
  const auto length = to_sockaddr(message.path.remote, address);
  for (std::size_t at = 0; at < message.size; at += message.segment) {
    const auto size = std::min<std::size_t>(message.segment, message.size - at);
    ++counters_.sends;
    if (::sendto(descriptor, bytes.data() + message.at + at, size, MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), length) < 0)
      ++counters_.refused;
  }
}

socklen_t to_sockaddr(const stun::Address& address, sockaddr_storage& out) noexcept {
  if (address.v6) {
    sockaddr_in6 v6 = {};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::memcpy(&v6.sin6_addr, address.ip.data(), 16);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(address.port);
  std::memcpy(&v4.sin_addr, address.ip.data(), 4);
  std::memcpy(&out, &v4, sizeof v4);
  return sizeof v4;
}

stun::Address from_sockaddr(const sockaddr_storage& address) noexcept {
  stun::Address out;
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &address, sizeof v6);
    out.v6 = true;
    out.port = ntohs(v6.sin6_port);
    std::memcpy(out.ip.data(), &v6.sin6_addr, 16);
    return out;
  }
  sockaddr_in v4 = {};
  std::memcpy(&v4, &address, sizeof v4);
  out.port = ntohs(v4.sin_port);
  std::memcpy(out.ip.data(), &v4.sin_addr, 4);
  return out;
}

}  // namespace telltale::rtc
