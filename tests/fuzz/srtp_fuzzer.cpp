// SRTP unprotect: what our peer did not send is not taken, and leaves no trace. The first byte
// chooses the profile, the second where the rest is put into a good packet.
#include <vector>

#include "fuzz.hpp"
#include "rtc/srtp/receiver.hpp"
#include "rtc/srtp/sender.hpp"

using namespace telltale;
using namespace telltale::rtc;

namespace {

constexpr std::size_t kRtpSize = 60;
constexpr std::size_t kRtcpSize = 28;

srtp::Profile profile_of(std::uint8_t byte) {
  switch (byte % 3) {
    case 0:
      return srtp::Profile::aes128_cm_hmac_sha1_80;
    case 1:
      return srtp::Profile::aead_aes_128_gcm;
    default:
      return srtp::Profile::aead_aes_256_gcm;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto profile = profile_of(data[0]);
  const std::vector<std::uint8_t> key(srtp::key_size(profile), 7);
  const std::vector<std::uint8_t> salt(srtp::salt_size(profile), 9);
  auto sender = srtp::Sender::open(profile, key, salt).value();
  auto receiver = srtp::Receiver::open(profile, key, salt).value();

  std::vector<std::uint8_t> rtp(kRtpSize + srtp::kMaxRtpGrowth);
  rtp[0] = 0x80;
  rtp[1] = 96;
  rtp.resize(sender.protect_rtp(rtp, kRtpSize).value());
  std::vector<std::uint8_t> rtcp(kRtcpSize + srtp::kMaxRtcpGrowth);
  rtcp[0] = 0x80;
  rtcp[1] = 200;
  rtcp.resize(sender.protect_rtcp(rtcp, kRtcpSize).value());

  const Bytes input(data + 2, size - 2);
  const auto attack = [&](std::vector<std::uint8_t> packet) {
    auto copy = packet;
    if (packet != rtp) fuzz::require(!receiver.unprotect_rtp(copy), "forged RTP is taken");
    copy = packet;
    if (packet != rtcp) fuzz::require(!receiver.unprotect_rtcp(copy), "forged RTCP is taken");
  };
  attack({input.begin(), input.end()});
  for (const auto* good : {&rtp, &rtcp}) {
    const auto at = static_cast<std::ptrdiff_t>(data[1] % good->size());
    auto packet = *good;  // overwritten
    for (std::size_t i = 0; i < input.size() && static_cast<std::size_t>(at) + i < packet.size();
         ++i)
      packet[static_cast<std::size_t>(at) + i] ^= input[i];
    attack(packet);
    packet = *good;  // inserted
    packet.insert(packet.begin() + at, input.begin(), input.end());
    attack(packet);
    packet.assign(good->begin(), good->begin() + at);  // cut
    attack(packet);
  }
  fuzz::require(receiver.unprotect_rtp(rtp) == kRtpSize, "the good RTP is still taken");
  fuzz::require(receiver.unprotect_rtcp(rtcp) == kRtcpSize, "the good RTCP is still taken");
  return 0;
}
