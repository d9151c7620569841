// Worker: the sockets and the peers of one loop. A datagram finds its peer by where it came from
// (a path that an authentic STUN check showed to be the peer's), a first check by its username
// fragment; what is anybody else's is counted and dropped, never answered. Everything written in
// one turn leaves in one flush. All on its loop; stop() says goodbye to every peer and closes the
// sockets.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "base/published.hpp"
#include "rtc/engine.hpp"
#include "rtc/peer/peer.hpp"
#include "rtc/transport/tcp_links.hpp"
#include "rtc/transport/udp_batch.hpp"
#include "rtc/transport/udp_socket.hpp"
#include "runtime/task_group.hpp"

namespace telltale::rtc {

struct PathHash {
  std::size_t operator()(const ice::Path& path) const noexcept;
};

class Worker final : private PeerHost {
 public:
  // What a worker tells its engine; called on the worker's loop.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_peer_changed(Peer& peer) = 0;
    virtual void on_peer_switched(Peer& peer, const SwitchRecord& change) = 0;
    virtual void on_peer_stats(Peer& peer) = 0;  // each poll interval
    virtual void on_peer_ended(Peer& peer) = 0;
  };
  struct Counters {
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t unknown = 0;
    PacketBatch::Counters sent;
  };

  Worker(std::size_t index, const EngineSettings& settings, runtime::Loop& loop, FeedBook& book,
         const dtls::Context& dtls, const Ntp& ntp, Listener& listener);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() override;

  runtime::TaskResult<bool> start();
  runtime::Task<> stop();

  runtime::Loop& loop() const noexcept { return loop_; }
  base::Result<Peer*> add(Peer::Settings settings, std::string_view offer,
                          const Peer::OpenPublication& publication);
  base::Result<Peer*> add_offering(Peer::Settings settings);
  Peer* find(const std::string& id) noexcept;
  // A peer got another username fragment.
  void remap(Peer& peer);
  void close_all(const std::string& reason);
  // Sends what waits and sets the timer: after everything that touched a peer from outside.
  void finish_turn();

  std::size_t size() const noexcept { return peers_.size(); }
  Counters counters() const noexcept;                            // any thread
  WorkerAddress address() const;                                 // any thread
  std::weak_ptr<bool> alive() const noexcept { return alive_; }  // until it is destroyed

 private:
  PacketBatch& batch() noexcept override { return batch_; }
  LocalFeeds& feeds() noexcept override { return feeds_; }
  TimerWheel& wheel() noexcept override { return wheel_; }
  const Ntp& ntp() const noexcept override { return ntp_; }
  const base::Clock& clock() const noexcept override { return loop_.clock(); }
  const dtls::Context& dtls() const noexcept override { return dtls_; }
  bool map(const ice::Path& path, Peer& peer) override;
  void unmap(const ice::Path& path, const Peer& peer) override;
  std::string local_address(const ice::Path& path) const override;
  void changed(Peer& peer) override { listener_.on_peer_changed(peer); }
  void switched(Peer& peer, const SwitchRecord& change) override {
    listener_.on_peer_switched(peer, change);
  }
  void ended(Peer& peer) override;

  base::Result<Peer*> keep(base::Result<std::unique_ptr<Peer>> made);
  base::Result<void> bind();
  base::Result<bool> bind_all(const std::vector<stun::Address>& addresses);
  static runtime::Task<> read(Worker* self, std::size_t socket);
  static runtime::Task<> poll(Worker* self);
  void on_datagram(MutableBytes datagram, const ice::Path& from, base::SteadyTime now);
  void on_first_check(Bytes datagram, const ice::Path& from, base::SteadyTime now);
  void on_timer();
  void bury();
  void show();

  std::size_t index_;
  const EngineSettings& settings_;
  runtime::Loop& loop_;
  const dtls::Context& dtls_;
  const Ntp& ntp_;
  Listener& listener_;
  TcpLinks tcp_;
  UdpBatch batch_;
  TimerWheel wheel_;
  LocalFeeds feeds_;
  std::vector<UdpSocket> sockets_;
  std::vector<ice::Candidate> candidates_;
  std::uint16_t port_ = 0;
  ReceiveBuffer receive_;
  std::unordered_map<std::string, std::unique_ptr<Peer>> peers_;
  std::unordered_map<std::string, Peer*> by_ufrag_;
  std::unordered_map<ice::Path, Peer*, PathHash> by_path_;
  std::vector<std::unique_ptr<Peer>> dead_;  // ended, destroyed when nothing calls them
  std::optional<std::pair<base::SteadyTime, runtime::Loop::TimerKey>> timer_;
  bool finishing_ = false;
  bool stopped_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is posted
  Counters counters_;
  base::Published<Counters> shown_;  // each second, and at the end
  base::SteadyTime shown_at_ = {};
  base::Published<WorkerAddress> address_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::rtc
