// What a WebRTC session description says (RFC 9429): typed, read from a Document and written to
// one. ICE, fingerprint and setup of the session hold for each of its media that says nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rtc/ice/candidate.hpp"
#include "rtc/ice/credentials.hpp"
#include "rtc/sdp/document.hpp"

namespace telltale::rtc::sdp {

inline constexpr std::string_view kOldDataProtocol = "DTLS/SCTP";

enum class Kind : std::uint8_t { audio, video, data, other };
enum class Direction : std::uint8_t { send_receive, send_only, receive_only, inactive };
enum class Setup : std::uint8_t { actpass, active, passive };  // RFC 8842

constexpr bool sends(Direction direction) noexcept {
  return direction == Direction::send_receive || direction == Direction::send_only;
}
constexpr bool receives(Direction direction) noexcept {
  return direction == Direction::send_receive || direction == Direction::receive_only;
}

struct Fingerprint {  // RFC 8122
  std::string algorithm = "sha-256";
  std::string value;  // upper case, with colons
  bool operator==(const Fingerprint&) const = default;
};

struct Codec {
  std::uint8_t payload_type = 0;
  std::string name;  // as written; names compare without case
  std::uint32_t clock = 90'000;
  std::uint16_t channels = 1;
  std::vector<std::pair<std::string, std::string>> parameters = {};  // fmtp
  std::vector<std::string> feedback = {};                            // "nack pli", "transport-cc"

  bool is(std::string_view other) const noexcept;
  std::optional<std::string_view> parameter(std::string_view key) const noexcept;
  bool has_feedback(std::string_view what) const noexcept;
  // Of an RTX codec: which payload type it repeats (RFC 4588).
  std::optional<std::uint8_t> repeats() const noexcept;
};

struct Extension {  // RFC 8285 section 5
  std::uint8_t id = 0;
  std::string uri;
};

struct Rid {  // RFC 8851
  std::string id;
  bool sends = true;
  std::string restrictions = {};
};

struct Source {  // RFC 5576
  std::uint32_t ssrc = 0;
  std::string cname = {};
};

struct Media {
  Kind kind = Kind::other;
  Direction direction = Direction::send_receive;
  bool rejected = false;  // port 0 without bundle-only
  bool rtcp_mux = false;
  bool reduced_size = false;
  bool end_of_candidates = false;
  std::string kind_text;  // of the m= line
  std::string protocol = "UDP/TLS/RTP/SAVPF";
  std::vector<std::string> formats = {};  // as offered, for a rejected or unknown one
  std::string mid = {};
  std::vector<Codec> codecs = {};
  std::vector<Extension> extensions = {};
  std::optional<ice::Credentials> ice = {};
  std::vector<Fingerprint> fingerprints = {};
  std::optional<Setup> setup = {};
  std::vector<ice::Candidate> candidates = {};
  std::string msid = {};
  std::vector<Source> sources = {};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rtx_pairs = {};  // ssrc-group:FID
  std::vector<Rid> rids = {};
  std::vector<std::string> simulcast_send = {};  // rids, first alternatives (RFC 8853)
  std::vector<std::string> simulcast_receive = {};
  std::optional<std::uint16_t> sctp_port = {};  // RFC 8841
  std::optional<std::uint64_t> max_message_size = {};

  const Codec* codec(std::uint8_t payload_type) const noexcept;
  const Codec* rtx_of(std::uint8_t payload_type) const noexcept;
};

struct Description {
  std::uint64_t session_id = 0;
  std::uint64_t session_version = 0;
  bool ice_lite = false;
  bool trickle = false;
  bool mixed_extensions = false;  // extmap-allow-mixed
  std::vector<std::string> bundle = {};
  std::vector<Media> media = {};

  // Candidates that do not parse are passed over (RFC 8839 section 5.1).
  static base::Result<Description> read(const Document& document);
  static base::Result<Description> parse(std::string_view text);
  Document document() const;
  std::string text() const { return document().text(); }
  bool bundles(std::string_view mid) const noexcept;
};

std::optional<Setup> parse_setup(std::string_view text) noexcept;

}  // namespace telltale::rtc::sdp
