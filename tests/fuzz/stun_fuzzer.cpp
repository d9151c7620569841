// STUN and ICE: whatever comes, an answer is never larger than its question, nobody without the
// password becomes a verified peer, and what we write parses.
#include <array>

#include "fuzz.hpp"
#include "rtc/ice/agent.hpp"
#include "rtc/ice/lite_agent.hpp"

using namespace telltale;
using namespace telltale::rtc;

namespace {

constexpr base::SteadyTime kNow{std::chrono::hours(1)};
const ice::Path kFrom{.remote = {.port = 5000, .ip = {192, 0, 2, 1}}};

void touch(const stun::Message& message) {
  static_cast<void>(message.username());
  static_cast<void>(message.priority());
  static_cast<void>(message.controlling());
  static_cast<void>(message.controlled());
  static_cast<void>(message.error());
  static_cast<void>(message.use_candidate());
  fuzz::require(message.unknown().size() == 2 * message.unknown_count(), "unknown attributes");
  const auto address = message.mapped_address();
  if (!address) return;
  std::array<std::uint8_t, 64> out = {};
  stun::MessageWriter writer(out, stun::Class::success, message.transaction());
  writer.mapped_address(*address);
  const auto again = stun::Message::parse(Bytes(out).first(writer.size()));
  fuzz::require(again && again->mapped_address() == address, "an address there and back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  const ice::Credentials local{.ufrag = "usus", .password = "0123456789012345678901"};
  if (const auto message = stun::Message::parse(input)) touch(*message);

  std::array<std::uint8_t, 512> out = {};
  ice::LiteAgent lite({}, local, kNow);
  const auto answered = lite.on_packet(input, kFrom, kNow, out);
  fuzz::require(answered <= size, "an answer larger than its question");
  if (answered > 0)
    fuzz::require(stun::Message::parse(Bytes(out).first(answered)).has_value(), "ours parses");
  const auto message = stun::Message::parse(input);
  const bool authentic = message && message->authentic(local.password);
  fuzz::require(authentic || !lite.verified(kFrom, kNow), "an unsigned check counts");

  ice::Agent full({}, local, {{}}, kNow);
  full.set_remote({.ufrag = "them", .password = "abcdefghijklmnopqrstuv"});
  fuzz::require(full.on_packet(input, kFrom, kNow, out) <= size, "larger than its question");
  while (full.poll(kNow, out)) {
  }
  fuzz::require(authentic || !full.selected(), "selected by nobody");
  static_cast<void>(ice::Candidate::parse(fuzz::text_of(data, size)));
  return 0;
}
