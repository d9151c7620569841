// Fetcher: blocks that are not here, from gateways, in the order given and from one after the other
// until one has it. Every block is checked; whoever sends other bytes is named and put aside. One
// flight per block however many wait; a flight goes on when those who waited have gone, within its
// deadline. At most `concurrent` requests at a time. Home loop only, but stats().
#pragma once

#include <functional>
#include <unordered_map>

#include "base/published.hpp"
#include "content/gateway.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::content {

struct FetchSettings {
  std::vector<std::string> gateways = {};  // base URLs
  std::string api = {};                    // of kubo's RPC; asked first
  net::OutboundPolicy outbound = {};
  base::Duration attempt = std::chrono::seconds(15);   // one gateway, to the last byte
  base::Duration deadline = std::chrono::seconds(60);  // all of them
  std::size_t concurrent = 16;
  std::size_t waiting = 4096;  // flights at most
};

class Fetcher {
 public:
  // What becomes of a block that came, before those who wait get it.
  using Keep = std::function<runtime::Task<>(Cid, Block)>;
  // A gateway that sent wrong bytes, and what it said.
  using Accuse = std::function<void(const std::string& gateway, const base::Error& error)>;

  // invalid_argument names the URL that is none. Any thread.
  static base::Result<std::unique_ptr<Fetcher>> make(runtime::Loop& loop, FetchSettings settings,
                                                     Keep keep, Accuse accuse);
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  ~Fetcher();

  bool has_gateways() const noexcept { return any_; }  // any thread
  // not_found: none has it; unavailable or deadline_exceeded: what each gateway said.
  runtime::TaskResult<Block> fetch(Cid cid);
  // `told` is told once if a flight begins by it (BlockSource::prefetch).
  void want(const Cid& cid, BlockSource::Told told = {});
  std::vector<GatewayStats> stats() const;  // any thread
  runtime::Task<> stop();

 private:
  using Flight = runtime::OneShot<base::Result<Block>>;
  Fetcher(runtime::Loop& loop, FetchSettings settings, Keep keep, Accuse accuse);
  base::Result<Flight> begin(const Cid& cid, BlockSource::Told told);
  static runtime::Task<> fly(Fetcher* self, Cid cid, Flight flight, BlockSource::Told told);
  runtime::TaskResult<std::string> try_all(Cid cid);
  runtime::TaskResult<std::string> try_one(Gateway* gateway, Cid cid);
  std::vector<Gateway*> in_order();
  void publish();

  runtime::Loop& loop_;
  const FetchSettings settings_;
  Keep keep_;
  Accuse accuse_;
  bool any_ = false;
  std::vector<Gateway> gateways_;
  std::unique_ptr<net::HttpClient> client_;  // made on the loop, with the first flight
  std::unordered_map<Hash, Flight, HashOfHash> flights_;
  std::size_t running_ = 0;
  runtime::Notifier free_;
  runtime::TaskGroup tasks_;
  base::Published<std::vector<GatewayStats>> stats_;
};

}  // namespace telltale::content
