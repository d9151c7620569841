// The full ICE agent (RFC 8445) for calling: host candidates, one component, one stream (BUNDLE),
// trickle (RFC 8838). Begins as controlling; a role conflict may change that. Nominates the best
// pair that works, then keeps consent (RFC 7675). One per call, on its loop; time comes in, checks
// go out by poll(). Limits: 100 pairs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "rtc/ice/candidate.hpp"
#include "rtc/ice/check_server.hpp"
#include "rtc/ice/path.hpp"

namespace telltale::rtc::ice {

class Agent {
 public:
  enum class State : std::uint8_t {
    waiting,    // for the remote side's credentials and candidates
    checking,   // no pair works so far
    connected,  // a pair works, or is nominated (selected())
    failed,     // no pair works and none will
    expired,    // consent is gone: 30 s without an answer
  };
  struct Local {
    std::uint32_t via = 0;  // the caller's socket
    bool v6 = false;
    std::uint32_t priority = 0;
  };
  struct Settings {
    bool controlling = true;
    std::uint64_t tie_breaker = 0;                        // random
    std::uint64_t seed = 0;                               // of the consent interval's jitter
    base::Duration pace = std::chrono::milliseconds(50);  // Ta, section 14.2
    base::Duration rto = std::chrono::milliseconds(500);  // doubles with each retransmission
    int transmissions = 7;                                // Rc of RFC 8489 section 6.2.1
    base::Duration nomination_wait = std::chrono::milliseconds(100);  // for a better pair
    base::Duration patience = std::chrono::milliseconds(39'500);      // RFC 8863
    base::Duration consent_interval = std::chrono::seconds(5);        // times 0.8 to 1.2
    base::Duration consent_timeout = std::chrono::seconds(30);
  };
  struct Transmit {
    Path path;
    std::size_t size = 0;
  };

  Agent(const Settings& settings, Credentials local, std::vector<Local> locals,
        base::SteadyTime now);

  // A second call with other credentials is an ICE restart by the peer: `local` must be new too.
  void set_remote(Credentials remote);
  void restart(Credentials local, Credentials remote, base::SteadyTime now);
  // False: not one we can use (TCP, a name, another component, over the limit).
  bool add_remote(const Candidate& candidate);
  void end_of_candidates() noexcept { remote_complete_ = true; }

  // A STUN datagram from `from`. An answer is written to `out`, its size returned (0: none).
  std::size_t on_packet(Bytes datagram, const Path& from, base::SteadyTime now, MutableBytes out);
  // The next check to send, written to `out` (at least 256 bytes); nullopt: nothing before
  // next_deadline().
  std::optional<Transmit> poll(base::SteadyTime now, MutableBytes out);
  std::optional<base::SteadyTime> next_deadline() const noexcept;

  State state() const noexcept { return state_; }
  std::optional<Path> selected() const noexcept;
  bool controlling() const noexcept { return controlling_; }
  // Of the last answered check or consent check on the selected pair.
  std::optional<base::Duration> round_trip() const noexcept { return round_trip_; }

 private:
  enum class PairState : std::uint8_t { waiting, in_progress, succeeded, failed };
  struct Pair {
    Path path;
    std::uint32_t local_priority = 0;
    std::uint32_t remote_priority = 0;
    std::uint64_t priority = 0;
    PairState state = PairState::waiting;
    bool nominate = false;        // the check under way says USE-CANDIDATE
    bool peer_nominated = false;  // while we were controlled and the pair did not work yet
    bool triggered = false;
    int sent = 0;
    stun::TransactionId transaction = {};
    base::SteadyTime sent_at{};
    base::SteadyTime resend_at{};
  };
  static constexpr std::size_t kMaxPairs = 100;

  Pair* find(const Path& path) noexcept;
  Pair* add_pair(const Path& path, const Local& local, std::uint32_t remote_priority);
  std::size_t on_request(const stun::Message& request, const Path& from, base::SteadyTime now,
                         MutableBytes out);
  void on_response(const stun::Message& response, const Path& from, base::SteadyTime now);
  void on_success(Pair& pair, base::SteadyTime now);
  void begin_check(Pair& pair) noexcept;
  void set_controlling(bool controlling);
  std::size_t write_check(const Pair& pair, MutableBytes out) const;
  Transmit send(Pair& pair, base::SteadyTime now, MutableBytes out);
  std::optional<Transmit> poll_consent(base::SteadyTime now, MutableBytes out);
  Pair* due_retransmission(base::SteadyTime now) noexcept;
  void give_up(Pair& pair, base::SteadyTime now) noexcept;
  Pair* next_waiting() noexcept;
  void nominate(base::SteadyTime now);
  std::optional<base::SteadyTime> nomination_time() const noexcept;
  void schedule_consent(base::SteadyTime now);
  void update_failure(base::SteadyTime now) noexcept;

  Settings settings_;
  Credentials local_;
  Credentials remote_;
  std::vector<Local> locals_;
  std::vector<Pair> pairs_;
  base::Random random_;
  State state_ = State::waiting;
  bool controlling_ = true;
  bool remote_complete_ = false;
  base::SteadyTime began_;
  base::SteadyTime next_check_;  // pacing
  std::optional<base::SteadyTime> first_valid_;
  std::optional<Path> selected_;
  std::uint32_t selected_priority_ = 0;  // of our candidate
  stun::TransactionId consent_transaction_ = {};
  base::SteadyTime consent_sent_{};
  base::SteadyTime consent_next_{};
  base::SteadyTime consent_heard_{};
  std::optional<base::Duration> round_trip_;
};

}  // namespace telltale::rtc::ice
