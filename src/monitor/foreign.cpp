#include "monitor/foreign.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace telltale::monitor {
namespace {

using base::JsonArray;
using base::JsonObject;

constexpr std::size_t kTextMax = 64;
constexpr double kCountMax = 9'007'199'254'740'992;  // 2^53: beyond that it is no count
constexpr double kSecondsMax = 86'400;

// What is kept of a stream that the page shows, beside our own names for it.
constexpr std::array kClientFields{"packetsReceived",
                                   "bytesReceived",
                                   "packetsLost",
                                   "jitter",
                                   "framesReceived",
                                   "framesDecoded",
                                   "framesPerSecond",
                                   "framesDropped",
                                   "freezeCount",
                                   "totalFreezesDuration",
                                   "jitterBufferDelay",
                                   "jitterBufferEmittedCount",
                                   "frameWidth",
                                   "frameHeight",
                                   "totalDecodeTime",
                                   "keyFramesDecoded",
                                   "totalSamplesReceived",
                                   "concealedSamples",
                                   "nackCount",
                                   "pliCount",
                                   "firCount"};

double number(const JsonObject& from, std::string_view name, double most = kCountMax) {
  const auto value = base::find_number(from, name);
  return value && std::isfinite(*value) ? std::clamp(*value, -most, most) : 0;
}

template <class T>
T count(const JsonObject& from, std::string_view name,
        T most = std::is_same_v<T, std::uint16_t> ? T{65'535} : std::numeric_limits<T>::max()) {
  const double value = std::max(0.0, number(from, name));
  return value >= static_cast<double>(most) ? most : static_cast<T>(value);
}

std::string text(const JsonObject& from, std::string_view name) {
  return base::string_or(from, name).substr(0, kTextMax);
}

// Both spellings: `mediaType` is the older one.
std::string kind_of(const JsonObject& from) {
  const auto kind = base::string_or(from, "kind", base::string_or(from, "mediaType"));
  return kind == "video" || kind == "audio" ? kind : std::string();
}

struct Entries {
  std::unordered_map<std::string, const JsonObject*> by_id;
  const JsonObject* pair = nullptr;
  const JsonObject* transport = nullptr;

  const JsonObject* find(const JsonObject& from, std::string_view reference) const {
    const auto found = by_id.find(base::string_or(from, reference));
    return found == by_id.end() ? nullptr : found->second;
  }
  std::string codec_of(const JsonObject& stream) const {
    const auto* const codec = find(stream, "codecId");
    return codec == nullptr ? std::string() : text(*codec, "mimeType");
  }
};

rtc::OutboundRtpStats outbound(const JsonObject& from, const Entries& entries) {
  rtc::OutboundRtpStats out;
  out.ssrc = count<std::uint32_t>(from, "ssrc");
  out.kind = kind_of(from);
  out.mid = text(from, "mid");
  out.codec = entries.codec_of(from);
  out.packets_sent = count<std::uint64_t>(from, "packetsSent");
  out.bytes_sent = count<std::uint64_t>(from, "bytesSent");
  out.header_bytes_sent = count<std::uint64_t>(from, "headerBytesSent");
  out.retransmitted_packets_sent = count<std::uint64_t>(from, "retransmittedPacketsSent");
  out.retransmitted_bytes_sent = count<std::uint64_t>(from, "retransmittedBytesSent");
  out.frames_sent = count<std::uint64_t>(from, "framesSent");
  out.key_frames_sent = count<std::uint64_t>(from, "keyFramesEncoded");
  out.huge_frames_sent = count<std::uint64_t>(from, "hugeFramesSent");
  out.nack_count = count<std::uint64_t>(from, "nackCount");
  out.pli_count = count<std::uint64_t>(from, "pliCount");
  out.fir_count = count<std::uint64_t>(from, "firCount");
  out.target_bitrate_bps = count<std::int64_t>(from, "targetBitrate");
  out.frame_width = count<std::uint16_t>(from, "frameWidth");
  out.frame_height = count<std::uint16_t>(from, "frameHeight");
  out.frames_per_second = std::max(0.0, number(from, "framesPerSecond"));
  out.rid = text(from, "rid");
  if (auto why = text(from, "qualityLimitationReason"); !why.empty())
    out.quality_limitation_reason = std::move(why);
  out.quality_limitation_changes = count<std::uint64_t>(from, "qualityLimitationResolutionChanges");
  out.active = base::find_bool(from, "active").value_or(true);
  return out;
}

rtc::RemoteInboundRtpStats remote_inbound(const JsonObject& from) {
  rtc::RemoteInboundRtpStats out;
  out.ssrc = count<std::uint32_t>(from, "ssrc");
  out.kind = kind_of(from);
  out.packets_lost = static_cast<std::int64_t>(number(from, "packetsLost"));
  out.fraction_lost = std::clamp(number(from, "fractionLost"), 0.0, 1.0);
  out.jitter_s = std::max(0.0, number(from, "jitter", kSecondsMax));
  if (base::find_number(from, "roundTripTime"))
    out.round_trip_s = std::max(0.0, number(from, "roundTripTime", kSecondsMax));
  out.total_round_trip_s = std::max(0.0, number(from, "totalRoundTripTime"));
  out.round_trip_measurements = count<std::uint64_t>(from, "roundTripTimeMeasurements");
  return out;
}

rtc::InboundRtpStats inbound(const JsonObject& from, const Entries& entries) {
  rtc::InboundRtpStats out;
  out.ssrc = count<std::uint32_t>(from, "ssrc");
  out.kind = kind_of(from);
  out.mid = text(from, "mid");
  out.codec = entries.codec_of(from);
  out.packets_received = count<std::uint64_t>(from, "packetsReceived");
  out.bytes_received = count<std::uint64_t>(from, "bytesReceived");
  out.header_bytes_received = count<std::uint64_t>(from, "headerBytesReceived");
  out.packets_lost = static_cast<std::int64_t>(number(from, "packetsLost"));
  out.retransmitted_packets_received = count<std::uint64_t>(from, "retransmittedPacketsReceived");
  out.retransmitted_bytes_received = count<std::uint64_t>(from, "retransmittedBytesReceived");
  out.jitter_s = std::max(0.0, number(from, "jitter", kSecondsMax));
  out.frames_received = count<std::uint64_t>(from, "framesReceived");
  out.key_frames_received = count<std::uint64_t>(from, "keyFramesDecoded");
  out.frames_dropped = count<std::uint64_t>(from, "framesDropped");
  out.nack_count = count<std::uint64_t>(from, "nackCount");
  out.pli_count = count<std::uint64_t>(from, "pliCount");
  out.fir_count = count<std::uint64_t>(from, "firCount");
  return out;
}

std::string address_of(const JsonObject* candidate) {
  if (candidate == nullptr) return {};
  auto address = base::string_or(*candidate, "address", base::string_or(*candidate, "ip"));
  if (address.empty()) return {};
  return address.substr(0, kTextMax) + ":" +
         std::to_string(count<std::uint16_t>(*candidate, "port"));
}

void read_transport(const Entries& entries, rtc::ConnectionRecord& out) {
  if (const auto* const from = entries.transport) {
    auto& to = out.stats.transport;
    if (auto state = text(*from, "dtlsState"); !state.empty()) to.dtls_state = std::move(state);
    if (auto state = text(*from, "iceState"); !state.empty()) to.ice_state = std::move(state);
    to.dtls_role = text(*from, "dtlsRole");
    to.tls_version = text(*from, "tlsVersion");
    to.dtls_cipher = text(*from, "dtlsCipher");
    to.srtp_cipher = text(*from, "srtpCipher");
    to.packets_sent = count<std::uint64_t>(*from, "packetsSent");
    to.packets_received = count<std::uint64_t>(*from, "packetsReceived");
    to.bytes_sent = count<std::uint64_t>(*from, "bytesSent");
    to.bytes_received = count<std::uint64_t>(*from, "bytesReceived");
    to.selected_candidate_pair_changes =
        count<std::uint64_t>(*from, "selectedCandidatePairChanges");
  }
  const auto* const from = entries.pair;
  if (from == nullptr) return;
  auto& to = out.stats.candidate_pair;
  if (auto state = text(*from, "state"); !state.empty()) to.state = std::move(state);
  to.nominated = base::find_bool(*from, "nominated").value_or(false);
  if (base::find_number(*from, "currentRoundTripTime"))
    to.current_round_trip_s = std::max(0.0, number(*from, "currentRoundTripTime", kSecondsMax));
  to.available_outgoing_bps = count<std::int64_t>(*from, "availableOutgoingBitrate");
  to.requests_received = count<std::uint64_t>(*from, "requestsReceived");
  to.responses_sent = count<std::uint64_t>(*from, "responsesSent");
  to.consent_requests_sent = count<std::uint64_t>(*from, "consentRequestsSent");
  const auto* const local = entries.find(*from, "localCandidateId");
  const auto* const remote = entries.find(*from, "remoteCandidateId");
  to.local = address_of(local);
  to.remote = address_of(remote);
  if (local != nullptr) to.protocol = text(*local, "protocol");
  out.peer_address = to.remote;
  out.stats.bandwidth.target_bps = to.available_outgoing_bps;
  out.stats.bandwidth.round_trip_s = to.current_round_trip_s.value_or(0);
}

Entries index(const JsonArray& stats) {
  Entries out;
  std::string selected;
  for (const auto& one : stats) {
    const auto* const entry = one.if_object();
    if (entry == nullptr) continue;
    if (auto id = base::string_or(*entry, "id"); !id.empty()) out.by_id.emplace(id, entry);
    if (base::string_or(*entry, "type") != "transport") continue;
    out.transport = entry;
    selected = base::string_or(*entry, "selectedCandidatePairId");
  }
  const auto found = out.by_id.find(selected);
  if (found != out.by_id.end()) {
    out.pair = found->second;
    return out;
  }
  // Firefox has no transport with it: the nominated one is it, or says `selected`.
  for (const auto& one : stats)
    if (const auto* const entry = one.if_object();
        entry != nullptr && base::string_or(*entry, "type") == "candidate-pair" &&
        (base::find_bool(*entry, "selected").value_or(false) ||
         (out.pair == nullptr && base::find_bool(*entry, "nominated").value_or(false))))
      out.pair = entry;
  return out;
}

void add_client(const JsonObject& stream, std::string_view kind, JsonArray& out) {
  JsonObject kept{
      {"type", "inbound-rtp"}, {"kind", kind}, {"ssrc", count<std::uint32_t>(stream, "ssrc")}};
  for (const auto* const name : kClientFields)
    if (base::find_number(stream, name)) kept[name] = number(stream, name);
  out.push_back(std::move(kept));
}

std::string codec_name(std::string_view mime_type) {
  return std::string(mime_type.substr(mime_type.find('/') + 1));
}

}  // namespace

std::optional<rtc::ConnectionState> foreign_state(std::string_view connection_state) noexcept {
  using State = rtc::ConnectionState;
  if (connection_state == "new" || connection_state == "connecting") return State::connecting;
  if (connection_state == "connected") return State::connected;
  // A restart of ICE can still bring it back: only the page ends it.
  if (connection_state == "disconnected" || connection_state == "failed")
    return State::disconnected;
  if (connection_state == "closed") return State::closed;
  return std::nullopt;
}

void read_rtc_stats(const JsonArray& stats, rtc::ConnectionRecord& out) {
  const auto at = out.stats.at;
  out.stats = {};
  out.stats.at = at;
  const auto entries = index(stats);
  read_transport(entries, out);
  JsonArray client;
  for (const auto& one : stats) {
    const auto* const entry = one.if_object();
    if (entry == nullptr) continue;
    const auto type = base::string_or(*entry, "type");
    const auto kind = kind_of(*entry);
    if (type == "data-channel") out.data_channels = true;
    if (kind.empty()) continue;
    std::string codec;
    if (type == "outbound-rtp") {
      codec = out.stats.outbound.emplace_back(outbound(*entry, entries)).codec;
    } else if (type == "inbound-rtp") {
      codec = out.stats.inbound.emplace_back(inbound(*entry, entries)).codec;
      add_client(*entry, kind, client);
    } else if (type == "remote-inbound-rtp") {
      out.stats.remote_inbound.push_back(remote_inbound(*entry));
    }
    // What shows is enough where the page names no codec.
    if (type == "outbound-rtp" || type == "inbound-rtp") {
      auto& name = kind == "video" ? out.video_codec : out.audio_codec;
      if (!codec.empty())
        name = codec_name(codec);
      else if (name.empty())
        name = "unknown";
    }
  }
  // Of the layers of a simulcast the largest counts as what is sent: whoever reads takes the last.
  std::ranges::sort(out.stats.outbound, {}, &rtc::OutboundRtpStats::frame_height);
  out.client.reset();
  if (!client.empty()) out.client = JsonObject{{"stats", std::move(client)}};
}

}  // namespace telltale::monitor
