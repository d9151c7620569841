// Frames out of packets that come late, twice or never: says for each frame whether all of its
// packets came, and gives their payloads in order. Owned by one incoming stream, on its loop; time
// comes in. Slots are fixed at construction; with `keeps_payload` each keeps its buffer, so that
// after the first round nothing is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "rtc/rtp/packet.hpp"
#include "rtc/rtp/unwrap.hpp"

namespace telltale::rtc::rtp {

enum class Codec : std::uint8_t { h264, vp8, opus };

struct AssembledFrame {
  std::uint32_t timestamp = 0;
  std::int64_t first = 0;  // unwrapped sequence numbers
  std::int64_t last = 0;
  std::size_t bytes = 0;  // of payload
  bool key = false;
  bool after_gap = false;  // packets before it were given up
  bool operator==(const AssembledFrame&) const = default;
};

class FrameAssembler {
 public:
  struct Settings {
    Codec codec = Codec::h264;
    std::size_t slots = 1024;                                  // packets held at most
    base::Duration patience = std::chrono::milliseconds(500);  // for a missing packet
    // The same where a whole key frame came after it: what is missing is not needed any more.
    base::Duration patience_before_key = std::chrono::milliseconds(100);
    bool keeps_payload = false;
  };
  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t late = 0;       // of packets given up before
    std::uint64_t malformed = 0;  // payloads
    std::uint64_t gaps = 0;       // times that packets were given up
  };

  explicit FrameAssembler(const Settings& settings);

  // A media packet (an RTX packet unwrapped); then take frames until there are none.
  void insert(const PacketView& packet, base::SteadyTime now);
  std::optional<AssembledFrame> pop(base::SteadyTime now);
  // The frame popped last, whole: H.264 as Annex B, VP8 as one frame, Opus as its packet. Valid
  // until the next insert. False: its payloads contradict each other.
  bool read(const AssembledFrame& frame, std::vector<std::uint8_t>& out) const;

  const Counters& counters() const noexcept { return counters_; }

 private:
  struct Slot {
    std::int64_t sequence = -1;
    std::uint32_t timestamp = 0;
    std::uint32_t size = 0;
    bool used = false;
    bool marker = false;
    bool starts = false;  // for certain the first of its frame
    bool key = false;
    std::vector<std::uint8_t> payload;
  };

  Slot& slot(std::int64_t sequence) noexcept;
  const Slot& slot(std::int64_t sequence) const noexcept;
  bool has(std::int64_t sequence) const noexcept;
  bool inspect(const PacketView& packet, Slot& slot) const noexcept;
  std::optional<AssembledFrame> complete();
  bool skip();         // gives up what is missing; true: a later frame may begin
  bool skip_to_key();  // only where a whole key frame follows
  void begin_at(std::int64_t sequence) noexcept;

  Settings settings_;
  std::vector<Slot> slots_;
  SequenceUnwrapper unwrapper_;
  Counters counters_;
  bool started_ = false;
  bool gap_ = false;
  std::int64_t next_ = 0;     // the first packet not yet given out
  std::int64_t scanned_ = 0;  // packets from next_ up to here are there and of one frame
  std::int64_t highest_ = 0;
  std::optional<base::SteadyTime> waiting_since_;
};

}  // namespace telltale::rtc::rtp
