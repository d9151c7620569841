#include <algorithm>
#include <array>

#include <boost/asio/error.hpp>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "net/websocket_connection.hpp"

namespace telltale::net {
namespace {

constexpr base::Duration kCloseLimit = std::chrono::seconds(5);
constexpr base::Duration kFailedLimit = std::chrono::seconds(1);
constexpr std::size_t kControlLimit = 64U << 10U;  // of pongs nobody takes
constexpr unsigned kMessagesPerTurn = 64;  // of one busy peer, before the others have a turn
constexpr unsigned kReadsPerTurn = 16;

// Masks keep intermediaries from being fooled (RFC 6455 section 10.3); they have to be
// unpredictable, not secret.
std::uint32_t next_mask() {
  thread_local base::Random random(base::secure_seed());
  return static_cast<std::uint32_t>(random.next());
}

}  // namespace

// Holds the writer's turn. A write that does not finish leaves half a frame behind: then the stream
// is of no use.
class WebSocketConnection::Writing {
 public:
  explicit Writing(WebSocketConnection& socket) : socket_(socket) { socket_.writing_ = true; }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() {
    socket_.writing_ = false;
    if (!complete)
      socket_.abandon(1006, "a write did not finish");
    else if (!socket_.control_.empty())
      socket_.flush_control();
    socket_.notify();
  }
  bool complete = false;

 private:
  WebSocketConnection& socket_;
};

WebSocketConnection::WebSocketConnection(std::unique_ptr<Transport> transport, Role role,
                                         const WebSocketSettings& settings, std::string greeting,
                                         std::string_view already_read)
    : transport_(std::move(transport)),
      role_(role),
      control_(std::move(greeting)),
      settings_(settings),
      parser_(role == Role::server, settings.message_limit),
      last_heard_(transport_->loop().clock().now()) {
  take_in(already_read);
}

// Idle sockets wait here, by the ten thousand: no frame between this one and the wait, no buffer.
runtime::TaskResult<std::string> WebSocketConnection::read() {
  const auto self = shared_from_this();
  struct Reading {
    bool& flag;
    ~Reading() { flag = false; }
  } reading{reading_};
  reading_ = true;
  for (;;) {
    if (next_incoming_ < incoming_.size()) {
      auto message = std::move(incoming_[next_incoming_++].payload);
      if (next_incoming_ == incoming_.size()) {
        incoming_ = {};
        next_incoming_ = 0;
      }
      if (++this_turn_ % kMessagesPerTurn == 0) co_await yield_to_loop();
      co_return message;
    }
    if (ended_) co_return std::unexpected(closed_error());
    if (!control_.empty() && !writing_) flush_control();
    if (read_now()) {
      if (++this_turn_ % kReadsPerTurn == 0) co_await yield_to_loop();
      continue;
    }
    const auto silence = silence_deadline();
    const auto result = co_await transport_->descriptor().wait_result(
        Ready::read, close_limit_ ? std::min(silence, *close_limit_) : silence);
    if (result == WaitResult::aborted)
      throw boost::system::system_error(boost::asio::error::operation_aborted);
    if (result == WaitResult::timed_out) on_silence();
  }
}

bool WebSocketConnection::read_now() {
  std::string_view bytes;
  const auto io = transport_->read_now(bytes);
  switch (io.state) {
    case Io::State::want_read:
    case Io::State::want_write:
      return false;
    case Io::State::ended:
    case Io::State::failed:
      end(1006, "the connection was lost");
      return true;
    case Io::State::done:
      break;
  }
  last_heard_ = now();
  pinged_at_.reset();
  if (!failed_) take_in(bytes);
  if (close_limit_ && now() >= *close_limit_)
    abandon(close_code_, "the peer did not answer the close");
  return true;
}

base::SteadyTime WebSocketConnection::silence_deadline() const {
  if (!pinged_at_) return last_heard_ + settings_.ping_interval;
  return *pinged_at_ + std::max<base::Duration>(settings_.idle_timeout - settings_.ping_interval,
                                                std::chrono::milliseconds(1));
}

void WebSocketConnection::on_silence() {
  if (close_limit_ && now() >= *close_limit_)
    return abandon(close_code_, "the peer did not answer the close");
  if (now() < silence_deadline()) return;
  if (pinged_at_) return abandon(1006, "the peer has been silent for too long");
  pinged_at_ = now();
  send_control(Opcode::ping, {});
}

void WebSocketConnection::take_in(std::string_view bytes) {
  if (bytes.empty() || ended_) return;
  std::vector<WebSocketFrame> frames;
  const auto error = parser_.feed(bytes, frames);
  for (auto& frame : frames) {
    if (ended_) return;
    switch (frame.opcode) {
      case Opcode::ping:
        if (!close_sent_) send_control(Opcode::pong, frame.payload);
        break;
      case Opcode::close:
        take_close(frame.payload);
        break;
      case Opcode::text:
      case Opcode::binary:
        if (!close_sent_) incoming_.push_back(std::move(frame));  // after our close nobody wants it
        break;
      case Opcode::pong:
      case Opcode::continuation:
        break;
    }
  }
  if (!error || ended_) return;
  if (close_sent_) return abandon(close_code_, close_reason_);
  failed_ = true;
  begin_close(error->close_code, error->reason);
  transport_->finish();
  // Read on without looking, so that our close is not lost to a reset; the peer's end of the stream
  // or the limit ends it.
  close_limit_ = now() + kFailedLimit;
}

void WebSocketConnection::take_close(std::string_view payload) {
  if (!close_sent_) {
    close_code_ = payload.size() < 2
                      ? std::uint16_t{1005}
                      : static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8U |
                                                   static_cast<std::uint8_t>(payload[1]));
    close_reason_ = payload.size() > 2 ? "closed by the peer: " + base::to_utf8(payload.substr(2))
                                       : "closed by the peer";
    close_sent_ = true;
    send_control(Opcode::close, payload.substr(0, std::min<std::size_t>(payload.size(), 2)));
  }
  transport_->finish();
  end(close_code_, close_reason_);
}

void WebSocketConnection::send_control(Opcode opcode, std::string_view payload) {
  if (role_ == Role::client) {
    append_masked_frame(control_, opcode, payload, next_mask());
  } else {
    append_frame_head(control_, opcode, payload.size());
    control_ += payload;
  }
  if (control_.size() > kControlLimit)
    return abandon(1008, "the peer sends pings and does not read");
  if (!writing_) flush_control();
}

// As much as the socket takes now. The rest goes first when the next one writes; a lost pong is
// made up for by the next.
void WebSocketConnection::flush_control() {
  while (!control_.empty() && !rest_) {
    const auto buffer = io_buffer(control_);
    const auto io = transport_->try_write({&buffer, 1});
    if (io.state != Io::State::done) return;
    control_.erase(0, io.bytes);
  }
  control_ = {};
}

runtime::TaskResult<bool> WebSocketConnection::write(std::vector<Text> messages) {
  const auto self = shared_from_this();
  while (writing_ && !ended_) co_await changed().wait();
  if (ended_ || (close_sent_ && !rest_)) co_return std::unexpected(closed_error());
  Writing turn(*this);
  if (close_sent_) messages.clear();  // what was begun is brought to its end, and our close follows
  const auto rest = std::exchange(rest_, nullptr);
  // Heads (or, masked, whole frames) in one string that does not move; payloads from where they
  // are.
  std::string heads = std::exchange(control_, {});
  std::size_t room = heads.size() + messages.size() * 14;
  std::size_t total = room + (rest ? rest->size() : 0);
  for (const auto& message : messages) total += message->size();
  if (role_ == Role::client) room = total;
  heads.reserve(room);
  std::vector<iovec> buffers;
  buffers.reserve(messages.size() * (role_ == Role::client ? 1 : 2) + 2);
  if (rest) buffers.push_back(io_buffer(std::string_view(*rest).substr(rest_at_)));
  if (!heads.empty()) buffers.push_back(io_buffer(heads));
  for (const auto& message : messages) {
    const auto begin = heads.size();
    if (role_ == Role::client)
      append_masked_frame(heads, Opcode::text, *message, next_mask());
    else
      append_frame_head(heads, Opcode::text, message->size());
    buffers.push_back(io_buffer(std::string_view(heads).substr(begin)));
    if (role_ == Role::server) buffers.push_back(io_buffer(*message));
  }
  auto sent = co_await transport_->write(std::move(buffers),
                                         paced_deadline(now(), settings_.write_timeout, total));
  if (!sent) {
    abandon(1006, sent.error().detail);
    co_return std::unexpected(sent.error());
  }
  turn.complete = true;
  co_return true;
}

WebSocket::Sent WebSocketConnection::write_now(const Text& frames) {
  if (writing_ || rest_ || ended_ || close_sent_ || role_ == Role::client) return Sent::none;
  // TLS that wanted to wait has to be given the same bytes again, so there they go one by one.
  if (!control_.empty() && transport_->secure()) flush_control();
  if (!control_.empty() && transport_->secure()) return Sent::none;
  const std::array buffers{io_buffer(control_), io_buffer(*frames)};
  const auto io = transport_->try_write(std::span(buffers).subspan(control_.empty() ? 1 : 0));
  if (io.state == Io::State::ended || io.state == Io::State::failed) {
    abandon(1006, "writing failed");
    return Sent::none;
  }
  // Kept even when nothing of it went: the same bytes again, see above.
  const auto bytes = io.state == Io::State::done ? io.bytes : 0;
  if (bytes < control_.size()) {
    control_.erase(0, bytes);
    return Sent::none;
  }
  rest_at_ = bytes - control_.size();
  control_ = {};
  if (rest_at_ == frames->size()) return Sent::all;
  rest_ = frames;
  return Sent::part;
}

void append_text_frame(std::string& out, std::string_view message) {
  append_frame_head(out, Opcode::text, message.size());
  out += message;
}

void WebSocketConnection::begin_close(std::uint16_t code, std::string_view reason) {
  if (close_sent_ || ended_) return;
  close_sent_ = true;
  close_code_ = code;
  close_reason_ = reason;
  close_limit_ = now() + kCloseLimit;
  send_control(Opcode::close, close_payload(code, reason));
}

runtime::Task<> WebSocketConnection::close(std::uint16_t code, std::string reason) {
  const auto self = shared_from_this();
  begin_close(code, reason);
  if (ended_) co_return;
  if (reading_) {
    const auto limit = now() + kCloseLimit;
    while (!ended_ && now() < limit) co_await changed().wait_for(limit - now());
    if (!ended_) abandon(close_code_, "the peer did not answer the close");
    co_return;
  }
  while (co_await read()) {
  }
}

void WebSocketConnection::abandon(std::uint16_t code, std::string_view reason) {
  if (ended_) return;
  end(code, reason);
  transport_->shutdown();
}

void WebSocketConnection::end(std::uint16_t code, std::string_view reason) {
  if (std::exchange(ended_, true)) return;
  if (close_code_ == 0) close_code_ = code;
  if (close_reason_.empty()) close_reason_ = reason;
  notify();
}

runtime::Notifier& WebSocketConnection::changed() {
  if (!changed_) changed_ = std::make_unique<runtime::Notifier>(transport_->loop());
  return *changed_;
}

void WebSocketConnection::notify() {
  if (changed_) changed_->notify_all();
}

base::Error WebSocketConnection::closed_error() const {
  return {.code = base::Code::unavailable,
          .detail = close_reason_.empty() ? "the WebSocket is closed" : close_reason_,
          .data = {{"close_code", close_code_}}};
}

}  // namespace telltale::net
