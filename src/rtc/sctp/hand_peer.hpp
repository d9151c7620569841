// For the tests of sctp: a peer by hand. It knows what there is to know about an association of
// ours, sends it one packet at a time and reads everything that comes back.
#pragma once

#include <gtest/gtest.h>

#include "rtc/sctp/testing.hpp"

namespace telltale::rtc::sctp::testing {

using State = Association::State;

struct Answer {
  CommonHeader header;
  std::vector<std::pair<Chunk, std::vector<std::uint8_t>>> chunks;  // the value's own memory
};

// The peer by hand: it knows what there is to know about an association of ours.
class HandPeer : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kTag = 0x7777'7777;
  static constexpr std::uint32_t kTsn = 1'000;

  std::vector<std::uint8_t> packet(std::uint32_t tag, ChunkType type, std::uint8_t flags,
                                   Bytes value) {
    std::vector<std::uint8_t> out(2'000);
    PacketWriter writer(out, {.source_port = 5000, .destination_port = 5000, .tag = tag});
    EXPECT_TRUE(writer.add(type, flags, value));
    out.resize(writer.finish());
    return out;
  }
  // Sends it and takes everything that comes at once.
  std::vector<Answer> put(const std::vector<std::uint8_t>& bytes) {
    ours_.association.on_packet(bytes, now_);
    return poll();
  }
  std::vector<Answer> put(ChunkType type, std::uint8_t flags,
                          const std::vector<std::uint8_t>& value) {
    return put(packet(tag_, type, flags, value));
  }
  std::vector<Answer> poll() {
    std::vector<Answer> answers;
    while (const auto size = ours_.association.poll(now_, out_)) {
      const auto bytes = Bytes(out_).first(size);
      Answer answer = {.header = *read_common_header(bytes), .chunks = {}};
      ChunkReader reader(bytes.subspan(kCommonHeader));
      while (const auto chunk = reader.next())
        answer.chunks.emplace_back(
            *chunk, std::vector<std::uint8_t>(chunk->value.begin(), chunk->value.end()));
      EXPECT_FALSE(reader.broken());
      answers.push_back(std::move(answer));
    }
    return answers;
  }
  static std::vector<int> types(const std::vector<Answer>& answers) {
    std::vector<int> all;
    for (const auto& answer : answers)
      for (const auto& [chunk, value] : answer.chunks) all.push_back(chunk.type);
    return all;
  }
  // Cause of the first ABORT or ERROR in the answers; -1: none.
  static int cause(const std::vector<Answer>& answers, ChunkType type = ChunkType::abort) {
    for (const auto& answer : answers)
      for (const auto& [chunk, value] : answer.chunks)
        if (chunk.is(type)) return value.size() < 2 ? 0 : load_u16(value, 0);
    return -1;
  }
  static std::vector<std::uint8_t> init(std::uint32_t tag = kTag, std::uint16_t streams = 100,
                                        std::uint32_t window = 100'000, bool partial = true) {
    return write_init({.tag = tag,
                       .window = window,
                       .outgoing_streams = streams,
                       .incoming_streams = streams,
                       .initial_tsn = kTsn,
                       .capabilities = {.forward_tsn = partial, .re_config = true}});
  }
  Init init_ack(const std::vector<Answer>& answers) {
    EXPECT_EQ(types(answers), std::vector<int>{2});
    return answers.empty() ? Init{} : *read_init(answers[0].chunks[0].second);
  }
  void open(std::uint32_t window = 100'000, bool partial = true) {
    const auto answer =
        init_ack(put(packet(0, ChunkType::init, 0, init(kTag, 100, window, partial))));
    tag_ = answer.tag;
    cookie_ = answer.cookie;
    our_tsn_ = answer.initial_tsn;
    EXPECT_EQ(ours_.association.state(), State::idle) << "nothing is kept";
    EXPECT_EQ(types(put(ChunkType::cookie_echo, 0, cookie_)), std::vector<int>{11});
    ASSERT_EQ(ours_.association.state(), State::established);
  }
  static std::vector<std::uint8_t> data(std::uint32_t tsn, std::uint16_t stream, std::uint16_t ssn,
                                        std::string_view text) {
    std::vector<std::uint8_t> value(12 + text.size());
    Writer writer(value);
    writer.u32(tsn);
    writer.u16(stream);
    writer.u16(ssn);
    writer.u32(51);
    writer.bytes(as_bytes(text));
    return value;
  }
  static std::vector<std::uint8_t> words(std::initializer_list<std::uint32_t> list) {
    std::vector<std::uint8_t> value(4 * list.size());
    Writer writer(value);
    for (const auto word : list) writer.u32(word);
    return value;
  }
  void expect_alive() {
    ASSERT_EQ(ours_.association.state(), State::established);
    EXPECT_EQ(ours_.closed, 0);
  }

  Recorder ours_;
  base::SteadyTime now_{1h};
  std::uint32_t tag_ = 0;
  std::uint32_t our_tsn_ = 0;
  std::vector<std::uint8_t> cookie_;
  std::vector<std::uint8_t> out_ = std::vector<std::uint8_t>(1'500);
};

}  // namespace telltale::rtc::sctp::testing
