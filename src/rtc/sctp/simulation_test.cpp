// Thousands of runs between two associations of ours over bad links, each from its seed: every
// message of a reliable stream arrives once, whole and in order; partial reliability drops only
// what it may; nothing hangs, nothing stays behind. SCTP_SEED=n replays one run.
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/sctp/testing.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

enum class Quality : std::uint8_t { reliable, unordered, retransmits, lifetime };

// A stream number says what its messages are.
Quality quality_of(std::uint16_t stream) {
  return static_cast<Quality>(stream % 4);
}

SendOptions options_of(std::uint16_t stream) {
  switch (quality_of(stream)) {
    case Quality::reliable:
      return {};
    case Quality::unordered:
      return {.unordered = true};
    case Quality::retransmits:
      return {.unordered = stream >= 4, .retransmits_max = stream / 4U};
    case Quality::lifetime:
      return {.unordered = stream >= 4, .lifetime = 150ms};
  }
  return {};
}

struct Sent {
  std::uint32_t number = 0;
  std::size_t size = 0;
};

// Number, then bytes that follow from it.
std::vector<std::uint8_t> make_message(const Sent& sent) {
  std::vector<std::uint8_t> bytes(sent.size);
  store_u32(bytes, 0, sent.number);
  for (std::size_t i = 4; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(std::size_t{sent.number} * 31 + i);
  return bytes;
}

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed)
      : random_(seed), link_(draw_link()), pair_(draw_settings(), draw_settings(), link_, seed) {}

  void go() {
    ASSERT_TRUE(pair_.connect(random_.chance(0.5))) << "it opens";
    const auto messages = random_.below(60) + 5;
    for (std::uint64_t i = 0; i < messages; ++i) {
      send_one(random_.chance(0.5) ? 0 : 1);
      if (random_.chance(0.3)) pair_.world.run_for(std::chrono::milliseconds(random_.below(100)));
    }
    // The last one of each stream is reliable, so that what came before it is decided.
    const auto drained = [this] {
      return pair_.a.association.buffered() == 0 && pair_.b.association.buffered() == 0;
    };
    ASSERT_TRUE(pair_.world.run(drained, 2h)) << "everything leaves";
    ASSERT_EQ(pair_.a.closed + pair_.b.closed, 0);
    pair_.world.run_for(2s);
    for (std::size_t from = 0; from < 2; ++from) judge(from);
    if (random_.chance(0.5)) {
      pair_.a.association.shutdown(pair_.world.now());
      ASSERT_TRUE(
          pair_.world.run([this] { return pair_.a.closed == 1 && pair_.b.closed == 1; }, 1h));
    }
  }
  std::uint64_t dropped() const { return dropped_; }

 private:
  congestion::LinkSettings draw_link() {
    congestion::LinkSettings link = {
        .delay = std::chrono::microseconds(random_.below(100'000)),
        .jitter = std::chrono::microseconds(random_.below(30'000)),
        .loss = random_.chance(0.2) ? 0.0 : random_.uniform() * 0.25,
        .burst_start = random_.chance(0.7) ? 0.0 : 0.02,
        .reorder = random_.chance(0.3) ? 0.0 : random_.uniform() * 0.2,
        .reorder_delay = std::chrono::microseconds(random_.below(60'000)),
        .duplicate = random_.chance(0.3) ? 0.0 : random_.uniform() * 0.2};
    if (random_.chance(0.3))
      link.rate_bps = static_cast<std::int64_t>(random_.below(5'000'000)) + 200'000;
    return link;
  }
  AssociationSettings draw_settings() {
    AssociationSettings settings;
    if (random_.chance(0.5))  // close to the wrap
      settings.initial_tsn = 0xffff'ffffU - static_cast<std::uint32_t>(random_.below(60));
    if (random_.chance(0.3)) {
      settings.receive_window = 40'000;
      settings.message_bytes_max = 39'999;
    }
    if (random_.chance(0.2)) settings.packet_bytes_max = 512;
    // Twenty losses in a row do happen at these rates.
    settings.retransmits_max = 100;
    settings.init_retransmits_max = 100;
    return settings;
  }
  void send_one(std::size_t from) {
    const auto stream = static_cast<std::uint16_t>(random_.below(8));
    auto& list = sent_[from][stream];
    const std::size_t longest = random_.chance(0.2) ? 20'000 : 3'000;
    const Sent sent = {.number = static_cast<std::uint32_t>(list.size()),
                       .size = 4 + random_.below(longest)};
    if (!pair_.send(from == 0 ? pair_.a : pair_.b, stream, make_message(sent), options_of(stream)))
      return;
    list.push_back(sent);
  }
  void judge(std::size_t from) {
    const auto& to = from == 0 ? pair_.b : pair_.a;
    std::map<std::uint16_t, std::vector<std::uint32_t>> got;
    for (const auto& message : to.messages) {
      const auto number = load_u32(message.bytes, 0);
      const auto& list = sent_[from][message.stream];
      ASSERT_LT(number, list.size());
      ASSERT_EQ(message.bytes, make_message(list[number])) << "whole";
      got[message.stream].push_back(number);
    }
    for (const auto& [stream, list] : sent_[from]) {
      const auto& numbers = got[stream];
      const std::set<std::uint32_t> distinct(numbers.begin(), numbers.end());
      ASSERT_EQ(distinct.size(), numbers.size()) << "once";
      const auto quality = quality_of(stream);
      if (quality == Quality::reliable || quality == Quality::unordered)
        ASSERT_EQ(numbers.size(), list.size()) << "all of them, stream " << stream;
      if (!options_of(stream).unordered)
        ASSERT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << "in order";
      dropped_ += list.size() - numbers.size();
      const bool perfect = link_.loss == 0.0 && link_.burst_start == 0.0 && link_.rate_bps == 0;
      if (perfect && link_.reorder == 0.0 && quality == Quality::retransmits)
        ASSERT_EQ(numbers.size(), list.size()) << "nothing was lost, nothing may be dropped";
    }
  }

  base::Random random_;
  congestion::LinkSettings link_;
  Pair pair_;
  std::array<std::map<std::uint16_t, std::vector<Sent>>, 2> sent_;
  std::uint64_t dropped_ = 0;
};

TEST(SctpSimulation, ThousandsOfBadLinks) {
  std::uint64_t first = 1;
  std::uint64_t count = 3'000;
  if (const char* const seed = std::getenv("SCTP_SEED")) {
    first = std::strtoull(seed, nullptr, 10);
    count = 1;
  }
  std::uint64_t dropped = 0;
  for (auto seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("SCTP_SEED=" + std::to_string(seed));
    Simulation run(seed);
    run.go();
    dropped += run.dropped();
    if (HasFatalFailure()) return;
  }
  if (count > 1) EXPECT_GT(dropped, 100U) << "partial reliability had something to do";
}

}  // namespace
}  // namespace telltale::rtc::sctp::testing
