#include "net/tls.hpp"

#include <algorithm>
#include <ctime>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "base/check.hpp"
#include "base/encoding.hpp"

namespace telltale::net {
namespace {

constexpr std::size_t kRecordSize = 16U << 10U;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Free(pointer);
  }
};
using SslPtr = std::unique_ptr<SSL, Deleter<SSL_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;

std::string openssl_error() {
  const auto code = ::ERR_peek_last_error();
  ::ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

int fd_of(BIO* bio) {
  return *static_cast<const int*>(::BIO_get_data(bio));
}

int socket_write(BIO* bio, const char* data, int size) {
  ::BIO_clear_retry_flags(bio);
  const auto sent =
      ::send(fd_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) ::BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int socket_read(BIO* bio, char* into, int size) {
  ::BIO_clear_retry_flags(bio);
  const auto got = ::recv(fd_of(bio), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) ::BIO_set_retry_read(bio);
  if (got == 0) ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long socket_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL.
BIO_METHOD* socket_method() {
  static BIO_METHOD* const kMethod = [] {
    auto* const made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    ::BIO_meth_set_write(made, socket_write);
    ::BIO_meth_set_read(made, socket_read);
    ::BIO_meth_set_ctrl(made, socket_control);
    ::BIO_meth_set_create(made, [](BIO* bio) {
      ::BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return kMethod;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(runtime::Loop& loop, int fd, std::string remote,
               std::shared_ptr<const TlsContext> context, SslPtr ssl)
      : Transport(loop, fd, std::move(remote)),
        fd_(fd),
        context_(std::move(context)),
        ssl_(std::move(ssl)) {
    auto* const bio = ::BIO_new(socket_method());
    ::BIO_set_data(bio, &fd_);
    ::SSL_set_bio(ssl_.get(), bio, bio);
  }

  runtime::TaskResult<bool> handshake(Deadline deadline) override {
    for (;;) {
      ::ERR_clear_error();
      const int done = ::SSL_do_handshake(ssl_.get());
      if (done == 1) co_return true;
      const auto io = explain(done);
      if (io.state != Io::State::want_read && io.state != Io::State::want_write) {
        const auto verified = ::SSL_get_verify_result(ssl_.get());
        co_return base::fail(
            base::Code::unavailable,
            "the TLS handshake failed: " + (verified == X509_V_OK
                                                ? openssl_error()
                                                : ::X509_verify_cert_error_string(verified)));
      }
      const auto direction = io.state == Io::State::want_read ? Ready::read : Ready::write;
      if (!co_await descriptor_.wait(direction, deadline))
        co_return base::fail(base::Code::deadline_exceeded, "the TLS handshake takes too long");
    }
  }

  Io try_read(std::span<char> into) override {
    ::ERR_clear_error();
    std::size_t got = 0;
    const int done = ::SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    return done == 1 ? Io{.bytes = got} : explain(done);
  }

  // Small pieces are joined: each call makes a record. A call that wanted to wait is repeated with
  // the same bytes.
  Io try_write(std::span<const iovec> buffers) override {
    thread_local auto joined = std::make_unique<char[]>(kRecordSize);
    std::size_t size = 0;
    for (const auto& buffer : buffers) {
      const auto fits = std::min(buffer.iov_len, kRecordSize - size);
      std::copy_n(static_cast<const char*>(buffer.iov_base), fits, joined.get() + size);
      size += fits;
      if (size == kRecordSize) break;
    }
    ::ERR_clear_error();
    std::size_t sent = 0;
    const int done = ::SSL_write_ex(ssl_.get(), joined.get(), size, &sent);
    return done == 1 ? Io{.bytes = sent} : explain(done);
  }

  void finish() noexcept override {
    ::ERR_clear_error();
    if (::SSL_is_init_finished(ssl_.get()) != 0)
      ::SSL_shutdown(ssl_.get());  // the close_notify; its answer is not waited for
    ::ERR_clear_error();
    ::shutdown(descriptor_.fd(), SHUT_WR);
  }
  bool secure() const noexcept override { return true; }

 private:
  Io explain(int result) {
    switch (::SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {.state = Io::State::want_read};
      case SSL_ERROR_WANT_WRITE:
        return {.state = Io::State::want_write};
      case SSL_ERROR_ZERO_RETURN:
        return {.state = Io::State::ended};
      default:
        break;
    }
    error_ = errno == 0 || errno == EAGAIN ? EPROTO : errno;
    return {.state = Io::State::failed};
  }

  int fd_;  // for socket_method()
  std::shared_ptr<const TlsContext> context_;
  SslPtr ssl_;
};

base::WallTime wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (::ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return base::from_unix_ms(static_cast<std::int64_t>(::timegm(&parts)) * 1000);
}

ContextPtr make_context(const SSL_METHOD* method) {
  ContextPtr context(::SSL_CTX_new(method));
  if (!context) return context;
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_IGNORE_UNEXPECTED_EOF);
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

// The system's certificates, read once for all clients: it takes tens of milliseconds of a loop.
X509_STORE* system_authorities() {
  static const std::unique_ptr<X509_STORE, decltype(&::X509_STORE_free)> kStore = [] {
    std::unique_ptr<X509_STORE, decltype(&::X509_STORE_free)> store(::X509_STORE_new(),
                                                                    &::X509_STORE_free);
    CHECK(store != nullptr);
    ::X509_STORE_set_default_paths(store.get());
    return store;
  }();
  return kStore.get();
}

}  // namespace

struct TlsContext::Handle {
  ContextPtr context;
  bool is_server = false;
};

std::optional<CertificateInfo> TlsContext::certificate() const {
  const auto* const own = ::SSL_CTX_get0_certificate(handle_->context.get());
  if (own == nullptr) return std::nullopt;
  char subject[256] = {};
  ::X509_NAME_oneline(::X509_get_subject_name(own), subject, sizeof subject);
  return CertificateInfo{.subject = base::to_utf8(subject),
                         .not_before = wall_time(::X509_get0_notBefore(own)),
                         .not_after = wall_time(::X509_get0_notAfter(own))};
}

TlsContext::TlsContext(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
TlsContext::~TlsContext() = default;

base::Result<std::shared_ptr<const TlsContext>> TlsContext::server(const TlsSettings& settings) {
  auto context = make_context(::TLS_server_method());
  if (!context) return base::fail(base::Code::internal, "cannot set TLS up: " + openssl_error());
  ::ERR_clear_error();
  if (::SSL_CTX_use_certificate_chain_file(context.get(), settings.certificate_file.c_str()) != 1)
    return base::bad_field("/tls/certificate_file", "cannot be read: " + openssl_error());
  if (::SSL_CTX_use_PrivateKey_file(context.get(), settings.key_file.c_str(), SSL_FILETYPE_PEM) !=
      1)
    return base::bad_field("/tls/key_file",
                           "cannot be read or does not fit the certificate: " + openssl_error());
  ::SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  constexpr std::string_view kSessionContext = "telltale";
  ::SSL_CTX_set_session_id_context(context.get(),
                                   reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                   static_cast<unsigned>(kSessionContext.size()));
  return std::shared_ptr<const TlsContext>(
      new TlsContext(std::make_unique<Handle>(std::move(context), true)));
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::client(bool verify_peer,
                                                                   const std::string& ca_file) {
  auto context = make_context(::TLS_client_method());
  if (!context) return base::fail(base::Code::internal, "cannot set TLS up: " + openssl_error());
  ::ERR_clear_error();
  if (ca_file.empty()) {
    ::SSL_CTX_set1_cert_store(context.get(), system_authorities());
  } else {
    ::SSL_CTX_set_default_verify_paths(context.get());
    if (::SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1)
      return base::bad_field("/ca_file", "cannot be read: " + openssl_error());
  }
  ::SSL_CTX_set_verify(context.get(), verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return std::shared_ptr<const TlsContext>(
      new TlsContext(std::make_unique<Handle>(std::move(context), false)));
}

std::unique_ptr<Transport> make_tls_transport(runtime::Loop& loop, int fd,
                                              std::string remote_address,
                                              std::shared_ptr<const TlsContext> context,
                                              const std::string& host) {
  SslPtr ssl(::SSL_new(context->handle().context.get()));
  CHECK(ssl != nullptr);
  if (context->handle().is_server) {
    ::SSL_set_accept_state(ssl.get());
  } else {
    ::SSL_set_connect_state(ssl.get());
    auto* const parameters = ::SSL_get0_param(ssl.get());
    // An address has no SNI and is looked for among the certificate's addresses.
    if (::X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) {
      ::SSL_set_tlsext_host_name(ssl.get(), host.c_str());
      ::SSL_set1_host(ssl.get(), host.c_str());
    }
  }
  ::ERR_clear_error();
  return std::make_unique<TlsTransport>(loop, fd, std::move(remote_address), std::move(context),
                                        std::move(ssl));
}

}  // namespace telltale::net
