// What the engine lives through: forged, replayed and cut packets, floods of half-open connections,
// thousands of connections that come and go.
#include <filesystem>

#include "rtc/stun/message.hpp"
#include "rtc/testing.hpp"

namespace telltale::rtc {
namespace {

auto frames(std::uint64_t count) {
  return [count](const Caller& caller) { return caller.video_frames() >= count; };
}
bool is_dtls(const std::vector<std::uint8_t>& datagram) {
  return rtp::kind_of(datagram) == rtp::PacketKind::dtls;
}

// A stranger with a socket.
class Stranger {
 public:
  Stranger(runtime::Loop& loop, std::uint16_t server_port)
      : server_(*stun::Address::parse("127.0.0.1", server_port)), batch_(false) {
    auto made = UdpSocket::bind(loop.context(), *stun::Address::parse("127.0.0.1", 0), {});
    CHECK(made);
    socket_.emplace(std::move(*made));
    via_ = batch_.add_socket(socket_->descriptor());
  }
  void send(Bytes datagram) {
    batch_.send({.remote = server_, .via = via_}, datagram);
    batch_.flush();
  }
  std::vector<std::vector<std::uint8_t>> received() {
    std::vector<std::vector<std::uint8_t>> out;
    buffer_.read(socket_->descriptor(), [&](MutableBytes datagram, const stun::Address&) {
      out.emplace_back(datagram.begin(), datagram.end());
    });
    return out;
  }

 private:
  stun::Address server_;
  UdpBatch batch_;
  std::optional<UdpSocket> socket_;
  std::uint32_t via_ = 0;
  ReceiveBuffer buffer_;
};

std::vector<std::uint8_t> check(const std::string& username, const std::string& password,
                                bool nominates = true) {
  std::vector<std::uint8_t> out(256);
  stun::MessageWriter writer(out, stun::Class::request, {1, 2, 3});
  writer.username(username);
  writer.priority(1);
  writer.controlling(7);
  if (nominates) writer.use_candidate();
  if (!password.empty()) writer.integrity(password);
  writer.fingerprint();
  out.resize(writer.size());
  return out;
}

ice::Credentials credentials_of(const Answer& answer) {
  const auto description = sdp::Description::parse(answer.sdp);
  CHECK(description);
  for (const auto& media : description->media)
    if (media.ice) return *media.ice;
  return {};
}

TEST(Survival, forged_checks_move_nothing_and_are_never_answered_with_more) {
  Call call;
  const auto answer = call.try_call({});
  ASSERT_TRUE(answer);
  auto& caller = *call.callers.front();
  ASSERT_TRUE(call.wait(caller, frames(10)));
  const auto ours = credentials_of(*answer);
  const auto address = call.record()->peer_address;
  Stranger stranger(call.loop.loop(), call.port());
  const auto theirs = caller.plan().remote_ice;
  ASSERT_EQ(theirs, ours);
  std::size_t sent = 0;
  std::size_t answered = 0;
  const auto send = [&](const std::vector<std::uint8_t>& datagram) {
    sent += datagram.size();
    stranger.send(datagram);
    call.loop.settle();
    for (const auto& reply : stranger.received()) {
      EXPECT_LE(reply.size(), datagram.size());
      answered += reply.size();
    }
  };
  send(check("nobody:here", "wrong-password-of-22-characters"));
  send(check(ours.ufrag + ":here", "wrong-password-of-22-characters"));
  send(check(ours.ufrag + ":here", ""));
  send(check(ours.ufrag, "x"));
  // DTLS, RTP and RTCP from an address that proved nothing.
  send({22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1});
  send(std::vector<std::uint8_t>(200, 0x80));
  send({0x80, 200, 0, 1, 0, 0, 0, 1});
  send({});
  send({1});
  EXPECT_LE(answered, sent);
  call.loop.advance(5s);
  EXPECT_EQ(call.record()->peer_address, address);
  EXPECT_EQ(call.record()->state, ConnectionState::connected);
  EXPECT_GE(call.record()->stats.candidate_pair.requests_refused, 1U);
  EXPECT_GT(call.engine->counters().dropped_unknown, 3U);
  EXPECT_GT(caller.video_frames(), 100U);
}

TEST(Survival, a_wrong_password_never_connects) {
  Call call;
  const auto answer = call.try_call({});
  ASSERT_TRUE(answer);
  call.callers.clear();  // the caller that knew the password is gone
  const auto ours = credentials_of(*answer);
  Stranger stranger(call.loop.loop(), call.port());
  for (int i = 0; i < 100; ++i) {
    stranger.send(check(ours.ufrag + ":x", "wrong-password-of-22-characters"));
    call.loop.advance(100ms);
  }
  EXPECT_EQ(call.record()->state, ConnectionState::connecting);
  EXPECT_FALSE(call.record()->times.ice_connected);
  call.loop.advance(30s);
  EXPECT_EQ(call.record()->state, ConnectionState::closed);
  EXPECT_EQ(call.record()->close_reason, "timeout");
}

TEST(Survival, replayed_packets_are_dropped) {
  Call call;
  call.add_link({.duplicate = 1});
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(90)));
  call.loop.advance(3s);
  const auto report = caller.report();
  EXPECT_GT(report.stats.transport.srtp_faults, 100U);
  EXPECT_EQ(report.stats.inbound.front().packets_duplicate, 0U);  // they come no further
  EXPECT_EQ(report.video_gaps, 0U);
  EXPECT_GT(call.record()->stats.transport.srtp_faults, 3U);  // its reports
  EXPECT_EQ(call.record()->state, ConnectionState::connected);
}

TEST(Survival, changed_packets_are_dropped) {
  Call call;
  call.add_link({});
  base::Random random(5);
  std::uint64_t changed = 0;
  call.link->tamper = [&](int, std::vector<std::uint8_t>& datagram) {
    if (rtp::kind_of(datagram) != rtp::PacketKind::rtp || !random.chance(0.05)) return true;
    datagram[random.below(datagram.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
    ++changed;
    return true;
  };
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(200), 30s));
  EXPECT_GT(changed, 20U);
  EXPECT_EQ(caller.report().video_gaps, 0U);  // sent again
}

TEST(Survival, dtls_cut_short_only_delays) {
  Call call;
  call.add_link({.delay = 5ms});
  base::Random random(3);
  int cut = 0;
  call.link->tamper = [&](int, std::vector<std::uint8_t>& datagram) {
    if (is_dtls(datagram) && cut < 12) {
      datagram.resize(random.below(datagram.size()));
      ++cut;
    }
    return !datagram.empty();
  };
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(30), 20s));
  EXPECT_EQ(cut, 12);
}

TEST(Survival, a_handshake_that_never_ends_is_ended) {
  Call call;
  call.add_link({});
  call.link->tamper = [](int, std::vector<std::uint8_t>& datagram) {
    if (is_dtls(datagram)) datagram.resize(datagram.size() / 2);
    return true;
  };
  auto& caller = call.call();
  call.loop.advance(40s);
  EXPECT_FALSE(caller.connected());
  EXPECT_EQ(call.record()->state, ConnectionState::closed);
  EXPECT_EQ(call.record()->close_reason, "dtls");
  EXPECT_NE(call.record()->error, "");
  EXPECT_EQ(call.source->watchers(), 0U);
}

TEST(Survival, a_certificate_of_somebody_else_is_refused) {
  Call call;
  call.callers.push_back(
      std::make_unique<Caller>(*call.pool, CallerSettings{.bind = {"127.0.0.1"}}));
  auto& stranger = *call.callers.back();
  auto offer = stranger.offer();
  ASSERT_TRUE(offer);
  // The offer names another certificate than the one that will be shown.
  const auto at = offer->find("a=fingerprint:sha-256 ") + 22;
  for (std::size_t found = at; found != std::string::npos + 22;
       found = offer->find("a=fingerprint:sha-256 ", found) + 22)
    offer->replace(found, 2, offer->substr(found, 2) == "00" ? "01" : "00");
  auto answer = call.loop.run(call.engine->answer({.sdp = *offer, .source = "test"}));
  ASSERT_TRUE(answer);
  ASSERT_TRUE(stranger.accept(answer->sdp));
  call.loop.run(stranger.wait_until([](const Caller& at_end) { return at_end.closed(); }, 10s));
  call.loop.advance(1s);
  const auto record = call.engine->find(answer->id);
  EXPECT_EQ(record->state, ConnectionState::closed);
  EXPECT_NE(record->error.find("fingerprint"), std::string::npos) << record->error;
  EXPECT_EQ(stranger.video_frames(), 0U);
}

TEST(Survival, a_thousand_half_open_connections) {
  Call call({.connections_per_actor_max = 2'000, .connecting_max = 1'100});
  std::string offer;
  {
    Caller maker(*call.pool, {.bind = {"127.0.0.1"}});
    offer = *maker.offer();
  }
  std::vector<std::string> ids;
  for (int i = 0; i < 1'000; ++i) {
    const auto answer = call.loop.run(call.engine->answer({.sdp = offer, .source = "test"}));
    ASSERT_TRUE(answer) << i;
    ids.push_back(answer->id);
  }
  EXPECT_EQ(call.engine->counters().connecting, 1'000U);
  EXPECT_EQ(call.source->watchers(), 0U);  // nothing is made for who is not there
  auto& caller = call.call();
  EXPECT_TRUE(call.wait(caller, frames(60)));
  EXPECT_LT(*caller.report().first_packet, 100ms);
  call.loop.advance(31s);
  EXPECT_EQ(call.engine->counters().connecting, 0U);
  EXPECT_EQ(call.engine->counters().connections, 1U);
  EXPECT_EQ(call.engine->find(ids.back())->close_reason, "timeout");
}

std::size_t descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST(Survival, connections_that_come_and_go_leave_nothing) {
  Call call({.closed_kept = 10});
  const auto cycle = [&](int round) {
    auto& caller = call.call({.data = round % 3 == 0});
    ASSERT_TRUE(call.wait(caller, frames(2)));
    if (round % 2 == 0)
      caller.close();
    else
      (void)call.loop.run(call.engine->close(call.ids.back()));
    call.loop.advance(100ms);
    call.callers.clear();
    call.loop.settle();
  };
  for (int i = 0; i < 5; ++i) cycle(i);
  const auto before = descriptors();
  const auto tasks = call.loop.tasks().running_count();
  const auto* const wanted = std::getenv("RTC_CYCLES");
  const int rounds = wanted == nullptr ? 200 : std::atoi(wanted);
  for (int i = 0; i < rounds; ++i) cycle(i);
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(call.loop.tasks().running_count(), tasks);
  EXPECT_EQ(call.engine->counters().connections, 0U);
  EXPECT_EQ(call.engine->counters().connecting, 0U);
  EXPECT_EQ(call.source->watchers(), 0U);
  EXPECT_EQ(call.engine->list(true).size(), 10U);
}

TEST(Survival, ten_percent_loss_and_jitter_keep_most_frames) {
  Call call;
  call.add_link({.delay = 30ms, .jitter = 30ms, .loss = 0.10}, 17);
  auto& caller = call.call({}, {.quality = Quality::medium});
  ASSERT_TRUE(call.wait(caller, frames(30), 20s));
  const auto before = caller.video_frames();
  call.loop.advance(20s);
  const auto rate = static_cast<double>(caller.video_frames() - before) / 20;
  EXPECT_GE(rate, 24);
}

TEST(Survival, ipv6) {
  Call call({.bind = {"::1"}});
  call.callers.push_back(std::make_unique<Caller>(*call.pool, CallerSettings{.bind = {"::1"}}));
  auto& caller = *call.callers.back();
  auto answer = call.loop.run(call.engine->answer({.sdp = *caller.offer(), .source = "test"}));
  ASSERT_TRUE(answer);
  ASSERT_TRUE(caller.accept(answer->sdp));
  ASSERT_TRUE(call.wait(caller, frames(30)));
  const auto record = call.engine->find(answer->id);
  EXPECT_EQ(record->peer_address.substr(0, 6), "[::1]:");
}

}  // namespace
}  // namespace telltale::rtc
