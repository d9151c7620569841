// The answer to an offer (RFC 9429 section 5.3, RFC 3264) for what we do: one transport (BUNDLE,
// rtcp-mux), one codec a media line with its RTX, data channels. Payload types and extension ids
// are the offerer's. Pure: text in, text and a plan out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rtc/sdp/description.hpp"

namespace telltale::rtc::sdp {

// What one media line came to: how packets of it look on the wire.
struct Stream {
  std::size_t index = 0;  // of the m= line
  std::string mid;
  Kind kind = Kind::video;
  bool we_send = false;
  bool we_receive = false;
  Codec codec;
  std::optional<std::uint8_t> rtx_payload_type;
  std::vector<Extension> extensions;  // ids of this connection
  std::vector<Rid> rids;              // of what they send
  bool transport_cc = false;
  bool remb = false;
  bool nack = false;
  bool pli = false;
  bool fir = false;

  std::uint8_t extension_id(std::string_view uri) const noexcept;  // 0: not negotiated
};

struct Plan {
  std::vector<Stream> streams;
  bool data = false;
  std::uint16_t sctp_port = 0;  // theirs
  std::uint64_t max_message_size =
      std::uint64_t{64} * 1024;  // of what they take (RFC 8841 section 6.1)
  ice::Credentials remote_ice;
  std::vector<Fingerprint> remote_fingerprints;
  std::vector<ice::Candidate> remote_candidates;
  bool remote_lite = false;
  bool remote_complete = false;  // end of candidates
  bool we_are_dtls_client = false;
};

struct LocalSource {
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;  // 0: none
};

struct AnswerSettings {
  ice::Credentials ice;
  Fingerprint fingerprint;
  bool ice_lite = true;
  bool trickle = false;
  bool prefers_dtls_client = false;  // what actpass is answered with
  std::vector<ice::Candidate> candidates = {};
  std::uint64_t session_id = 1;
  bool sends = true;  // what we offer to do, each within the offer's direction
  bool receives = false;
  std::vector<std::string> video_codecs = {"H264", "VP8"};  // in our order
  std::vector<std::string> audio_codecs = {"opus"};
  std::vector<std::string> extensions = {};  // URIs we take
  bool data = true;
  std::uint16_t sctp_port = 5000;
  std::uint64_t max_message_size = std::uint64_t{256} * 1024;
  LocalSource audio = {};
  LocalSource video = {};
  std::string cname = "telltale";
  std::string stream_id = "telltale";
};

struct Answer {
  Description description;
  Plan plan;
};

// Errors: invalid_argument (no ICE, no fingerprint, no setup we can answer), unsupported when no
// media line has a codec in common: it names both sides' codecs.
base::Result<Answer> answer(const Description& offer, const AnswerSettings& settings);

// What the answer to our own offer comes to (RFC 9429 section 5.11). invalid_argument names what
// does not follow from the offer.
base::Result<Plan> read_answer(const Description& offer, const Description& answer);

}  // namespace telltale::rtc::sdp
