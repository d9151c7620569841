// SDP: what parses is written and parses again to the same, as lines, as a description and as the
// answer to it; trickle fragments likewise.
#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "rtc/sdp/answer.hpp"
#include "rtc/sdp/fragment.hpp"

using namespace telltale;
using namespace telltale::rtc;

namespace {

// Feedback for all payload types multiplies: what we write may pass the limits of what we read.
bool within_limits(const std::string& text) {
  return text.size() <= 65'536 && std::ranges::count(text, '\n') <= 2000;
}

void read_fragment(std::string_view text) {
  const auto fragment = sdp::Fragment::parse(text);
  if (!fragment) return;
  const auto written = fragment->text();
  if (written.size() > 16'384) return;
  const auto again = sdp::Fragment::parse(written);
  fuzz::require(again && again->text() == written, "a fragment there and back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  read_fragment(text);
  const auto document = sdp::Document::parse(text);
  if (!document) return 0;
  const auto written = document->text();
  if (!within_limits(written)) return 0;
  const auto again = sdp::Document::parse(written);
  fuzz::require(again && again->text() == written, "lines there and back");

  const auto offer = sdp::Description::read(*document);
  if (!offer) return 0;
  const auto described = offer->text();
  if (within_limits(described)) {
    const auto understood = sdp::Description::parse(described);
    fuzz::require(understood && understood->text() == described, "a description there and back");
  }
  sdp::AnswerSettings settings{
      .ice = {.ufrag = "usus", .password = "0123456789012345678901"},
      .fingerprint = {.value = "AA"},
      .receives = true,
      .audio = {.ssrc = 1},
      .video = {.ssrc = 2, .rtx_ssrc = 3},
  };
  const auto answered = sdp::answer(*offer, settings);
  if (!answered) return 0;
  fuzz::require(answered->description.media.size() == offer->media.size(), "as many media");
  fuzz::require(answered->plan.remote_ice.valid(), "ICE of the peer");
  const auto answer_text = answered->description.text();
  if (within_limits(answer_text)) {
    const auto back = sdp::Description::parse(answer_text);
    fuzz::require(back && back->text() == answer_text, "an answer there and back");
    static_cast<void>(sdp::read_answer(*offer, *back));
  }
  return 0;
}
