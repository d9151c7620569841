// WebSocket framing (RFC 6455 section 5) without I/O: bytes in, messages and control frames out; and the other way round.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::net {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct WebSocketFrame {
  Opcode opcode = Opcode::text;
  std::string payload;  // a whole message for text and binary: fragments are joined
};

struct FrameError {
  std::uint16_t close_code = 1002;
  std::string reason;
};

class WebSocketParser {
 public:
  // A server takes masked frames only, a client unmasked ones only.
  WebSocketParser(bool is_server, std::size_t message_limit) : is_server_(is_server), limit_(message_limit) {}

  // Messages completed by these bytes; stops at the first error, which ends the connection.
  std::optional<FrameError> feed(std::string_view bytes, std::vector<WebSocketFrame>& out);

 private:
  std::optional<FrameError> take_frame(std::vector<WebSocketFrame>& out, bool& more);
  std::optional<FrameError> finish_frame(bool fin, Opcode opcode, std::string payload, std::vector<WebSocketFrame>& out);

  bool is_server_;
  std::size_t limit_;
  std::string buffer_;
  std::string message_;
  std::optional<Opcode> fragmented_;
};

// The head of an unmasked frame (server to client); the payload follows as it is.
std::string frame_head(Opcode opcode, std::size_t payload_size);
// A whole masked frame (client to server).
std::string masked_frame(Opcode opcode, std::string_view payload, std::uint32_t mask);
std::string close_payload(std::uint16_t code, std::string_view reason);
// Sec-WebSocket-Accept (section 4.2.2).
std::string accept_key(std::string_view key);

}  // namespace telltale::net
