#include "rtc/sdp/document.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "rtc/sdp/text.hpp"

namespace telltale::rtc::sdp {
namespace {

constexpr std::size_t kMaxSize = std::size_t{64} << 10U;
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxLines = 2000;
constexpr std::size_t kMaxMedia = 32;
constexpr std::size_t kMaxFormats = 256;

std::unexpected<base::Error> bad(std::size_t line, std::string_view what) {
  return base::fail(base::Code::invalid_argument, fmt::format("SDP line {}: {}", line, what));
}

std::optional<MediaLines> parse_media(std::string_view text) {
  MediaLines media;
  media.kind = take_until(text, ' ');
  auto ports = take_until(text, ' ');
  const auto port = to_number<std::uint16_t>(take_until(ports, '/'));
  const auto count =
      ports.empty() ? std::optional<std::uint16_t>(1) : to_number<std::uint16_t>(ports);
  media.protocol = take_until(text, ' ');
  if (media.kind.empty() || !port || !count || media.protocol.empty()) return std::nullopt;
  media.port = *port;
  media.port_count = *count;
  while (!text.empty()) {
    const auto format = take_until(text, ' ');
    if (format.empty() || media.formats.size() == kMaxFormats) return std::nullopt;
    media.formats.emplace_back(format);
  }
  if (media.formats.empty()) return std::nullopt;
  return media;
}

void write(std::string& out, const Attributes& attributes) {
  for (const auto& [name, value] : attributes.list)
    out += value ? fmt::format("a={}:{}\r\n", name, *value) : fmt::format("a={}\r\n", name);
}

}  // namespace

bool Attributes::has(std::string_view name) const noexcept {
  return std::ranges::find(list, name, &Attribute::name) != list.end();
}

std::optional<std::string_view> Attributes::value(std::string_view name) const noexcept {
  const auto found = std::ranges::find(list, name, &Attribute::name);
  if (found == list.end()) return std::nullopt;
  return found->value ? std::string_view(*found->value) : std::string_view();
}

std::optional<std::string_view> next_line(std::string_view& text) noexcept {
  if (text.empty()) return std::nullopt;
  auto line = take_until(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Attribute parse_attribute(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return {.name = std::string(text), .value = {}};
  return {.name = std::string(text.substr(0, colon)), .value = std::string(text.substr(colon + 1))};
}

base::Result<Document> Document::parse(std::string_view text) {
  if (text.size() > kMaxSize)
    return base::fail(base::Code::too_large, "an SDP of more than 64 KiB");
  Document out;
  std::size_t number = 0;
  bool has_origin = false;
  bool has_name = false;
  while (const auto line = next_line(text)) {
    ++number;
    if (line->empty() && text.empty()) break;
    if (number > kMaxLines) return bad(number, "too many lines");
    if (line->size() > kMaxLine) return bad(number, "too long");
    if (line->size() < 2 || (*line)[1] != '=') return bad(number, "is not type=value");
    if (std::ranges::any_of(*line, [](char c) { return c == 0 || c == '\r'; }))
      return bad(number, "has a control character");
    const char type = line->front();
    const auto value = line->substr(2);
    // v=, o= and s= begin it, in this order (section 5).
    if (number == 1) {
      if (*line != "v=0") return bad(number, "does not begin with v=0");
      continue;
    }
    auto* media = out.media.empty() ? nullptr : &out.media.back();
    if (type == 'm') {
      if (out.media.size() == kMaxMedia) return bad(number, "too many media");
      auto parsed = parse_media(value);
      if (!parsed) return bad(number, "is not a media description");
      out.media.push_back(std::move(*parsed));
    } else if (type == 'a') {
      if (value.empty()) return bad(number, "is an attribute without a name");
      (media != nullptr ? media->attributes : out.attributes)
          .list.push_back(parse_attribute(value));
    } else if (type == 'o' && media == nullptr) {
      out.origin = value;
      has_origin = true;
    } else if (type == 's' && media == nullptr) {
      out.name = value;
      has_name = true;
    } else if (type >= 'a' && type <= 'z' && type != 'v') {
      (media != nullptr ? media->others : out.others)
          .push_back({.type = type, .value = std::string(value)});
    } else {
      return bad(number, "is of no known type");
    }
  }
  if (!has_origin || !has_name) return bad(number, "there is no o= or no s=");
  return out;
}

std::string Document::text() const {
  auto out = fmt::format("v=0\r\no={}\r\ns={}\r\n", origin, name);
  for (const auto& line : others) out += fmt::format("{}={}\r\n", line.type, line.value);
  if (std::ranges::find(others, 't', &OtherLine::type) == others.end()) out += "t=0 0\r\n";
  write(out, attributes);
  for (const auto& one : media) {
    out += fmt::format("m={} {}", one.kind, one.port);
    if (one.port_count != 1) out += fmt::format("/{}", one.port_count);
    out += fmt::format(" {}", one.protocol);
    for (const auto& format : one.formats) out += fmt::format(" {}", format);
    out += "\r\n";
    for (const auto& line : one.others) out += fmt::format("{}={}\r\n", line.type, line.value);
    write(out, one.attributes);
  }
  return out;
}

}  // namespace telltale::rtc::sdp
