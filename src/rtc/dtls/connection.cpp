#include "rtc/dtls/connection.hpp"

#include <algorithm>
#include <array>

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/x509_vfy.h>

#include "base/check.hpp"
#include "rtc/dtls/openssl_clock.hpp"
#include "rtc/dtls/record_filter.hpp"

namespace telltale::rtc::dtls {
namespace {

constexpr std::size_t kDatagramBytesMin = 256;
constexpr std::size_t kReceiveBytesMax = SSL3_RT_MAX_PLAIN_LENGTH;

unsigned to_us(base::Duration duration) {
  return static_cast<unsigned>(duration / std::chrono::microseconds(1));
}

}  // namespace

Connection::Connection(ConnectionSettings settings, Listener& listener, base::SteadyTime now)
    : settings_(std::move(settings)),
      listener_(listener),
      port_{.sink = this},
      give_up_at_(now + settings_.handshake_timeout),
      deadline_(give_up_at_) {}

Connection::~Connection() = default;

base::Result<std::unique_ptr<Connection>> Connection::open(const Context& context,
                                                           ConnectionSettings settings,
                                                           Listener& listener,
                                                           base::SteadyTime now) {
  if (settings.peer_fingerprints.empty())
    return base::fail(base::Code::invalid_argument, "the peer's SDP has no usable fingerprint");
  if (settings.datagram_bytes_max < kDatagramBytesMin)
    return base::fail(base::Code::invalid_argument, "DTLS needs datagrams of 256 bytes at least");
  ::ERR_clear_error();
  std::unique_ptr<Connection> made(new Connection(std::move(settings), listener, now));
  made->ssl_.reset(::SSL_new(&context.native()));
  BIO* const bio = made->ssl_ ? new_datagram_bio(made->port_) : nullptr;
  if (bio == nullptr)
    return base::fail(base::Code::internal, "no DTLS: " + take_openssl_error("out of memory"));
  SSL* const ssl = made->ssl_.get();
  ::SSL_set_bio(ssl, bio, bio);  // takes it
  SSL_set_app_data(ssl, made.get());
  SSL_set_mtu(ssl, static_cast<long>(made->settings_.datagram_bytes_max));
  ::DTLS_set_timer_cb(ssl, next_interval_us);
  if (made->settings_.role == Role::client)
    ::SSL_set_connect_state(ssl);
  else
    ::SSL_set_accept_state(ssl);
  return made;
}

void Connection::start(base::SteadyTime now) {
  if (state_ != State::handshaking || settings_.role != Role::client) return;
  const OpenSslClock clock(now);
  advance(now);
}

void Connection::on_datagram(std::span<const std::uint8_t> datagram, base::SteadyTime now) {
  if (state_ == State::closed || !is_plausible(datagram)) return;
  if (remnant_) {
    on_remnant(datagram, now);
    return;
  }
  const OpenSslClock clock(now);
  port_.incoming = datagram;
  advance(now);
  port_.incoming = {};
}

void Connection::on_timeout(base::SteadyTime now) {
  if (state_ == State::closed || remnant_ || !deadline_ || now < *deadline_) return;
  if (state_ == State::handshaking && now >= give_up_at_) {
    end(base::Error{.code = base::Code::deadline_exceeded,
                    .detail = "the DTLS handshake was not done in time"});
    return;
  }
  const OpenSslClock clock(now);
  ::ERR_clear_error();
  const auto result = ::DTLSv1_handle_timeout(ssl_.get());
  if (result > 0) ++retransmits_;
  if (result < 0) {
    end(base::Error{.code = base::Code::deadline_exceeded,
                    .detail = "DTLS: " + take_openssl_error("the peer does not answer")});
    return;
  }
  plan(now);
}

base::Result<void> Connection::send(std::span<const std::uint8_t> data, base::SteadyTime now) {
  if (state_ != State::connected || remnant_)
    return base::fail(base::Code::conflict, "the DTLS association is not connected");
  if (data.empty()) return {};
  if (data.size() > Context::kSendBytesMax)
    return base::fail(base::Code::too_large, "a DTLS message of ours has 2,048 bytes at most");
  const OpenSslClock clock(now);
  ::ERR_clear_error();
  const bool idle = idle_;
  take_buffers();
  if (::SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) <= 0)
    return base::fail(base::Code::internal, "DTLS: " + take_openssl_error("it cannot be sent"));
  if (idle) release_buffers();
  return {};
}

void Connection::close(base::SteadyTime now) {
  if (state_ == State::closed) return;
  if (remnant_) {
    put(remnant_->close_notify());
  } else if (state_ == State::connected) {
    const OpenSslClock clock(now);
    ::ERR_clear_error();
    take_buffers();
    ::SSL_shutdown(ssl_.get());
  }
  end({});
}

void Connection::put(std::span<const std::uint8_t> datagram) {
  if (state_ == State::handshaking && !settings_.carries_data)
    flight_.emplace_back(datagram.begin(), datagram.end());
  listener_.send_datagram(datagram);
}

// The interval from one sending of a flight to the next: doubled each time (RFC 6347 section
// 4.2.4.1), from far less than its second, because media wait for it.
unsigned Connection::next_interval_us(SSL* ssl, unsigned previous_us) {
  const auto& settings = static_cast<const Connection*>(SSL_get_app_data(ssl))->settings_;
  return previous_us == 0 ? to_us(settings.first_retransmit)
                          : std::min(previous_us * 2, to_us(settings.slowest_retransmit));
}

int Connection::verify_peer(X509_STORE_CTX* store, void* /*unused*/) {
  auto* const ssl = static_cast<SSL*>(
      ::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  return static_cast<Connection*>(SSL_get_app_data(ssl))->judge_peer(*store);
}

// Nothing else about the certificate counts (RFC 5763 section 5): no chain, no name, no dates. The
// hellos have been read by now, so a missing SRTP profile can still be told by an alert.
int Connection::judge_peer(X509_STORE_CTX& store) {
  if (::SSL_get_selected_srtp_profile(ssl_.get()) == nullptr) {
    refusal_ = base::Error{.code = base::Code::unsupported,
                           .detail = "no SRTP profile in common with the peer"};
    ::X509_STORE_CTX_set_error(&store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  const X509* const certificate = ::X509_STORE_CTX_get0_cert(&store);
  if (certificate != nullptr && matches(*certificate, settings_.peer_fingerprints)) return 1;
  refusal_ = base::Error{.code = base::Code::permission_denied,
                         .detail =
                             "the peer's certificate is not the one its SDP announced "
                             "(fingerprint mismatch)"};
  ::X509_STORE_CTX_set_error(&store, X509_V_ERR_CERT_REJECTED);  // the alert bad_certificate
  return 0;
}

void Connection::advance(base::SteadyTime now) {
  ::ERR_clear_error();
  if (state_ == State::handshaking) {
    flight_.clear();
    const auto result = ::SSL_do_handshake(ssl_.get());
    if (result == 1) {
      finish_handshake();
    } else if (const auto error = ::SSL_get_error(ssl_.get(), result);
               error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      auto reason = take_openssl_error("the peer broke the handshake off");
      end(refusal_ ? refusal_
                   : base::Error{.code = base::Code::protocol,
                                 .detail = "the DTLS handshake failed: " + std::move(reason)});
    }
  }
  if (state_ == State::connected) read_data();
  if (state_ == State::connected && !settings_.carries_data) strip(now);
  if (state_ != State::closed) plan(now);
}

void Connection::finish_handshake() {
  auto keys = export_srtp_keys(*ssl_);
  if (!keys) {
    ::SSL_shutdown(ssl_.get());
    end(std::move(keys.error()));
    return;
  }
  state_ = State::connected;
  settings_.peer_fingerprints = {};
  const char* const name = ::SSL_CIPHER_standard_name(::SSL_get_current_cipher(ssl_.get()));
  cipher_name_ = name == nullptr ? "" : name;
  listener_.on_connected(*keys);
}

void Connection::read_data() {
  std::array<std::uint8_t, kReceiveBytesMax> record;  // NOLINT(*-init-variables): written below
  while (state_ == State::connected) {
    idle_ = false;
    ::ERR_clear_error();
    const auto got = ::SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
    if (got > 0) {
      listener_.on_data(std::span(record).first(static_cast<std::size_t>(got)));
      continue;
    }
    const auto error = ::SSL_get_error(ssl_.get(), got);
    if (error == SSL_ERROR_ZERO_RETURN) {
      ::SSL_shutdown(ssl_.get());  // answers close_notify with ours
      end({});
    } else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      end(base::Error{.code = base::Code::protocol,
                      .detail = "DTLS: " + take_openssl_error("the association broke")});
    }
    break;
  }
  release_buffers();
}

// SSL_MODE_RELEASE_BUFFERS does nothing for DTLS: 20 KB stay with every connection unless told.
void Connection::release_buffers() {
  if (state_ == State::connected) idle_ = ::SSL_free_buffers(ssl_.get()) == 1;
}

// Reading makes both buffers again, writing relies on them.
void Connection::take_buffers() {
  if (!idle_) return;
  idle_ = false;
  std::uint8_t nothing = 0;
  ::SSL_peek(ssl_.get(), &nothing, 1);
  ::ERR_clear_error();
}

// Not within a call of OpenSSL.
void Connection::strip(base::SteadyTime now) {
  auto remnant = Remnant::of(*ssl_, std::exchange(flight_, {}), now);
  if (!remnant) return;
  remnant_ = std::make_unique<Remnant>(std::move(*remnant));
  ssl_.reset();
}

void Connection::on_remnant(std::span<const std::uint8_t> datagram, base::SteadyTime now) {
  using Event = Remnant::Event;
  switch (remnant_->on_datagram(datagram, now)) {
    case Event::none:
      return;
    case Event::repeat:
      ++retransmits_;
      for (const auto& one : remnant_->last_flight()) put(one);
      return;
    case Event::closed:
      put(remnant_->close_notify());  // answers it with ours
      end({});
      return;
    case Event::failed:
      end(base::Error{.code = base::Code::protocol, .detail = "DTLS: the peer sent an alert"});
      return;
  }
}

void Connection::end(std::optional<base::Error> error) {
  CHECK(state_ != State::closed);
  state_ = State::closed;
  deadline_.reset();
  listener_.on_closed(error);
}

// Within an OpenSslClock of `now`.
void Connection::plan(base::SteadyTime now) {
  deadline_.reset();
  if (remnant_) return;
  if (state_ == State::handshaking) deadline_ = give_up_at_;
  timeval left{};
  if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return;
  const auto at = now + std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
  deadline_ = deadline_ ? std::min(*deadline_, at) : at;
}

}  // namespace telltale::rtc::dtls
