#include "lab/conformance/texts.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace telltale::lab {
namespace {

// The code point at `at` of well-formed UTF-8, and its length; 0 when it is none.
char32_t code_point(std::string_view text, std::size_t at, std::size_t* length) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto first = byte(0);
  *length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 0x80) return first;
  char32_t out = first & (0xffU >> (*length + 1));
  for (std::size_t i = 1; i < *length; ++i) out = (out << 6U) | (byte(i) & 0x3fU);
  return out;
}

bool is_hidden(char32_t c) {
  const bool tag = c >= 0xe0000 && c <= 0xe007f;
  const bool bidi = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  const bool zero_width = c == 0x200b || c == 0x2060 || c == 0x2062 || c == 0x2063 || c == 0x2064;
  return tag || bidi || zero_width;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// `prefix` and at least `least` word characters behind it, not in the middle of a word.
bool has_token(std::string_view text, std::string_view prefix, std::size_t least) {
  for (auto at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1)) {
    if (at > 0 && is_word(text[at - 1])) continue;
    auto end = at + prefix.size();
    while (end < text.size() && is_word(text[end])) ++end;
    if (end - at - prefix.size() >= least) return true;
  }
  return false;
}

}  // namespace

std::string hidden_characters(std::string_view text) {
  for (std::size_t at = 0, length = 1; at < text.size(); at += length)
    if (const auto c = code_point(text, at, &length); is_hidden(c))
      return fmt::format("the invisible character U+{:04X}", static_cast<std::uint32_t>(c));
  return "";
}

std::string instruction_to_model(std::string_view text) {
  static constexpr std::array<std::string_view, 15> kPhrases{
      "ignore previous instructions",
      "ignore all previous",
      "ignore the previous",
      "disregard previous",
      "disregard all previous",
      "do not tell the user",
      "don't tell the user",
      "do not mention this",
      "without telling the user",
      "hide this from the user",
      "do not inform the user",
      "<important>",
      "<system>",
      "you must always call this tool before",
      "before using this tool, read"};
  const auto plain = lower(text);
  for (const auto phrase : kPhrases)
    if (plain.find(phrase) != std::string::npos) return fmt::format("\"{}\"", phrase);
  if (plain.find("<!--") != std::string::npos) return "an HTML comment";
  return "";
}

std::string terminal_escape(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7f)
      return fmt::format("the control character 0x{:02x}", byte);
  }
  return "";
}

std::string stack_trace(std::string_view text) {
  if (text.find("Traceback (most recent call last)") != std::string_view::npos)
    return "a Python traceback";
  if (text.find("goroutine ") != std::string_view::npos &&
      text.find("[running]") != std::string_view::npos)
    return "a Go stack trace";
  for (auto at = text.find("\n    at "); at != std::string_view::npos;
       at = text.find("\n    at ", at + 1)) {
    const auto line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    const auto colon = line.rfind(':');
    if (colon != std::string_view::npos && colon + 1 < line.size() && line[colon + 1] >= '0' &&
        line[colon + 1] <= '9')
      return "a JavaScript stack trace";
    if (line.find(".java:") != std::string_view::npos) return "a Java stack trace";
  }
  if (text.find("thread '") != std::string_view::npos &&
      text.find("' panicked at") != std::string_view::npos)
    return "a Rust panic";
  return "";
}

std::string internal_path(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kPaths{
      "/node_modules/", "/site-packages/", "/usr/lib/", "/dist-packages/", "/.npm/", "/go/pkg/"};
  for (const auto path : kPaths)
    if (text.find(path) != std::string_view::npos) return fmt::format("a path with {}", path);
  return "";
}

std::string secret(std::string_view text) {
  struct Shape {
    std::string_view prefix;
    std::size_t least;
    std::string_view name;
  };
  static constexpr std::array<Shape, 9> kShapes{{{"AKIA", 16, "an AWS access key"},
                                                 {"ghp_", 36, "a GitHub token"},
                                                 {"github_pat_", 30, "a GitHub token"},
                                                 {"sk-ant-", 20, "an Anthropic key"},
                                                 {"sk-proj-", 20, "an OpenAI key"},
                                                 {"sk_live_", 20, "a Stripe key"},
                                                 {"xoxb-", 20, "a Slack token"},
                                                 {"glpat-", 20, "a GitLab token"},
                                                 {"AIza", 35, "a Google key"}}};
  for (const auto& shape : kShapes)
    if (has_token(text, shape.prefix, shape.least)) return std::string(shape.name);
  const auto key = text.find("-----BEGIN ");
  if (key != std::string_view::npos &&
      text.substr(key, 64).find("PRIVATE KEY-----") != std::string_view::npos)
    return "a private key";
  return "";
}

bool is_passwd_file(std::string_view text) {
  return text.find("root:") != std::string_view::npos &&
         text.find(":0:0:") != std::string_view::npos;
}

}  // namespace telltale::lab
