#include "net/http_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <list>

#include "base/check.hpp"
#include "base/log.hpp"
#include "net/http_connection.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// What one loop has: its acceptor and its connections.
struct HttpServer::State {
  struct PerLoop {
    PerLoop(runtime::Loop& home) : loop(home), acceptor(home.context()), tasks(home, "http"), ended(home) {}
    runtime::Loop& loop;
    tcp::acceptor acceptor;
    runtime::TaskGroup tasks;
    runtime::Notifier ended;
    std::list<HttpConnection*> connections;
  };
  HttpServerSettings settings;
  Handler handler;
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<PerLoop>> loops;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> total{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused{0};

  static runtime::Task<> accept_loop(State* state, PerLoop* mine);
  static runtime::Task<> serve(State* state, PerLoop* mine, tcp::socket socket);
};

namespace {

base::Result<tcp::endpoint> endpoint_of(const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return base::bad_field("/host", "must be an IP address or localhost, it is \"" + host + "\"");
  return tcp::endpoint(address, port);
}

base::Result<void> listen_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(4096, error);
  if (error)
    return base::fail(base::Code::conflict, "cannot listen on " + endpoint.address().to_string() + ":" +
                                                std::to_string(endpoint.port()) + ": " + error.message());
  return {};
}

// SO_REUSEPORT would let a second Telltale share the port in silence: a plain bind tells whether somebody is there.
base::Result<void> port_is_free(runtime::Loop& loop, const tcp::endpoint& endpoint) {
  if (endpoint.port() == 0) return {};
  tcp::acceptor probe(loop.context());
  error_code error;
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (!error) probe.listen(1, error);
  if (error)
    return base::fail(base::Code::conflict, "cannot listen on " + endpoint.address().to_string() + ":" +
                                                std::to_string(endpoint.port()) + ": " + error.message());
  return {};
}

}  // namespace

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;

base::Result<std::unique_ptr<HttpServer>> HttpServer::open(HttpServerSettings settings,
                                                           std::vector<runtime::Loop*> loops, Handler handler) {
  auto endpoint = endpoint_of(settings.host, settings.port);
  if (!endpoint) return std::unexpected(endpoint.error());
  auto state = std::make_unique<State>();
  state->settings = std::move(settings);
  state->handler = std::move(handler);
  if (auto free = port_is_free(*loops.front(), *endpoint); !free) return std::unexpected(free.error());
  for (auto* const loop : loops) {
    auto mine = std::make_unique<State::PerLoop>(*loop);
    if (auto listening = listen_on(mine->acceptor, *endpoint); !listening) return std::unexpected(listening.error());
    endpoint->port(mine->acceptor.local_endpoint().port());
    state->loops.push_back(std::move(mine));
  }
  state->port = endpoint->port();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::uint16_t HttpServer::port() const noexcept { return state_->port; }

void HttpServer::start() {
  for (auto& mine : state_->loops)
    mine->loop.post([state = state_.get(), one = mine.get()] {
      one->tasks.spawn("http.accept", State::accept_loop(state, one));
    });
}

runtime::Task<> HttpServer::State::accept_loop(State* state, PerLoop* mine) {
  while (!state->stopping) {
    error_code error;
    auto socket = co_await mine->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (state->stopping || !mine->acceptor.is_open()) co_return;
    if (error) {
      // Out of descriptors: what is open goes on; accepting again at once would spin.
      base::log(base::LogLevel::warning, "http", "cannot accept: {}", error.message());
      co_await runtime::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    if (state->open.load() >= state->settings.connection_limit) {
      state->refused.fetch_add(1);
      continue;  // the socket closes here
    }
    mine->tasks.spawn("http.connection", serve(state, mine, std::move(socket)));
  }
}

runtime::Task<> HttpServer::State::serve(State* state, PerLoop* mine, tcp::socket socket) {
  state->open.fetch_add(1);
  state->total.fetch_add(1);
  HttpConnection connection(mine->loop, tcp_transport(std::move(socket)), state->settings, state->handler,
                            state->stopping, state->requests);
  const auto place = mine->connections.insert(mine->connections.end(), &connection);
  struct Leave {
    State* state;
    PerLoop* mine;
    std::list<HttpConnection*>::iterator place;
    ~Leave() {
      mine->connections.erase(place);
      state->open.fetch_sub(1);
      mine->ended.notify_all();
    }
  } leave{state, mine, place};
  co_await connection.run();
}

runtime::Task<> HttpServer::stop(base::Duration drain) {
  state_->stopping = true;
  for (auto& mine : state_->loops)
    co_await runtime::call_on(mine->loop, [](State::PerLoop* one, base::Duration limit) -> runtime::Task<> {
      error_code ignored;  // an acceptor that is closed already is what we want
      one->acceptor.close(ignored);
      // Each is asked once; some end at once and leave the list while it is walked.
      const std::vector<HttpConnection*> asked(one->connections.begin(), one->connections.end());
      for (auto* const connection : asked)
        if (std::ranges::find(one->connections, connection) != one->connections.end())
          co_await connection->ask_to_end();
      const auto deadline = one->loop.clock().now() + limit;
      while (!one->connections.empty() && one->loop.clock().now() < deadline)
        co_await one->ended.wait_for(deadline - one->loop.clock().now());
      co_await one->tasks.stop();
    }(mine.get(), drain));
}

HttpServerStats HttpServer::stats() const {
  return {.connections_open = state_->open.load(),
          .connections_total = state_->total.load(),
          .requests_total = state_->requests.load(),
          .refused_total = state_->refused.load()};
}

}  // namespace telltale::net
