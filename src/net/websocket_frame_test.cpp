#include "net/websocket_frame.hpp"

#include <gtest/gtest.h>

namespace telltale::net {
namespace {

using namespace std::string_literals;

std::string client_frame(unsigned first, std::string_view payload) {
  std::string out;
  append_masked_frame(out, Opcode::text, payload, 0x12345678);
  out[0] = static_cast<char>(first);
  return out;
}

std::string server_frame(unsigned first, std::string_view payload) {
  std::string out;
  append_frame_head(out, Opcode::text, payload.size());
  out[0] = static_cast<char>(first);
  return out.append(payload);
}

// Text of all that came, and the close code of the error, when there was one.
struct Outcome {
  std::string seen;
  int code = 0;
};

Outcome parse(WebSocketParser parser, std::string_view bytes, std::size_t step) {
  Outcome out;
  while (!bytes.empty()) {
    std::vector<WebSocketFrame> frames;
    const auto error = parser.feed(bytes.substr(0, step), frames);
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (const auto& frame : frames)
      out.seen += std::to_string(static_cast<int>(frame.opcode)) + ":" + frame.payload + ";";
    if (error) {
      out.code = error->close_code;
      break;
    }
  }
  return out;
}

TEST(WebSocketParser, Table) {
  struct Row {
    const char* name;
    std::string bytes;
    std::string seen;
    int code;
  };
  const std::string long_text(200, 'x');
  for (const auto& row : std::vector<Row>{
           {"text", client_frame(0x81, "hello"), "1:hello;", 0},
           {"empty", client_frame(0x81, ""), "1:;", 0},
           {"binary", client_frame(0x82, "\xff\0"s), "2:\xff\0;"s, 0},
           {"two", client_frame(0x81, "a") + client_frame(0x81, "b"), "1:a;1:b;", 0},
           {"16 bit length", client_frame(0x81, long_text), "1:" + long_text + ";", 0},
           {"fragments around a ping",
            client_frame(0x01, "a") + client_frame(0x89, "p") + client_frame(0x00, "b") +
                client_frame(0x80, "c"),
            "9:p;1:abc;", 0},
           {"a character over two fragments",
            client_frame(0x01, "\xc3") + client_frame(0x80, "\xa4"), "1:\xc3\xa4;", 0},
           {"close", client_frame(0x88, "\x03\xe8 ok"), "8:\x03\xe8 ok;", 0},
           {"close without a code", client_frame(0x88, ""), "8:;", 0},
           {"not masked", server_frame(0x81, "a"), "", 1002},
           {"bad utf-8", client_frame(0x81, "\xff"), "", 1007},
           {"bad utf-8 over fragments", client_frame(0x01, "\xc3") + client_frame(0x80, "x"), "",
            1007},
           {"reserved bit", client_frame(0xc1, "a"), "", 1002},
           {"unknown opcode", client_frame(0x83, "a"), "", 1002},
           {"unknown control opcode", client_frame(0x8b, "a"), "", 1002},
           {"fragmented ping", client_frame(0x09, "a"), "", 1002},
           {"long ping", client_frame(0x89, long_text), "", 1002},
           {"continuation of nothing", client_frame(0x80, "a"), "", 1002},
           {"new message within fragments", client_frame(0x01, "a") + client_frame(0x81, "b"), "",
            1002},
           {"over the limit", client_frame(0x81, std::string(1001, 'x')), "", 1009},
           {"over the limit in fragments",
            client_frame(0x01, std::string(600, 'x')) + client_frame(0x80, std::string(600, 'x')),
            "", 1009},
           {"64 bit length", "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"s, "", 1009},
           {"close of one byte", client_frame(0x88, "\x03"), "", 1002},
           {"close code 1005", client_frame(0x88, "\x03\xed"), "", 1002},
           {"close reason bad utf-8", client_frame(0x88, "\x03\xe8\xff"), "", 1007}}) {
    for (std::size_t step = 1; step <= row.bytes.size(); step += step < 20 ? 1 : 97) {
      const auto out = parse(WebSocketParser(true, 1000), row.bytes, step);
      EXPECT_EQ(out.seen, row.seen) << row.name << " by " << step;
      EXPECT_EQ(out.code, row.code) << row.name << " by " << step;
    }
  }
}

TEST(WebSocketParser, ClientTakesUnmaskedOnly) {
  const std::string big(70'000, 'y');
  EXPECT_EQ(parse(WebSocketParser(false, 100'000), server_frame(0x81, big), 4096).seen,
            "1:" + big + ";");
  EXPECT_EQ(parse(WebSocketParser(false, 100'000), client_frame(0x81, "a"), 100).code, 1002);
}

TEST(WebSocketFrames, AcceptKeyAndClosePayload) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 section 1.3
  std::string reason;
  for (int i = 0; i < 100; ++i) reason += "ä";
  EXPECT_EQ(close_payload(1001, reason).size(), 2U + 122U);
}

}  // namespace
}  // namespace telltale::net
