#include "rtc/transport/tcp_links.hpp"

#include <deque>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/log.hpp"
#include "runtime/sync.hpp"

namespace telltale::rtc {
namespace {

namespace asio = runtime::asio;
using asio::ip::tcp;

constexpr std::size_t kReadBytes = 16UL * 1024;
constexpr base::Duration kAcceptPause = std::chrono::milliseconds(100);

tcp::endpoint endpoint_of(const stun::Address& address) {
  if (address.v6) return {asio::ip::address_v6(address.ip), address.port};
  asio::ip::address_v4::bytes_type bytes = {};
  std::copy_n(address.ip.begin(), bytes.size(), bytes.begin());
  return {asio::ip::address_v4(bytes), address.port};
}

stun::Address address_of(const tcp::endpoint& endpoint) {
  stun::Address out{.v6 = endpoint.address().is_v6(), .port = endpoint.port()};
  if (out.v6) {
    out.ip = endpoint.address().to_v6().to_bytes();
  } else {
    const auto bytes = endpoint.address().to_v4().to_bytes();
    std::ranges::copy(bytes, out.ip.begin());
  }
  return out;
}

}  // namespace

struct TcpLinks::Link {
  explicit Link(runtime::Loop& loop, tcp::socket connected)
      : socket(std::move(connected)), wake(loop) {}
  tcp::socket socket;
  ice::Path path;
  runtime::Notifier wake;
  std::deque<std::vector<std::uint8_t>> waiting;  // framed
  std::size_t waiting_bytes = 0;
  bool kept = false;
  bool closed = false;
};

struct TcpLinks::Acceptor {
  explicit Acceptor(asio::io_context& context) : acceptor(context) {}
  tcp::acceptor acceptor;
};

TcpLinks::TcpLinks(runtime::Loop& loop, Take take, AfterRead after_read)
    : loop_(loop),
      take_(std::move(take)),
      after_read_(std::move(after_read)),
      tasks_(loop, "rtc"),
      crowd_(loop, "ice-tcp", "rtc") {}

TcpLinks::~TcpLinks() = default;

base::Result<void> TcpLinks::listen(const stun::Address& address) {
  auto made = std::make_unique<Acceptor>(loop_.context());
  boost::system::error_code error;
  const auto endpoint = endpoint_of(address);
  auto& acceptor = made->acceptor;
  if (acceptor.open(endpoint.protocol(), error); !error && address.v6)
    acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error)
    return base::fail(base::Code::unavailable,
                      "cannot listen on TCP " + address.text() + ": " + error.message());
  acceptors_.push_back(std::move(made));
  return {};
}

void TcpLinks::close_listeners() {
  acceptors_.clear();
}

void TcpLinks::start() {
  for (std::size_t i = 0; i < acceptors_.size(); ++i)
    tasks_.spawn("accept ice-tcp", accept(this, i));
}

runtime::Task<> TcpLinks::stop() {
  co_await tasks_.stop();
  acceptors_.clear();
  for (auto& [via, link] : links_) link->closed = true;
  co_await crowd_.stop();
  links_.clear();
}

runtime::Task<> TcpLinks::accept(TcpLinks* self, std::size_t index) {
  auto& acceptor = self->acceptors_[index]->acceptor;
  while (true) {
    boost::system::error_code error;
    auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error) {  // no descriptors left, or the client is gone again
      co_await runtime::sleep_for(kAcceptPause);
      continue;
    }
    if (self->links_.size() >= kConnectionsMax) continue;
    boost::system::error_code ignored;
    const auto remote = socket.remote_endpoint(ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    auto link = std::make_shared<Link>(self->loop_, std::move(socket));
    const auto via = kTcpBit | (self->next_++ & ~kTcpBit);
    link->path = {.remote = address_of(remote), .via = via};
    self->links_[via] = link;
    self->crowd_.spawn(read(self, link));
    self->crowd_.spawn(write(self, link));
  }
}

runtime::Task<> TcpLinks::read(TcpLinks* self, std::shared_ptr<Link> link) {
  const auto timer = self->loop_.schedule_at(self->loop_.clock().now() + kProveWithin,
                                             [weak = std::weak_ptr(link)] {
                                               const auto at = weak.lock();
                                               if (!at || at->kept) return;
                                               boost::system::error_code ignored;
                                               at->socket.close(ignored);
                                             });
  ice::FrameSplitter splitter;
  std::vector<std::uint8_t> buffer(kReadBytes);
  while (!link->closed) {
    boost::system::error_code error;
    const auto count = co_await link->socket.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    const bool good = splitter.feed(Bytes(buffer).first(count), [&](MutableBytes datagram) {
      if (!link->closed) self->take_(datagram, link->path);
    });
    self->after_read_();
    if (!good) break;
  }
  self->loop_.cancel(timer);
  self->drop(link->path.via);
}

runtime::Task<> TcpLinks::write(TcpLinks* self, std::shared_ptr<Link> link) {
  while (!link->closed) {
    if (link->waiting.empty()) {
      co_await link->wake.wait();
      continue;
    }
    const auto framed = std::move(link->waiting.front());
    link->waiting.pop_front();
    boost::system::error_code error;
    std::size_t at = 0;
    while (at < framed.size() && !error)
      at += co_await link->socket.async_write_some(
          asio::buffer(framed.data() + at, framed.size() - at),
          asio::redirect_error(asio::use_awaitable, error));
    link->waiting_bytes -= framed.size();
    if (error) break;
  }
  self->drop(link->path.via);
}

bool TcpLinks::send(std::uint32_t via, Bytes datagram) {
  const auto found = links_.find(via);
  if (found == links_.end() || datagram.size() > ice::kMaxFrame) return false;
  auto& link = *found->second;
  if (link.closed || link.waiting_bytes + datagram.size() > kWaitingBytesMax) return false;
  std::vector<std::uint8_t> framed(2 + datagram.size());
  store_u16(framed, 0, static_cast<std::uint16_t>(datagram.size()));
  std::ranges::copy(datagram, framed.begin() + 2);
  link.waiting_bytes += framed.size();
  link.waiting.push_back(std::move(framed));
  link.wake.notify_all();
  return true;
}

void TcpLinks::keep(std::uint32_t via) {
  const auto found = links_.find(via);
  if (found != links_.end()) found->second->kept = true;
}

void TcpLinks::drop(std::uint32_t via) {
  const auto found = links_.find(via);
  if (found == links_.end()) return;
  const auto link = found->second;
  links_.erase(found);
  link->closed = true;
  boost::system::error_code ignored;
  link->socket.close(ignored);
  link->wake.notify_all();
}

}  // namespace telltale::rtc
