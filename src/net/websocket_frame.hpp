// WebSocket framing (RFC 6455 section 5) without I/O: bytes in, messages and control frames out;
// and the other way round.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::net {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

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
  WebSocketParser(bool is_server, std::size_t message_limit)
      : message_limit_(message_limit), is_server_(is_server) {}

  // Appends what these bytes complete; stops at the first error, which ends the connection.
  std::optional<FrameError> feed(std::string_view bytes, std::vector<WebSocketFrame>& out);

 private:
  std::optional<FrameError> read_head(std::string_view& bytes);
  std::optional<FrameError> begin_frame();
  void read_payload(std::string_view& bytes);
  std::optional<FrameError> end_frame(std::vector<WebSocketFrame>& out);
  bool is_control() const noexcept { return (head_[0] & 8U) != 0; }

  std::size_t message_limit_;
  std::uint64_t left_ = 0;  // of the payload under way
  std::string message_;     // data so far, over fragments
  std::string control_;     // a control frame may come between fragments
  std::uint8_t head_[14] = {};
  std::uint8_t head_size_ = 0;  // read so far
  std::uint8_t mask_at_ = 0;    // position in the mask
  bool in_payload_ = false;
  bool is_server_;
  std::optional<Opcode> fragmented_;
};

// Appends the head of an unmasked frame (server to client); the payload follows as it is.
void append_frame_head(std::string& out, Opcode opcode, std::size_t payload_size);
// Appends a whole masked frame (client to server).
void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload,
                         std::uint32_t mask);
std::string close_payload(std::uint16_t code, std::string_view reason);
// Sec-WebSocket-Accept (section 4.2.2).
std::string accept_key(std::string_view key);

}  // namespace telltale::net
