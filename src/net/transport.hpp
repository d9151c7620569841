// Transport: a connected byte stream, TCP or TLS, behind one virtual interface, so that HTTP and WebSocket are compiled once
// over it (docs/development.md has the measurements). One reader and one writer at a time; home loop only.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"

namespace telltale::net {

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // 0 bytes is a regular end.
  virtual runtime::TaskResult<std::size_t> read_some(std::span<char> into) = 0;
  virtual runtime::TaskResult<std::size_t> write(std::vector<boost::asio::const_buffer> buffers) = 0;
  virtual void close() noexcept = 0;  // what is under way fails
  virtual void shutdown_send() noexcept = 0;
  virtual bool open() const noexcept = 0;
  virtual const std::string& remote_address() const noexcept = 0;
};

std::unique_ptr<Transport> tcp_transport(boost::asio::ip::tcp::socket socket);

struct ConnectTarget {
  std::string host;
  std::string port;
  bool tls = false;
  bool verify_peer = true;
  std::string ca_file;
};
// Resolves, connects, does the TLS handshake with SNI and host name check.
runtime::TaskResult<std::unique_ptr<Transport>> connect_transport(runtime::Loop& loop, ConnectTarget target);

// Closes a transport when it is not reset in time: one per connection, moved along as phases change.
class Deadline {
 public:
  Deadline(runtime::Loop& loop, Transport& transport) : loop_(loop), transport_(transport) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { clear(); }
  void set(base::Duration after);
  void clear();
  bool expired() const noexcept { return expired_; }

 private:
  runtime::Loop& loop_;
  Transport& transport_;
  std::optional<runtime::Loop::TimerKey> timer_;
  bool expired_ = false;
};

}  // namespace telltale::net
