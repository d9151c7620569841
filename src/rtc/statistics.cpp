#include "rtc/statistics.hpp"

namespace telltale::rtc {
namespace {

base::JsonObject json(const OutboundRtpStats& stats) {
  return {{"type", "outbound-rtp"},
          {"ssrc", stats.ssrc},
          {"rtxSsrc", stats.rtx_ssrc},
          {"kind", stats.kind},
          {"mid", stats.mid},
          {"rid", stats.rid},
          {"codec", stats.codec},
          {"packetsSent", stats.packets_sent},
          {"bytesSent", stats.bytes_sent},
          {"headerBytesSent", stats.header_bytes_sent},
          {"retransmittedPacketsSent", stats.retransmitted_packets_sent},
          {"retransmittedBytesSent", stats.retransmitted_bytes_sent},
          {"paddingPacketsSent", stats.padding_packets_sent},
          {"framesSent", stats.frames_sent},
          {"keyFramesSent", stats.key_frames_sent},
          {"hugeFramesSent", stats.huge_frames_sent},
          {"framesDropped", stats.frames_dropped},
          {"nackCount", stats.nack_count},
          {"pliCount", stats.pli_count},
          {"firCount", stats.fir_count},
          {"targetBitrate", stats.target_bitrate_bps},
          {"frameWidth", stats.frame_width},
          {"frameHeight", stats.frame_height},
          {"framesPerSecond", stats.frames_per_second},
          {"qualityLimitationReason", stats.quality_limitation_reason},
          {"qualityLimitationDurations",
           base::JsonObject{{"none", stats.quality_limitation_s[0]},
                            {"bandwidth", stats.quality_limitation_s[1]}}},
          {"qualityLimitationResolutionChanges", stats.quality_limitation_changes},
          {"totalPacketSendDelay", base::to_seconds(stats.packet_send_delay)},
          {"latePackets", stats.late_packets},
          {"active", stats.active}};
}

base::JsonObject json(const RemoteInboundRtpStats& stats) {
  base::JsonObject out{{"type", "remote-inbound-rtp"},
                       {"ssrc", stats.ssrc},
                       {"kind", stats.kind},
                       {"packetsLost", stats.packets_lost},
                       {"fractionLost", stats.fraction_lost},
                       {"jitter", stats.jitter_s},
                       {"totalRoundTripTime", stats.total_round_trip_s},
                       {"roundTripTimeMeasurements", stats.round_trip_measurements}};
  if (stats.round_trip_s) out["roundTripTime"] = *stats.round_trip_s;
  return out;
}

base::JsonObject json(const InboundRtpStats& stats) {
  return {{"type", "inbound-rtp"},
          {"ssrc", stats.ssrc},
          {"kind", stats.kind},
          {"mid", stats.mid},
          {"codec", stats.codec},
          {"packetsReceived", stats.packets_received},
          {"bytesReceived", stats.bytes_received},
          {"headerBytesReceived", stats.header_bytes_received},
          {"packetsLost", stats.packets_lost},
          {"packetsDuplicate", stats.packets_duplicate},
          {"retransmittedPacketsReceived", stats.retransmitted_packets_received},
          {"retransmittedBytesReceived", stats.retransmitted_bytes_received},
          {"jitter", stats.jitter_s},
          {"framesReceived", stats.frames_received},
          {"keyFramesReceived", stats.key_frames_received},
          {"framesDropped", stats.frames_dropped},
          {"nackCount", stats.nack_count},
          {"pliCount", stats.pli_count},
          {"firCount", stats.fir_count},
          {"malformedPackets", stats.malformed_packets}};
}

base::JsonObject json(const CandidatePairStats& stats) {
  base::JsonObject out{{"type", "candidate-pair"},
                       {"state", stats.state},
                       {"nominated", stats.nominated},
                       {"local", stats.local},
                       {"remote", stats.remote},
                       {"protocol", stats.protocol},
                       {"availableOutgoingBitrate", stats.available_outgoing_bps},
                       {"requestsReceived", stats.requests_received},
                       {"responsesSent", stats.responses_sent},
                       {"requestsRefused", stats.requests_refused},
                       {"consentRequestsSent", stats.consent_requests_sent}};
  if (stats.current_round_trip_s) out["currentRoundTripTime"] = *stats.current_round_trip_s;
  return out;
}

base::JsonObject json(const TransportStats& stats) {
  return {{"type", "transport"},
          {"dtlsState", stats.dtls_state},
          {"dtlsRole", stats.dtls_role},
          {"tlsVersion", stats.tls_version},
          {"dtlsCipher", stats.dtls_cipher},
          {"srtpCipher", stats.srtp_cipher},
          {"iceState", stats.ice_state},
          {"packetsSent", stats.packets_sent},
          {"packetsReceived", stats.packets_received},
          {"bytesSent", stats.bytes_sent},
          {"bytesReceived", stats.bytes_received},
          {"selectedCandidatePairChanges", stats.selected_candidate_pair_changes},
          {"srtpFaults", stats.srtp_faults},
          {"dtlsRetransmits", stats.dtls_retransmits}};
}

base::JsonObject json(const BandwidthStats& stats) {
  return {{"targetBitrate", stats.target_bps},
          {"acknowledgedBitrate", stats.acknowledged_bps},
          {"loss", stats.loss},
          {"roundTripTime", stats.round_trip_s},
          {"queueDelay", stats.queue_delay_s},
          {"usage", stats.usage},
          {"applicationLimited", stats.application_limited}};
}

template <class Stats>
base::JsonArray list(const std::vector<Stats>& all) {
  base::JsonArray out;
  for (const auto& stats : all) out.emplace_back(json(stats));
  return out;
}

}  // namespace

base::JsonObject to_json(const ConnectionStats& stats) {
  return {{"timestamp", base::format_rfc3339(stats.at)},
          {"transport", json(stats.transport)},
          {"candidatePair", json(stats.candidate_pair)},
          {"bandwidth", json(stats.bandwidth)},
          {"outboundRtp", list(stats.outbound)},
          {"remoteInboundRtp", list(stats.remote_inbound)},
          {"inboundRtp", list(stats.inbound)}};
}

}  // namespace telltale::rtc
