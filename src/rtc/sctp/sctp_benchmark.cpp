// What data channels cost: processor time for each packet (both ends), memory for each idle pair.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "rtc/sctp/data_channels.hpp"
#include "rtc/sctp/testing.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

class Quiet : public DataChannels::Listener {
 public:
  explicit Quiet(bool client) : channels({.dtls_client = client, .remote_message_max = 0}, *this) {}
  void on_connected() override { connected = true; }
  void on_open(ChannelId /*id*/) override {}
  void on_message(ChannelId /*id*/, DataChannels::Kind /*kind*/, Bytes message) override {
    received += message.size();
  }
  void on_channel_closed(ChannelId /*id*/) override {}
  void on_buffered_low(ChannelId /*id*/) override {}
  void on_closed(const std::optional<base::Error>& /*error*/) override {}

  DataChannels channels;
  bool connected = false;
  std::size_t received = 0;
};

struct Two {
  // Carries packets at once, without a link.
  void carry() {
    for (bool any = true; any;) {
      any = false;
      for (auto* from : {&a, &b})
        while (const auto size = from->channels.poll(now, out)) {
          (from == &a ? b : a).channels.on_packet(Bytes(out).first(size), now);
          ++packets;
          any = true;
        }
    }
  }
  void connect() {
    a.channels.connect(now);
    b.channels.connect(now);
    id = *a.channels.open({.label = "stats"}, now);
    carry();
  }

  base::SteadyTime now{1h};
  Quiet a{true};
  Quiet b{false};
  ChannelId id = 0;
  std::size_t packets = 0;
  std::array<std::uint8_t, 1'200> out = {};
};

// Both ends, DATA and SACK packets, without DTLS.
void messages(benchmark::State& state) {
  Two two;
  two.connect();
  const std::vector<std::uint8_t> message(static_cast<std::size_t>(state.range(0)), 7);
  two.packets = 0;
  for ([[maybe_unused]] auto _ : state) {
    static_cast<void>(two.a.channels.send(two.id, DataChannels::Kind::binary, message, two.now));
    two.now += 1ms;
    two.carry();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(two.b.received));
  state.counters["ns_per_packet"] =
      benchmark::Counter(static_cast<double>(two.packets) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(messages)->Arg(100)->Arg(1'000)->Arg(64L * 1024)->Arg(256L * 1024);

// One peer of an idle pair with one open channel; half of what the pair takes.
void idle_memory(benchmark::State& state) {
  constexpr std::size_t kPairs = 1'000;
  double bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    std::vector<std::unique_ptr<Two>> pairs;
    pairs.reserve(kPairs);
    const auto before = ::mallinfo2().uordblks;
    for (std::size_t i = 0; i < kPairs; ++i) {
      pairs.push_back(std::make_unique<Two>());
      pairs.back()->connect();
    }
    bytes = static_cast<double>(::mallinfo2().uordblks - before) / kPairs - sizeof(Two::out);
  }
  state.counters["bytes_per_peer"] = bytes / 2;
}
BENCHMARK(idle_memory)->Iterations(1);

}  // namespace
}  // namespace telltale::rtc::sctp::testing
