#include "rtc/ice/candidate.hpp"

#include <gtest/gtest.h>

#include "rtc/ice/credentials.hpp"
#include "rtc/ice/tcp_framing.hpp"

namespace telltale::rtc::ice {
namespace {

TEST(Candidate, LinesThereAndBack) {
  for (const std::string_view line :
       {"candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",
        "candidate:842163049 1 udp 1677729535 2001:db8::5 60769 typ srflx raddr 0.0.0.0 rport 0",
        "candidate:2 2 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
        "candidate:3 1 tcp 1518280447 192.0.2.1 443 typ host tcptype passive ufrag aB+/",
        "candidate:4 1 udp 1 5ac2.local 7 typ prflx",
        "candidate:5 1 udp 41885439 198.51.100.1 3478 typ relay raddr 192.0.2.1 rport 4"}) {
    const auto candidate = Candidate::parse(line);
    ASSERT_TRUE(candidate) << line << candidate.error().detail;
    EXPECT_EQ(candidate->text(), line);
  }
}

TEST(Candidate, AsBrowsersWriteThem) {
  const auto candidate = Candidate::parse(
      "a=candidate:2763446512 1 UDP 2113937151 a9e6c73c-6e79.local 51064 typ host generation 0 "
      "ufrag oU8v network-cost 999");
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->ufrag, "oU8v");
  EXPECT_FALSE(candidate->address());
  EXPECT_EQ(candidate->host, "a9e6c73c-6e79.local");
}

TEST(Candidate, NonsenseIsRefused) {
  for (const std::string_view line :
       {"", "candidate:", "candidate:1 1 udp 1 192.0.2.1 5000", "candidate:1 1 udp 1 h 1 typ x",
        "candidate:1 0 udp 1 h 1 typ host", "candidate:1 257 udp 1 h 1 typ host",
        "candidate:1 1 sctp 1 h 1 typ host", "candidate:1 1 udp 4294967296 h 1 typ host",
        "candidate:1 1 udp 1 h 65536 typ host", "candidate:1 1 udp -1 h 1 typ host",
        "candidate:1 1 tcp 1 h 1 typ host", "candidate:1 1 udp 1 h 1 typ host raddr",
        "candidate:1;2 1 udp 1 h 1 typ host", "candidate:1 1 udp 1 h 1 typ host tcptype x"})
    EXPECT_FALSE(Candidate::parse(line)) << line;
}

TEST(Candidate, Priorities) {
  EXPECT_EQ(priority_of(CandidateType::host, 65535), 2130706431U);
  EXPECT_EQ(priority_of(CandidateType::server_reflexive, 65535, 2), 1694498814U);
  EXPECT_EQ(pair_priority(2, 1), (1ULL << 32U) + 4 + 1);
  EXPECT_EQ(pair_priority(1, 2), (1ULL << 32U) + 4);
  const auto host = host_candidate(stun::Address::parse("192.0.2.1", 5).value());
  EXPECT_EQ(Candidate::parse(host.text()), host);
}

TEST(Credentials, AreRandomAndOfTheRightLetters) {
  const auto one = Credentials::generate();
  EXPECT_TRUE(one.valid());
  EXPECT_EQ(one.password.size(), 24U);
  EXPECT_NE(one, Credentials::generate());
  EXPECT_FALSE((Credentials{.ufrag = "abc", .password = one.password}).valid());
  EXPECT_FALSE((Credentials{.ufrag = "abcd", .password = "short"}).valid());
  EXPECT_FALSE((Credentials{.ufrag = "ab:d", .password = one.password}).valid());
  EXPECT_EQ(addressee("us:them"), "us");
}

TEST(TcpFraming, HoweverTheBytesAreCut) {
  std::vector<std::uint8_t> stream = {0, 1, 7, 0, 0, 0, 3, 1, 2, 3};
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    FrameSplitter splitter;
    std::vector<std::size_t> sizes;
    for (std::size_t at = 0; at < stream.size(); at += step)
      EXPECT_TRUE(splitter.feed(Bytes(stream).subspan(at, std::min(step, stream.size() - at)),
                                [&](Bytes datagram) { sizes.push_back(datagram.size()); }));
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 0, 3}));
  }
  FrameSplitter splitter;
  EXPECT_FALSE(splitter.feed(std::vector<std::uint8_t>{0xff, 0xff}, [](Bytes) { FAIL(); }));
}

}  // namespace
}  // namespace telltale::rtc::ice
