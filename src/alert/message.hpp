// What a notification says, in each of the ways it is sent: a subject and a text, the JSON of a
// webhook with its signature, the blocks of Slack. Pure, any thread.
#pragma once

#include "alert/alert.hpp"
#include "base/secret.hpp"
#include "mail/message.hpp"

namespace telltale::alert {

struct Notification {
  std::string id;
  std::string channel;  // its id
  std::string rule, name;
  std::string sentence;  // the rule in plain words
  bool resolved = false;
  bool test = false;
  std::vector<Alert> alerts;
  std::string dashboard;  // where its page is
  base::WallTime at;
};

std::string title_of(const Notification& one);
mail::Message mail_of(const Notification& one, std::vector<std::string> to);
std::string webhook_body(const Notification& one);
std::string slack_body(const Notification& one);
// v1=HEX of HMAC-SHA256 (RFC 2104) with the secret over `timestamp.body`.
std::string signature(const base::Secret& secret, std::string_view timestamp,
                      std::string_view body);

}  // namespace telltale::alert
