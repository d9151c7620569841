#include "net/transport.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "runtime/task.hpp"

namespace telltale::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

base::Error broken(const error_code& error) { return {.code = base::Code::unavailable, .detail = error.message()}; }

// A cancelled task must unwind; every other failure is a Result.
void rethrow_cancellation(const error_code& error, bool open) {
  if (error == asio::error::operation_aborted && open) throw boost::system::system_error(error);
}

std::string address_of(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? "" : endpoint.address().to_string();
}

template <class Stream>
class StreamTransport final : public Transport {
 public:
  StreamTransport(Stream stream, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(stream)), address_(address_of(socket())) {
    error_code ignored;  // a Unix or already closed socket has no such option, and that is no fault
    socket().set_option(tcp::no_delay(true), ignored);
  }

  runtime::TaskResult<std::size_t> read_some(std::span<char> into) override {
    error_code error;
    const auto got = co_await stream_.async_read_some(asio::buffer(into.data(), into.size()),
                                                      asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) co_return std::size_t{0};
    if (error) {
      rethrow_cancellation(error, open());
      co_return std::unexpected(broken(error));
    }
    co_return got;
  }

  runtime::TaskResult<std::size_t> write(std::vector<asio::const_buffer> buffers) override {
    error_code error;
    const auto sent = co_await asio::async_write(stream_, buffers, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      rethrow_cancellation(error, open());
      co_return std::unexpected(broken(error));
    }
    co_return sent;
  }

  void close() noexcept override {
    error_code ignored;  // closing what is closed already
    socket().close(ignored);
  }
  void shutdown_send() noexcept override {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
  }
  bool open() const noexcept override { return socket().is_open(); }
  const std::string& remote_address() const noexcept override { return address_; }

 private:
  tcp::socket& socket() noexcept {
    if constexpr (std::is_same_v<Stream, tcp::socket>) return stream_;
    else return stream_.next_layer();
  }
  const tcp::socket& socket() const noexcept {
    if constexpr (std::is_same_v<Stream, tcp::socket>) return stream_;
    else return stream_.next_layer();
  }

  std::shared_ptr<asio::ssl::context> context_;
  Stream stream_;
  std::string address_;
};

runtime::TaskResult<std::unique_ptr<Transport>> start_tls(tcp::socket socket, ConnectTarget target) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  context->set_default_verify_paths(error);
  if (!target.ca_file.empty()) context->load_verify_file(target.ca_file, error);
  if (error) co_return base::fail(base::Code::invalid_argument, "cannot read the CA file: " + error.message());
  asio::ssl::stream<tcp::socket> stream(std::move(socket), *context);
  if (target.verify_peer) {
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(target.host));
  }
  SSL_set_tlsext_host_name(stream.native_handle(), target.host.c_str());
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    rethrow_cancellation(error, stream.next_layer().is_open());
    co_return base::fail(base::Code::unavailable, "TLS with " + target.host + " failed: " + error.message());
  }
  co_return std::make_unique<StreamTransport<asio::ssl::stream<tcp::socket>>>(std::move(stream), std::move(context));
}

}  // namespace

std::unique_ptr<Transport> tcp_transport(tcp::socket socket) {
  return std::make_unique<StreamTransport<tcp::socket>>(std::move(socket), nullptr);
}

runtime::TaskResult<std::unique_ptr<Transport>> connect_transport(runtime::Loop& loop, ConnectTarget target) {
  tcp::resolver resolver(loop.context());
  error_code error;
  const auto found =
      co_await resolver.async_resolve(target.host, target.port, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    rethrow_cancellation(error, true);
    co_return base::fail(base::Code::unavailable, "cannot resolve " + target.host + ": " + error.message());
  }
  tcp::socket socket(loop.context());
  co_await asio::async_connect(socket, found, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    rethrow_cancellation(error, true);
    co_return base::fail(base::Code::unavailable,
                         "cannot connect to " + target.host + ":" + target.port + ": " + error.message());
  }
  if (target.tls) co_return co_await start_tls(std::move(socket), std::move(target));
  co_return tcp_transport(std::move(socket));
}

void Deadline::set(base::Duration after) {
  clear();
  timer_ = loop_.schedule_at(loop_.clock().now() + after, [this] {
    timer_.reset();
    expired_ = true;
    transport_.close();
  });
}

void Deadline::clear() {
  if (timer_) loop_.cancel(*timer_);
  timer_.reset();
}

}  // namespace telltale::net
