#include "rtc/sdp/offer.hpp"

namespace telltale::rtc::sdp {
namespace {

constexpr std::uint8_t kFirstPayloadType = 96;

Codec codec_named(const std::string& name, std::uint8_t payload_type) {
  Codec out{.payload_type = payload_type, .name = name};
  if (out.is("opus")) {
    out.clock = 48'000;
    out.channels = 2;
    out.parameters = {{"minptime", "10"}, {"useinbandfec", "1"}};
    out.feedback = {"transport-cc"};
    return out;
  }
  if (out.is("H264"))
    out.parameters = {{"level-asymmetry-allowed", "1"},
                      {"packetization-mode", "1"},
                      {"profile-level-id", "42e01f"}};
  out.feedback = {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"};
  return out;
}

Media rtp_media(const OfferedMedia& wanted, const OfferSettings& settings,
                std::uint8_t& payload_type) {
  Media out{.kind = wanted.kind,
            .direction = wanted.direction,
            .rtcp_mux = true,
            .reduced_size = true,
            .kind_text = wanted.kind == Kind::audio ? "audio" : "video"};
  for (const auto& name : wanted.codecs) {
    out.codecs.push_back(codec_named(name, payload_type++));
    if (wanted.kind != Kind::video) continue;
    const auto repeated = out.codecs.back().payload_type;
    out.codecs.push_back({.payload_type = payload_type++,
                          .name = "rtx",
                          .parameters = {{"apt", std::to_string(repeated)}}});
  }
  std::uint8_t id = 0;
  for (const auto& uri : settings.extensions) out.extensions.push_back({.id = ++id, .uri = uri});
  if (!sends(wanted.direction)) return out;
  out.msid = settings.cname + (wanted.kind == Kind::audio ? " audio" : " video");
  if (wanted.source.ssrc != 0)
    out.sources.push_back({.ssrc = wanted.source.ssrc, .cname = settings.cname});
  if (wanted.source.rtx_ssrc != 0) {
    out.sources.push_back({.ssrc = wanted.source.rtx_ssrc, .cname = settings.cname});
    out.rtx_pairs.emplace_back(wanted.source.ssrc, wanted.source.rtx_ssrc);
  }
  return out;
}

}  // namespace

Description offer(const OfferSettings& settings) {
  Description out{.session_id = settings.session_id,
                  .session_version = 1,
                  .ice_lite = settings.ice_lite,
                  .trickle = settings.trickle,
                  .mixed_extensions = true};
  auto payload_type = kFirstPayloadType;
  for (const auto& wanted : settings.media)
    out.media.push_back(rtp_media(wanted, settings, payload_type));
  if (settings.data)
    out.media.push_back({.kind = Kind::data,
                         .kind_text = "application",
                         .protocol = "UDP/DTLS/SCTP",
                         .formats = {"webrtc-datachannel"},
                         .sctp_port = settings.sctp_port,
                         .max_message_size = settings.max_message_size});
  for (std::size_t i = 0; i < out.media.size(); ++i) {
    auto& media = out.media[i];
    media.mid = std::to_string(i);
    out.bundle.push_back(media.mid);
    media.ice = settings.ice;
    media.fingerprints = {settings.fingerprint};
    media.setup = Setup::actpass;
    if (i > 0) continue;
    media.candidates = settings.candidates;
    media.end_of_candidates = !settings.trickle;
  }
  return out;
}

}  // namespace telltale::rtc::sdp
