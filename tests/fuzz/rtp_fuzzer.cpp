// RTP and RTCP: every accessor on whatever parses; RTX there and back; a compound is read to its
// end; payloads into frames. The input is also taken as packets, each behind its length.
#include <variant>
#include <vector>

#include "fuzz.hpp"
#include "rtc/rtp/frame_assembler.hpp"
#include "rtc/rtp/h264.hpp"
#include "rtc/rtp/opus.hpp"
#include "rtc/rtp/rtcp_reader.hpp"
#include "rtc/rtp/rtcp_writer.hpp"
#include "rtc/rtp/rtx.hpp"
#include "rtc/rtp/vp8.hpp"

using namespace telltale;
using namespace telltale::rtc;

namespace {

void read_rtp(Bytes input) {
  const auto view = rtp::PacketView::parse(input);
  if (!view) return;
  fuzz::require(rtp::header_size(input).has_value(), "a header has a size");
  for (unsigned id = 0; id < 256; ++id)
    static_cast<void>(view->extension(static_cast<std::uint8_t>(id)));
  std::vector<std::uint8_t> repeated(input.size() + 2);
  const auto size = rtp::wrap_rtx(input, {.ssrc = 1, .payload_type = 97}, 5, repeated);
  fuzz::require(size.has_value(), "RTX of whatever parses");
  repeated.resize(*size);
  const auto back = rtp::unwrap_rtx(
      repeated, {.ssrc = view->header.ssrc, .payload_type = view->header.payload_type});
  fuzz::require(back.has_value(), "RTX has an original");
  const auto again = rtp::PacketView::parse(*back);
  fuzz::require(again && again->header.sequence == view->header.sequence &&
                    std::equal(again->payload.begin(), again->payload.end(), view->payload.begin(),
                               view->payload.end()),
                "RTX there and back");
}

struct Touch {
  void operator()(const rtp::SenderReport& it) const { blocks(it.blocks); }
  void operator()(const rtp::ReceiverReport& it) const { blocks(it.blocks); }
  void operator()(const rtp::Nack& it) const {
    std::size_t count = 0;
    it.for_each([&](std::uint16_t) { ++count; });
    fuzz::require(count >= it.entries.size() / 4, "each entry is a packet at least");
  }
  void operator()(const rtp::Fir& it) const {
    it.for_each([](std::uint32_t, std::uint8_t) {});
  }
  void operator()(const rtp::TransportFeedback& it) const {
    std::size_t count = 0;
    std::vector<std::optional<rtp::ArrivalTime>> arrivals;
    it.for_each([&](std::uint16_t sequence, std::optional<rtp::ArrivalTime> at) {
      fuzz::require(sequence == static_cast<std::uint16_t>(it.base_sequence + count), "in order");
      ++count;
      arrivals.push_back(at);
    });
    fuzz::require(count == it.count, "as many as it says");
    write_again(it, arrivals);
  }
  template <class Other>
  void operator()(const Other&) const {}

 private:
  static void blocks(const rtp::ReportBlocks& blocks) {
    for (std::size_t i = 0; i < blocks.size(); ++i) static_cast<void>(blocks[i]);
  }
  static void write_again(const rtp::TransportFeedback& it,
                          const std::vector<std::optional<rtp::ArrivalTime>>& arrivals) {
    std::vector<std::uint8_t> out(1400);
    rtp::RtcpWriter writer(out);
    const auto taken = writer.transport_feedback(1, 2, it.base_sequence, 0, arrivals);
    if (taken == 0) return;
    rtp::RtcpReader reader(writer.written());
    const auto item = reader.next();
    fuzz::require(item && std::holds_alternative<rtp::TransportFeedback>(*item), "ours parses");
    std::size_t i = 0;
    std::optional<rtp::ArrivalTime> offset;  // the 24 bits of the reference may wrap
    std::get<rtp::TransportFeedback>(*item).for_each(
        [&](std::uint16_t, std::optional<rtp::ArrivalTime> at) {
          fuzz::require(at.has_value() == arrivals[i].has_value(), "the same arrivals");
          if (at && !offset) offset = *arrivals[i] - *at;
          if (at) fuzz::require(*arrivals[i] - *at == *offset, "the same times");
          ++i;
        });
    fuzz::require(i == taken, "as many as it took");
  }
};

void read_rtcp(Bytes input) {
  rtp::RtcpReader reader(input);
  std::size_t items = 0;
  while (const auto item = reader.next()) {
    std::visit(Touch{}, *item);
    fuzz::require(++items <= input.size(), "it ends");
  }
}

void read_payload(Bytes input) {
  rtp::H264Info info;
  std::vector<std::uint8_t> stream;
  const bool good = rtp::inspect_h264(input, info);
  fuzz::require(good || !rtp::depacketize_h264(input, stream), "what does not inspect is refused");
  static_cast<void>(rtp::opus_duration(input));
  if (const auto descriptor = rtp::Vp8Descriptor::parse(input))
    fuzz::require(descriptor->size < input.size(), "a descriptor leaves a payload");
  rtp::Packetized packets;
  if (rtp::packetize_h264(input, 100, packets)) {
    for (std::size_t i = 0; i < packets.size(); ++i) {
      fuzz::require(packets.payload(i).size() <= 100, "a payload is bounded");
      fuzz::require(packets.pieces[i].marker == (i + 1 == packets.size()), "one marker");
    }
  }
}

void assemble(Bytes input, rtp::Codec codec) {
  rtp::FrameAssembler assembler({.codec = codec, .slots = 64, .keeps_payload = true});
  Reader reader(input);
  base::SteadyTime now{};
  std::vector<std::uint8_t> frame;
  while (reader.left() > 0) {
    const auto packet = reader.bytes(std::min<std::size_t>(reader.u8(), reader.left()));
    now += std::chrono::milliseconds(50);
    if (const auto view = rtp::PacketView::parse(packet)) assembler.insert(*view, now);
    while (const auto done = assembler.pop(now)) {
      fuzz::require(done->last >= done->first && done->last - done->first < 64, "a frame's span");
      static_cast<void>(assembler.read(*done, frame));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, std::min<std::size_t>(size, 4096));
  read_rtp(input);
  read_rtcp(input);
  read_payload(input);
  for (const auto codec : {rtp::Codec::h264, rtp::Codec::vp8, rtp::Codec::opus})
    assemble(input, codec);
  return 0;
}
