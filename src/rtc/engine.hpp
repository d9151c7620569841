// Engine: WebRTC connections as app, api and operations use them. A worker on each loop owns its
// sockets and its connections; the methods here may be called on any loop and hop to the right one.
// What happens goes out as events: `webrtc_connection` at every change of a connection's state and
// every switch of rendition, `webrtc_stats` for each connection each poll interval. stop() before
// it goes: it says goodbye to every peer and closes every socket.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rtc/congestion/rung_policy.hpp"
#include "rtc/connection_record.hpp"
#include "rtc/source.hpp"
#include "runtime/event.hpp"
#include "runtime/runtime.hpp"

namespace telltale::rtc {

struct EngineSettings {
  std::size_t workers = 0;  // 0: one per loop
  // What sockets are bound to; empty: every IPv4 and IPv6 address.
  std::vector<std::string> bind = {};
  // The addresses peers are told (behind NAT the public ones); empty: those of the machine.
  std::vector<std::string> announce = {};
  bool announce_loopback = true;  // also 127.0.0.1 and ::1, when nothing is announced explicitly
  std::uint16_t port = 0;         // of the first worker, UDP and TCP; the next has the next; 0: any
  bool tcp = true;                // ICE-TCP, passive
  std::size_t connections_max = 10'000;
  std::size_t connections_per_actor_max = 1'000;
  std::size_t connecting_max = 2'000;  // not connected so far
  std::size_t closed_kept = 200;       // records of ended ones
  base::Duration connect_timeout = std::chrono::seconds(30);
  base::Duration consent_timeout = std::chrono::seconds(30);
  base::Duration poll_interval = std::chrono::seconds(2);
  std::int64_t start_bps = 1'000'000;  // what a path is thought to carry before it is measured
  std::int64_t max_bps = 20'000'000;   // to one peer
  std::string srtp_profiles = {};      // OpenSSL's list, in our order; empty: all we have
  std::size_t receive_buffer_bytes = 4U << 20U;  // of each socket
  std::size_t send_buffer_bytes = 4U << 20U;
  bool gso = true;                // where the kernel has it
  bool automatic_quality = true;  // without it `auto` is medium, whatever the path does
};

struct Offer {
  std::string sdp;
  std::string source;                    // a name for the catalog; or
  std::shared_ptr<Source> playing = {};  // what is to be sent (viewers only)
  bool own = false;                      // a playing of one's own, with its own position
  Quality quality = Quality::automatic;
  std::string actor = {};  // whose connection it is; limits count by it
  Reading reading = {};    // of content
  bool ours = false;       // offer() sets it: we offer, `sdp` is not looked at
};
struct Answer {
  std::string id;
  std::string sdp;   // ours: the answer, or with offer() the offer
  std::string etag;  // of the ICE session (RFC 9725 section 4.3.1), without quotes
};

enum class PatchOutcome : std::uint8_t {
  trickled,       // 204
  restarted,      // 200: fragment and etag are new
  etag_missing,   // 428
  etag_mismatch,  // 412
};
struct PatchAnswer {
  PatchOutcome outcome = PatchOutcome::trickled;
  std::string fragment = {};
  std::string etag = {};
};

struct SelfTestStep {
  std::string name;  // sockets, sdp, ice, dtls, video, audio, data_channel, publish, close
  bool ok = false;
  base::Duration took = {};  // since the step before
  std::string detail = {};
};
struct SelfTestReport {
  bool ok = false;
  base::Duration took = {};
  std::vector<SelfTestStep> steps;
};

struct EngineCounters {
  std::uint64_t connections_total = 0;
  std::uint64_t connections = 0;  // now
  std::uint64_t connecting = 0;   // of those
  std::uint64_t datagrams_received = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t sends = 0;            // messages to the kernel: GSO puts several datagrams in one
  std::uint64_t send_refused = 0;     // datagrams the kernel did not take
  std::uint64_t dropped_unknown = 0;  // datagrams of nobody we know
};

// Where one worker can be reached, for operators and tests.
struct WorkerAddress {
  std::size_t worker = 0;
  std::uint16_t port = 0;
  std::vector<std::string> addresses;
};

// Who watches over all connections: told on the loop of each, in order for each, before the events
// go out. Must not block nor call the engine from inside.
class ConnectionObserver {
 public:
  virtual ~ConnectionObserver() = default;
  virtual void on_connection(const ConnectionPtr& record) = 0;  // began, changed its state, ended
  virtual void on_switch(const ConnectionPtr& record, const SwitchRecord& change) = 0;
  // Each poll interval; what it gives is added to the `webrtc_stats` event.
  virtual base::JsonObject on_statistics(const ConnectionPtr& record) = 0;
};

class Engine {
 public:
  // Opens no socket yet. `catalog` may be null: then offers must bring their Source, and publishing
  // is refused. The loops' runtime, catalog and sink outlive it.
  static base::Result<std::unique_ptr<Engine>> open(EngineSettings settings,
                                                    runtime::Runtime& runtime,
                                                    SourceCatalog* catalog,
                                                    runtime::EventSink& events);
  // The same on chosen loops of one clock.
  static base::Result<std::unique_ptr<Engine>> open(EngineSettings settings,
                                                    std::vector<runtime::Loop*> loops,
                                                    SourceCatalog* catalog,
                                                    runtime::EventSink& events);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // Before start(); outlives the engine.
  void observe(ConnectionObserver& observer);

  // Sockets are bound when it returns. unavailable: a port is taken.
  runtime::TaskResult<bool> start();
  // New offers are refused from now on; connections are closed.
  runtime::Task<> stop();

  // A viewer (WHEP, or plain POST of SDP). invalid_argument: SDP; unsupported: no codec in common;
  // not_found, …: the source; rate_limited: the actor's limit; unavailable: the total limit.
  runtime::TaskResult<Answer> answer(Offer offer);
  // A viewer that wants to be offered: the answer to the offer comes by accept() within
  // connect_timeout. Errors as of answer().
  runtime::TaskResult<Answer> offer(Offer wanted);
  // not_found; conflict: no offer of ours waits there; invalid_argument: what the answer has that
  // does not follow from the offer, which goes on waiting.
  runtime::TaskResult<bool> accept(std::string id, std::string answer);
  // A publisher (WHIP). conflict: somebody publishes under that name.
  runtime::TaskResult<Answer> publish(Offer offer);
  // Trickle ICE or ICE restart (RFC 8840, RFC 9725 section 4.3): `if_match` without quotes, `*`
  // for any, nullopt when the header is missing. not_found; invalid_argument: no such fragment.
  runtime::TaskResult<PatchAnswer> patch(std::string id, std::string fragment,
                                         std::optional<std::string> if_match);
  // True when it was there. `reason` is what its record says.
  runtime::TaskResult<bool> close(std::string id, std::string reason = "asked");
  runtime::TaskResult<std::size_t> close_all(std::string reason = "asked");  // how many
  // Takes effect at the next key frame of the rung. not_found; conflict: no viewer of a ladder.
  runtime::TaskResult<bool> set_quality(std::string id, Quality quality);

  // Of a viewer whose quality is automatic: one rung less at most, or one more than now. not_found;
  // conflict: why it cannot be.
  runtime::TaskResult<bool> limit_quality(std::string id, bool lower, congestion::SwitchReason why);
  // From the encoder of what a viewer watches, or from a publisher. not_found.
  runtime::TaskResult<bool> request_key_frame(std::string id);
  // A text message on the player's `stats` channel; false: it has none. not_found.
  runtime::TaskResult<bool> tell_player(std::string id, std::string text);

  // Those that are open; with `ended` also the last ones that are not. Any thread.
  std::vector<ConnectionPtr> list(bool ended = false) const;
  ConnectionPtr find(const std::string& id) const;  // null: unknown
  // What it plays (to seek, pause, loop); null for publishers and ended ones.
  std::shared_ptr<Source> source_of(const std::string& id) const;
  EngineCounters counters() const;
  std::vector<WorkerAddress> addresses() const;
  const EngineSettings& settings() const noexcept;

  // A loopback connection through real sockets: this engine and a client of its own, media both
  // ways and a data channel; the time of each step.
  runtime::TaskResult<SelfTestReport> self_test();

 private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace telltale::rtc
