// DATA chunks made messages again (RFC 9260 sections 6.5, 6.6, 6.9; RFC 3758 section 3.6):
// fragments joined by TSN, ordered messages held until their turn. A neighbour's loss holds up only
// its own stream. One per association. Limits: the size of a message; what is held is counted
// (held()) and bounded by the association, which takes no more than its receive window.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "rtc/bytes.hpp"
#include "rtc/sctp/sequence.hpp"

namespace telltale::rtc::sctp {

struct DataChunk {
  Tsn tsn = 0;
  std::uint16_t stream = 0;
  std::uint16_t ssn = 0;
  std::uint32_t ppid = 0;
  bool begin = false;
  bool end = false;
  bool unordered = false;
  Bytes payload;
};

struct ReceivedMessage {
  std::uint16_t stream = 0;
  std::uint32_t ppid = 0;
  std::vector<std::uint8_t> bytes = {};
};

class Reassembly {
 public:
  enum class Outcome : std::uint8_t {
    taken,
    broken,     // fragments that follow each other belong to different messages
    too_large,  // a message over the limit
  };
  struct Skipped {
    std::uint16_t stream = 0;
    std::uint16_t ssn = 0;
  };
  // What a held piece costs beyond its bytes.
  static constexpr std::size_t kPieceCost = 160;

  explicit Reassembly(std::size_t message_bytes_max) noexcept
      : message_bytes_max_(message_bytes_max) {}

  // Each TSN once. Messages that are whole, and whose turn it is, go to `ready`.
  Outcome add(const DataChunk& chunk, std::vector<ReceivedMessage>& ready);
  // Everything up to `cumulative` has come or never will.
  void forward(Tsn cumulative, const std::vector<Skipped>& skipped,
               std::vector<ReceivedMessage>& ready);
  // The stream begins again with SSN 0.
  void reset(std::uint16_t stream) { streams_.erase(stream); }
  void reset_all() { streams_.clear(); }

  std::size_t held() const noexcept { return held_; }

 private:
  // Fragments of one message without a hole.
  struct Run {
    Tsn last = 0;
    std::uint16_t stream = 0;
    std::uint16_t ssn = 0;
    std::uint32_t ppid = 0;
    bool unordered = false;
    bool begin = false;
    bool end = false;
    std::vector<std::uint8_t> bytes;
  };
  using Runs = std::map<Tsn, Run>;
  struct Stream {
    Ssn next = kFirstSsn;
    std::map<Ssn, ReceivedMessage> waiting = {};
  };

  static bool same_message(const Run& first, const Run& second) noexcept;
  static bool append(Run& first, Run&& second);
  void finish(Run run, std::vector<ReceivedMessage>& ready);
  void deliver_waiting(Stream& stream, std::vector<ReceivedMessage>& ready);
  void erase(Runs::iterator run) noexcept;

  std::size_t message_bytes_max_;
  std::size_t held_ = 0;
  Runs runs_;  // by the first TSN
  std::map<std::uint16_t, Stream> streams_;
};

}  // namespace telltale::rtc::sctp
