// What stays of an association without data: it still understands and says the end, and repeats the
// last flight for who missed it.
#include "rtc/dtls/remnant.hpp"

#include "rtc/dtls/testing.hpp"

namespace telltale::rtc::dtls {
namespace {

const Context& context() {
  static const auto kContext = make_context();
  return kContext;
}
const Context& other_context() {
  static const auto kContext = make_context();
  return kContext;
}

// Both ends, or the server alone, key SRTP only.
class RemnantTest : public testing::Test {
 protected:
  void strip(End& end, Role role) {
    const bool client = role == Role::client;
    pair.open(end, role, client ? context() : other_context(),
              (client ? other_context() : context()).fingerprint(), 1200, false);
  }
  void connect(bool both) {
    strip(pair.server, Role::server);
    if (both) strip(pair.client, Role::client);
    pair.run();
    ASSERT_TRUE(pair.connected());
  }
  Pair pair{context(), other_context()};
};

TEST_F(RemnantTest, ItHasTheKeysAndNoMore) {
  connect(true);
  ASSERT_TRUE(pair.client.keys && pair.server.keys);
  EXPECT_TRUE(std::ranges::equal(pair.client.keys->send.key(), pair.server.keys->receive.key()));
  EXPECT_EQ(pair.server.connection->cipher_name(), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(pair.server.connection->send(bytes_of("x"), pair.now).error().code,
            base::Code::conflict);
  EXPECT_FALSE(pair.server.connection->next_deadline());
  pair.server.connection->on_timeout(pair.now + 60s);
  EXPECT_TRUE(pair.connected());
}

TEST_F(RemnantTest, TheEndOfOneThatIsWholeIsUnderstood) {
  connect(false);
  pair.client.connection->close(pair.now);
  pair.run();
  EXPECT_EQ(pair.server.closed, 1);
  EXPECT_FALSE(pair.server.error);
}

TEST_F(RemnantTest, TheEndItSaysIsUnderstoodByOneThatIsWhole) {
  connect(false);
  pair.server.connection->close(pair.now);
  ASSERT_EQ(pair.server.out.size(), 1U);
  pair.run();
  EXPECT_EQ(pair.client.closed, 1);
  EXPECT_FALSE(pair.client.error);
  EXPECT_EQ(pair.server.closed, 1) << "once";
}

TEST_F(RemnantTest, TwoOfThemUnderstandEachOther) {
  connect(true);
  pair.client.connection->close(pair.now);
  pair.run();
  EXPECT_EQ(pair.server.closed, 1);
  EXPECT_FALSE(pair.server.error);
}

TEST_F(RemnantTest, WhoMissedTheLastFlightGetsItAgainAndNotForEver) {
  strip(pair.server, Role::server);
  auto& client = *pair.client.connection;
  auto& server = *pair.server.connection;
  const auto take = [](End& end) { return std::exchange(end.out, {}); };
  const auto give = [&](Connection& to, const std::vector<Bytes>& all) {
    for (const auto& one : all) to.on_datagram(one, pair.now);
  };
  client.start(pair.now);
  give(server, take(pair.client));
  give(client, take(pair.server));
  const auto finished = take(pair.client);
  give(server, finished);
  EXPECT_EQ(server.state(), State::connected);
  const auto lost = take(pair.server);
  ASSERT_FALSE(lost.empty());
  pair.now += 50ms;
  client.on_timeout(pair.now);  // says its own again
  give(server, take(pair.client));
  EXPECT_EQ(pair.server.out, lost);
  give(client, take(pair.server));
  EXPECT_EQ(client.state(), State::connected);
  std::size_t repeats = 0;
  for (int i = 0; i < 50; ++i) {
    give(server, finished);
    repeats += take(pair.server).size();
  }
  EXPECT_LE(repeats, static_cast<std::size_t>(Remnant::kRepeatsMax));
  EXPECT_EQ(server.state(), State::connected);
}

TEST_F(RemnantTest, TheLastFlightIsForgottenAfterAWhile) {
  strip(pair.server, Role::server);
  pair.client.connection->start(pair.now);
  pair.server.connection->on_datagram(pair.client.out.at(0), pair.now);
  pair.client.out.clear();
  for (const auto& one : pair.server.out) pair.client.connection->on_datagram(one, pair.now);
  const auto finished = pair.client.out;
  for (const auto& one : finished) pair.server.connection->on_datagram(one, pair.now);
  ASSERT_EQ(pair.server.connection->state(), State::connected);
  pair.server.out.clear();
  pair.now += Remnant::kRepeatsFor + 1s;
  for (const auto& one : finished) pair.server.connection->on_datagram(one, pair.now);
  EXPECT_TRUE(pair.server.out.empty());
}

TEST_F(RemnantTest, AnAlertThatIsNotAuthenticEndsNothing) {
  connect(false);
  pair.client.connection->close(pair.now);
  ASSERT_EQ(pair.client.out.size(), 1U);
  const auto alert = std::exchange(pair.client.out, {}).front();
  for (std::size_t at = 0; at < alert.size(); ++at) {
    auto changed = alert;
    changed[at] ^= 1;
    pair.server.connection->on_datagram(changed, pair.now);
    ASSERT_EQ(pair.server.closed, 0) << at;
    pair.server.connection->on_datagram(std::span(alert).first(at), pair.now);
    ASSERT_EQ(pair.server.closed, 0) << at;
  }
  pair.server.connection->on_datagram(alert, pair.now);
  EXPECT_EQ(pair.server.closed, 1);
}

}  // namespace
}  // namespace telltale::rtc::dtls
