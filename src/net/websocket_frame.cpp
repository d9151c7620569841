#include "net/websocket_frame.hpp"

#include <openssl/sha.h>

#include "base/encoding.hpp"

namespace telltale::net {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

std::uint64_t big_endian(std::string_view text, std::size_t at, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < count; ++i) out = (out << 8U) | byte_at(text, at + i);
  return out;
}

void append_length(std::string& out, std::size_t size, std::uint8_t mask_bit) {
  const auto put = [&](std::uint8_t code, unsigned bytes) {
    out += static_cast<char>(code | mask_bit);
    for (unsigned i = bytes; i > 0; --i) out += static_cast<char>((static_cast<std::uint64_t>(size) >> (8 * (i - 1))) & 255U);
  };
  if (size < 126)
    out += static_cast<char>(static_cast<std::uint8_t>(size) | mask_bit);
  else if (size < 65536)
    put(126, 2);
  else
    put(127, 8);
}

bool known(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong: return true;
  }
  return false;
}

}  // namespace

std::optional<FrameError> WebSocketParser::feed(std::string_view bytes, std::vector<WebSocketFrame>& out) {
  buffer_.append(bytes);
  for (bool more = true; more;) {
    more = false;
    if (auto error = take_frame(out, more)) return error;
  }
  if (buffer_.empty()) buffer_.shrink_to_fit();  // an idle socket keeps nothing
  return std::nullopt;
}

std::optional<FrameError> WebSocketParser::take_frame(std::vector<WebSocketFrame>& out, bool& more) {
  if (buffer_.size() < 2) return std::nullopt;
  const auto first = byte_at(buffer_, 0);
  const auto second = byte_at(buffer_, 1);
  const auto opcode = static_cast<Opcode>(first & 15U);
  const bool fin = (first & 128U) != 0;
  const bool masked = (second & 128U) != 0;
  const bool control = (first & 8U) != 0;
  if ((first & 0x70U) != 0) return FrameError{1002, "reserved bits are set"};
  if (!known(opcode)) return FrameError{1002, "unknown opcode"};
  if (masked != is_server_) return FrameError{1002, is_server_ ? "a client must mask" : "a server must not mask"};

  std::uint64_t length = second & 127U;
  if (control && (!fin || length > 125)) return FrameError{1002, "a control frame is fragmented or too long"};
  std::size_t head = 2;
  if (length >= 126) {
    const std::size_t extra = length == 126 ? 2 : 8;
    if (buffer_.size() < head + extra) return std::nullopt;
    length = big_endian(buffer_, head, extra);
    head += extra;
  }
  if (length > limit_ || (!control && message_.size() + length > limit_))
    return FrameError{1009, "a message is over the limit"};
  const std::size_t mask_at = head;
  if (masked) head += 4;
  if (buffer_.size() < head + length) return std::nullopt;

  std::string payload = buffer_.substr(head, static_cast<std::size_t>(length));
  if (masked)
    for (std::size_t i = 0; i < payload.size(); ++i)
      payload[i] = static_cast<char>(byte_at(payload, i) ^ byte_at(buffer_, mask_at + i % 4));
  buffer_.erase(0, head + static_cast<std::size_t>(length));
  more = true;
  return finish_frame(fin, opcode, std::move(payload), out);
}

std::optional<FrameError> WebSocketParser::finish_frame(bool fin, Opcode opcode, std::string payload,
                                                        std::vector<WebSocketFrame>& out) {
  if (opcode == Opcode::close || opcode == Opcode::ping || opcode == Opcode::pong) {
    if (opcode == Opcode::close && payload.size() == 1) return FrameError{1002, "a close frame of one byte"};
    out.push_back({opcode, std::move(payload)});
    return std::nullopt;
  }
  if ((opcode == Opcode::continuation) != fragmented_.has_value())
    return FrameError{1002, "fragments out of order"};
  if (opcode != Opcode::continuation) fragmented_ = opcode;
  message_ += payload;
  if (!fin) return std::nullopt;
  if (*fragmented_ == Opcode::text && !base::is_utf8(message_)) return FrameError{1007, "a text message is not UTF-8"};
  out.push_back({*fragmented_, std::exchange(message_, {})});
  fragmented_.reset();
  return std::nullopt;
}

std::string frame_head(Opcode opcode, std::size_t payload_size) {
  std::string out;
  out += static_cast<char>(128U | static_cast<std::uint8_t>(opcode));
  append_length(out, payload_size, 0);
  return out;
}

std::string masked_frame(Opcode opcode, std::string_view payload, std::uint32_t mask) {
  std::string out;
  out += static_cast<char>(128U | static_cast<std::uint8_t>(opcode));
  append_length(out, payload.size(), 128);
  const auto mask_at = out.size();
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((mask >> shift) & 255U);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(byte_at(payload, i) ^ byte_at(out, mask_at + i % 4));
  return out;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string out{static_cast<char>(code >> 8U), static_cast<char>(code & 255U)};
  return out.append(reason.substr(0, 120));
}

std::string accept_key(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base::base64_encode({reinterpret_cast<const char*>(digest), sizeof digest});
}

}  // namespace telltale::net
