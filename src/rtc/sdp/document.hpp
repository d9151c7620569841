// SDP as lines (RFC 8866): a session and its media with their attributes in order, known or not, so
// that parse and write lose nothing. What the lines mean is in description.hpp. Limits: 64 KiB,
// 4,096 bytes a line, 32 media, 2,000 lines; beyond them, or malformed: invalid_argument, with the
// line's number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace telltale::rtc::sdp {

struct Attribute {
  std::string name;
  std::optional<std::string> value;  // behind the colon
  bool operator==(const Attribute&) const = default;
};

class Attributes {
 public:
  void add(std::string name) { list.push_back({.name = std::move(name), .value = {}}); }
  void add(std::string name, std::string value) {
    list.push_back({.name = std::move(name), .value = std::move(value)});
  }
  bool has(std::string_view name) const noexcept;
  // Of the first one of that name; empty when it has none.
  std::optional<std::string_view> value(std::string_view name) const noexcept;
  template <class Take>
  void for_each(std::string_view name, Take&& take) const {
    for (const auto& attribute : list)
      if (attribute.name == name) take(std::string_view(attribute.value ? *attribute.value : ""));
  }
  bool operator==(const Attributes&) const = default;

  std::vector<Attribute> list;
};

// i=, c=, b=, k= and the like, kept as they are.
struct OtherLine {
  char type = 0;
  std::string value;
  bool operator==(const OtherLine&) const = default;
};

struct MediaLines {
  std::string kind;  // audio, video, application
  std::uint16_t port = 0;
  std::uint16_t port_count = 1;
  std::string protocol;
  std::vector<std::string> formats;
  std::vector<OtherLine> others = {};
  Attributes attributes = {};
  bool operator==(const MediaLines&) const = default;
};

struct Document {
  std::string origin = "- 0 0 IN IP4 0.0.0.0";
  std::string name = "-";
  std::vector<OtherLine> others = {};  // with t= in its place; "0 0" when there is none
  Attributes attributes = {};
  std::vector<MediaLines> media = {};
  bool operator==(const Document&) const = default;

  static base::Result<Document> parse(std::string_view text);
  std::string text() const;  // lines end with CRLF
};

// The line without its CRLF; LF alone is taken too. nullopt at the end.
std::optional<std::string_view> next_line(std::string_view& text) noexcept;
// "name:value" or "name".
Attribute parse_attribute(std::string_view text);

}  // namespace telltale::rtc::sdp
