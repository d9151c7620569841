// The relay with real sockets on loopback and real time.
#include "simulate/link_relay.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "rtc/transport/udp_batch.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::simulate {
namespace {

using namespace std::chrono_literals;

struct End {
  rtc::UdpSocket socket;
  rtc::ReceiveBuffer buffer = {};
  void send(const rtc::stun::Address& to, std::uint8_t value) {
    sockaddr_storage address = {};
    const auto length = rtc::to_sockaddr(to, address);
    ::sendto(socket.descriptor(), &value, 1, 0, reinterpret_cast<const sockaddr*>(&address),
             length);
  }
};

struct Sent {
  std::size_t answered = 0;
  std::vector<std::uint8_t> order;
};

// `count` datagrams through the relay; the other end sends each back.
runtime::Task<Sent> there_and_back(LinkProfile profile, std::uint8_t count) {
  auto& loop = *runtime::Loop::current();
  const rtc::stun::Address here{.ip = {127, 0, 0, 1}};
  End server{.socket = std::move(*rtc::UdpSocket::bind(loop.context(), here, {}))};
  End viewer{.socket = std::move(*rtc::UdpSocket::bind(loop.context(), here, {}))};
  auto relay = std::move(*LinkRelay::open(loop, profile, 7, server.socket.local()));
  Sent out;
  for (std::uint8_t i = 0; i < count; ++i) viewer.send(relay->address(), i);
  for (auto idle = 0; idle < 60 && out.answered < count;) {
    co_await runtime::sleep_for(5ms);
    const auto came = server.buffer.read(
        server.socket.descriptor(), [&](rtc::MutableBytes bytes, const rtc::stun::Address& from) {
          server.send(from, bytes[0]);
        });
    const auto back = viewer.buffer.read(viewer.socket.descriptor(),
                                         [&](rtc::MutableBytes bytes, const rtc::stun::Address&) {
                                           ++out.answered;
                                           out.order.push_back(bytes[0]);
                                         });
    idle = came + back > 0 ? 0 : idle + 1;
  }
  co_await relay->stop();
  co_return out;
}

Sent run(LinkProfile profile, std::uint8_t count) {
  runtime::Runtime runtime(1);
  runtime.start();
  runtime::TaskGroup unused(runtime.loop(0), "test");
  auto out = runtime::run_to_completion(runtime.loop(0), unused, "test",
                                        there_and_back(std::move(profile), count));
  runtime.stop();
  return std::move(*out);
}

TEST(LinkRelay, CarriesBothWaysInOrder) {
  const auto sent = run({.down = {.delay = 10ms}, .up = {.delay = 10ms}}, 50);
  ASSERT_EQ(sent.answered, 50U);
  EXPECT_TRUE(std::ranges::is_sorted(sent.order));
}

// The same seed loses the same packets.
TEST(LinkRelay, LosesByItsSeed) {
  const LinkProfile half{.down = {}, .up = {.loss = 0.5}};
  const auto first = run(half, 200);
  EXPECT_GT(first.answered, 60U);
  EXPECT_LT(first.answered, 140U);
  EXPECT_EQ(run(half, 200).order, first.order);
}

TEST(LinkProfiles, AreFiveAndKnownByName) {
  EXPECT_EQ(link_profiles().size(), 5U);
  EXPECT_FALSE(link_profile("perfect")->shaped);
  EXPECT_EQ(link_profile("train")->steps.size(), 4U);
  const auto none = link_profile("5g");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("bad-hotel"), std::string::npos);
}

}  // namespace
}  // namespace telltale::simulate
