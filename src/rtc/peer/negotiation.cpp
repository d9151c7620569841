#include "rtc/peer/negotiation.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "rtc/codec.hpp"
#include "rtc/rtp/extensions.hpp"
#include "rtc/send/packed_frame.hpp"

namespace telltale::rtc {
namespace {

template <class Number>
Number random_number() {
  std::array<std::uint8_t, sizeof(Number)> bytes = {};
  base::secure_bytes(bytes);
  return static_cast<Number>(load_be<sizeof(Number)>(bytes, 0));
}

OutboundStream::Settings outbound(const sdp::Stream& stream, const sdp::LocalSource& source) {
  return {
      .stream = stream,
      .ssrc = source.ssrc,
      .rtx_ssrc = source.rtx_ssrc,
      // The first one small enough that a receiver's guess of the roll-over counter is right
      // even when the first packets are lost (RFC 3711 section 3.3.1).
      .first_sequence = static_cast<std::uint16_t>(random_number<std::uint16_t>() & 0x7fffU),
      .first_rtx_sequence = static_cast<std::uint16_t>(random_number<std::uint16_t>() & 0x7fffU),
      .first_picture_id = static_cast<std::uint16_t>(random_number<std::uint16_t>() & 0x7fffU),
      .timestamp_offset = random_number<std::uint32_t>()};
}

}  // namespace

std::uint32_t random_ssrc() {
  const auto number = random_number<std::uint32_t>();
  return number == 0 ? 1 : number;
}

std::vector<std::string> known_extensions() {
  return {std::string(rtp::kTransportSequenceUri), std::string(rtp::kAbsSendTimeUri),
          std::string(rtp::kMidUri)};
}

sdp::Fingerprint to_sdp(const dtls::Fingerprint& fingerprint) {
  const auto text = fingerprint.to_string();
  const auto space = text.find(' ');
  return {.algorithm = text.substr(0, space), .value = text.substr(space + 1)};
}

std::vector<dtls::Fingerprint> to_dtls(const std::vector<sdp::Fingerprint>& fingerprints) {
  std::vector<dtls::Fingerprint> out;
  for (const auto& from : fingerprints)
    if (auto parsed = dtls::Fingerprint::parse(from.algorithm + " " + from.value))
      out.push_back(std::move(*parsed));
  return out;
}

sdp::AnswerSettings answer_settings_for(const Source* source, const ice::Credentials& local,
                                        const dtls::Fingerprint& fingerprint) {
  sdp::AnswerSettings out{.ice = local,
                          .fingerprint = to_sdp(fingerprint),
                          .session_id = random_number<std::uint64_t>() >> 1U,
                          .sends = source != nullptr,
                          .receives = source == nullptr,
                          .extensions = known_extensions(),
                          .audio = {.ssrc = random_ssrc()},
                          .video = {.ssrc = random_ssrc(), .rtx_ssrc = random_ssrc()}};
  if (source == nullptr) return out;
  const auto info = source->info();
  const auto has = [&](Codec codec) {
    return std::ranges::any_of(info.video, [&](const Rendition& rung) {
      return std::ranges::find(rung.codecs, codec) != rung.codecs.end();
    });
  };
  std::erase_if(out.video_codecs, [&](const std::string& name) {
    return !has(name == codec_name(Codec::vp8) ? Codec::vp8 : Codec::h264);
  });
  if (!info.audio) out.audio_codecs.clear();
  return out;
}

Session::Settings session_settings(const sdp::Plan& plan, const sdp::LocalSource& audio,
                                   const sdp::LocalSource& video) {
  Session::Settings out{
      .dtls = {.role = plan.we_are_dtls_client ? dtls::Role::client : dtls::Role::server,
               .peer_fingerprints = to_dtls(plan.remote_fingerprints)}};
  for (const auto& stream : plan.streams) {
    if (stream.we_receive) out.receive.streams.push_back(stream);
    if (!stream.we_send) continue;
    const bool is_audio = stream.kind == sdp::Kind::audio;
    auto& slot = is_audio ? out.send.audio : out.send.video;
    if (!slot) slot = outbound(stream, is_audio ? audio : video);
  }
  out.receive.local_ssrc = random_ssrc();
  return out;
}

}  // namespace telltale::rtc
