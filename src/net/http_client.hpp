// HTTP/1.1 client: keep-alive pool per origin, TLS with verification, streamed answers (SSE),
// limits and deadlines on everything. It connects only where the outbound policy lets it. Redirects
// are not followed unless the request says so. One client belongs to one loop.
#pragma once

#include <memory>
#include <string>

#include "net/dial.hpp"
#include "net/http.hpp"

namespace telltale::net {

struct HttpClientSettings {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds header_timeout{
      60'000};  // from the last byte sent to the head of the answer
  std::size_t header_limit = 64U << 10U;
  std::size_t body_limit = 32U << 20U;
  std::size_t idle_per_origin = 8;
  bool verify_peer = true;
  std::string ca_file = {};  // besides the system's
  // Made before and used instead of these two: reading the system's certificates takes long.
  std::shared_ptr<const TlsContext> tls = {};
  OutboundPolicy outbound = {};
  Resolve resolve = {};
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  Headers headers = {};
  std::string body = {};
  std::optional<std::chrono::milliseconds> header_timeout = {};  // overrides the client's
  // May be sent twice when an idle connection turns out to be dead; so are GET, HEAD, PUT, DELETE
  // and OPTIONS.
  bool replayable = false;
  // How many redirects request() follows, 3 at most (net/redirect.hpp has the rules).
  int redirects = 0;
};

struct ClientResponse {
  int status = 0;
  Headers headers = {};
  std::string body = {};
  IpAddress peer = {};  // who answered: what the answer names may be dialled with named_by(peer)
};

// An answer whose body arrives in pieces. Destroying it before the end closes its connection (that
// is how a modern MCP call is cancelled).
class ClientStream {
 public:
  ClientStream() = default;
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  virtual ~ClientStream() = default;
  virtual int status() const = 0;
  virtual const Headers& headers() const = 0;
  virtual const IpAddress& peer() const = 0;
  // The next piece, empty at the regular end; an Error when the connection broke.
  virtual runtime::TaskResult<std::string> read_some() = 0;
  virtual runtime::TaskResult<std::string> read_all(std::size_t limit) = 0;
};

class HttpClient {
 public:
  HttpClient(runtime::Loop& loop, HttpClientSettings settings);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  runtime::TaskResult<ClientResponse> request(ClientRequest request);
  runtime::TaskResult<std::unique_ptr<ClientStream>> stream(ClientRequest request);
  void close_idle();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace telltale::net
