// Against usrsctp (Debian's libusrsctp 0.9.5), the SCTP of Firefox and of Chromium until 2022: both
// in one process, packets in memory, its timers and its clock (gettimeofday) driven by the test.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <numeric>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <usrsctp.h>

#include "rtc/dtls/openssl_clock.hpp"
#include "rtc/sctp/data_channels.hpp"
#include "rtc/sctp/testing.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t first = 0) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

class Usrsctp {
 public:
  struct Message {
    std::uint16_t stream = 0;
    std::uint32_t ppid = 0;
    std::vector<std::uint8_t> bytes = {};
  };

  Usrsctp() {
    const dtls::OpenSslClock clock(now_);
    begin();
    ::usrsctp_register_address(this);
    socket_ = ::usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, receive, nullptr, 0, this);
    if (socket_ == nullptr) throw std::runtime_error("no usrsctp socket");
    ::usrsctp_set_non_blocking(socket_, 1);
    option(SCTP_NODELAY, 1);
    const linger hard = {.l_onoff = 1, .l_linger = 0};
    ::usrsctp_setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    sctp_assoc_value reset = {};
    reset.assoc_id = SCTP_ALL_ASSOC;
    reset.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ;
    ::usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, &reset, sizeof reset);
    for (const auto type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT}) {
      sctp_event event = {};
      event.se_assoc_id = SCTP_ALL_ASSOC;
      event.se_type = static_cast<std::uint16_t>(type);
      event.se_on = 1;
      ::usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_EVENT, &event, sizeof event);
    }
    auto address = own_address();
    if (::usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("usrsctp does not bind");
  }
  Usrsctp(const Usrsctp&) = delete;
  Usrsctp& operator=(const Usrsctp&) = delete;
  ~Usrsctp() {
    if (accepted_ != nullptr) ::usrsctp_close(accepted_);
    if (socket_ != nullptr) ::usrsctp_close(socket_);
    ::usrsctp_deregister_address(this);
  }

  void connect() {
    const dtls::OpenSslClock clock(now_);
    auto address = own_address();
    ::usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  void listen() { ::usrsctp_listen(socket_, 1); }
  bool send(std::uint16_t stream, std::uint32_t ppid, const std::vector<std::uint8_t>& bytes,
            bool unordered = false, std::optional<std::uint32_t> retransmits_max = {}) {
    const dtls::OpenSslClock clock(now_);
    sctp_sendv_spa spa = {};
    spa.sendv_flags = SCTP_SEND_SNDINFO_VALID;
    spa.sendv_sndinfo.snd_sid = stream;
    spa.sendv_sndinfo.snd_ppid = htonl(ppid);
    spa.sendv_sndinfo.snd_flags =
        static_cast<std::uint16_t>(SCTP_EOR | (unordered ? SCTP_UNORDERED : 0));
    if (retransmits_max) {
      spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
      spa.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
      spa.sendv_prinfo.pr_value = *retransmits_max;
    }
    return ::usrsctp_sendv(peer(), bytes.data(), bytes.size(), nullptr, 0, &spa, sizeof spa,
                           SCTP_SENDV_SPA, 0) >= 0;
  }
  void reset(std::uint16_t stream) {
    const dtls::OpenSslClock clock(now_);
    std::vector<std::uint8_t> memory(sizeof(sctp_reset_streams) + sizeof stream);
    auto* const request = reinterpret_cast<sctp_reset_streams*>(memory.data());
    request->srs_flags = SCTP_STREAM_RESET_OUTGOING;
    request->srs_number_streams = 1;
    request->srs_stream_list[0] = stream;
    EXPECT_EQ(::usrsctp_setsockopt(peer(), IPPROTO_SCTP, SCTP_RESET_STREAMS, memory.data(),
                                   static_cast<socklen_t>(memory.size())),
              0);
  }
  void shutdown() {
    const dtls::OpenSslClock clock(now_);
    ::usrsctp_shutdown(peer(), SHUT_WR);
  }
  void abort() {
    if (accepted_ != nullptr) ::usrsctp_close(std::exchange(accepted_, nullptr));
    if (socket_ != nullptr) ::usrsctp_close(std::exchange(socket_, nullptr));
  }

  void on_packet(Bytes packet, base::SteadyTime now) {
    tick(now);
    const dtls::OpenSslClock clock(now);
    ::usrsctp_conninput(this, packet.data(), packet.size(), 0);
    if (accepted_ == nullptr && socket_ != nullptr) {
      accepted_ = ::usrsctp_accept(socket_, nullptr, nullptr);
      if (accepted_ != nullptr) ::usrsctp_set_non_blocking(accepted_, 1);
    }
  }
  std::size_t poll(base::SteadyTime now, MutableBytes out) {
    tick(now);
    if (packets_.empty()) return 0;
    const auto packet = std::move(packets_.front());
    packets_.pop_front();
    std::copy(packet.begin(), packet.end(), out.begin());
    return packet.size();
  }
  std::optional<base::SteadyTime> next_deadline() const { return ticked_ + 10ms; }

  std::vector<Message> messages;
  std::vector<std::uint16_t> incoming_resets;
  int up = 0;
  int down = 0;

 private:
  static void begin() {
    static const bool kOnce = [] {
      ::usrsctp_init_nothreads(0, transmit, nullptr);
      ::usrsctp_sysctl_set_sctp_ecn_enable(0);
      ::usrsctp_sysctl_set_sctp_asconf_enable(0);
      ::usrsctp_sysctl_set_sctp_auth_enable(0);
      ::usrsctp_sysctl_set_sctp_nrsack_enable(0);
      ::usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(1024);
      ::usrsctp_sysctl_set_sctp_rto_initial_default(1000);
      ::usrsctp_sysctl_set_sctp_sendspace(1U << 20U);
      ::usrsctp_sysctl_set_sctp_recvspace(1U << 20U);
      return true;
    }();
    static_cast<void>(kOnce);
  }
  static int transmit(void* self, void* data, std::size_t size, std::uint8_t /*tos*/,
                      std::uint8_t /*df*/) {
    const auto* const bytes = static_cast<const std::uint8_t*>(data);
    static_cast<Usrsctp*>(self)->packets_.emplace_back(bytes, bytes + size);
    return 0;
  }
  static int receive(struct socket* /*socket*/, union sctp_sockstore /*from*/, void* data,
                     std::size_t size, struct sctp_rcvinfo info, int flags, void* self) {
    if (data == nullptr) return 1;
    const auto* const bytes = static_cast<const std::uint8_t*>(data);
    auto& mine = *static_cast<Usrsctp*>(self);
    if ((flags & MSG_NOTIFICATION) != 0) {
      mine.on_notification(data, size);
    } else {
      mine.partial_.insert(mine.partial_.end(), bytes, bytes + size);
      if ((flags & MSG_EOR) != 0)
        mine.messages.push_back({.stream = info.rcv_sid,
                                 .ppid = ntohl(info.rcv_ppid),
                                 .bytes = std::exchange(mine.partial_, {})});
    }
    std::free(data);
    return 1;
  }
  void on_notification(const void* data, std::size_t size) {
    const auto* const event = static_cast<const sctp_notification*>(data);
    if (event->sn_header.sn_type == SCTP_ASSOC_CHANGE) {
      const auto state = event->sn_assoc_change.sac_state;
      up += state == SCTP_COMM_UP ? 1 : 0;
      down += state == SCTP_COMM_LOST || state == SCTP_SHUTDOWN_COMP ? 1 : 0;
    } else if (event->sn_header.sn_type == SCTP_STREAM_RESET_EVENT) {
      const auto& reset = event->sn_strreset_event;
      if ((reset.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) == 0) return;
      const auto count = (size - sizeof reset) / sizeof(std::uint16_t);
      for (std::size_t i = 0; i < count; ++i)
        incoming_resets.push_back(reset.strreset_stream_list[i]);
    }
  }
  void tick(base::SteadyTime now) {
    now_ = now;
    const dtls::OpenSslClock clock(now);
    if (ticked_ == base::SteadyTime{}) ticked_ = now;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - ticked_);
    if (ms < 10ms) return;
    ticked_ = now;
    ::usrsctp_handle_timers(static_cast<std::uint32_t>(ms.count()));
  }
  void option(int name, int value) {
    ::usrsctp_setsockopt(socket_, IPPROTO_SCTP, name, &value, sizeof value);
  }
  sockaddr_conn own_address() {
    return {.sconn_family = AF_CONN, .sconn_port = htons(5000), .sconn_addr = this};
  }
  struct socket* peer() { return accepted_ != nullptr ? accepted_ : socket_; }

  struct socket* socket_ = nullptr;
  struct socket* accepted_ = nullptr;
  std::deque<std::vector<std::uint8_t>> packets_;
  std::vector<std::uint8_t> partial_;
  base::SteadyTime ticked_{};
  base::SteadyTime now_{1h};
};

enum class Opening { ours, theirs, both };

class UsrsctpTest : public ::testing::TestWithParam<Opening> {
 protected:
  void open(const congestion::LinkSettings& link = {.delay = 5ms}, std::uint64_t seed = 1) {
    world_.emplace(port_of(ours_.association), port_of(theirs_), link, seed);
    if (GetParam() == Opening::ours) theirs_.listen();
    if (GetParam() != Opening::theirs) ours_.association.connect(world_->now());
    if (GetParam() != Opening::ours) theirs_.connect();
    ASSERT_TRUE(world_->run([&] { return ours_.connected == 1 && theirs_.up == 1; }, 1min));
  }
  base::Result<void> send(std::uint16_t stream, std::vector<std::uint8_t> bytes,
                          const SendOptions& options = {}) {
    return ours_.association.send(stream, 53, std::move(bytes), options, world_->now());
  }

  Recorder ours_{{.initial_tsn = 0xffff'fff0U}};
  Usrsctp theirs_;
  std::optional<World> world_;
};
INSTANTIATE_TEST_SUITE_P(Roles, UsrsctpTest,
                         ::testing::Values(Opening::ours, Opening::theirs, Opening::both));

const std::vector<std::size_t> kSizes = {1, 3, 1000, 1160, 1161, 3000, 65'535, 70'000, 200'000};

TEST_P(UsrsctpTest, CarriesMessagesBothWays) {
  open();
  for (const bool unordered : {false, true}) {
    ours_.messages.clear();
    theirs_.messages.clear();
    for (const auto size : kSizes) {
      const auto stream = static_cast<std::uint16_t>(size % 7);
      ASSERT_TRUE(send(stream, pattern(size), {.unordered = unordered}));
      ASSERT_TRUE(theirs_.send(stream, 51, pattern(size), unordered));
    }
    ASSERT_TRUE(world_->run(
        [&] {
          return ours_.messages.size() == kSizes.size() && theirs_.messages.size() == kSizes.size();
        },
        1min))
        << ours_.messages.size() << " and " << theirs_.messages.size();
    for (const auto& message : ours_.messages) {
      EXPECT_EQ(message.ppid, 51U);
      EXPECT_EQ(message.bytes, pattern(message.bytes.size()));
      EXPECT_EQ(message.stream, message.bytes.size() % 7);
    }
    for (const auto& message : theirs_.messages) {
      EXPECT_EQ(message.ppid, 53U);
      EXPECT_EQ(message.bytes, pattern(message.bytes.size()));
      EXPECT_EQ(message.stream, message.bytes.size() % 7);
    }
  }
}

TEST_P(UsrsctpTest, ReliableMessagesSurviveABadLink) {
  open({.delay = 20ms, .jitter = 5ms, .loss = 0.05, .reorder = 0.02, .duplicate = 0.02}, 7);
  constexpr std::uint32_t kCount = 400;
  std::uint32_t to_them = 0;
  std::uint32_t to_us = 0;
  const auto message = [](std::uint32_t i) {
    auto bytes = pattern(4 + i * 37 % 5000);
    store_u32(bytes, 0, i);
    return bytes;
  };
  const auto finished = [&] {
    return ours_.messages.size() == kCount && theirs_.messages.size() == kCount;
  };
  for (int rounds = 0; rounds < 4000 && !finished(); ++rounds) {
    while (to_them < kCount && send(1, message(to_them))) ++to_them;
    while (to_us < kCount && theirs_.send(1, 53, message(to_us))) ++to_us;
    world_->run(finished, 100ms);
  }
  ASSERT_TRUE(finished()) << ours_.messages.size() << " and " << theirs_.messages.size()
                          << ", closed " << ours_.closed << " and " << theirs_.down << ": "
                          << (ours_.error ? ours_.error->detail : "no error");
  for (std::uint32_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(ours_.messages[i].bytes, message(i));
    EXPECT_EQ(theirs_.messages[i].bytes, message(i));
  }
}

// What is lost stays lost, the rest comes in order, and the last ones come: FORWARD TSN works.
TEST_P(UsrsctpTest, PartialReliabilityBothWays) {
  open();
  for (const bool unordered : {false, true}) {
    ours_.messages.clear();
    theirs_.messages.clear();
    // Many messages, some of several fragments, every tenth packet with data lost.
    int data = 0;
    world_->filter = [&](std::size_t /*from*/, Packet& packet) {
      return types_of(packet).back() != 0 || ++data % 10 != 0;
    };
    constexpr std::uint32_t kCount = 200;
    for (std::uint32_t i = 0; i < kCount; ++i) {
      auto bytes = pattern(i % 3 == 0 ? 2500 : 600);
      store_u32(bytes, 0, i);
      ASSERT_TRUE(theirs_.send(2, 53, bytes, unordered, 0U));
      ASSERT_TRUE(send(2, bytes, {.unordered = unordered, .retransmits_max = 0}));
      world_->run_for(20ms);
    }
    world_->filter = nullptr;
    auto last = pattern(100);
    store_u32(last, 0, kCount);
    ASSERT_TRUE(theirs_.send(2, 53, last, unordered));
    ASSERT_TRUE(send(2, last, {.unordered = unordered}));
    const auto whole = [&](const auto& messages) {
      return !messages.empty() && load_u32(messages.back().bytes, 0) == kCount;
    };
    EXPECT_TRUE(
        world_->run([&] { return whole(ours_.messages) && whole(theirs_.messages); }, 1min));
    const auto judge = [&](const auto& messages) {
      EXPECT_LT(messages.size(), kCount) << "some were lost";
      EXPECT_GT(messages.size(), kCount / 2);
      for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto number = load_u32(messages[i].bytes, 0);
        EXPECT_EQ(messages[i].bytes.size(),
                  number == kCount ? 100U : (number % 3 == 0 ? 2500U : 600U));
        if (i > 0 && !unordered) EXPECT_GT(number, load_u32(messages[i - 1].bytes, 0));
      }
    };
    judge(ours_.messages);
    judge(theirs_.messages);
    // The next round begins with everything told.
    world_->run_for(5s);
  }
}

TEST_P(UsrsctpTest, ResetsStreams) {
  open();
  ASSERT_TRUE(send(3, pattern(5'000)));
  ASSERT_TRUE(theirs_.send(3, 53, pattern(5'000)));
  ASSERT_TRUE(
      world_->run([&] { return ours_.messages.size() == 1 && theirs_.messages.size() == 1; }, 10s));
  ASSERT_TRUE(ours_.association.reset_stream(3));
  ASSERT_TRUE(world_->run([&] { return ours_.outgoing_resets.size() == 1; }, 10s));
  EXPECT_EQ(theirs_.incoming_resets, std::vector<std::uint16_t>{3});
  theirs_.reset(3);
  ASSERT_TRUE(world_->run([&] { return ours_.incoming_resets.size() == 1; }, 10s));
  EXPECT_EQ(ours_.incoming_resets, std::vector<std::uint16_t>{3});
  EXPECT_TRUE(ours_.refused_resets.empty());
  world_->run_for(2s);
  // Again from number 0, in both directions.
  ASSERT_TRUE(send(3, pattern(10)));
  ASSERT_TRUE(theirs_.send(3, 53, pattern(10)));
  EXPECT_TRUE(
      world_->run([&] { return ours_.messages.size() == 2 && theirs_.messages.size() == 2; }, 10s));
}

TEST_P(UsrsctpTest, ShutsDownFromOurSide) {
  open();
  ASSERT_TRUE(send(0, pattern(50'000)));
  ours_.association.shutdown(world_->now());
  EXPECT_TRUE(world_->run([&] { return ours_.closed == 1 && theirs_.down == 1; }, 1min));
  EXPECT_FALSE(ours_.error);
  EXPECT_EQ(theirs_.messages.size(), 1U);
}

TEST_P(UsrsctpTest, ShutsDownFromTheirSide) {
  open();
  ASSERT_TRUE(theirs_.send(0, 53, pattern(50'000)));
  theirs_.shutdown();
  EXPECT_TRUE(world_->run([&] { return ours_.closed == 1; }, 1min));
  EXPECT_FALSE(ours_.error);
  EXPECT_EQ(ours_.messages.size(), 1U);
}

TEST_P(UsrsctpTest, AbortsFromEachSide) {
  open();
  if (GetParam() == Opening::ours) {
    ours_.association.abort("enough");
    EXPECT_TRUE(world_->run([&] { return theirs_.down == 1; }, 10s));
  } else {
    theirs_.abort();
    EXPECT_TRUE(world_->run([&] { return ours_.closed == 1; }, 10s));
  }
}

}  // namespace
}  // namespace telltale::rtc::sctp::testing
