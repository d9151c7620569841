// CPU of a DTLS handshake, and what a connection weighs. Both ends run here, so one of them costs
// half; the certificate is checked in both directions, as WebRTC does.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "rtc/dtls/connection.hpp"

namespace telltale::rtc::dtls {
namespace {

const base::SteadyTime kNow{std::chrono::hours(1)};

Context open_context() {
  auto certificate = Certificate::make(base::from_unix_ms(1'790'000'000'000));
  return *Context::open(std::move(*certificate));
}

class Pipe final : public Connection::Listener {
 public:
  void send_datagram(std::span<const std::uint8_t> datagram) override {
    out.emplace_back(datagram.begin(), datagram.end());
  }
  void on_connected(const SrtpKeys&) override { connected = true; }
  void on_data(std::span<const std::uint8_t>) override { ++messages; }
  void on_closed(const std::optional<base::Error>&) override {}

  std::vector<std::vector<std::uint8_t>> out = {};
  std::unique_ptr<Connection> connection = {};
  bool connected = false;
  std::size_t messages = 0;
};

struct Ends {
  explicit Ends(const Context& context) {
    client.connection = *Connection::open(
        context, {.role = Role::client, .peer_fingerprints = {context.fingerprint()}}, client,
        kNow);
    server.connection = *Connection::open(
        context, {.role = Role::server, .peer_fingerprints = {context.fingerprint()}}, server,
        kNow);
  }
  void carry() {
    while (!client.out.empty() || !server.out.empty()) {
      for (const auto& datagram : std::exchange(client.out, {}))
        server.connection->on_datagram(datagram, kNow);
      for (const auto& datagram : std::exchange(server.out, {}))
        client.connection->on_datagram(datagram, kNow);
    }
  }
  Pipe client = {};
  Pipe server = {};
};

void dtls_handshake_both_ends(benchmark::State& state) {
  const auto context = open_context();
  for ([[maybe_unused]] auto _ : state) {
    Ends ends(context);
    ends.client.connection->start(kNow);
    ends.carry();
    if (!ends.client.connected || !ends.server.connected) state.SkipWithError("not connected");
  }
}
BENCHMARK(dtls_handshake_both_ends)->Unit(benchmark::kMicrosecond);

void dtls_message_of_1191_bytes(benchmark::State& state) {
  const auto context = open_context();
  Ends ends(context);
  ends.client.connection->start(kNow);
  ends.carry();
  const std::vector<std::uint8_t> message(1191, 7);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(ends.client.connection->send(message, kNow));
    ends.carry();
  }
  if (ends.server.messages != static_cast<std::size_t>(state.iterations()))
    state.SkipWithError("lost");
}
BENCHMARK(dtls_message_of_1191_bytes)->Unit(benchmark::kMicrosecond);

// Heap of a connected pair, halved.
void dtls_bytes_per_connection(benchmark::State& state) {
  constexpr std::size_t kPairs = 500;
  const auto context = open_context();
  for ([[maybe_unused]] auto _ : state) {
    const auto before = ::mallinfo2().uordblks;
    std::vector<std::unique_ptr<Ends>> all;
    for (std::size_t i = 0; i < kPairs; ++i) {
      all.push_back(std::make_unique<Ends>(context));
      all.back()->client.connection->start(kNow);
      all.back()->carry();
    }
    state.counters["bytes"] = static_cast<double>(::mallinfo2().uordblks - before) / (2.0 * kPairs);
  }
}
BENCHMARK(dtls_bytes_per_connection)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace telltale::rtc::dtls
