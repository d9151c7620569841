// DATA chunks that have a TSN and are not acknowledged: SACKs, retransmission by missing reports
// and by T3, congestion control (RFC 9260 sections 6.2.1, 6.3, 7.2), messages given up and FORWARD
// TSN (RFC 3758, RFC 7496). One per association; it is asked what to send next and told what left.
// Bounded by the congestion window and the peer's receive window.
#pragma once

#include <deque>
#include <vector>

#include "rtc/sctp/congestion_window.hpp"
#include "rtc/sctp/rto.hpp"
#include "rtc/sctp/send_queue.hpp"
#include "rtc/sctp/sequence.hpp"

namespace telltale::rtc::sctp {

struct Sack {
  std::uint32_t cumulative = 0;
  std::uint32_t window = 0;
  std::uint16_t gaps = 0;
  Bytes blocks;  // four bytes each: first and last, relative to the cumulative TSN

  static std::optional<Sack> read(Bytes value) noexcept;
};

class Outstanding {
 public:
  struct Settings {
    std::uint32_t initial_tsn = 0;
    std::uint32_t peer_window = 0;
    std::size_t chunk_bytes_max = 0;
    bool partial = false;  // the peer takes FORWARD TSN
  };
  enum class Verdict : std::uint8_t {
    taken,
    stale,   // older than one we have seen: ignored
    broken,  // not what a SACK can be: ignored
    lies,    // acknowledges what was never sent
  };
  struct Counters {
    std::uint64_t fast_retransmits = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t retransmitted = 0;  // chunks
    std::uint64_t abandoned = 0;      // messages given up after their beginning had left
  };

  Outstanding(const Settings& settings, Rto& rto, SendQueue& queue);
  Outstanding(const Outstanding&) = delete;
  Outstanding& operator=(const Outstanding&) = delete;

  Verdict on_sack(const Sack& sack, base::SteadyTime now);
  // The cumulative TSN of a SHUTDOWN chunk.
  Verdict on_cumulative(std::uint32_t cumulative, base::SteadyTime now);
  void on_timeout(base::SteadyTime now);
  std::optional<base::SteadyTime> t3() const noexcept { return t3_; }

  // One chunk to write: again, or for the first time.
  struct Item {
    Fragment fragment;
    Tsn tsn = 0;
    bool again = false;
  };
  // Of what is lost, or of the queue, as far as the windows allow; `room` is for the whole chunk.
  std::optional<Item> peek(std::size_t room, base::SteadyTime now);
  void pop(const Item& item, base::SteadyTime now);
  // After each packet with DATA in it.
  void on_packet_sent() noexcept;

  // A value of a FORWARD TSN chunk when one is due, at most `room` bytes.
  std::optional<std::vector<std::uint8_t>> forward(std::size_t room);
  void on_forward_sent(base::SteadyTime now);

  bool empty() const noexcept { return chunks_.empty(); }
  std::size_t flight() const noexcept { return flight_; }
  std::size_t bytes() const noexcept { return bytes_; }  // not acknowledged, sent or lost
  Tsn last_assigned() const noexcept { return next_ - 1; }
  Tsn acknowledged() const noexcept { return cumulative_; }
  std::size_t window() const noexcept { return congestion_.bytes(); }
  std::size_t peer_window() const noexcept { return peer_window_; }
  // Acknowledgements since the last timeout came, though perhaps of nothing new.
  int unanswered() const noexcept { return unanswered_; }
  void on_answer() noexcept { unanswered_ = 0; }
  const Counters& counters() const noexcept { return counters_; }

 private:
  enum class State : std::uint8_t { in_flight, acknowledged, lost, abandoned };
  struct Chunk {
    Fragment fragment;
    State state = State::in_flight;
    std::uint8_t missing = 0;
    bool fast = false;  // retransmitted fast once: not again before a timeout
    std::uint32_t sent = 0;
    base::SteadyTime sent_at{};
  };
  struct Progress;

  Chunk& at(Tsn tsn) { return chunks_[tsn - cumulative_ - 1]; }
  const Chunk& at(Tsn tsn) const { return chunks_[tsn - cumulative_ - 1]; }
  bool blocks_are_sound(const Sack& sack, Tsn cumulative) const noexcept;
  void take_cumulative(Tsn cumulative, Progress& progress, base::SteadyTime now);
  void take_gaps(const Sack& sack, Progress& progress, base::SteadyTime now);
  void acknowledge(Chunk& chunk, Tsn tsn, Progress& progress, base::SteadyTime now);
  bool is_worthless(const OutgoingMessage& message, base::SteadyTime now) const noexcept;
  std::optional<Item> peek_lost(std::size_t room, base::SteadyTime now);
  void count_missing(const Progress& progress, base::SteadyTime now);
  void lose(Chunk& chunk, base::SteadyTime now);
  void abandon(const OutgoingMessagePtr& message);
  void advance_forward_point() noexcept;
  void finish(const Progress& progress, std::size_t window, base::SteadyTime now);

  Settings settings_;
  Rto& rto_;
  SendQueue& queue_;
  CongestionWindow congestion_;
  std::deque<Chunk> chunks_;  // from cumulative_ + 1 on, without holes
  Tsn cumulative_;
  Tsn next_;
  Tsn forward_point_;    // Advanced.Peer.Ack.Point
  Tsn highest_gap_ = 0;  // acknowledged by a gap block
  std::optional<Tsn> recovery_until_;
  std::size_t lost_ = 0;
  std::size_t flight_ = 0;
  std::size_t bytes_ = 0;
  std::size_t peer_window_;
  int burst_left_ = 0;  // packets, section 6.1 D
  int unanswered_ = 0;
  bool heard_since_timeout_ = false;
  bool ignore_window_ = false;  // one packet of a fast retransmission
  bool forward_due_ = false;
  std::optional<Tsn> timed_;  // whose round trip is being measured
  std::optional<base::SteadyTime> t3_;
  base::SteadyTime last_sent_{};
  Counters counters_;
};

}  // namespace telltale::rtc::sctp
