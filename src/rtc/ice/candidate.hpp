// ICE candidates and their lines in SDP (RFC 8839 section 5.1, TCP by RFC 6544 section 4.5). Text
// in and out; `.local` names stay names and are never resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "rtc/stun/address.hpp"

namespace telltale::rtc::ice {

enum class Transport : std::uint8_t { udp, tcp };
enum class CandidateType : std::uint8_t { host, server_reflexive, peer_reflexive, relayed };
enum class TcpType : std::uint8_t { none, active, passive, simultaneous };

struct Candidate {
  std::string foundation = "1";  // 1-32 characters
  std::uint16_t component = 1;
  Transport transport = Transport::udp;
  std::uint32_t priority = 0;
  std::string host = {};  // an address, or a name
  std::uint16_t port = 0;
  CandidateType type = CandidateType::host;
  TcpType tcp_type = TcpType::none;
  std::string related_host = {};  // of reflexive and relayed ones
  std::uint16_t related_port = 0;
  std::string ufrag = {};  // the extension trickle uses (RFC 8838)

  bool operator==(const Candidate&) const = default;
  // nullopt when `host` is a name.
  std::optional<stun::Address> address() const { return stun::Address::parse(host, port); }
  // "candidate:…", as in an a= line or an RTCIceCandidate.
  std::string text() const;
  // With or without "candidate:" (and "a=") before it. Unknown extensions are passed over.
  static base::Result<Candidate> parse(std::string_view text);
};

// RFC 8445 section 5.1.2.1; `local_preference` tells addresses of one kind apart.
constexpr std::uint32_t priority_of(CandidateType type, std::uint16_t local_preference,
                                    std::uint16_t component = 1) noexcept {
  std::uint32_t preference = 0;
  switch (type) {
    case CandidateType::host:
      preference = 126;
      break;
    case CandidateType::peer_reflexive:
      preference = 110;
      break;
    case CandidateType::server_reflexive:
      preference = 100;
      break;
    case CandidateType::relayed:
      break;
  }
  return preference << 24U | std::uint32_t{local_preference} << 8U |
         (256U - std::uint32_t{component});
}

// RFC 8445 section 6.1.2.3.
constexpr std::uint64_t pair_priority(std::uint32_t controlling,
                                      std::uint32_t controlled) noexcept {
  const std::uint64_t low = controlling < controlled ? controlling : controlled;
  const std::uint64_t high = controlling < controlled ? controlled : controlling;
  return (low << 32U) + 2 * high + (controlling > controlled ? 1U : 0U);
}

// A host candidate of ours.
Candidate host_candidate(const stun::Address& address, std::uint16_t local_preference = 65535,
                         TcpType tcp = TcpType::none);

}  // namespace telltale::rtc::ice
