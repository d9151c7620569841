#include "rtc/sctp/send_queue.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace telltale::rtc::sctp {

void SendQueue::push(OutgoingMessage message) {
  CHECK(!message.bytes.empty());
  auto& stream = streams_[message.stream];
  if (stream.messages.empty()) turns_.push_back(message.stream);
  stream.buffered += message.bytes.size();
  buffered_ += message.bytes.size();
  stream.messages.push_back(std::make_shared<OutgoingMessage>(std::move(message)));
}

std::optional<Fragment> SendQueue::peek(std::size_t payload_max, base::SteadyTime now) {
  while (!turns_.empty()) {
    auto& stream = streams_[turns_.front()];
    const auto& message = stream.messages.front();
    if (offset_ == 0 && message->expires && now >= *message->expires) {
      ++expired_;
      stream.buffered -= message->bytes.size();
      buffered_ -= message->bytes.size();
      end_turn(false);
      continue;
    }
    const auto left = message->bytes.size() - offset_;
    return Fragment{.message = message,
                    .offset = offset_,
                    .size = static_cast<std::uint32_t>(std::min(left, payload_max))};
  }
  return std::nullopt;
}

void SendQueue::pop(const Fragment& fragment) {
  CHECK(!turns_.empty() && fragment.offset == offset_);
  auto& stream = streams_[turns_.front()];
  auto& message = *fragment.message;
  CHECK(stream.messages.front().get() == &message);
  if (fragment.begin() && !message.unordered) message.ssn = stream.next_ssn++;
  offset_ += fragment.size;
  stream.buffered -= fragment.size;
  buffered_ -= fragment.size;
  if (!fragment.end()) return;
  message.complete = true;
  end_turn(true);
}

// The first message of the first stream is gone; the next stream is at work. One that only dropped
// a message keeps its turn.
void SendQueue::end_turn(bool goes_on) {
  const auto id = turns_.front();
  auto& stream = streams_[id];
  stream.messages.pop_front();
  offset_ = 0;
  if (stream.messages.empty()) {
    turns_.pop_front();
  } else if (goes_on) {
    turns_.splice(turns_.end(), turns_, turns_.begin());
  }
}

void SendQueue::drop(const OutgoingMessage& message) {
  if (turns_.empty() || offset_ == 0) return;
  auto& stream = streams_[turns_.front()];
  if (stream.messages.front().get() != &message) return;
  const auto left = message.bytes.size() - offset_;
  stream.buffered -= left;
  buffered_ -= left;
  end_turn(true);
}

std::size_t SendQueue::buffered(std::uint16_t stream) const noexcept {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? 0 : found->second.buffered;
}

bool SendQueue::drained(std::uint16_t stream) const noexcept {
  const auto found = streams_.find(stream);
  return found == streams_.end() || found->second.messages.empty();
}

void SendQueue::reset(std::uint16_t stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  found->second.next_ssn = 0;
  if (found->second.messages.empty()) streams_.erase(found);
}

// What has begun to leave must leave whole, or be given up with a TSN: it stays.
void SendQueue::discard(std::uint16_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || found->second.messages.empty()) return;
  auto& stream = found->second;
  const bool begun = turns_.front() == id && offset_ > 0;
  while (stream.messages.size() > (begun ? 1U : 0U)) {
    stream.buffered -= stream.messages.back()->bytes.size();
    buffered_ -= stream.messages.back()->bytes.size();
    stream.messages.pop_back();
  }
  if (stream.messages.empty()) turns_.remove(id);
}

}  // namespace telltale::rtc::sctp
