// An answer to an offer of ours: whatever it says, the plan that comes of it stays within what was
// offered. The input is an answer's text; the offer is always the one the seeds were written to.
#include <algorithm>

#include "fuzz.hpp"
#include "rtc/codec.hpp"
#include "rtc/peer/negotiation.hpp"
#include "rtc/rtp/extensions.hpp"
#include "rtc/sdp/answer.hpp"
#include "rtc/sdp/choose.hpp"
#include "rtc/sdp/offer.hpp"

using namespace telltale;
using namespace telltale::rtc;

namespace {

sdp::Description our_offer() {
  using enum sdp::Kind;
  using enum sdp::Direction;
  return sdp::offer({
      .ice = {.ufrag = "usus", .password = "0123456789012345678901"},
      .fingerprint = {.value = "AA"},
      .ice_lite = true,
      .media = {{.kind = video,
                 .direction = send_only,
                 .codecs = {"H264", "VP8"},
                 .source = {.ssrc = 2, .rtx_ssrc = 3}},
                {.kind = audio, .direction = send_only, .codecs = {"opus"}, .source = {.ssrc = 1}}},
      .extensions = {std::string(rtp::kTransportSequenceUri), std::string(rtp::kMidUri)},
      .data = true,
  });
}

void look(const sdp::Description& offer, const sdp::Stream& stream) {
  fuzz::require(stream.index < offer.media.size(), "a line that was offered");
  const auto& ours = offer.media[stream.index];
  fuzz::require(stream.kind == ours.kind && stream.mid == ours.mid, "the line it answers");
  fuzz::require(!stream.we_receive, "we offered to send only");
  const auto* codec = ours.codec(stream.codec.payload_type);
  fuzz::require(codec != nullptr && sdp::same_codec(*codec, stream.codec), "a codec offered");
  if (stream.rtx_payload_type) {
    const auto* rtx = ours.codec(*stream.rtx_payload_type);
    fuzz::require(rtx != nullptr && rtx->is("rtx"), "a retransmission offered");
  }
  for (const auto& extension : stream.extensions)
    fuzz::require(extension.id > 0 &&
                      std::ranges::count(ours.extensions, extension.uri, &sdp::Extension::uri) == 1,
                  "an extension offered");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kOffer = our_offer();
  const auto answer = sdp::Description::parse(fuzz::text_of(data, size));
  if (!answer) return 0;
  const auto plan = sdp::read_answer(kOffer, *answer);
  if (!plan) {
    fuzz::require(!plan.error().detail.empty(), "a refusal says why");
    return 0;
  }
  fuzz::require(plan->remote_ice.valid() && !plan->remote_fingerprints.empty(), "ICE and DTLS");
  fuzz::require(!plan->remote_lite, "somebody looks for a path");
  fuzz::require(plan->streams.size() <= 2, "no more than offered");
  for (const auto& stream : plan->streams) {
    look(kOffer, stream);
    static_cast<void>(codec_of(stream.codec));
  }
  const auto settings = session_settings(*plan, {.ssrc = 1}, {.ssrc = 2, .rtx_ssrc = 3});
  static_cast<void>(settings);
  return 0;
}
