// WebSocket frames in both roles: the same messages however the bytes are cut, never over the
// limit, and what a client writes a server reads.
#include "base/encoding.hpp"
#include "fuzz.hpp"
#include "net/websocket_frame.hpp"

using namespace telltale;

namespace {

constexpr std::size_t kLimit = 8192;

struct Outcome {
  std::vector<net::WebSocketFrame> frames;
  std::uint16_t code = 0;
};

Outcome read(std::string_view text, bool is_server, bool cut) {
  net::WebSocketParser parser(is_server, kLimit);
  Outcome out;
  const auto feed = [&](std::string_view piece) {
    if (const auto error = parser.feed(piece, out.frames)) out.code = error->close_code;
    return out.code == 0;
  };
  if (cut)
    fuzz::in_pieces(text, feed);
  else
    feed(text);
  for (const auto& frame : out.frames) {
    fuzz::require(frame.payload.size() <= kLimit, "a message is bounded");
    if (frame.opcode == net::Opcode::text)
      fuzz::require(base::is_utf8(frame.payload), "text is UTF-8");
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  for (const bool is_server : {true, false}) {
    const auto whole = read(text, is_server, false);
    const auto cut = read(text, is_server, true);
    fuzz::require(whole.code == cut.code, "the same end");
    fuzz::require(whole.frames.size() == cut.frames.size(), "as many messages");
    for (std::size_t i = 0; i < whole.frames.size(); ++i)
      fuzz::require(whole.frames[i].payload == cut.frames[i].payload, "the same messages");
  }
  if (size <= kLimit) {
    std::string written;
    net::append_masked_frame(written, net::Opcode::binary, text, 0x1234abcd);
    const auto back = read(written, true, true);
    fuzz::require(back.frames.size() == 1 && back.frames[0].payload == text, "there and back");
  }
  return 0;
}
