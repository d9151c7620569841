// What one side sends in a run of segments (UDP_SEGMENT) comes out datagram by datagram, however
// much of it the kernel keeps together (UDP_GRO).
#include "rtc/transport/udp_socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "rtc/transport/udp_batch.hpp"

namespace telltale::rtc {
namespace {

struct Received {
  std::vector<std::vector<std::uint8_t>> datagrams;
  std::vector<stun::Address> from;
};

class UdpSockets : public ::testing::Test {
 protected:
  static UdpSocket bind(runtime::asio::io_context& context) {
    return std::move(*UdpSocket::bind(context, *stun::Address::parse("127.0.0.1", 0), {}));
  }

  void send(std::size_t size, std::uint8_t fill) {
    const std::vector<std::uint8_t> bytes(size, fill);
    batch_.send({.remote = near_.local(), .via = via_}, bytes);
  }

  Received receive(std::size_t count) {
    batch_.flush();
    Received out;
    ReceiveBuffer buffer;
    pollfd ready{.fd = near_.descriptor(), .events = POLLIN, .revents = 0};
    while (out.datagrams.size() < count && ::poll(&ready, 1, 5'000) == 1)
      buffer.read(near_.descriptor(), [&](MutableBytes datagram, const stun::Address& from) {
        out.datagrams.emplace_back(datagram.begin(), datagram.end());
        out.from.push_back(from);
      });
    return out;
  }

  runtime::asio::io_context context_;
  UdpSocket near_ = bind(context_);
  UdpSocket far_ = bind(context_);
  UdpBatch batch_{true};
  std::uint32_t via_ = batch_.add_socket(far_.descriptor());
};

TEST_F(UdpSockets, ARunOfSegmentsComesOutDatagramByDatagram) {
  for (std::uint8_t i = 0; i < 7; ++i) send(1'200, i);
  send(301, 7);
  const auto received = receive(8);
  ASSERT_EQ(received.datagrams.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(received.datagrams[i],
              std::vector<std::uint8_t>(i < 7 ? 1'200 : 301, static_cast<std::uint8_t>(i)));
    EXPECT_EQ(received.from[i], far_.local());
  }
}

TEST_F(UdpSockets, OneThatIsTooLongIsDroppedAndWhatComesAfterItIsNot) {
  const std::vector<std::uint8_t> bytes(ReceiveBuffer::kDatagramBytes + 1, 1);
  sockaddr_storage address = {};
  const auto length = to_sockaddr(near_.local(), address);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  ASSERT_GT(::sendto(far_.descriptor(), bytes.data(), bytes.size(), 0, to, length), 0);
  ASSERT_EQ(::sendto(far_.descriptor(), bytes.data(), 0, 0, to, length), 0);  // empty: nothing
  send(20, 2);
  const auto received = receive(1);
  ASSERT_EQ(received.datagrams.size(), 1U);
  EXPECT_EQ(received.datagrams[0], std::vector<std::uint8_t>(20, 2));
}

}  // namespace
}  // namespace telltale::rtc
