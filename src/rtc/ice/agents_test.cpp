// Agents against each other over a road in memory, in virtual time: lossy where a test says so.
#include <deque>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/ice/agent.hpp"
#include "rtc/ice/lite_agent.hpp"

namespace telltale::rtc::ice {
namespace {

using namespace std::chrono_literals;
using stun::Address;

const Address kServer = Address::parse("192.0.2.1", 5000).value();
const Address kClient = Address::parse("198.51.100.7", 6000).value();
const Address kMoved = Address::parse("198.51.100.8", 6001).value();

Agent::Local local(std::uint32_t via = 0, std::uint16_t preference = 65535) {
  return {.via = via, .priority = priority_of(CandidateType::host, preference)};
}

struct CheckShape {
  bool nominates = true;
  bool controlled = false;
  std::uint16_t extra = 0;
  bool short_one = false;
};

class LiteTest : public testing::Test {
 protected:
  std::vector<std::uint8_t> check(std::string_view user, std::string_view password,
                                  const CheckShape& shape) {
    std::vector<std::uint8_t> out(400);
    stun::MessageWriter writer(out, stun::Class::request, {1, 2, 3});
    if (!user.empty()) writer.username(user);
    if (!shape.short_one) writer.priority(1);
    if (shape.controlled) writer.controlled(1);
    if (!shape.controlled && !shape.short_one) writer.controlling(1);
    if (shape.nominates) writer.use_candidate();
    if (shape.extra != 0) writer.raw(shape.extra, {});
    if (!password.empty()) writer.integrity(password);
    if (!shape.short_one) writer.fingerprint();
    out.resize(writer.size());
    return out;
  }
  // The answer's error code; 0 for success, -1 for silence.
  int ask(std::string_view user, std::string_view password, const CheckShape& shape = {},
          const Address& from = kClient) {
    const auto request = check(user, password, shape);
    const auto size = agent_.on_packet(request, {.remote = from}, now_, out_);
    EXPECT_LE(size, request.size()) << "never larger than the question";
    if (size == 0) return -1;
    const auto answer = stun::Message::parse(Bytes(out_).first(size));
    EXPECT_TRUE(answer && answer->has_fingerprint());
    if (answer->is(stun::Class::success)) {
      EXPECT_EQ(answer->mapped_address(), from);
      EXPECT_TRUE(answer->authentic(agent_.local().password));
      return 0;
    }
    return answer->error()->code;
  }

  base::SteadyTime now_{1h};
  std::vector<std::uint8_t> out_ = std::vector<std::uint8_t>(256);
  LiteAgent agent_{{}, {.ufrag = "usususus", .password = "0123456789012345678901"}, now_};
  std::string password_ = agent_.local().password;
};

TEST_F(LiteTest, LearnsThePeerFromAnAuthenticCheckOnly) {
  EXPECT_EQ(ask("usususus:them", ""), 400);
  EXPECT_EQ(ask("", password_), 401);
  EXPECT_EQ(ask("usususus:them", "another password of 22"), 401);
  EXPECT_EQ(ask("others:them", password_), 401);
  EXPECT_EQ(ask("usususus:", password_), 401);
  EXPECT_FALSE(agent_.verified({.remote = kClient}, now_));
  EXPECT_EQ(agent_.selected(), std::nullopt);
  EXPECT_EQ(ask("usususus:them", password_, {.nominates = false}), 0);
  EXPECT_TRUE(agent_.verified({.remote = kClient}, now_));
  EXPECT_FALSE(agent_.verified({.remote = kMoved}, now_));
  EXPECT_FALSE(agent_.verified({.remote = kClient, .via = 1}, now_));
  EXPECT_EQ(agent_.selected(), std::nullopt) << "not nominated so far";
  EXPECT_EQ(ask("usususus:them", password_), 0);
  EXPECT_EQ(agent_.selected(), (Path{.remote = kClient}));
  EXPECT_EQ(agent_.state(), LiteAgent::State::connected);
}

TEST_F(LiteTest, RefusesRolesAndAttributes) {
  EXPECT_EQ(ask("usususus:them", password_, {.controlled = true}), 487);
  EXPECT_EQ(ask("usususus:them", password_, {.extra = 0x7abc}), 420);
  EXPECT_EQ(ask("usususus:them", password_, {.extra = 0xf123}), 0);
  agent_.set_remote({.ufrag = "them", .password = ""});
  EXPECT_EQ(ask("usususus:them", password_), 0);
  EXPECT_EQ(ask("usususus:they", password_), 401);
}

TEST_F(LiteTest, AnAnswerLargerThanItsQuestionIsNotGiven) {
  EXPECT_EQ(ask("x", "", {.nominates = false, .short_one = true}), -1);
  EXPECT_EQ(ask("usususus:t", password_, {.nominates = false, .short_one = true},
                Address::parse("2001:db8::1", 1).value()),
            -1);
}

TEST_F(LiteTest, FollowsThePeerThatMoves) {
  ASSERT_EQ(ask("usususus:them", password_), 0);
  EXPECT_EQ(ask("usususus:them", "wrong password 0123456", {}, kMoved), 401);
  EXPECT_EQ(agent_.selected()->remote, kClient);
  EXPECT_EQ(ask("usususus:them", password_, {}, kMoved), 0);
  EXPECT_EQ(agent_.selected()->remote, kMoved);
  EXPECT_EQ(agent_.counters().path_changes, 1U);
}

TEST_F(LiteTest, VerifiedPathsAreBoundedAndTheSelectedStays) {
  ASSERT_EQ(ask("usususus:them", password_), 0);
  for (std::uint16_t port = 1; port < 50; ++port) {
    now_ += 1ms;
    EXPECT_EQ(ask("usususus:them", password_, {.nominates = false},
                  Address::parse("203.0.113.1", port).value()),
              0);
  }
  EXPECT_TRUE(agent_.verified({.remote = kClient}, now_));
  EXPECT_TRUE(agent_.verified({.remote = Address::parse("203.0.113.1", 49).value()}, now_));
  EXPECT_FALSE(agent_.verified({.remote = Address::parse("203.0.113.1", 1).value()}, now_));
}

TEST_F(LiteTest, ConsentEndsAfterThirtySeconds) {
  EXPECT_EQ(agent_.next_deadline(), now_ + 30s) << "to connect";
  now_ += 10s;
  ASSERT_EQ(ask("usususus:them", password_), 0);
  now_ += 20s;
  ASSERT_EQ(ask("usususus:them", password_), 0);
  EXPECT_EQ(agent_.next_deadline(), now_ + 30s);
  now_ += 15s;
  EXPECT_EQ(ask("usususus:them", "wrong password 0123456"), 401) << "is not consent";
  EXPECT_EQ(ask("usususus:them", password_, {.nominates = false}, kMoved), 0) << "nor is this";
  now_ += 15s - 1ns;
  agent_.on_time(now_);
  EXPECT_EQ(agent_.state(), LiteAgent::State::connected);
  now_ += 1ns;
  agent_.on_time(now_);
  EXPECT_EQ(agent_.state(), LiteAgent::State::expired);
  EXPECT_EQ(agent_.selected(), std::nullopt);
  EXPECT_EQ(ask("usususus:them", password_), -1);
}

TEST_F(LiteTest, RestartKeepsMediaUntilTheNewCredentialsAreUsed) {
  ASSERT_EQ(ask("usususus:them", password_), 0);
  agent_.restart({.ufrag = "newnewne", .password = "abcdefghijklmnopqrstuvw"},
                 {.ufrag = "then", .password = "x"});
  EXPECT_EQ(agent_.selected()->remote, kClient);
  const auto old = check("usususus:them", password_, {});
  EXPECT_GT(agent_.on_packet(old, {.remote = kClient}, now_, out_), 0U);
  EXPECT_EQ(ask("newnewne:then", agent_.local().password, {}, kMoved), 0);
  EXPECT_EQ(agent_.selected()->remote, kMoved);
  EXPECT_GT(agent_.on_packet(old, {.remote = kClient}, now_, out_), 0U);
  EXPECT_EQ(agent_.selected()->remote, kMoved) << "the old credentials are gone";
  EXPECT_EQ(agent_.counters().refused, 1U);
}

TEST_F(LiteTest, NonsenseIsNotAnswered) {
  EXPECT_EQ(agent_.on_packet(std::vector<std::uint8_t>(20), {.remote = kClient}, now_, out_), 0U);
  std::vector<std::uint8_t> bytes(100);
  stun::MessageWriter response(bytes, stun::Class::success, {});
  EXPECT_EQ(agent_.on_packet(Bytes(bytes).first(response.size()), {.remote = kClient}, now_, out_),
            0U);
}

// Two ends and the road between.
class Pair : public testing::Test {
 protected:
  static constexpr auto kStart = base::SteadyTime(1h);
  struct Flying {
    base::SteadyTime at;
    bool to_server = true;
    Path path;  // as the one it reaches sees it
    std::vector<std::uint8_t> bytes;
  };

  Agent make(bool controlling, std::uint64_t tie, Credentials own,
             std::vector<Agent::Local> locals = {local()}) {
    return Agent({.controlling = controlling, .tie_breaker = tie, .seed = 5}, std::move(own),
                 std::move(locals), kStart);
  }
  void fly(bool to_server, const Path& path, Bytes bytes) {
    if (random_.chance(loss_) || blocked_) return;
    road_.push_back({now_ + 10ms, to_server, path, {bytes.begin(), bytes.end()}});
  }
  // Runs until `done` or the time is over. `Server` is either agent.
  template <class Server, class Done>
  bool run(Agent& client, Server& server, base::Duration time, Done&& done) {
    std::vector<std::uint8_t> out(400);
    const auto end = now_ + time;
    for (; now_ < end; now_ += 1ms) {
      while (!road_.empty() && road_.front().at <= now_) {
        const auto packet = road_.front();
        road_.pop_front();
        if (packet.to_server) {
          const auto size = server.on_packet(packet.bytes, packet.path, now_, out);
          if (size > 0) fly(false, {.remote = kServer}, Bytes(out).first(size));
        } else {
          const auto size = client.on_packet(packet.bytes, packet.path, now_, out);
          if (size > 0) fly(true, {.remote = kClient}, Bytes(out).first(size));
        }
      }
      while (const auto sent = client.poll(now_, out)) {
        ++client_sent_;
        if (sent->path.remote == kServer)
          fly(true, {.remote = kClient}, Bytes(out).first(sent->size));
      }
      if constexpr (std::is_same_v<Server, Agent>) {
        while (const auto sent = server.poll(now_, out))
          if (sent->path.remote == kClient)
            fly(false, {.remote = kServer}, Bytes(out).first(sent->size));
      } else {
        server.on_time(now_);
      }
      const auto next = client.next_deadline();
      EXPECT_TRUE(!next || *next > now_) << "a deadline that poll does not meet";
      if (done()) return true;
    }
    return false;
  }

  base::SteadyTime now_ = kStart;
  base::Random random_{9};
  double loss_ = 0;
  bool blocked_ = false;
  std::size_t client_sent_ = 0;
  std::deque<Flying> road_;
  Credentials client_credentials_ = Credentials::generate();
  Credentials server_credentials_ = Credentials::generate();
};

TEST_F(Pair, FullMeetsLite) {
  auto client = make(true, 1, client_credentials_);
  LiteAgent server({}, server_credentials_, now_);
  server.set_remote(client_credentials_);
  EXPECT_EQ(client.next_deadline(), std::nullopt);
  client.set_remote(server_credentials_);
  EXPECT_FALSE(client.add_remote({.host = "x.local", .port = 5}));
  EXPECT_FALSE(client.add_remote(host_candidate(kServer, 1, TcpType::passive)));
  ASSERT_TRUE(client.add_remote(host_candidate(kServer)));
  client.end_of_candidates();
  ASSERT_TRUE(run(client, server, 1s, [&] { return client.selected() && server.selected(); }));
  EXPECT_LT(now_ - kStart, 120ms);
  EXPECT_EQ(client.selected()->remote, kServer);
  EXPECT_EQ(server.selected()->remote, kClient);
  EXPECT_EQ(client.round_trip(), 20ms);
}

TEST_F(Pair, ThirtyPercentLossOnlyTakesLonger) {
  loss_ = 0.3;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    random_ = base::Random(seed);
    road_.clear();
    auto client = Agent({.tie_breaker = 1, .rto = 100ms}, client_credentials_, {local()}, now_);
    LiteAgent server({}, server_credentials_, now_);
    client.set_remote(server_credentials_);
    client.add_remote(host_candidate(kServer));
    ASSERT_TRUE(run(client, server, 20s, [&] { return client.selected() && server.selected(); }))
        << seed;
  }
}

TEST_F(Pair, ConsentIsKeptAndLost) {
  auto client = make(true, 1, client_credentials_);
  LiteAgent server({}, server_credentials_, now_);
  client.set_remote(server_credentials_);
  client.add_remote(host_candidate(kServer));
  ASSERT_TRUE(run(client, server, 1s, [&] { return client.selected().has_value(); }));
  client_sent_ = 0;
  EXPECT_FALSE(run(client, server, 300s, [&] { return !client.selected() || !server.selected(); }));
  EXPECT_GE(client_sent_, 300U / 6);
  EXPECT_LE(client_sent_, 300U / 4 + 1);
  blocked_ = true;
  const auto cut = now_;
  EXPECT_TRUE(run(client, server, 40s, [&] {
    return client.state() == Agent::State::expired && server.state() == LiteAgent::State::expired;
  }));
  EXPECT_GE(now_ - cut, 24s);
  EXPECT_LE(now_ - cut, 30s);
}

TEST_F(Pair, TwoFullAgents) {
  auto client = make(true, 1, client_credentials_);
  auto server = make(false, 2, server_credentials_);
  client.set_remote(server_credentials_);
  server.set_remote(client_credentials_);
  client.add_remote(host_candidate(kServer));
  // The server knows no candidate: it meets a peer-reflexive one.
  ASSERT_TRUE(run(client, server, 2s, [&] { return client.selected() && server.selected(); }));
  EXPECT_EQ(server.selected()->remote, kClient);
}

TEST_F(Pair, RoleConflictsAreSettledByTheTieBreaker) {
  for (const bool both : {true, false})
    for (const std::uint64_t server_tie : {1ULL, 9ULL}) {
      road_.clear();
      auto client = make(both, 5, client_credentials_);
      auto server = make(both, server_tie, server_credentials_);
      client.set_remote(server_credentials_);
      server.set_remote(client_credentials_);
      client.add_remote(host_candidate(kServer));
      server.add_remote(host_candidate(kClient));
      ASSERT_TRUE(run(client, server, 3s, [&] { return client.selected() && server.selected(); }))
          << both << server_tie;
      EXPECT_EQ(client.controlling(), server_tie < 5);
      EXPECT_EQ(server.controlling(), server_tie > 5);
    }
}

TEST_F(Pair, TakesTheBetterOfTwoThatWork) {
  auto client = make(true, 1, client_credentials_, {local(0, 10), local(1, 65535)});
  LiteAgent server({}, server_credentials_, now_);
  client.set_remote(server_credentials_);
  client.add_remote(host_candidate(kServer));
  std::vector<std::uint8_t> out(400);
  // Both sockets reach the server; the road tells them apart only by `via`.
  const auto first = client.poll(now_, out);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->path.via, 1U) << "the one of higher priority first";
  EXPECT_FALSE(client.poll(now_, out)) << "paced";
  EXPECT_EQ(client.next_deadline(), now_ + 50ms);
  EXPECT_TRUE(client.poll(now_ + 50ms, out));
}

TEST_F(Pair, FailsWhenNobodyAnswers) {
  auto client = make(true, 1, client_credentials_);
  LiteAgent server({}, server_credentials_, now_);
  client.set_remote(server_credentials_);
  client.add_remote(host_candidate(kServer));
  blocked_ = true;
  ASSERT_TRUE(run(client, server, 60s, [&] { return client.state() == Agent::State::failed; }));
  EXPECT_GE(now_ - kStart, 39s);
  EXPECT_EQ(client_sent_, 7U);
  EXPECT_EQ(client.next_deadline(), std::nullopt);
}

TEST_F(Pair, ForgedAnswersChangeNothing) {
  auto client = make(true, 1, client_credentials_);
  client.set_remote(server_credentials_);
  client.add_remote(host_candidate(kServer));
  std::vector<std::uint8_t> out(400);
  const auto sent = client.poll(now_, out);
  ASSERT_TRUE(sent);
  const auto request = stun::Message::parse(Bytes(out).first(sent->size));
  std::vector<std::uint8_t> answer(200);
  for (const std::string_view password : {"", "wrong"}) {
    stun::MessageWriter success(answer, stun::Class::success, request->transaction());
    success.mapped_address(kClient);
    if (!password.empty()) success.integrity(password);
    success.fingerprint();
    client.on_packet(Bytes(answer).first(success.size()), {.remote = kServer}, now_, out);
    stun::MessageWriter error(answer, stun::Class::error, request->transaction());
    error.error(487, "x");
    if (!password.empty()) error.integrity(password);
    client.on_packet(Bytes(answer).first(error.size()), {.remote = kServer}, now_, out);
  }
  EXPECT_EQ(client.state(), Agent::State::checking);
  EXPECT_TRUE(client.controlling());
}

TEST_F(Pair, RestartFindsANewPath) {
  auto client = make(true, 1, client_credentials_);
  LiteAgent server({}, server_credentials_, now_);
  client.set_remote(server_credentials_);
  client.add_remote(host_candidate(kServer));
  ASSERT_TRUE(run(client, server, 1s, [&] { return client.selected() && server.selected(); }));
  const auto new_client = Credentials::generate();
  const auto new_server = Credentials::generate();
  server.restart(new_server, new_client);
  client.restart(new_client, new_server, now_);
  EXPECT_TRUE(client.selected()) << "media goes on";
  client.add_remote(host_candidate(kServer));
  const auto before = server.counters().answers;
  ASSERT_TRUE(run(client, server, 1s, [&] { return server.counters().answers >= before + 2; }));
  EXPECT_EQ(server.counters().refused, 0U);
}

}  // namespace
}  // namespace telltale::rtc::ice
