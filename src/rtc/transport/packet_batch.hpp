// Datagrams on their way out, gathered over one turn of a loop and sent together: packets to one
// destination, of one size but the last, go as one message with UDP_SEGMENT (udp(7)). One per
// worker, on its loop; nothing is allocated after construction. reserve() a place, write the packet
// there, commit() it; flush() at the end of the turn. What a full batch cannot hold is flushed
// before. A subclass does the sending.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rtc/ice/path.hpp"

namespace telltale::rtc {

class PacketBatch {
 public:
  static constexpr std::size_t kPacketMax = 2'048;                // one datagram with its growth
  static constexpr std::size_t kBytes = std::size_t{512} * 1024;  // of all that wait
  static constexpr std::size_t kMessages = 256;                   // destinations' runs that wait
  static constexpr std::size_t kSegmentsMax = 64;                 // UDP_MAX_SEGMENTS
  static constexpr std::size_t kMessageBytes = 64'000;            // of one run, under 65,507

  struct Message {
    ice::Path path;
    std::uint32_t at = 0;
    std::uint32_t size = 0;
    std::uint16_t segment = 0;  // all are of this size but the last
    std::uint16_t count = 0;
    bool closed = false;  // the last one was smaller
  };
  struct Counters {
    std::uint64_t datagrams = 0;
    std::uint64_t bytes = 0;
    std::uint64_t sends = 0;    // messages
    std::uint64_t refused = 0;  // datagrams that were not taken
  };

  PacketBatch();
  PacketBatch(const PacketBatch&) = delete;
  PacketBatch& operator=(const PacketBatch&) = delete;
  virtual ~PacketBatch() = default;

  // kPacketMax bytes, valid until commit() or the next reserve().
  MutableBytes reserve() noexcept;
  void commit(const ice::Path& path, std::size_t size) noexcept;
  void send(const ice::Path& path, Bytes datagram) noexcept;
  void flush() noexcept;
  bool empty() const noexcept { return messages_.empty(); }
  const Counters& counters() const noexcept { return counters_; }
  // Segments of one destination share a message.
  void set_joins(bool joins) noexcept { joins_ = joins; }

 protected:
  virtual void transmit(std::span<const Message> messages, Bytes bytes) noexcept = 0;
  Counters counters_;

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t used_ = 0;
  std::vector<Message> messages_;
  bool joins_ = true;
};

}  // namespace telltale::rtc
