// A PacketBatch to UDP sockets by sendmmsg, and to ICE-TCP connections by a function. Sockets are
// known by their number, the `via` of a path; numbers with kTcpBit are TCP connections. Where the
// kernel or a device refuses UDP_SEGMENT, packets go one by one from then on. A datagram the kernel
// has no room for is dropped and counted: it is UDP. On its worker's loop only.
#pragma once

#include <functional>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "rtc/transport/packet_batch.hpp"

namespace telltale::rtc {

inline constexpr std::uint32_t kTcpBit = 0x8000'0000;

class UdpBatch final : public PacketBatch {
 public:
  using SendTcp = std::function<bool(std::uint32_t via, Bytes datagram)>;
  explicit UdpBatch(bool gso, SendTcp send_tcp = {});

  // The number of this socket; the descriptor stays the caller's.
  std::uint32_t add_socket(int descriptor);
  void remove_socket(std::uint32_t via);
  bool gso() const noexcept { return gso_; }

 private:
  static constexpr std::size_t kVector = 64;  // messages of one sendmmsg
  struct Control {
    alignas(cmsghdr) unsigned char bytes[CMSG_SPACE(sizeof(std::uint16_t))] = {};
  };

  void transmit(std::span<const Message> messages, Bytes bytes) noexcept override;
  std::size_t send_run(int descriptor, std::span<const Message> run, Bytes bytes) noexcept;
  void send_singly(int descriptor, const Message& message, Bytes bytes) noexcept;

  bool gso_;
  SendTcp send_tcp_;
  std::vector<int> descriptors_;  // -1: free
  std::vector<mmsghdr> headers_;
  std::vector<iovec> vectors_;
  std::vector<sockaddr_storage> addresses_;
  std::vector<Control> controls_;
};

// Between our addresses and the system's.
socklen_t to_sockaddr(const stun::Address& address, sockaddr_storage& out) noexcept;
stun::Address from_sockaddr(const sockaddr_storage& address) noexcept;

}  // namespace telltale::rtc
