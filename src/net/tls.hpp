// TLS 1.2 and 1.3 over a non-blocking socket, by OpenSSL directly: no buffers but OpenSSL's own,
// which it gives back while a connection is idle (SSL_MODE_RELEASE_BUFFERS). A context is made once
// and shared; any thread.
#pragma once

#include <memory>
#include <string>

#include "net/http_server.hpp"
#include "net/transport.hpp"

namespace telltale::net {

class TlsContext {
 public:
  static base::Result<std::shared_ptr<const TlsContext>> server(const TlsSettings& settings);
  // Trusts the system's authorities and those of `ca_file`, when it is given.
  static base::Result<std::shared_ptr<const TlsContext>> client(bool verify_peer,
                                                                const std::string& ca_file);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  std::optional<CertificateInfo> certificate() const;  // a server's own

  struct Handle;  // OpenSSL's
  const Handle& handle() const noexcept { return *handle_; }

 private:
  explicit TlsContext(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

// Call handshake() before anything else. `host` (client only) is sent as SNI and must be in the
// peer's certificate.
std::unique_ptr<Transport> make_tls_transport(runtime::Loop& loop, int fd,
                                              std::string remote_address,
                                              std::shared_ptr<const TlsContext> context,
                                              const std::string& host);

}  // namespace telltale::net
