#include "rtc/sdp/answer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rtc/sdp/choose.hpp"
#include "rtc/sdp/text.hpp"

namespace telltale::rtc::sdp {
namespace {

constexpr std::array<std::string_view, 5> kFeedback = {"nack", "nack pli", "ccm fir",
                                                       "transport-cc", "goog-remb"};

bool is_rtp(Kind kind) {
  return kind == Kind::audio || kind == Kind::video;
}

// The protocols of RFC 8829 section 5.1.2 that carry RTP over DTLS-SRTP; some say SAVP.
bool is_rtp_protocol(std::string_view text) {
  return text == "UDP/TLS/RTP/SAVPF" || text == "UDP/TLS/RTP/SAVP" || text == "RTP/SAVPF" ||
         text == "TCP/DTLS/RTP/SAVPF";
}
bool is_data_protocol(std::string_view text) {
  return text == "UDP/DTLS/SCTP" || text == "TCP/DTLS/SCTP" || text == kOldDataProtocol;
}

Media rejected(const Media& offered) {
  Media out{.kind = offered.kind,
            .direction = Direction::inactive,
            .rejected = true,
            .kind_text = offered.kind_text,
            .protocol = offered.protocol,
            .formats = offered.formats,
            .mid = offered.mid};
  return out;
}

Direction direction_of(bool sends_it, bool receives_it) {
  if (sends_it) return receives_it ? Direction::send_receive : Direction::send_only;
  return receives_it ? Direction::receive_only : Direction::inactive;
}

// Only what we act on; transport-cc makes REMB needless.
std::vector<std::string> choose_feedback(const Codec& offered) {
  std::vector<std::string> out;
  const bool transport_cc = offered.has_feedback("transport-cc");
  for (const auto what : kFeedback)
    if (offered.has_feedback(what) && !(transport_cc && what == "goog-remb"))
      out.emplace_back(what);
  return out;
}

Stream stream_of(const Media& media, const Codec& codec, std::size_t index) {
  Stream out{.index = index,
             .mid = media.mid,
             .kind = media.kind,
             .codec = codec,
             .extensions = media.extensions,
             .rids = media.rids};
  if (const auto* rtx = media.rtx_of(codec.payload_type)) out.rtx_payload_type = rtx->payload_type;
  out.transport_cc = codec.has_feedback("transport-cc");
  out.remb = codec.has_feedback("goog-remb");
  out.nack = codec.has_feedback("nack");
  out.pli = codec.has_feedback("nack pli");
  out.fir = codec.has_feedback("ccm fir");
  return out;
}

std::string names_of(const Description& offer) {
  std::vector<std::string> names;
  for (const auto& media : offer.media)
    for (const auto& codec : media.codecs)
      if (!codec.name.empty() && std::ranges::find(names, codec.name) == names.end())
        names.push_back(codec.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string codecs_of(const Media& media) {
  std::vector<std::string> names;
  names.reserve(media.codecs.size());
  for (const auto& codec : media.codecs)
    names.push_back(fmt::format("{} as {}", codec.name, codec.payload_type));
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

class Answerer {
 public:
  Answerer(const Description& offer, const AnswerSettings& settings)
      : offer_(offer), settings_(settings) {}

  base::Result<Answer> run() {
    out_.description = {.session_id = settings_.session_id,
                        .session_version = 1,
                        .ice_lite = settings_.ice_lite,
                        .trickle = settings_.trickle,
                        .mixed_extensions = offer_.mixed_extensions};
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < offer_.media.size(); ++i) {
      const auto& offered = offer_.media[i];
      auto media = usable(offered, accepted) ? take(offered, i) : std::nullopt;
      if (media) {
        if (const auto error = take_transport(offered, *media, accepted == 0))
          return std::unexpected(*error);
        ++accepted;
        if (!offer_.bundle.empty()) out_.description.bundle.push_back(offered.mid);
      }
      out_.description.media.push_back(media ? std::move(*media) : rejected(offered));
    }
    if (accepted == 0)
      return base::fail(base::Code::unsupported,
                        fmt::format("no codec in common: the offer has {}; this server has {}, {}",
                                    names_of(offer_).empty() ? "none" : names_of(offer_),
                                    fmt::join(settings_.video_codecs, ", "),
                                    fmt::join(settings_.audio_codecs, ", ")));
    return std::move(out_);
  }

 private:
  // One transport: without BUNDLE only one line can have it.
  bool usable(const Media& offered, std::size_t accepted) const {
    if (offered.rejected) return false;
    return accepted == 0 ? offer_.bundle.empty() || offer_.bundles(offered.mid)
                         : offer_.bundles(offered.mid);
  }

  std::optional<Media> take(const Media& offered, std::size_t index) {
    if (is_rtp(offered.kind)) return take_rtp(offered, index);
    return offered.kind == Kind::data ? take_data(offered) : std::nullopt;
  }

  std::optional<Media> take_rtp(const Media& offered, std::size_t index) {
    const bool video = offered.kind == Kind::video;
    const auto* codec =
        choose_codec(offered, video ? settings_.video_codecs : settings_.audio_codecs);
    if (codec == nullptr || !offered.rtcp_mux || !is_rtp_protocol(offered.protocol))
      return std::nullopt;
    Media out{.kind = offered.kind,
              .rtcp_mux = true,
              .reduced_size = offered.reduced_size,
              .kind_text = offered.kind_text,
              .protocol = offered.protocol,
              .mid = offered.mid};
    const bool we_send = settings_.sends && receives(offered.direction);
    const bool we_receive = settings_.receives && sends(offered.direction);
    out.direction = direction_of(we_send, we_receive);
    out.codecs = {*codec};
    out.codecs[0].feedback = choose_feedback(*codec);
    if (const auto* rtx = offered.rtx_of(codec->payload_type)) out.codecs.push_back(*rtx);
    for (const auto& extension : offered.extensions)
      if (std::ranges::find(settings_.extensions, extension.uri) != settings_.extensions.end())
        out.extensions.push_back(extension);
    if (we_receive && !offered.simulcast_send.empty()) take_simulcast(offered, out);
    if (we_send) take_source(video ? settings_.video : settings_.audio, video, out);
    auto stream = stream_of(out, out.codecs[0], index);
    stream.we_send = we_send;
    stream.we_receive = we_receive;
    out_.plan.streams.push_back(std::move(stream));
    return out;
  }

  static void take_simulcast(const Media& offered, Media& out) {
    out.simulcast_receive = offered.simulcast_send;
    for (const auto& rid : offered.rids)
      if (rid.sends) out.rids.push_back({.id = rid.id, .sends = false});
  }

  void take_source(const LocalSource& source, bool video, Media& out) const {
    out.msid = fmt::format("{} {}", settings_.stream_id, video ? "video" : "audio");
    if (source.ssrc == 0) return;
    out.sources.push_back({.ssrc = source.ssrc, .cname = settings_.cname});
    if (source.rtx_ssrc == 0 || out.codecs.size() < 2) return;
    out.sources.push_back({.ssrc = source.rtx_ssrc, .cname = settings_.cname});
    out.rtx_pairs.emplace_back(source.ssrc, source.rtx_ssrc);
  }

  std::optional<Media> take_data(const Media& offered) {
    if (!settings_.data || !offered.sctp_port || !is_data_protocol(offered.protocol) ||
        out_.plan.data)
      return std::nullopt;
    out_.plan.data = true;
    out_.plan.sctp_port = *offered.sctp_port;
    out_.plan.max_message_size = offered.max_message_size.value_or(64UL * 1024);
    return Media{.kind = Kind::data,
                 .kind_text = offered.kind_text,
                 .protocol = offered.protocol,
                 .formats = {"webrtc-datachannel"},
                 .mid = offered.mid,
                 .sctp_port = settings_.sctp_port,
                 .max_message_size = settings_.max_message_size};
  }

  // Each accepted line repeats ICE and DTLS; the first decides for the bundle.
  std::optional<base::Error> take_transport(const Media& offered, Media& out, bool first) {
    if (first) {
      const auto failed = [&](std::string_view what) {
        return base::Error{.code = base::Code::invalid_argument,
                           .detail = fmt::format("SDP media \"{}\": {}", offered.mid, what)};
      };
      if (!offered.ice || !offered.ice->valid()) return failed("no usable ice-ufrag and ice-pwd");
      if (offered.fingerprints.empty()) return failed("no fingerprint: DTLS is needed");
      // RFC 4145 section 4: without the attribute the offerer is active.
      const auto setup = offered.setup.value_or(Setup::active);
      out_.plan.we_are_dtls_client =
          setup == Setup::passive || (setup == Setup::actpass && settings_.prefers_dtls_client);
      out_.plan.remote_ice = *offered.ice;
      out_.plan.remote_fingerprints = offered.fingerprints;
      out_.plan.remote_lite = offer_.ice_lite;
      out_.plan.remote_complete = offered.end_of_candidates;
      out_.plan.remote_candidates = offered.candidates;
      out.candidates = settings_.candidates;
      out.end_of_candidates = !settings_.trickle;
    }
    out.ice = settings_.ice;
    out.fingerprints = {settings_.fingerprint};
    out.setup = out_.plan.we_are_dtls_client ? Setup::active : Setup::passive;
    return std::nullopt;
  }

  const Description& offer_;
  const AnswerSettings& settings_;
  Answer out_;
};

}  // namespace

std::uint8_t Stream::extension_id(std::string_view uri) const noexcept {
  const auto found = std::ranges::find(extensions, uri, &Extension::uri);
  return found == extensions.end() ? std::uint8_t{0} : found->id;
}

base::Result<Answer> answer(const Description& offer, const AnswerSettings& settings) {
  return Answerer(offer, settings).run();
}

base::Result<Plan> read_answer(const Description& offer, const Description& answer) {
  const auto bad = [](std::string_view what) {
    return base::fail(base::Code::invalid_argument, fmt::format("the SDP answer {}", what));
  };
  if (offer.media.size() != answer.media.size())
    return bad(
        fmt::format("has {} media lines, the offer {}", answer.media.size(), offer.media.size()));
  if (offer.ice_lite && answer.ice_lite)
    return bad("is ICE-lite's, as the offer is: nobody would look for a path");
  Plan plan{.remote_lite = answer.ice_lite};
  const auto accepted = std::ranges::count(answer.media, false, &Media::rejected);
  bool first = true;
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    const auto& ours = offer.media[i];
    const auto& theirs = answer.media[i];
    if (theirs.rejected) continue;
    if (theirs.kind != ours.kind || theirs.mid != ours.mid)
      return bad(fmt::format("has {} \"{}\" where the offer has {} \"{}\"", theirs.kind_text,
                             theirs.mid, ours.kind_text, ours.mid));
    if (ours.rejected) return bad(fmt::format("accepts \"{}\", which was not offered", ours.mid));
    // There is one transport: RFC 9143 section 7.3.
    if (accepted > 1 && !answer.bundles(theirs.mid))
      return bad(fmt::format("does not bundle \"{}\"", theirs.mid));
    if (is_rtp(theirs.kind) && !theirs.rtcp_mux)
      return bad(fmt::format("has no rtcp-mux for \"{}\"", theirs.mid));
    if (first) {
      if (!theirs.ice || !theirs.ice->valid()) return bad("has no usable ice-ufrag and ice-pwd");
      if (theirs.fingerprints.empty()) return bad("has no fingerprint");
      if (theirs.setup == Setup::actpass || !theirs.setup) return bad("leaves the DTLS role open");
      plan.remote_ice = *theirs.ice;
      plan.remote_fingerprints = theirs.fingerprints;
      plan.we_are_dtls_client = theirs.setup == Setup::passive;
      first = false;
    }
    plan.remote_complete = plan.remote_complete || theirs.end_of_candidates;
    plan.remote_candidates.insert(plan.remote_candidates.end(), theirs.candidates.begin(),
                                  theirs.candidates.end());
    if (theirs.kind == Kind::data) {
      plan.data = theirs.sctp_port.has_value();
      plan.sctp_port = theirs.sctp_port.value_or(0);
      plan.max_message_size = theirs.max_message_size.value_or(64UL * 1024);
      continue;
    }
    if (!is_rtp(theirs.kind)) continue;
    const auto chosen = std::ranges::find_if(theirs.codecs, [&](const Codec& codec) {
      const auto* offered = ours.codec(codec.payload_type);
      return offered != nullptr && !codec.is("rtx") && same_codec(*offered, codec);
    });
    if (chosen == theirs.codecs.end())
      return bad(fmt::format("has no codec for \"{}\" that was offered: it has {}; offered was {}",
                             theirs.mid, codecs_of(theirs), codecs_of(ours)));
    auto stream = stream_of(theirs, *chosen, i);
    std::erase_if(stream.extensions, [&](const Extension& extension) {
      return !std::ranges::any_of(ours.extensions, [&](const Extension& offered) {
        return offered.uri == extension.uri && offered.id == extension.id;
      });
    });
    if (stream.rtx_payload_type && ours.rtx_of(chosen->payload_type) == nullptr)
      stream.rtx_payload_type.reset();
    stream.we_send = sends(ours.direction) && receives(theirs.direction);
    stream.we_receive = receives(ours.direction) && sends(theirs.direction);
    plan.streams.push_back(std::move(stream));
  }
  if (first) return bad("rejects all media");
  return plan;
}

}  // namespace telltale::rtc::sdp
