#include "net/websocket_frame.hpp"

#include <algorithm>
#include <array>

#include <openssl/sha.h>

#include "base/encoding.hpp"

namespace telltale::net {
namespace {

constexpr std::size_t kControlLimit = 125;

// The length's code says how many bytes of length follow (section 5.2).
std::size_t length_bytes(std::uint8_t code) {
  return code == 126 ? 2 : code == 127 ? 8 : 0;
}

void append_length(std::string& out, std::size_t size, std::uint8_t mask_bit) {
  const auto put = [&](std::uint8_t code, unsigned bytes) {
    out += static_cast<char>(code | mask_bit);
    for (unsigned i = bytes; i > 0; --i)
      out += static_cast<char>((static_cast<std::uint64_t>(size) >> (8 * (i - 1))) & 255U);
  };
  if (size < 126)
    out += static_cast<char>(static_cast<std::uint8_t>(size) | mask_bit);
  else if (size < 65536)
    put(126, 2);
  else
    put(127, 8);
}

bool known(std::uint8_t opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

// Section 7.4: codes that may be on the wire.
bool sendable(unsigned code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

std::optional<FrameError> check_close(std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  if (payload.size() == 1) return FrameError{1002, "a close frame of one byte"};
  const auto code = static_cast<unsigned>(static_cast<std::uint8_t>(payload[0])) << 8U |
                    static_cast<std::uint8_t>(payload[1]);
  if (!sendable(code)) return FrameError{1002, "a close code that must not be sent"};
  if (!base::is_utf8(payload.substr(2)))
    return FrameError{1007, "the reason of a close is not UTF-8"};
  return std::nullopt;
}

}  // namespace

std::optional<FrameError> WebSocketParser::feed(std::string_view bytes,
                                                std::vector<WebSocketFrame>& out) {
  while (!bytes.empty() || (in_payload_ && left_ == 0)) {
    if (!in_payload_) {
      if (auto error = read_head(bytes)) return error;
    }
    if (!in_payload_) return std::nullopt;  // the head is not whole yet
    read_payload(bytes);
    if (left_ > 0) return std::nullopt;
    in_payload_ = false;
    head_size_ = 0;
    if (auto error = end_frame(out)) return error;
  }
  return std::nullopt;
}

std::optional<FrameError> WebSocketParser::read_head(std::string_view& bytes) {
  while (!bytes.empty()) {
    head_[head_size_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (head_size_ < 2) continue;
    const bool masked = (head_[1] & 128U) != 0;
    if (masked != is_server_)
      return FrameError{1002, is_server_ ? "a client must mask" : "a server must not mask"};
    if (head_size_ == 2 + length_bytes(head_[1] & 127U) + (masked ? 4U : 0U)) return begin_frame();
  }
  return std::nullopt;
}

std::optional<FrameError> WebSocketParser::begin_frame() {
  const bool fin = (head_[0] & 128U) != 0;
  const auto opcode = static_cast<std::uint8_t>(head_[0] & 15U);
  if ((head_[0] & 0x70U) != 0) return FrameError{1002, "reserved bits are set"};
  if (!known(opcode)) return FrameError{1002, "unknown opcode"};
  left_ = head_[1] & 127U;
  if (const auto extra = length_bytes(static_cast<std::uint8_t>(left_)); extra > 0) {
    left_ = 0;
    for (std::size_t i = 0; i < extra; ++i) left_ = left_ << 8U | head_[2 + i];
  }
  if (is_control()) {
    if (!fin || left_ > kControlLimit)
      return FrameError{1002, "a control frame is fragmented or too long"};
  } else {
    if ((opcode == 0) != fragmented_.has_value()) return FrameError{1002, "fragments out of order"};
    if (left_ > message_limit_ || message_.size() + left_ > message_limit_)
      return FrameError{
          1009, "a message is over the limit of " + std::to_string(message_limit_) + " bytes"};
    if (opcode != 0) fragmented_ = static_cast<Opcode>(opcode);
  }
  mask_at_ = 0;
  in_payload_ = true;
  return std::nullopt;
}

void WebSocketParser::read_payload(std::string_view& bytes) {
  const auto part =
      bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  bytes.remove_prefix(part.size());
  left_ -= part.size();
  auto& target = is_control() ? control_ : message_;
  const auto begin = target.size();
  target.append(part);
  if (!is_server_) return;
  const auto* const mask = head_ + head_size_ - 4;
  std::array<std::uint8_t, 4> turned{};  // from where the last piece ended
  for (std::size_t i = 0; i < 4; ++i) turned[i] = mask[(mask_at_ + i) % 4];
  for (std::size_t i = 0; i < part.size(); ++i)
    target[begin + i] = static_cast<char>(target[begin + i] ^ turned[i % 4]);
  mask_at_ = static_cast<std::uint8_t>((mask_at_ + part.size()) % 4);
}

std::optional<FrameError> WebSocketParser::end_frame(std::vector<WebSocketFrame>& out) {
  if (is_control()) {
    const auto opcode = static_cast<Opcode>(head_[0] & 15U);
    auto payload = std::exchange(control_, {});
    if (opcode == Opcode::close)
      if (auto error = check_close(payload)) return error;
    out.push_back({opcode, std::move(payload)});
    return std::nullopt;
  }
  if ((head_[0] & 128U) == 0) return std::nullopt;
  const auto opcode = *std::exchange(fragmented_, std::nullopt);
  auto message = std::exchange(message_, {});
  if (opcode == Opcode::text && !base::is_utf8(message))
    return FrameError{1007, "a text message is not UTF-8"};
  out.push_back({opcode, std::move(message)});
  return std::nullopt;
}

void append_frame_head(std::string& out, Opcode opcode, std::size_t payload_size) {
  out += static_cast<char>(128U | static_cast<std::uint8_t>(opcode));
  append_length(out, payload_size, 0);
}

void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload,
                         std::uint32_t mask) {
  out += static_cast<char>(128U | static_cast<std::uint8_t>(opcode));
  append_length(out, payload.size(), 128);
  std::array<std::uint8_t, 4> key{};
  for (std::size_t i = 0; i < 4; ++i) {
    key[i] = static_cast<std::uint8_t>(mask >> (8 * i));
    out += static_cast<char>(key[i]);
  }
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ key[i % 4]);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  constexpr std::size_t kReasonLimit = kControlLimit - 2;
  if (reason.size() > kReasonLimit) {
    auto end = kReasonLimit;
    while (end > 0 && (static_cast<std::uint8_t>(reason[end]) & 0xC0U) == 0x80U)
      --end;  // not inside a character
    reason = reason.substr(0, end);
  }
  std::string out{static_cast<char>(code >> 8U), static_cast<char>(code & 255U)};
  return out.append(reason);
}

std::string accept_key(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base::base64_encode({reinterpret_cast<const char*>(digest), sizeof digest});
}

}  // namespace telltale::net
