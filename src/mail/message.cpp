#include "mail/message.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/random.hpp"

namespace telltale::mail {
namespace {

constexpr std::size_t kAddressMax = 254;
constexpr std::size_t kSubjectMax = 300;
constexpr std::size_t kAttachmentsMax = 10;
constexpr std::size_t kLine = 76;
constexpr std::size_t kWord = 45;  // bytes of an encoded word, which has 75 characters at most

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
// RFC 5322 section 3.2.3, without what is quoted.
bool is_atom(std::string_view text) {
  constexpr std::string_view kAlso = "!#$%&'*+-/=?^_`{|}~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_letter_or_digit(c) || kAlso.find(c) != std::string_view::npos;
  });
}

template <class Check>
bool all_parts(std::string_view text, Check fits) {
  for (;;) {
    const auto dot = text.find('.');
    if (!fits(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// RFC 2047: what is not ASCII as encoded words, cut between characters.
std::string header_text(std::string_view text) {
  if (is_plain(text) && text.size() <= kLine - 16 && text.find("=?") == std::string_view::npos)
    return std::string(text);
  std::string out;
  while (!text.empty()) {
    auto size = std::min(kWord, text.size());
    while (size > 0 && size < text.size() && (text[size] & '\xC0') == '\x80') --size;
    out += out.empty() ? "" : "\r\n ";
    out += "=?UTF-8?B?" + base::base64_encode(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

std::string quoted_ascii(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '"' || c == '\\' || c < 0x20 || c >= 0x7F ? '_' : c;
  return out;
}

std::string as_base64_lines(std::string_view bytes) {
  const auto text = base::base64_encode(bytes);
  std::string out;
  out.reserve(text.size() + text.size() / kLine * 2 + 2);
  for (std::size_t at = 0; at < text.size(); at += kLine)
    out.append(text, at, kLine).append("\r\n");
  return out;
}

std::string display(const Mailbox& box) {
  if (box.name.empty()) return box.address;
  return header_text(box.name) == box.name
             ? fmt::format("\"{}\" <{}>", quoted_ascii(box.name), box.address)
             : header_text(box.name) + "\r\n <" + box.address + ">";
}

base::Result<void> check_attachment(const Attachment& one, const std::string& pointer) {
  if (one.name.empty() || one.name.size() > 200 || std::ranges::any_of(one.name, is_control) ||
      one.name.find('/') != std::string::npos || !base::is_utf8(one.name))
    return base::bad_field(pointer + "/name", "must be a file's name in UTF-8");
  const auto slash = one.type.find('/');
  const std::string_view type = one.type;
  if (slash == std::string::npos || !is_atom(type.substr(0, slash)) ||
      !all_parts(type.substr(slash + 1), is_atom))
    return base::bad_field(pointer + "/type", "must be a media type");
  return {};
}

}  // namespace

base::Result<void> check_address(std::string_view address) {
  const auto at = address.rfind('@');
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
  };
  if (address.size() > kAddressMax || at == std::string_view::npos || at > 64 ||
      !all_parts(address.substr(0, at), is_atom) || !all_parts(address.substr(at + 1), is_label))
    return base::fail(base::Code::invalid_argument, "must be an address such as ada@example.org");
  return {};
}

base::Result<Mailbox> parse_mailbox(std::string_view text) {
  Mailbox out;
  if (const auto open = text.find('<'); open != std::string_view::npos && text.ends_with('>')) {
    auto name = text.substr(0, open);
    while (name.ends_with(' ')) name.remove_suffix(1);
    out.name = name;
    text = text.substr(open + 1, text.size() - open - 2);
  }
  if (std::ranges::any_of(out.name, is_control) || !base::is_utf8(out.name) ||
      out.name.size() > 100)
    return base::fail(base::Code::invalid_argument, "has a name with what is no text");
  if (auto fine = check_address(text); !fine) return std::unexpected(fine.error());
  out.address = text;
  return out;
}

base::Result<void> check(const Message& message) {
  if (message.to.empty() || message.to.size() > kRecipientsMax)
    return base::bad_field("/to", fmt::format("must have 1 to {} addresses", kRecipientsMax));
  for (std::size_t i = 0; i < message.to.size(); ++i)
    if (auto fine = check_address(message.to[i]); !fine)
      return base::bad_field(fmt::format("/to/{}", i), fine.error().detail);
  if (message.subject.size() > kSubjectMax || std::ranges::any_of(message.subject, is_control) ||
      !base::is_utf8(message.subject))
    return base::bad_field("/subject",
                           "must be one line of UTF-8, at most 300 bytes, without control "
                           "characters");
  if (!base::is_utf8(message.text)) return base::bad_field("/text", "must be UTF-8");
  if (message.attachments.size() > kAttachmentsMax)
    return base::bad_field("/attachments", "must be at most 10");
  auto size = message.text.size();
  for (std::size_t i = 0; i < message.attachments.size(); ++i) {
    size += message.attachments[i].bytes.size();
    if (auto fine = check_attachment(message.attachments[i], fmt::format("/attachments/{}", i));
        !fine)
      return fine;
  }
  if (size > kBytesMax)
    return base::fail(base::Code::too_large, "a letter may have 25 MiB at most");
  return {};
}

std::string write(const Message& message, const Mailbox& from, base::WallTime at) {
  const auto domain = from.address.substr(from.address.rfind('@') + 1);
  const auto boundary = "=_" + base::secure_token(18);
  std::string to;
  for (const auto& address : message.to) to += (to.empty() ? "" : ",\r\n ") + address;
  auto out = fmt::format(
      "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\n"
      "Message-ID: <{}@{}>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
      "Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n",
      fmt::gmtime(std::chrono::system_clock::to_time_t(
          std::chrono::time_point_cast<std::chrono::system_clock::duration>(at))),
      display(from), to, header_text(message.subject), base::secure_token(18), domain, boundary);
  out += "--" + boundary +
         "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
         "base64\r\n\r\n" +
         as_base64_lines(message.text);
  for (const auto& one : message.attachments) {
    out += fmt::format(
        "--{}\r\nContent-Type: {}\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment;\r\n filename=\"{}\";\r\n filename*=UTF-8''{}\r\n\r\n",
        boundary, one.type, quoted_ascii(one.name), base::percent_encode(one.name));
    out += as_base64_lines(one.bytes);
  }
  return out + "--" + boundary + "--\r\n";
}

}  // namespace telltale::mail
