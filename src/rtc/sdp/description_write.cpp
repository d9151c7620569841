#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rtc/sdp/description.hpp"

namespace telltale::rtc::sdp {
namespace {

std::string_view text_of(Direction direction) {
  switch (direction) {
    case Direction::send_receive:
      return "sendrecv";
    case Direction::send_only:
      return "sendonly";
    case Direction::receive_only:
      return "recvonly";
    case Direction::inactive:
      break;
  }
  return "inactive";
}

std::string_view text_of(Setup setup) {
  switch (setup) {
    case Setup::actpass:
      return "actpass";
    case Setup::active:
      return "active";
    case Setup::passive:
      break;
  }
  return "passive";
}

void write_transport(const Media& media, Attributes& out) {
  if (media.ice) {
    out.add("ice-ufrag", media.ice->ufrag);
    out.add("ice-pwd", media.ice->password);
  }
  for (const auto& one : media.fingerprints)
    out.add("fingerprint", fmt::format("{} {}", one.algorithm, one.value));
  if (media.setup) out.add("setup", std::string(text_of(*media.setup)));
  // "candidate:" is the attribute's name.
  for (const auto& candidate : media.candidates)
    out.list.push_back(parse_attribute(candidate.text()));
  if (media.end_of_candidates) out.add("end-of-candidates");
}

void write_codec(const Codec& codec, Attributes& out) {
  if (codec.name.empty()) return;
  auto map = fmt::format("{} {}/{}", codec.payload_type, codec.name, codec.clock);
  if (codec.channels != 1) map += fmt::format("/{}", codec.channels);
  out.add("rtpmap", std::move(map));
  if (!codec.parameters.empty()) {
    auto text = fmt::format("{} ", codec.payload_type);
    for (std::size_t i = 0; i < codec.parameters.size(); ++i) {
      const auto& [key, value] = codec.parameters[i];
      text += fmt::format("{}{}{}{}", i == 0 ? "" : ";", key, value.empty() ? "" : "=", value);
    }
    out.add("fmtp", std::move(text));
  }
  for (const auto& what : codec.feedback)
    out.add("rtcp-fb", fmt::format("{} {}", codec.payload_type, what));
}

void write_rtp(const Media& media, Attributes& out) {
  for (const auto& extension : media.extensions)
    out.add("extmap", fmt::format("{} {}", extension.id, extension.uri));
  out.add(std::string(text_of(media.direction)));
  if (!media.msid.empty()) out.add("msid", media.msid);
  if (media.rtcp_mux) out.add("rtcp-mux");
  if (media.reduced_size) out.add("rtcp-rsize");
  for (const auto& codec : media.codecs) write_codec(codec, out);
  for (const auto& rid : media.rids)
    out.add("rid", fmt::format("{} {}{}{}", rid.id, rid.sends ? "send" : "recv",
                               rid.restrictions.empty() ? "" : " ", rid.restrictions));
  std::string simulcast;
  if (!media.simulcast_send.empty())
    simulcast = fmt::format("send {}", fmt::join(media.simulcast_send, ";"));
  if (!media.simulcast_receive.empty())
    simulcast += fmt::format("{}recv {}", simulcast.empty() ? "" : " ",
                             fmt::join(media.simulcast_receive, ";"));
  if (!simulcast.empty()) out.add("simulcast", std::move(simulcast));
  for (const auto& [first, rtx] : media.rtx_pairs)
    out.add("ssrc-group", fmt::format("FID {} {}", first, rtx));
  for (const auto& source : media.sources)
    out.add("ssrc", fmt::format("{} cname:{}", source.ssrc, source.cname));
}

void write_sctp_port(const Media& media, MediaLines& out) {
  const auto port = std::to_string(*media.sctp_port);
  if (media.protocol != kOldDataProtocol) {
    out.attributes.add("sctp-port", port);
    return;
  }
  out.formats = {port};
  out.attributes.add("sctpmap", port + " webrtc-datachannel 65535");
}

}  // namespace

Document Description::document() const {
  Document out;
  out.origin = fmt::format("- {} {} IN IP4 127.0.0.1", session_id, session_version);
  if (!bundle.empty())
    out.attributes.add("group", fmt::format("BUNDLE {}", fmt::join(bundle, " ")));
  if (mixed_extensions) out.attributes.add("extmap-allow-mixed");
  out.attributes.add("msid-semantic", " WMS *");
  if (ice_lite) out.attributes.add("ice-lite");
  if (trickle) out.attributes.add("ice-options", "trickle");
  for (const auto& one : media) {
    MediaLines lines{.kind = one.kind_text, .protocol = one.protocol};
    lines.port = one.rejected ? 0 : 9;
    for (const auto& codec : one.codecs)
      lines.formats.push_back(std::to_string(codec.payload_type));
    if (lines.formats.empty()) lines.formats = one.formats;
    if (lines.formats.empty()) lines.formats = {"0"};
    lines.others.push_back({.type = 'c', .value = "IN IP4 0.0.0.0"});
    if (!one.mid.empty()) lines.attributes.add("mid", one.mid);
    if (one.rejected) {
      lines.attributes.add("inactive");
    } else {
      write_transport(one, lines.attributes);
      if (one.kind == Kind::audio || one.kind == Kind::video) write_rtp(one, lines.attributes);
      if (one.sctp_port) write_sctp_port(one, lines);
      if (one.max_message_size)
        lines.attributes.add("max-message-size", std::to_string(*one.max_message_size));
    }
    out.media.push_back(std::move(lines));
  }
  return out;
}

}  // namespace telltale::rtc::sdp
