// The WebSocket over a Transport, for both roles. Made by the HTTP server after an upgrade and by connect_websocket.
#pragma once

#include <deque>

#include "net/transport.hpp"
#include "net/websocket.hpp"
#include "net/websocket_frame.hpp"

namespace telltale::net {

class WebSocketStream final : public WebSocket, public std::enable_shared_from_this<WebSocketStream> {
 public:
  WebSocketStream(runtime::Loop& loop, std::unique_ptr<Transport> transport, bool is_server, WebSocketSettings settings,
                  std::string already_read);
  ~WebSocketStream() override;

  runtime::TaskResult<std::string> read() override;
  runtime::TaskResult<bool> write(std::vector<Text> messages) override;
  runtime::Task<> close(std::uint16_t code, std::string reason) override;
  std::uint16_t close_code() const override { return close_code_; }
  const std::string& remote_address() const override { return transport_->remote_address(); }
  void abort() noexcept { transport_->close(); }

 private:
  runtime::Task<base::Result<void>> take(std::vector<WebSocketFrame> frames);
  runtime::TaskResult<std::size_t> send_control(Opcode opcode, std::string payload);
  runtime::TaskResult<std::size_t> send(std::vector<std::string> heads, std::vector<Text> payloads);
  void arm_keep_alive();
  void on_quiet();

  runtime::Loop& loop_;
  std::unique_ptr<Transport> transport_;
  bool is_server_;
  WebSocketSettings settings_;
  WebSocketParser parser_;
  std::string already_read_;
  std::deque<std::string> messages_;
  std::deque<std::string> control_;  // control frames that wait for the writer
  bool writing_ = false;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
  bool close_sent_ = false;
  base::SteadyTime last_heard_;
  std::optional<runtime::Loop::TimerKey> timer_;
};

}  // namespace telltale::net
