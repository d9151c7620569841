// Peers that are broken, hostile or large.
#include <gmock/gmock.h>

#include "base/random.hpp"
#include "rtc/dtls/testing.hpp"

namespace telltale::rtc::dtls {
namespace {

using ::testing::HasSubstr;

const Context& context() {
  static const auto kContext = make_context();
  return kContext;
}

// An extension of 1,200 bytes, as ML-KEM makes Chromium's hello.
int add_large(SSL*, unsigned, unsigned, const unsigned char** out, std::size_t* size, X509*,
              std::size_t, int*, void*) {
  static const Bytes kLarge(1'240, 0x5a);
  *out = kLarge.data();
  *size = kLarge.size();
  return 1;
}

Context large_hello_context() {
  auto large = make_context();
  EXPECT_EQ(::SSL_CTX_add_custom_ext(&large.native(), 0xfd00, SSL_EXT_CLIENT_HELLO, add_large,
                                     nullptr, nullptr, nullptr, nullptr),
            1);
  return large;
}

TEST(DtlsHostile, AFragmentedClientHelloIsTaken) {
  const auto large = large_hello_context();
  for (const double loss : {0.0, 0.3})
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Pair pair(large, context(), {.delay = 10ms, .loss = loss, .reorder = 0.3}, seed);
      pair.client.connection->start(pair.now);
      ASSERT_EQ(pair.client.out.size(), 2U) << "the hello must need two datagrams";
      const auto size = pair.client.out[0].size() + pair.client.out[1].size();
      ASSERT_GE(size, 1'413U);
      pair.run();
      ASSERT_TRUE(pair.connected()) << "seed " << seed;
      ASSERT_LE(pair.client.largest, 1200U);
    }
}

TEST(DtlsHostile, AFragmentThatNeverCompletesEndsInTime) {
  const auto large = large_hello_context();
  Pair pair(large, context());
  pair.client.connection->start(pair.now);
  const auto first = pair.client.out.front();
  auto& server = *pair.server.connection;
  while (const auto next = server.next_deadline()) {
    server.on_datagram(first, *next);
    server.on_timeout(*next);
  }
  EXPECT_EQ(pair.server.sent, 0U) << "half a hello is not answered";
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, base::Code::deadline_exceeded);
}

// New hellos all the time, never more: what we answer stays bounded, and it ends.
TEST(DtlsHostile, OnlyClientHellos) {
  Pair pair(context(), context());
  auto& server = *pair.server.connection;
  auto now = kStart;
  std::size_t bytes_in = 0;
  for (int i = 0; i < 10'000 && server.state() == State::handshaking; ++i) {
    End attacker;
    auto made = Connection::open(
        context(), {.role = Role::client, .peer_fingerprints = {context().fingerprint()}}, attacker,
        now);
    ASSERT_TRUE(made);
    (*made)->start(now);
    for (const auto& datagram : attacker.out) {
      bytes_in += datagram.size();
      server.on_datagram(datagram, now);
    }
    now += 10ms;
    server.on_timeout(now);
  }
  EXPECT_EQ(server.state(), State::closed);
  EXPECT_LE(now - kStart, 21s);
  std::size_t bytes_out = 0;
  for (const auto& datagram : pair.server.out) bytes_out += datagram.size();
  EXPECT_LT(bytes_out, 20'000U);
  EXPECT_GT(bytes_in, 100'000U);
}

TEST(DtlsHostile, GarbageNeitherStopsAHandshakeNorAConnection) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    base::Random random(seed);
    Pair pair(context(), context(), {.delay = 10ms}, seed);
    const auto pour = [&](Connection& into) {
      for (int i = 0; i < 20; ++i) {
        Bytes garbage(random.below(1500) + 1);
        for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random.next());
        if (garbage[0] < 26)
          garbage[0] = 0xff;  // what looks like a plaintext record is another test
        into.on_datagram(garbage, pair.now);
      }
    };
    pair.client.connection->start(pair.now);
    pour(*pair.client.connection);
    pour(*pair.server.connection);
    pair.run();
    ASSERT_TRUE(pair.connected()) << "seed " << seed;
    pour(*pair.client.connection);
    pour(*pair.server.connection);
    ASSERT_TRUE(pair.client.connection->send(bytes_of("still here"), pair.now));
    pair.run();
    ASSERT_EQ(pair.server.received.size(), 1U);
  }
}

// Each datagram of the handshake comes first cut off somewhere: the whole one still counts.
TEST(DtlsHostile, TruncatedDatagramsAreDropped) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    base::Random random(seed);
    Pair pair(context(), context());
    pair.client.connection->start(pair.now);
    for (int round = 0; round < 10 && !pair.connected(); ++round)
      for (auto [from, to] :
           {std::pair(&pair.client, &pair.server), {&pair.server, &pair.client}}) {
        const auto out = std::exchange(from->out, {});
        for (const auto& datagram : out) {
          const auto size = random.below(std::min<std::size_t>(datagram.size(), 60));
          to->connection->on_datagram(std::span(datagram).first(size), pair.now);
          to->connection->on_datagram(datagram, pair.now);
        }
      }
    ASSERT_TRUE(pair.connected()) << "seed " << seed;
  }
}

// After the handshake nobody without the keys can end it: plaintext alerts and hellos are ignored.
TEST(DtlsHostile, ForgedPlaintextDoesNotEndAConnection) {
  Pair pair(context(), context());
  pair.run();
  ASSERT_TRUE(pair.connected());
  // content type, version 1.2, epoch 0, sequence 9, length 2: a fatal handshake_failure
  const Bytes alert{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};
  pair.server.connection->on_datagram(alert, pair.now);
  for (std::size_t size = 0; size < 64; ++size) {
    auto keyed = alert;
    keyed[4] = 1;
    keyed[12] = static_cast<std::uint8_t>(size);
    keyed.resize(13 + size, 0x55);
    for (std::uint8_t type = 19; type < 26; ++type) {
      keyed[0] = type;
      pair.server.connection->on_datagram(keyed, pair.now);
      ASSERT_TRUE(pair.connected()) << size << " bytes of type " << int{type};
    }
  }
  ASSERT_TRUE(pair.client.connection->send(bytes_of("still here"), pair.now));
  pair.run();
  EXPECT_EQ(pair.server.received, std::vector<Bytes>{bytes_of("still here")});
}

TEST(DtlsHostile, APeerThatClosesInTheHandshakeIsNamed) {
  Pair pair(context(), context());
  pair.client.connection->start(pair.now);
  const Bytes alert{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40};
  pair.client.connection->on_datagram(alert, pair.now);
  ASSERT_TRUE(pair.client.error);
  EXPECT_EQ(pair.client.error->code, base::Code::protocol);
  EXPECT_THAT(pair.client.error->detail, HasSubstr("handshake failure"));
}

}  // namespace
}  // namespace telltale::rtc::dtls
