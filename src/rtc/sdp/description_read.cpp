#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "rtc/sdp/description.hpp"
#include "rtc/sdp/text.hpp"

namespace telltale::rtc::sdp {
namespace {

constexpr std::size_t kMaxCandidates = 64;
constexpr std::size_t kMaxSources = 64;
constexpr std::size_t kMaxFeedback = 16;

std::unexpected<base::Error> bad(std::string_view mid, std::string_view what) {
  return base::fail(base::Code::invalid_argument, fmt::format("SDP media \"{}\": {}", mid, what));
}

Kind kind_of(std::string_view text) {
  if (text == "audio") return Kind::audio;
  if (text == "video") return Kind::video;
  return text == "application" ? Kind::data : Kind::other;
}

std::optional<ice::Credentials> read_ice(const Attributes& attributes) {
  const auto ufrag = attributes.value("ice-ufrag");
  const auto password = attributes.value("ice-pwd");
  if (!ufrag || !password) return std::nullopt;
  return ice::Credentials{.ufrag = std::string(trimmed(*ufrag)),
                          .password = std::string(trimmed(*password))};
}

std::vector<Fingerprint> read_fingerprints(const Attributes& attributes) {
  std::vector<Fingerprint> out;
  attributes.for_each("fingerprint", [&](std::string_view text) {
    Fingerprint one{.algorithm = std::string(take_until(text, ' ')),
                    .value = std::string(trimmed(text))};
    for (auto& c : one.algorithm)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    for (auto& c : one.value)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (out.size() < 8) out.push_back(std::move(one));
  });
  return out;
}

Direction read_direction(const Attributes& media, const Attributes& session) {
  for (const auto* attributes : {&media, &session}) {
    if (attributes->has("sendrecv")) return Direction::send_receive;
    if (attributes->has("sendonly")) return Direction::send_only;
    if (attributes->has("recvonly")) return Direction::receive_only;
    if (attributes->has("inactive")) return Direction::inactive;
  }
  return Direction::send_receive;
}

void read_parameters(std::string_view text, Codec& codec) {
  while (!text.empty()) {
    auto one = trimmed(take_until(text, ';'));
    if (one.empty()) continue;
    const auto key = take_until(one, '=');
    if (key.empty()) continue;
    codec.parameters.emplace_back(key, one);
  }
}

// Static payload types need no rtpmap (RFC 3551): the two that WebRTC knows.
Codec static_codec(std::uint8_t payload_type) {
  Codec out{.payload_type = payload_type, .name = {}, .clock = 8000};
  if (payload_type == 0) out.name = "PCMU";
  if (payload_type == 8) out.name = "PCMA";
  return out;
}

bool read_codecs(const MediaLines& lines, Media& out) {
  for (const auto& format : lines.formats) {
    const auto type = to_number<std::uint8_t>(format);
    if (!type || *type > 127) return false;
    if (out.codec(*type) == nullptr) out.codecs.push_back(static_codec(*type));
  }
  const auto find = [&](std::string_view text) -> Codec* {
    const auto type = to_number<std::uint8_t>(text);
    const auto found = std::ranges::find_if(
        out.codecs, [&](const Codec& codec) { return codec.payload_type == type; });
    return found == out.codecs.end() ? nullptr : &*found;
  };
  bool good = true;
  lines.attributes.for_each("rtpmap", [&](std::string_view text) {
    auto* codec = find(take_until(text, ' '));
    if (codec == nullptr) return;
    codec->name = take_until(text, '/');
    const auto clock = to_number<std::uint32_t>(take_until(text, '/'));
    good = good && clock && *clock > 0;
    codec->clock = clock.value_or(0);
    codec->channels = to_number<std::uint16_t>(text).value_or(1);
  });
  lines.attributes.for_each("fmtp", [&](std::string_view text) {
    if (auto* codec = find(take_until(text, ' '))) read_parameters(text, *codec);
  });
  lines.attributes.for_each("rtcp-fb", [&](std::string_view text) {
    const auto type = take_until(text, ' ');
    for (auto& codec : out.codecs)
      if ((type == "*" || find(type) == &codec) && codec.feedback.size() < kMaxFeedback)
        codec.feedback.emplace_back(text);
  });
  return good;
}

bool read_extensions(const Attributes& attributes, Media& out) {
  bool good = true;
  attributes.for_each("extmap", [&](std::string_view text) {
    auto id_text = take_until(text, ' ');
    const auto id = to_number<std::uint8_t>(take_until(id_text, '/'));
    const auto uri = take_until(text, ' ');
    if (!id || *id == 0 || uri.empty()) {
      good = false;
    } else {
      out.extensions.push_back({.id = *id, .uri = std::string(uri)});
    }
  });
  return good;
}

void read_sources(const Attributes& attributes, Media& out) {
  attributes.for_each("ssrc", [&](std::string_view text) {
    const auto ssrc = to_number<std::uint32_t>(take_until(text, ' '));
    if (!ssrc) return;
    auto found = std::ranges::find(out.sources, *ssrc, &Source::ssrc);
    if (found == out.sources.end()) {
      if (out.sources.size() == kMaxSources) return;
      found = out.sources.insert(found, {.ssrc = *ssrc});
    }
    if (text.starts_with("cname:")) found->cname = text.substr(6);
  });
  attributes.for_each("ssrc-group", [&](std::string_view text) {
    if (take_until(text, ' ') != "FID" || out.rtx_pairs.size() == kMaxSources) return;
    const auto media = to_number<std::uint32_t>(take_until(text, ' '));
    const auto rtx = to_number<std::uint32_t>(take_until(text, ' '));
    if (media && rtx) out.rtx_pairs.emplace_back(*media, *rtx);
  });
}

// RFC 8853 section 5.1: streams by ";", alternatives by ",", "~" before a paused one.
std::vector<std::string> read_simulcast_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty() && out.size() < 16) {
    auto alternatives = take_until(text, ';');
    auto first = take_until(alternatives, ',');
    while (first.starts_with('~')) first.remove_prefix(1);
    if (!first.empty()) out.emplace_back(first);
  }
  return out;
}

void read_simulcast(const Attributes& attributes, Media& out) {
  attributes.for_each("rid", [&](std::string_view text) {
    const auto id = take_until(text, ' ');
    const auto direction = take_until(text, ' ');
    if (!id.empty() && out.rids.size() < 16)
      out.rids.push_back(
          {.id = std::string(id), .sends = direction == "send", .restrictions = std::string(text)});
  });
  auto text = attributes.value("simulcast").value_or("");
  while (!text.empty()) {
    const auto direction = take_until(text, ' ');
    auto list = read_simulcast_list(take_until(text, ' '));
    if (direction == "send")
      out.simulcast_send = std::move(list);
    else if (direction == "recv")
      out.simulcast_receive = std::move(list);
  }
}

void read_transport(const Document& document, const MediaLines& lines, Media& out) {
  const auto& own = lines.attributes;
  out.ice = read_ice(own);
  if (!out.ice) out.ice = read_ice(document.attributes);
  out.fingerprints = read_fingerprints(own);
  if (out.fingerprints.empty()) out.fingerprints = read_fingerprints(document.attributes);
  auto setup = own.value("setup");
  if (!setup) setup = document.attributes.value("setup");
  if (setup) out.setup = parse_setup(*setup);
  own.for_each("candidate", [&](std::string_view text) {
    if (out.candidates.size() == kMaxCandidates) return;
    if (auto candidate = ice::Candidate::parse(text)) out.candidates.push_back(*candidate);
  });
  out.end_of_candidates =
      own.has("end-of-candidates") || document.attributes.has("end-of-candidates");
}

base::Result<Media> read_media(const Document& document, const MediaLines& lines) {
  const auto& own = lines.attributes;
  Media out{.kind = kind_of(lines.kind),
            .direction = read_direction(own, document.attributes),
            .rejected = lines.port == 0 && !own.has("bundle-only"),
            .rtcp_mux = own.has("rtcp-mux"),
            .reduced_size = own.has("rtcp-rsize"),
            .kind_text = lines.kind,
            .protocol = lines.protocol,
            .formats = lines.formats,
            .mid = std::string(own.value("mid").value_or("")),
            .msid = std::string(own.value("msid").value_or(""))};
  read_transport(document, lines, out);
  if (own.has("setup") && !out.setup) return bad(out.mid, "a setup that is none");
  if (out.kind == Kind::audio || out.kind == Kind::video) {
    if (!out.rejected && !read_codecs(lines, out)) return bad(out.mid, "malformed payload types");
    if (!read_extensions(own, out)) return bad(out.mid, "a malformed extmap");
    read_sources(own, out);
    read_simulcast(own, out);
  }
  if (const auto port = own.value("sctp-port")) {
    out.sctp_port = to_number<std::uint16_t>(*port);
    if (!out.sctp_port) return bad(out.mid, "a malformed sctp-port");
  }
  // The older form (draft-ietf-mmusic-sctp-sdp-05) has the port for a format; aiortc writes it.
  if (out.protocol == kOldDataProtocol && lines.formats.size() == 1)
    out.sctp_port = to_number<std::uint16_t>(lines.formats[0]);
  if (const auto size = own.value("max-message-size")) {
    out.max_message_size = to_number<std::uint64_t>(*size);
    if (!out.max_message_size) return bad(out.mid, "a malformed max-message-size");
  }
  return out;
}

}  // namespace

std::optional<Setup> parse_setup(std::string_view text) noexcept {
  if (text == "actpass") return Setup::actpass;
  if (text == "active") return Setup::active;
  if (text == "passive") return Setup::passive;
  return std::nullopt;
}

bool Codec::is(std::string_view other) const noexcept {
  return same_letters(name, other);
}

std::optional<std::string_view> Codec::parameter(std::string_view key) const noexcept {
  for (const auto& [name_of, value] : parameters)
    if (same_letters(name_of, key)) return value;
  return std::nullopt;
}

bool Codec::has_feedback(std::string_view what) const noexcept {
  return std::ranges::find(feedback, what) != feedback.end();
}

std::optional<std::uint8_t> Codec::repeats() const noexcept {
  if (!is("rtx")) return std::nullopt;
  const auto apt = parameter("apt");
  return apt ? to_number<std::uint8_t>(*apt) : std::nullopt;
}

const Codec* Media::codec(std::uint8_t payload_type) const noexcept {
  const auto found = std::ranges::find(codecs, payload_type, &Codec::payload_type);
  return found == codecs.end() ? nullptr : &*found;
}

const Codec* Media::rtx_of(std::uint8_t payload_type) const noexcept {
  const auto found =
      std::ranges::find_if(codecs, [&](const Codec& one) { return one.repeats() == payload_type; });
  return found == codecs.end() ? nullptr : &*found;
}

bool Description::bundles(std::string_view mid) const noexcept {
  return std::ranges::find(bundle, mid) != bundle.end();
}

base::Result<Description> Description::parse(std::string_view text) {
  const auto document = Document::parse(text);
  if (!document) return std::unexpected(document.error());
  return read(*document);
}

base::Result<Description> Description::read(const Document& document) {
  Description out;
  std::string_view origin = document.origin;
  take_until(origin, ' ');
  out.session_id = to_number<std::uint64_t>(take_until(origin, ' ')).value_or(0);
  out.session_version = to_number<std::uint64_t>(take_until(origin, ' ')).value_or(0);
  out.ice_lite = document.attributes.has("ice-lite");
  out.mixed_extensions = document.attributes.has("extmap-allow-mixed");
  const auto read_options = [&](std::string_view text) {
    while (!text.empty()) out.trickle = take_until(text, ' ') == "trickle" || out.trickle;
  };
  document.attributes.for_each("ice-options", read_options);
  document.attributes.for_each("group", [&](std::string_view text) {
    if (take_until(text, ' ') != "BUNDLE" || !out.bundle.empty()) return;
    while (!text.empty()) {
      const auto mid = take_until(text, ' ');
      if (!mid.empty()) out.bundle.emplace_back(mid);
    }
  });
  for (const auto& lines : document.media) {
    auto media = read_media(document, lines);
    if (!media) return std::unexpected(media.error());
    lines.attributes.for_each("ice-options", read_options);
    const bool doubled = std::ranges::any_of(
        out.media, [&](const Media& one) { return !one.mid.empty() && one.mid == media->mid; });
    if (doubled) return bad(media->mid, "a mid that is used twice");
    out.media.push_back(std::move(*media));
  }
  return out;
}

}  // namespace telltale::rtc::sdp
