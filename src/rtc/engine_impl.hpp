// The inside of Engine: the workers, the records of their peers, and who may have how many
// connections. The maps are shared by all loops; everything else hops to a worker's loop.
#pragma once

#include <atomic>
#include <deque>

#include "base/guarded.hpp"
#include "base/published.hpp"
#include "rtc/admission.hpp"
#include "rtc/engine.hpp"
#include "rtc/peer/worker.hpp"
#include "runtime/shared_map.hpp"

namespace telltale::rtc {

class Engine::Impl final : private Worker::Listener {
 public:
  struct Entry {
    std::size_t worker = 0;
    std::string actor;
    std::shared_ptr<Source> source;
    base::Published<ConnectionRecord> record;
    // Leaves the count of those not connected so far, once.
    void leave(Admission& from) {
      if (!counted.exchange(true)) from.leave_connecting();
    }
    std::atomic<bool> counted{false};
  };

  Impl(EngineSettings engine_settings, std::vector<runtime::Loop*> the_loops,
       SourceCatalog* the_catalog, runtime::EventSink& sink, dtls::Context context);

  static runtime::TaskResult<Answer> accept(Impl* self, Offer offer, ConnectionRole role);
  static runtime::TaskResult<Answer> open_connection(Impl* self, Offer offer, ConnectionRole role);
  static runtime::TaskResult<Answer> add_peer(Impl* self, std::size_t index, Offer offer,
                                              ConnectionRole role);
  static runtime::TaskResult<bool> start_on(Worker* worker);
  static runtime::TaskResult<bool> stop_on(Worker* worker);

  EngineSettings settings;
  std::vector<runtime::Loop*> loops;
  const base::Clock& clock;
  SourceCatalog* catalog;
  runtime::EventSink& events;
  ConnectionObserver* observer = nullptr;
  dtls::Context dtls;
  Ntp ntp;
  Admission admission;
  FeedBook book;
  runtime::SharedMap<Entry> entries;
  base::Guarded<std::deque<ConnectionPtr>> ended;  // the newest first
  std::atomic<bool> stopping{false};
  base::Guarded<std::string> failure;            // why it did not start; "" it did
  std::vector<std::atomic<std::size_t>> loads;   // connections of each worker
  std::vector<std::unique_ptr<Worker>> workers;  // last: they use the rest

 private:
  void on_peer_changed(Peer& peer) override;
  void on_peer_switched(Peer& peer, const SwitchRecord& change) override;
  void on_peer_stats(Peer& peer) override;
  void on_peer_ended(Peer& peer) override;

  base::Result<void> admit(const std::string& actor);
  std::size_t least_loaded() const;
  void publish_record(Peer& peer);
  void tell(const ConnectionRecord& record, std::string_view what, base::JsonObject more);
};

}  // namespace telltale::rtc
