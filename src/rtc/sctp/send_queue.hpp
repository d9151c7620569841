// Messages on their way out that have no TSN yet, by stream; streams take turns, a message at a
// time, because the fragments of one must follow each other (RFC 9260 section 6.9). A stream number
// is given to a message when its first fragment leaves. One per association.
// The association bounds what is queued (buffered()).
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "rtc/bytes.hpp"

namespace telltale::rtc::sctp {

// Shared by the queue and the fragments on their way: its bytes exist once.
struct OutgoingMessage {
  std::vector<std::uint8_t> bytes;
  std::uint32_t ppid = 0;
  std::uint16_t stream = 0;
  bool unordered = false;
  // RFC 7496: how often a fragment may be sent again, and until when it is worth sending.
  std::optional<std::uint32_t> retransmits_max = {};
  std::optional<base::SteadyTime> expires = {};
  std::uint16_t ssn = 0;   // once its first fragment has left
  bool abandoned = false;  // given up by the sender (RFC 3758)
  bool complete = false;   // its last fragment has a TSN
};
using OutgoingMessagePtr = std::shared_ptr<OutgoingMessage>;

struct Fragment {
  OutgoingMessagePtr message;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;

  bool begin() const noexcept { return offset == 0; }
  bool end() const noexcept { return offset + size == message->bytes.size(); }
  Bytes payload() const noexcept { return Bytes(message->bytes).subspan(offset, size); }
};

class SendQueue {
 public:
  void push(OutgoingMessage message);
  // The next fragment, of at most `payload_max` bytes; whose time is over before anything of it has
  // left is dropped without a trace.
  std::optional<Fragment> peek(std::size_t payload_max, base::SteadyTime now);
  // What peek() gave leaves.
  void pop(const Fragment& fragment);
  // The rest of a message that has been given up after its beginning had left.
  void drop(const OutgoingMessage& message);

  bool empty() const noexcept { return buffered_ == 0 && turns_.empty(); }
  std::size_t buffered() const noexcept { return buffered_; }
  std::size_t buffered(std::uint16_t stream) const noexcept;
  bool drained(std::uint16_t stream) const noexcept;
  // The next message of the stream has number 0 again (RFC 6525).
  void reset(std::uint16_t stream);
  // Nothing of the stream is sent any more.
  void discard(std::uint16_t stream);
  std::uint64_t expired() const noexcept { return expired_; }

 private:
  struct Stream {
    std::uint16_t next_ssn = 0;
    std::size_t buffered = 0;
    std::list<OutgoingMessagePtr> messages = {};
  };
  void end_turn(bool goes_on);

  std::map<std::uint16_t, Stream> streams_;
  std::list<std::uint16_t> turns_;  // streams with messages; the first is at work
  std::uint32_t offset_ = 0;        // in the first message of that
  std::size_t buffered_ = 0;
  std::uint64_t expired_ = 0;
};

}  // namespace telltale::rtc::sctp
