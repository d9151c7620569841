// What one connection did, counted from its first packet: plain values under the identifiers of W3C
// webrtc-stats (to_json writes them so, in camelCase). Filled on the connection's loop, then copied
// into an immutable record.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace telltale::rtc {

// RTCOutboundRtpStreamStats. Bytes are of payload, as the identifiers say; header bytes apart.
struct OutboundRtpStats {
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;
  std::string kind;  // audio, video
  std::string mid;
  std::string codec;  // video/H264, video/VP8, audio/opus
  std::uint64_t packets_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t header_bytes_sent = 0;
  std::uint64_t retransmitted_packets_sent = 0;
  std::uint64_t retransmitted_bytes_sent = 0;
  std::uint64_t padding_packets_sent = 0;  // probes; not of W3C
  std::uint64_t frames_sent = 0;
  std::uint64_t key_frames_sent = 0;
  std::uint64_t huge_frames_sent = 0;  // over 2.5 times the average
  std::uint64_t frames_dropped = 0;    // the pacer's queue was full; not of W3C
  std::uint64_t nack_count = 0;
  std::uint64_t pli_count = 0;
  std::uint64_t fir_count = 0;
  std::int64_t target_bitrate_bps = 0;
  std::uint16_t frame_width = 0;
  std::uint16_t frame_height = 0;
  double frames_per_second = 0;
  std::string rid;                                  // the rendition
  std::string quality_limitation_reason = "none";   // none, bandwidth
  std::array<double, 2> quality_limitation_s = {};  // none, bandwidth
  std::uint64_t quality_limitation_changes = 0;     // of resolution: switches of rendition
  base::Duration packet_send_delay = {};            // total, in our pacer
  std::uint64_t late_packets = 0;  // over 20 ms after the pacer allowed them; not of W3C
  bool active = true;
};

// RTCRemoteInboundRtpStreamStats: what the peer's receiver reports say of what we sent.
struct RemoteInboundRtpStats {
  std::uint32_t ssrc = 0;
  std::string kind;
  std::int64_t packets_lost = 0;
  double fraction_lost = 0;
  double jitter_s = 0;
  std::optional<double> round_trip_s;
  double total_round_trip_s = 0;
  std::uint64_t round_trip_measurements = 0;
};

// RTCInboundRtpStreamStats, as far as it can be known without decoding.
struct InboundRtpStats {
  std::uint32_t ssrc = 0;
  std::string kind;
  std::string mid;
  std::string codec;
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t header_bytes_received = 0;
  std::int64_t packets_lost = 0;
  std::uint64_t packets_duplicate = 0;  // not of W3C
  std::uint64_t retransmitted_packets_received = 0;
  std::uint64_t retransmitted_bytes_received = 0;
  double jitter_s = 0;
  std::uint64_t frames_received = 0;  // whole ones
  std::uint64_t key_frames_received = 0;
  std::uint64_t frames_dropped = 0;  // gaps: packets given up for good
  std::uint64_t nack_count = 0;
  std::uint64_t pli_count = 0;
  std::uint64_t fir_count = 0;
  std::uint64_t malformed_packets = 0;  // not of W3C
};

// RTCIceCandidatePairStats of the selected pair.
struct CandidatePairStats {
  std::string state = "waiting";  // waiting, in-progress, succeeded, failed
  bool nominated = false;
  std::string local;     // address:port
  std::string remote;    // address:port
  std::string protocol;  // udp, tcp
  std::optional<double> current_round_trip_s;
  std::int64_t available_outgoing_bps = 0;
  std::uint64_t requests_received = 0;
  std::uint64_t responses_sent = 0;
  std::uint64_t requests_refused = 0;  // not of W3C
  std::uint64_t consent_requests_sent = 0;
};

// RTCTransportStats.
struct TransportStats {
  std::string dtls_state = "new";  // new, connecting, connected, closed, failed
  std::string dtls_role;           // client, server
  std::string tls_version;
  std::string dtls_cipher;
  std::string srtp_cipher;
  std::string ice_state = "new";  // new, checking, connected, disconnected, failed, closed
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t selected_candidate_pair_changes = 0;
  std::uint64_t srtp_faults = 0;  // received and not taken: forged, replayed, malformed
  std::uint64_t dtls_retransmits = 0;
};

// Our congestion control of this path.
struct BandwidthStats {
  std::int64_t target_bps = 0;
  std::int64_t acknowledged_bps = 0;
  double loss = 0;
  double round_trip_s = 0;
  double queue_delay_s = 0;
  std::string usage = "normal";  // normal, overuse, underuse
  bool application_limited = false;
};

struct ConnectionStats {
  base::WallTime at = {};
  TransportStats transport;
  CandidatePairStats candidate_pair;
  BandwidthStats bandwidth;
  std::vector<OutboundRtpStats> outbound;
  std::vector<RemoteInboundRtpStats> remote_inbound;
  std::vector<InboundRtpStats> inbound;
};

base::JsonObject to_json(const ConnectionStats& stats);

}  // namespace telltale::rtc
