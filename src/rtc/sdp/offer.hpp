// An offer of ours (RFC 9429 section 5.2): to a client that asked for one, for WHEP pull, WHIP
// push, `simulate` and tests. One transport, everything bundled, DTLS role left to the answerer.
#pragma once

#include <string>
#include <vector>

#include "rtc/sdp/answer.hpp"

namespace telltale::rtc::sdp {

struct OfferedMedia {
  Kind kind = Kind::video;
  Direction direction = Direction::receive_only;
  std::vector<std::string> codecs = {};  // "H264", "VP8", "opus", in our order
  LocalSource source = {};
};

struct OfferSettings {
  ice::Credentials ice;
  Fingerprint fingerprint;
  bool ice_lite = false;
  bool trickle = false;
  std::vector<ice::Candidate> candidates = {};
  std::uint64_t session_id = 1;
  std::vector<OfferedMedia> media = {};
  std::vector<std::string> extensions = {};  // URIs; ids are given in this order from 1
  bool data = false;
  std::uint16_t sctp_port = 5000;
  std::uint64_t max_message_size = 256UL * 1024;
  std::string cname = "telltale";
};

Description offer(const OfferSettings& settings);

}  // namespace telltale::rtc::sdp
