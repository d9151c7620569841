// The WebSocket over a Transport, for both roles: made by the HTTP server after an upgrade and by
// connect_websocket. While it is idle it owns no buffer. Its owner's read() also answers pings and
// closes and finds out that the peer is dead.
#pragma once

#include "net/transport.hpp"
#include "net/websocket.hpp"
#include "net/websocket_frame.hpp"
#include "runtime/sync.hpp"

namespace telltale::net {

class WebSocketConnection final : public WebSocket,
                                  public std::enable_shared_from_this<WebSocketConnection> {
 public:
  enum class Role : bool { server, client };
  WebSocketConnection(std::unique_ptr<Transport> transport, Role role,
                      const WebSocketSettings& settings, std::string greeting,
                      std::string_view already_read);

  runtime::TaskResult<std::string> read() override;
  runtime::TaskResult<bool> write(std::vector<Text> messages) override;
  Sent write_now(const Text& frames) override;
  runtime::Task<> close(std::uint16_t code, std::string reason) override;
  std::uint16_t close_code() const override { return close_code_; }
  const std::string& remote_address() const override { return transport_->remote_address(); }

  // Says goodbye without waiting for the answer: the reader sees it.
  void begin_close(std::uint16_t code, std::string_view reason);
  // Ends at once; readers and writers wake up.
  void abandon(std::uint16_t code, std::string_view reason);
  bool ended() const noexcept { return ended_; }
  // The greeting, when nothing has taken it along.
  void greet() {
    if (!writing_) flush_control();
  }

 private:
  class Writing;
  bool read_now();  // false when there is nothing to read
  void take_in(std::string_view bytes);
  void take_close(std::string_view payload);
  void on_silence();
  base::SteadyTime silence_deadline() const;
  void send_control(Opcode opcode, std::string_view payload);
  void flush_control();
  void end(std::uint16_t code, std::string_view reason);
  runtime::Notifier& changed();
  void notify();
  base::Error closed_error() const;
  base::SteadyTime now() const { return transport_->loop().clock().now(); }

  // First what write_now looks at.
  std::unique_ptr<Transport> transport_;
  bool reading_ = false;
  bool writing_ = false;
  bool close_sent_ = false;
  bool failed_ = false;  // the peer broke the protocol: nothing it sends is looked at any more
  bool ended_ = false;
  Role role_;
  std::uint16_t close_code_ = 0;
  Text rest_;  // of write_now: goes before everything else
  std::size_t rest_at_ = 0;
  // Control frames that wait for the writer, or for a socket that takes bytes; before them the
  // greeting (the answer to the handshake), so that it goes out with the first message.
  std::string control_;
  const WebSocketSettings settings_;
  WebSocketParser parser_;
  std::vector<WebSocketFrame> incoming_;
  std::size_t next_incoming_ = 0;
  std::unique_ptr<runtime::Notifier> changed_;  // made when somebody has to wait
  base::SteadyTime last_heard_;
  std::optional<base::SteadyTime> pinged_at_;    // not answered yet
  std::optional<base::SteadyTime> close_limit_;  // of a close under way
  std::string close_reason_;
  unsigned this_turn_ = 0;
};

}  // namespace telltale::net
