#include "net/http_server.hpp"

#include <list>

#include <sys/socket.h>
#include <unistd.h>

#include "base/check.hpp"
#include "net/http_connection.hpp"
#include "net/http_text.hpp"
#include "net/listener.hpp"
#include "net/tls.hpp"
#include "runtime/task_group.hpp"

namespace telltale::net {
namespace {

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: "
    "close\r\n\r\n";

// One loop's part of the server.
struct Shard {
  Shard(std::unique_ptr<Listener> from, runtime::Loop& home)
      : loop(home),
        listener(std::move(from)),
        accepting(home, "http"),
        serving(home, "http"),
        left(home) {}
  runtime::Loop& loop;
  std::unique_ptr<Listener> listener;
  runtime::TaskGroup accepting;
  runtime::TaskGroup serving;
  runtime::Notifier left;  // a connection has ended
  std::list<HttpConnection*> connections;
};

runtime::Task<> serve(HttpShared* shared, Shard* shard, std::unique_ptr<Transport> transport) {
  HttpConnection connection(*shared, std::move(transport));
  struct Membership {
    HttpShared& shared;
    Shard& shard;
    std::list<HttpConnection*>::iterator place;
    ~Membership() {
      shard.connections.erase(place);
      shared.open.fetch_sub(1, std::memory_order_relaxed);
      if (shared.stopping) shard.left.notify_all();
    }
  } membership{*shared, *shard, shard->connections.insert(shard->connections.end(), &connection)};
  co_await connection.run();
}

void take(HttpShared& shared, Shard& shard, Listener::Accepted accepted) {
  auto tls = shared.tls.load();
  if (shared.open.fetch_add(1, std::memory_order_relaxed) >= shared.settings.connection_limit) {
    shared.open.fetch_sub(1, std::memory_order_relaxed);
    shared.refused.fetch_add(1, std::memory_order_relaxed);
    if (!tls) ::send(accepted.fd, kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(accepted.fd);
    return;
  }
  shared.total.fetch_add(1, std::memory_order_relaxed);
  auto transport =
      tls ? make_tls_transport(shard.loop, accepted.fd, std::move(accepted.remote_address),
                               std::move(tls), "")
          : make_tcp_transport(shard.loop, accepted.fd, std::move(accepted.remote_address));
  if (!transport->descriptor().is_open() ||
      !shard.serving.spawn("http.connection", serve(&shared, &shard, std::move(transport))))
    shared.open.fetch_sub(1, std::memory_order_relaxed);
}

runtime::Task<> stop_shard(Shard* shard, base::Duration drain) {
  shard->listener->close();
  co_await shard->accepting.stop();
  for (auto* const connection : shard->connections) connection->ask_to_end();
  const auto deadline = shard->loop.clock().now() + drain;
  while (!shard->connections.empty() && shard->loop.clock().now() < deadline)
    co_await shard->left.wait_for(deadline - shard->loop.clock().now());
  co_await shard->serving.stop();
}

}  // namespace

struct HttpServer::State {
  HttpShared shared;
  std::uint16_t port = 0;
  bool started = false;
  std::vector<std::unique_ptr<Shard>> shards;
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;

base::Result<std::unique_ptr<HttpServer>> HttpServer::open(HttpServerSettings settings,
                                                           std::vector<runtime::Loop*> loops,
                                                           Handler handler) {
  CHECK(!loops.empty());
  auto state = std::make_unique<State>();
  state->shared.settings = std::move(settings);
  state->shared.handler = std::move(handler);
  state->port = state->shared.settings.port;
  if (state->shared.settings.tls) {
    auto tls = TlsContext::server(*state->shared.settings.tls);
    if (!tls) return std::unexpected(tls.error());
    state->shared.tls.store(std::move(*tls));
  }
  for (auto* const loop : loops) {
    const auto& wanted = state->shared.settings;
    auto listener = wanted.listening_socket
                        ? Listener::adopt(*loop, *wanted.listening_socket)
                        : Listener::open(*loop, wanted.host, state->port, state->shards.empty());
    if (!listener) return std::unexpected(listener.error());
    state->port = (*listener)->port();
    state->shards.push_back(std::make_unique<Shard>(std::move(*listener), *loop));
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::uint16_t HttpServer::port() const noexcept {
  return state_->port;
}

void HttpServer::start() {
  CHECK(!std::exchange(state_->started, true));
  for (const auto& shard : state_->shards)
    shard->loop.post([all = &state_->shared, one = shard.get()] {
      one->accepting.spawn("http.accept",
                           one->listener->accept([all, one](Listener::Accepted accepted) {
                             take(*all, *one, std::move(accepted));
                           }));
    });
}

runtime::Task<> HttpServer::stop(base::Duration drain) {
  state_->shared.stopping = true;
  auto& state = *state_;
  // All at once: they share the time.
  const auto deadline = runtime::Loop::current()->clock().now() + drain;
  for (const auto& shard : state.shards)
    co_await runtime::call_on(shard->loop, [](Shard* one) -> runtime::Task<> {
      one->listener->close();
      for (auto* const connection : one->connections) connection->ask_to_end();
      co_return;
    }(shard.get()));
  for (const auto& shard : state.shards) {
    const auto left = deadline - runtime::Loop::current()->clock().now();
    co_await runtime::call_on(shard->loop,
                              stop_shard(shard.get(), std::max(left, base::Duration::zero())));
  }
}

base::Result<void> HttpServer::reload_tls() {
  auto& shared = state_->shared;
  if (!shared.settings.tls) return base::fail(base::Code::unsupported, "this server has no TLS");
  auto tls = TlsContext::server(*shared.settings.tls);
  if (!tls) return std::unexpected(tls.error());
  shared.tls.store(std::move(*tls));
  return {};
}

std::optional<CertificateInfo> HttpServer::certificate() const {
  const auto tls = state_->shared.tls.load();
  return tls ? tls->certificate() : std::nullopt;
}

HttpServerStats HttpServer::stats() const {
  return {.connections_open = state_->shared.open.load(),
          .connections_total = state_->shared.total.load(),
          .requests_total = state_->shared.requests.load(),
          .refused_total = state_->shared.refused.load()};
}

}  // namespace telltale::net
