// One DTLS 1.2 association (RFC 6347) that keys SRTP (RFC 5763, 5764) and carries SCTP (RFC 8261),
// in either role, without I/O. The owner hands in datagrams and the time and calls on_timeout() at
// next_deadline(); everything else goes to the Listener. Touched by one thread only.
//
// It ends once, by on_closed(): handshake refused, time over, closed by the peer or by close().
// Afterwards everything is ignored. Callbacks may call send() and close(), but must not destroy the
// connection; send_datagram() must call nothing of it, because it runs inside OpenSSL.
//
// A ClientHello may come in fragments (Chromium's has 1,413 bytes), so there is no cookie exchange:
// start it only for a peer whose address an authenticated STUN check has shown to be its own.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "rtc/dtls/context.hpp"
#include "rtc/dtls/datagram_bio.hpp"
#include "rtc/dtls/remnant.hpp"
#include "rtc/dtls/srtp_keys.hpp"

namespace telltale::rtc::dtls {

enum class Role { client, server };  // a=setup:active is the client (RFC 8842 section 5)
enum class State { handshaking, connected, closed };

struct ConnectionSettings {
  Role role = Role::server;
  // What the SDP of the peer says; at least one.
  std::vector<Fingerprint> peer_fingerprints = {};
  // A flight is cut into datagrams of at most this. Bytes of UDP payload, 256 at least.
  std::size_t datagram_bytes_max = 1'200;
  base::Duration first_retransmit = std::chrono::milliseconds(50);
  base::Duration slowest_retransmit = std::chrono::milliseconds(1'600);
  base::Duration handshake_timeout = std::chrono::seconds(20);
  bool carries_data = true;  // false: it only keys SRTP; most of its memory goes after that
};

class Connection final : private DatagramSink {
 public:
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;
    virtual void send_datagram(std::span<const std::uint8_t> datagram) = 0;
    virtual void on_connected(const SrtpKeys& keys) = 0;
    virtual void on_data(std::span<const std::uint8_t> data) = 0;  // one record, one message
    // Without an error: closed by us, or by the peer after it had connected.
    virtual void on_closed(const std::optional<base::Error>& error) = 0;
  };

  // What one record adds to application data: header 13, explicit nonce 8, GCM tag 16; with
  // AES-CBC and SHA-1 up to 13 + 16 + 20 + 16.
  static constexpr std::size_t kRecordOverheadMax = 65;

  static base::Result<std::unique_ptr<Connection>> open(const Context& context,
                                                        ConnectionSettings settings,
                                                        Listener& listener, base::SteadyTime now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  // The client sends its ClientHello; the server has nothing to do.
  void start(base::SteadyTime now);
  // Whatever is no DTLS, broken, replayed or not authentic is dropped without a word.
  void on_datagram(std::span<const std::uint8_t> datagram, base::SteadyTime now);
  void on_timeout(base::SteadyTime now);
  // Nothing to wait for when empty.
  std::optional<base::SteadyTime> next_deadline() const noexcept { return deadline_; }

  // One message as one record in one datagram. Code::conflict unless connected, Code::too_large
  // over Context::kSendBytesMax; that it fits the path is the caller's business.
  base::Result<void> send(std::span<const std::uint8_t> data, base::SteadyTime now);
  // Says close_notify when connected, and on_closed().
  void close(base::SteadyTime now);

  State state() const noexcept { return state_; }
  Role role() const noexcept { return settings_.role; }
  std::uint32_t retransmits() const noexcept { return retransmits_; }
  // For statistics (W3C webrtc-stats `dtlsCipher`, IANA's name); "" before the handshake is done.
  const std::string& cipher_name() const noexcept { return cipher_name_; }

  // For Context: OpenSSL's question whether the peer's certificate is good.
  static int verify_peer(X509_STORE_CTX* store, void* unused);

 private:
  Connection(ConnectionSettings settings, Listener& listener, base::SteadyTime now);

  void put(std::span<const std::uint8_t> datagram) override;
  static unsigned next_interval_us(SSL* ssl, unsigned previous_us);
  int judge_peer(X509_STORE_CTX& store);
  void advance(base::SteadyTime now);
  void finish_handshake();
  void read_data();
  void take_buffers();
  void release_buffers();
  void strip(base::SteadyTime now);
  void on_remnant(std::span<const std::uint8_t> datagram, base::SteadyTime now);
  void end(std::optional<base::Error> error);
  void plan(base::SteadyTime now);

  ConnectionSettings settings_;
  Listener& listener_;
  DatagramPort port_;
  SslPtr ssl_;  // until the remnant takes its place
  std::unique_ptr<Remnant> remnant_;
  std::vector<std::vector<std::uint8_t>> flight_;  // of ours, the last; while it may be needed
  std::string cipher_name_;
  State state_ = State::handshaking;
  base::SteadyTime give_up_at_;
  std::optional<base::SteadyTime> deadline_;
  std::uint32_t retransmits_ = 0;
  bool idle_ = false;                   // OpenSSL's buffers are given back
  std::optional<base::Error> refusal_;  // why we did not like the peer's certificate
};

}  // namespace telltale::rtc::dtls
