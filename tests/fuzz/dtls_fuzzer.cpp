// Datagrams into a DTLS server: one that has seen nothing, and one that is connected, which nobody
// without its keys may end. The input is cut into datagrams; the peers' own ones come between.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz.hpp"
#include "rtc/dtls/connection.hpp"

using namespace telltale;
using namespace telltale::rtc;

namespace {

const base::SteadyTime kNow{std::chrono::hours(1)};

const dtls::Context& context() {
  static const auto kContext = [] {
    auto certificate = dtls::Certificate::make(base::from_unix_ms(1'790'000'000'000));
    return *dtls::Context::open(std::move(*certificate));
  }();
  return kContext;
}

class End final : public dtls::Connection::Listener {
 public:
  explicit End(dtls::Role role) {
    connection = *dtls::Connection::open(
        context(), {.role = role, .peer_fingerprints = {context().fingerprint()}}, *this, kNow);
  }
  void send_datagram(std::span<const std::uint8_t> datagram) override {
    fuzz::require(datagram.size() <= 1'200, "a datagram of at most 1,200 bytes");
    out.emplace_back(datagram.begin(), datagram.end());
  }
  void on_connected(const dtls::SrtpKeys& /*keys*/) override { connected = true; }
  void on_data(std::span<const std::uint8_t> /*data*/) override { got_data = true; }
  void on_closed(const std::optional<base::Error>& /*error*/) override { ++closed; }

  std::vector<std::vector<std::uint8_t>> out = {};
  std::unique_ptr<dtls::Connection> connection = {};
  bool connected = false;
  bool got_data = false;
  int closed = 0;
};

void carry(End& from, End& to) {
  for (const auto& datagram : std::exchange(from.out, {}))
    to.connection->on_datagram(datagram, kNow);
}

void connect(End& client, End& server) {
  client.connection->start(kNow);
  while (!client.out.empty() || !server.out.empty()) {
    carry(client, server);
    carry(server, client);
  }
}

// One connected pair for many inputs: a handshake for each would leave little time for them.
struct Connected {
  Connected() {
    connect(client, server);
    fuzz::require(client.connected && server.connected, "our own peers connect");
  }
  End client{dtls::Role::client};
  End server{dtls::Role::server};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kConnected = std::make_unique<Connected>();
  const std::span all(data, size);
  End fresh(dtls::Role::server);
  fresh.connection->on_datagram(all, kNow);
  // Datagrams of two length bytes and as many bytes.
  auto rest = all;
  while (rest.size() > 2) {
    const auto length = std::min<std::size_t>(rest.size() - 2, (rest[0] % 8U) * 256U + rest[1]);
    fresh.connection->on_datagram(rest.subspan(2, length), kNow);
    kConnected->server.connection->on_datagram(rest.subspan(2, length), kNow);
    rest = rest.subspan(2 + length);
  }
  fresh.connection->on_timeout(kNow + std::chrono::milliseconds(60));
  fuzz::require(fresh.closed <= 1, "it ends once");
  fuzz::require(!fresh.connected, "nobody connects without a handshake");

  kConnected->server.connection->on_datagram(all, kNow);
  fuzz::require(!kConnected->server.got_data, "data only from the peer");
  fuzz::require(kConnected->server.closed == 0, "nobody ends another's connection");
  kConnected->server.out.clear();
  return 0;
}
