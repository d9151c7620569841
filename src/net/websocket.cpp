#include <algorithm>
#include <array>

#include <boost/asio/co_spawn.hpp>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "net/websocket_stream.hpp"

namespace telltale::net {
namespace {

constexpr std::size_t kReadSize = 4096;

}  // namespace

WebSocketStream::WebSocketStream(runtime::Loop& loop, std::unique_ptr<Transport> transport, bool is_server,
                                 WebSocketSettings settings, std::string already_read)
    : loop_(loop),
      transport_(std::move(transport)),
      is_server_(is_server),
      settings_(settings),
      parser_(is_server, settings.message_limit),
      already_read_(std::move(already_read)),
      last_heard_(loop.clock().now()) {
  arm_keep_alive();
}

WebSocketStream::~WebSocketStream() {
  if (timer_) loop_.cancel(*timer_);
}

void WebSocketStream::arm_keep_alive() {
  timer_ = loop_.schedule_at(loop_.clock().now() + settings_.ping_interval, [this] { on_quiet(); });
}

void WebSocketStream::on_quiet() {
  timer_.reset();
  if (!transport_->open()) return;
  if (loop_.clock().now() - last_heard_ > settings_.idle_timeout) {
    close_code_ = 1006;
    close_reason_ = "the peer has been silent for too long";
    transport_->close();
    return;
  }
  // A ping needs no coroutine of its own: it is queued for the writer or sent by a small task of the socket.
  control_.push_back(is_server_ ? frame_head(Opcode::ping, 0) : masked_frame(Opcode::ping, "", 0));
  if (!writing_)
    boost::asio::co_spawn(loop_.executor(), [](std::shared_ptr<WebSocketStream> self) -> runtime::Task<> {
      co_await self->send({}, {});
    }(shared_from_this()), [](const std::exception_ptr&) { /* the reader sees the broken socket too */ });
  arm_keep_alive();
}

runtime::TaskResult<std::size_t> WebSocketStream::send(std::vector<std::string> heads, std::vector<Text> payloads) {
  writing_ = true;
  std::size_t total = 0;
  for (bool first = true; first || !control_.empty(); first = false) {
    std::vector<std::string> control(std::make_move_iterator(control_.begin()), std::make_move_iterator(control_.end()));
    control_.clear();
    std::vector<boost::asio::const_buffer> buffers;
    for (const auto& frame : control) buffers.push_back(boost::asio::buffer(frame));
    if (first)
      for (std::size_t i = 0; i < heads.size(); ++i) {
        buffers.push_back(boost::asio::buffer(heads[i]));
        if (i < payloads.size()) buffers.push_back(boost::asio::buffer(*payloads[i]));
      }
    if (buffers.empty()) break;
    Deadline deadline(loop_, *transport_);
    deadline.set(settings_.write_timeout);
    auto sent = co_await transport_->write(std::move(buffers));
    if (!sent) {
      writing_ = false;
      co_return std::unexpected(sent.error());
    }
    total += *sent;
  }
  writing_ = false;
  co_return total;
}

runtime::TaskResult<std::size_t> WebSocketStream::send_control(Opcode opcode, std::string payload) {
  control_.push_back(is_server_ ? frame_head(opcode, payload.size()) + payload
                                : masked_frame(opcode, payload, static_cast<std::uint32_t>(base::secure_seed())));
  if (writing_) co_return std::size_t{0};  // the one who writes takes it along
  co_return co_await send({}, {});
}

runtime::TaskResult<bool> WebSocketStream::write(std::vector<Text> messages) {
  const auto self = shared_from_this();
  if (close_sent_ || !transport_->open()) co_return base::fail(base::Code::unavailable, "the socket is closed");
  std::vector<std::string> heads;
  heads.reserve(messages.size());
  if (is_server_) {
    for (const auto& message : messages) heads.push_back(frame_head(Opcode::text, message->size()));
  } else {
    for (const auto& message : messages)
      heads.push_back(masked_frame(Opcode::text, *message, static_cast<std::uint32_t>(base::secure_seed())));
    messages.clear();
  }
  auto sent = co_await send(std::move(heads), std::move(messages));
  if (!sent) co_return std::unexpected(sent.error());
  co_return true;
}

runtime::TaskResult<std::string> WebSocketStream::read() {
  const auto self = shared_from_this();
  std::array<char, kReadSize> buffer{};
  for (;;) {
    if (!messages_.empty()) {
      auto message = std::move(messages_.front());
      messages_.pop_front();
      co_return message;
    }
    if (!transport_->open())
      co_return base::fail(base::Code::unavailable, close_reason_.empty() ? "the socket is closed" : close_reason_);
    std::string_view bytes;
    std::string first = std::exchange(already_read_, {});
    if (!first.empty()) {
      bytes = first;
    } else {
      auto got = co_await transport_->read_some(buffer);
      if (!got || *got == 0) {
        if (close_code_ == 0) close_code_ = 1006;
        transport_->close();
        continue;
      }
      bytes = {buffer.data(), *got};
    }
    last_heard_ = loop_.clock().now();
    std::vector<WebSocketFrame> frames;
    const auto error = parser_.feed(bytes, frames);
    auto taken = co_await take(std::move(frames));
    if (!taken) co_return std::unexpected(taken.error());
    if (error) {
      co_await close(error->close_code, error->reason);
      close_code_ = error->close_code;
      close_reason_ = error->reason;
    }
  }
}

runtime::Task<base::Result<void>> WebSocketStream::take(std::vector<WebSocketFrame> frames) {
  for (auto& frame : frames) {
    if (frame.opcode == Opcode::text || frame.opcode == Opcode::binary) {
      messages_.push_back(std::move(frame.payload));
    } else if (frame.opcode == Opcode::ping) {
      co_await send_control(Opcode::pong, std::move(frame.payload));
    } else if (frame.opcode == Opcode::close) {
      close_code_ = frame.payload.size() >= 2
                        ? static_cast<std::uint16_t>(static_cast<std::uint8_t>(frame.payload[0]) << 8U |
                                                     static_cast<std::uint8_t>(frame.payload[1]))
                        : std::uint16_t{1005};
      close_reason_ = frame.payload.size() > 2 ? base::to_utf8(frame.payload.substr(2)) : "closed by the peer";
      if (!close_sent_) {
        close_sent_ = true;
        co_await send_control(Opcode::close, frame.payload.substr(0, 2));
      }
      transport_->shutdown_send();
      transport_->close();
      co_return base::Result<void>{};
    }
  }
  co_return base::Result<void>{};
}

runtime::Task<> WebSocketStream::close(std::uint16_t code, std::string reason) {
  const auto self = shared_from_this();
  if (close_sent_ || !transport_->open()) co_return;
  close_sent_ = true;
  co_await send_control(Opcode::close, close_payload(code, reason));
  transport_->shutdown_send();
  if (close_code_ == 0) close_code_ = code;
  // The peer answers with its own close; a peer that does not is cut off when it has been silent for too long, or here.
  if (timer_) loop_.cancel(*timer_);
  timer_ = loop_.schedule_at(loop_.clock().now() + std::chrono::seconds(1), [this] {
    timer_.reset();
    transport_->close();
  });
}

}  // namespace telltale::net
