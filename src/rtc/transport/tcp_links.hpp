// ICE-TCP, the passive side (RFC 6544): connections that bring datagrams behind their length (RFC
// 4571). Each is a path with the number kTcpBit | n. One that has not shown a known username
// fragment in 10 s is closed; one that does not read loses datagrams once 256 KiB wait, as a full
// UDP queue would. Limits: 1,000 connections. On its worker's loop; stop() closes all.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include <boost/asio/ip/tcp.hpp>

#include "rtc/ice/path.hpp"
#include "rtc/ice/tcp_framing.hpp"
#include "rtc/transport/udp_batch.hpp"
#include "runtime/task_crowd.hpp"
#include "runtime/task_group.hpp"

namespace telltale::rtc {

class TcpLinks {
 public:
  static constexpr std::size_t kConnectionsMax = 1'000;
  static constexpr std::size_t kWaitingBytesMax = 256UL * 1024;
  static constexpr base::Duration kProveWithin = std::chrono::seconds(10);

  using Take = std::function<void(MutableBytes datagram, const ice::Path& from)>;
  using AfterRead = std::function<void()>;

  TcpLinks(runtime::Loop& loop, Take take, AfterRead after_read);
  TcpLinks(const TcpLinks&) = delete;
  TcpLinks& operator=(const TcpLinks&) = delete;
  ~TcpLinks();

  // unavailable: the port is taken.
  base::Result<void> listen(const stun::Address& address);
  void close_listeners();  // to try another port
  void start();
  runtime::Task<> stop();

  // False: nobody is there, or too much waits.
  bool send(std::uint32_t via, Bytes datagram);
  void keep(std::uint32_t via);  // it belongs to a peer
  void drop(std::uint32_t via);  // its peer is gone
  std::size_t size() const noexcept { return links_.size(); }

 private:
  struct Link;
  struct Acceptor;
  static runtime::Task<> accept(TcpLinks* self, std::size_t acceptor);
  static runtime::Task<> read(TcpLinks* self, std::shared_ptr<Link> link);
  static runtime::Task<> write(TcpLinks* self, std::shared_ptr<Link> link);

  runtime::Loop& loop_;
  Take take_;
  AfterRead after_read_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_map<std::uint32_t, std::shared_ptr<Link>> links_;
  std::uint32_t next_ = 0;
  runtime::TaskGroup tasks_;
  runtime::TaskCrowd crowd_;
};

}  // namespace telltale::rtc
