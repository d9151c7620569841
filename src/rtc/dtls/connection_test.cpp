// Ours against ours, under virtual time.
#include "rtc/dtls/connection.hpp"

#include <gmock/gmock.h>
#include <sys/time.h>

#include "rtc/dtls/openssl_clock.hpp"
#include "rtc/dtls/testing.hpp"

namespace telltale::rtc::dtls {
namespace {

using ::testing::HasSubstr;

const Context& context() {
  static const auto kContext = make_context();
  return kContext;
}
const Context& other_context() {
  static const auto kContext = make_context();
  return kContext;
}

void expect_same_keys(const End& client, const End& server) {
  ASSERT_TRUE(client.keys && server.keys);
  EXPECT_EQ(client.keys->profile, server.keys->profile);
  EXPECT_TRUE(std::ranges::equal(client.keys->send.key(), server.keys->receive.key()));
  EXPECT_TRUE(std::ranges::equal(client.keys->send.salt(), server.keys->receive.salt()));
  EXPECT_TRUE(std::ranges::equal(client.keys->receive.key(), server.keys->send.key()));
  EXPECT_TRUE(std::ranges::equal(client.keys->receive.salt(), server.keys->send.salt()));
  EXPECT_FALSE(std::ranges::equal(client.keys->send.key(), client.keys->receive.key()));
}

TEST(DtlsClock, OpenSslSeesTheTimeOfTheCaller) {
  timeval outside{};
  timeval inside{};
  timeval later{};
  {
    const OpenSslClock clock(kStart);
    ::gettimeofday(&inside, nullptr);
    const OpenSslClock inner(kStart + 1500ms);
    ::gettimeofday(&later, nullptr);
  }
  ::gettimeofday(&outside, nullptr);
  const auto us = [](const timeval& at) { return at.tv_sec * 1'000'000 + at.tv_usec; };
  EXPECT_EQ(us(later) - us(inside), 1'500'000);
  EXPECT_NEAR(static_cast<double>(outside.tv_sec), static_cast<double>(std::time(nullptr)), 2);
}

TEST(DtlsConnection, ConnectsAndExportsTheSameKeys) {
  Pair pair(context(), other_context());
  pair.run();
  ASSERT_TRUE(pair.connected());
  expect_same_keys(pair.client, pair.server);
  EXPECT_EQ(pair.client.keys->profile, SrtpProfile::aead_aes_128_gcm);
  EXPECT_EQ(pair.client.keys->send.key().size(), 16U);
  EXPECT_EQ(pair.client.keys->send.salt().size(), 12U);
  EXPECT_LE(pair.client.largest, 1200U);
  EXPECT_LE(pair.server.largest, 1200U);
  // A flight is one datagram where it fits: hello; hello to done; certificate to finished;
  // finished.
  EXPECT_EQ(pair.client.sent, 2U);
  EXPECT_EQ(pair.server.sent, 2U);
  EXPECT_EQ(pair.client.connection->cipher_name(), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  EXPECT_FALSE(pair.client.connection->next_deadline()) << "nothing to wait for any more";
}

TEST(DtlsConnection, EveryProfileHasItsLengths) {
  struct Case {
    const char* offered;
    SrtpProfile expected;
    std::size_t key, salt;
  };
  for (const auto& [offered, expected, key, salt] :
       {Case{"SRTP_AES128_CM_SHA1_80", SrtpProfile::aes128_cm_sha1_80, 16, 14},
        Case{"SRTP_AEAD_AES_256_GCM", SrtpProfile::aead_aes_256_gcm, 32, 12},
        Case{"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM",
             SrtpProfile::aead_aes_128_gcm, 16, 12}}) {
    const auto client = make_context({.srtp_profiles = offered});
    Pair pair(client, context());
    pair.run();
    ASSERT_TRUE(pair.connected()) << offered;
    expect_same_keys(pair.client, pair.server);
    EXPECT_EQ(pair.server.keys->profile, expected) << offered;
    EXPECT_EQ(pair.server.keys->send.key().size(), key);
    EXPECT_EQ(pair.server.keys->send.salt().size(), salt);
  }
}

TEST(DtlsConnection, CarriesMessagesOneRecordEach) {
  Pair pair(context(), other_context());
  pair.run();
  const Bytes large(1191, 7);
  for (const auto& message : {bytes_of("a"), large, bytes_of("c")})
    ASSERT_TRUE(pair.client.connection->send(message, pair.now));
  EXPECT_EQ(pair.client.out.size(), 3U);
  EXPECT_LE(pair.client.largest, large.size() + Connection::kRecordOverheadMax);
  ASSERT_TRUE(pair.server.connection->send(bytes_of("back"), pair.now));
  pair.run();
  EXPECT_EQ(pair.server.received, (std::vector<Bytes>{bytes_of("a"), large, bytes_of("c")}));
  EXPECT_EQ(pair.client.received, std::vector<Bytes>{bytes_of("back")});
}

TEST(DtlsConnection, ReplayedAndChangedRecordsAreDropped) {
  Pair pair(context(), other_context());
  pair.run();
  ASSERT_TRUE(pair.client.connection->send(bytes_of("once"), pair.now));
  const auto record = pair.client.out.front();
  auto changed = record;
  changed.back() ^= 1;
  for (const auto& datagram : {changed, record, record})
    pair.server.connection->on_datagram(datagram, pair.now);
  EXPECT_EQ(pair.server.received, std::vector<Bytes>{bytes_of("once")});
  EXPECT_TRUE(pair.connected());
}

TEST(DtlsConnection, CloseIsToldToTheOtherSide) {
  Pair pair(context(), other_context());
  pair.run();
  pair.client.connection->close(pair.now);
  EXPECT_EQ(pair.client.closed, 1);
  pair.run();
  EXPECT_EQ(pair.server.connection->state(), State::closed);
  EXPECT_EQ(pair.server.closed, 1);
  EXPECT_FALSE(pair.server.error);
  EXPECT_FALSE(pair.server.connection->send(bytes_of("late"), pair.now));
  EXPECT_EQ(pair.client.closed, 1);
}

TEST(DtlsConnection, AWrongFingerprintClosesWithAnAlert) {
  for (const bool server_is_wrong : {true, false}) {
    Pair pair(context(), other_context());
    const auto stranger = make_certificate();
    auto& doubter = server_is_wrong ? pair.client : pair.server;
    auto& doubted = server_is_wrong ? pair.server : pair.client;
    pair.open(doubter, server_is_wrong ? Role::client : Role::server,
              server_is_wrong ? context() : other_context(), stranger.fingerprint());
    pair.run();
    ASSERT_TRUE(doubter.error);
    EXPECT_EQ(doubter.error->code, base::Code::permission_denied);
    EXPECT_THAT(doubter.error->detail, HasSubstr("fingerprint"));
    ASSERT_TRUE(doubted.error);
    EXPECT_THAT(doubted.error->detail, HasSubstr("alert bad certificate"));
    EXPECT_FALSE(doubter.keys || doubted.keys);
    EXPECT_LT(pair.now - kStart, 1s);
  }
}

TEST(DtlsConnection, NoSrtpProfileInCommonIsSaid) {
  const auto client = make_context({.srtp_profiles = "SRTP_AEAD_AES_256_GCM"});
  const auto server = make_context({.srtp_profiles = "SRTP_AES128_CM_SHA1_80"});
  Pair pair(client, server);
  pair.run();
  ASSERT_TRUE(pair.client.error && pair.server.error);
  EXPECT_THAT(pair.client.error->detail, HasSubstr("no SRTP profile in common"));
  EXPECT_FALSE(pair.client.keys || pair.server.keys);
}

TEST(DtlsConnection, NeedsAFingerprint) {
  End end;
  const auto made = Connection::open(context(), {.role = Role::server}, end, kStart);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::Code::invalid_argument);
}

TEST(DtlsConnection, RetransmitsFrom50MsDoubling) {
  End end;
  auto made = Connection::open(
      context(), {.role = Role::client, .peer_fingerprints = {context().fingerprint()}}, end,
      kStart);
  ASSERT_TRUE(made);
  auto& client = **made;
  client.start(kStart);
  std::vector<base::Duration> waits;
  auto before = kStart;
  while (const auto next = client.next_deadline()) {
    client.on_timeout(*next - 16ms);  // OpenSSL rounds the last 15 ms away
    waits.push_back(*next - before);
    before = *next;
    client.on_timeout(*next);
  }
  ASSERT_GE(waits.size(), 7U);
  const std::vector<base::Duration> begin(waits.begin(), waits.begin() + 7);
  EXPECT_EQ(begin, (std::vector<base::Duration>{50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 1600ms}));
  ASSERT_TRUE(end.error);
  EXPECT_EQ(end.error->code, base::Code::deadline_exceeded);
  EXPECT_LE(before - kStart, 20s);
  EXPECT_EQ(end.sent, client.retransmits() + 1);
}

struct Trouble {
  const char* name;
  congestion::LinkSettings link;
  std::size_t datagram_bytes_max = 1200;
  base::Duration within = {};
};

class DtlsTrouble : public ::testing::TestWithParam<Trouble> {};

TEST_P(DtlsTrouble, TheHandshakeGetsThrough) {
  std::vector<base::Duration> took;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Pair pair(context(), other_context(), GetParam().link, seed, GetParam().datagram_bytes_max);
    pair.run(15s);
    ASSERT_TRUE(pair.connected()) << "seed " << seed << ": "
                                  << (pair.client.error ? pair.client.error->detail : "") << " "
                                  << (pair.server.error ? pair.server.error->detail : "");
    expect_same_keys(pair.client, pair.server);
    ASSERT_LE(std::max(pair.client.largest, pair.server.largest), GetParam().datagram_bytes_max);
    took.push_back(*pair.connected_at - kStart);
  }
  std::ranges::sort(took);
  EXPECT_LE(took[took.size() / 2], GetParam().within) << "median ms " << base::to_ms(took[30]);
}

INSTANTIATE_TEST_SUITE_P(
    All, DtlsTrouble,
    ::testing::Values(
        Trouble{.name = "clean", .link = {.delay = 20ms}, .within = 90ms},
        Trouble{.name = "loss", .link = {.delay = 20ms, .loss = 0.2}, .within = 400ms},
        Trouble{.name = "heavy_loss", .link = {.delay = 20ms, .loss = 0.4}, .within = 1500ms},
        Trouble{.name = "bursts",
                .link = {.delay = 20ms, .burst_start = 0.1, .burst_packets = 4},
                .within = 1s},
        Trouble{.name = "reorder",
                .link = {.delay = 5ms, .jitter = 5ms, .reorder = 0.5},
                .datagram_bytes_max = 300,
                .within = 300ms},
        Trouble{.name = "duplicate", .link = {.delay = 5ms, .duplicate = 0.8}, .within = 50ms},
        Trouble{
            .name = "fragments", .link = {.delay = 5ms}, .datagram_bytes_max = 256, .within = 50ms},
        Trouble{.name = "everything",
                .link = {.delay = 20ms,
                         .jitter = 20ms,
                         .loss = 0.1,
                         .burst_start = 0.02,
                         .reorder = 0.2,
                         .duplicate = 0.2},
                .datagram_bytes_max = 300,
                .within = 2s}),
    [](const auto& trouble) { return trouble.param.name; });

}  // namespace
}  // namespace telltale::rtc::dtls
