// A letter, and how it is written (RFC 5322, MIME: RFC 2045, 2047 and 2231). Nothing that is given
// can add a header: control characters are refused, other than ASCII is encoded. Plain values.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"

namespace telltale::mail {

struct Attachment {
  std::string name;  // UTF-8
  std::string type;  // application/pdf
  std::string bytes;
};

struct Message {
  std::vector<std::string> to;  // addresses
  std::string subject;
  std::string text;
  std::vector<Attachment> attachments;
};

constexpr std::size_t kRecipientsMax = 20;
constexpr std::size_t kBytesMax = 25U << 20U;  // of the text and the attachments

struct Mailbox {
  std::string name;  // may be ""
  std::string address;
};
// `ada@example.org` or `Ada <ada@example.org>`; ASCII but for the name.
base::Result<Mailbox> parse_mailbox(std::string_view text);
base::Result<void> check_address(std::string_view address);
// invalid_argument with the field (/to/0, /subject, …); too_large.
base::Result<void> check(const Message& message);

// With CRLF lines of at most 76 characters. The message has been checked.
std::string write(const Message& message, const Mailbox& from, base::WallTime at);

}  // namespace telltale::mail
