// Channel: where alerts are told: in the browser, by e-mail, to a webhook, to what speaks Slack's
// incoming webhooks. With a severity from which on, and hours in which it is quiet: what fires
// then is told when they are over, if it still fires. Secrets (the address of a webhook, the key
// of its signature) are apart from the definition. Plain values.
#pragma once

#include <memory>

#include "alert/rule.hpp"
#include "base/secret.hpp"
#include "schedule/time_zone.hpp"

namespace telltale::alert {

struct QuietHours {
  std::string from, to;  // 22:00, 07:00; both "": none
  std::vector<std::string> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string time_zone = "UTC";
};
BOOST_DESCRIBE_STRUCT(QuietHours, (), (from, to, days, time_zone))
constexpr auto field_rules(const QuietHours*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "from", .help = "HH:MM", .maximum = 5, .has_default = true},
      FieldRule{.name = "to",
                .help = "HH:MM, of the next day when it is not later",
                .maximum = 5,
                .has_default = true},
      FieldRule{.name = "days",
                .help = "on which they begin",
                .maximum = 7,
                .one_of = "mon|tue|wed|thu|fri|sat|sun",
                .has_default = true},
      FieldRule{.name = "time_zone", .help = "IANA name", .maximum = 64, .has_default = true}};
}

struct ChannelText {
  std::string name;
  std::string kind;
  std::vector<std::string> to;
  std::string secret_url, secret;
  std::string least_severity = "info";
  bool resolved = true;
  QuietHours quiet;
  bool enabled = true;
};
BOOST_DESCRIBE_STRUCT(ChannelText, (),
                      (name, kind, to, secret_url, secret, least_severity, resolved, quiet,
                       enabled))
inline constexpr std::array kChannelRules{
    base::FieldRule{.name = "name", .minimum = 1, .maximum = 100},
    base::FieldRule{.name = "kind", .one_of = "browser|email|webhook|slack"},
    base::FieldRule{
        .name = "to", .help = "addresses of an email channel", .maximum = 20, .has_default = true},
    base::FieldRule{.name = "secret_url",
                    .help = "of a webhook or slack channel; is kept sealed and never shown whole",
                    .maximum = 2000,
                    .has_default = true},
    base::FieldRule{.name = "secret",
                    .help = "key of a webhook's signature (HMAC-SHA256); kept sealed",
                    .maximum = 500,
                    .has_default = true},
    base::FieldRule{.name = "least_severity", .one_of = kSeverities, .has_default = true},
    base::FieldRule{.name = "resolved", .help = "is also told what is over", .has_default = true},
    base::FieldRule{.name = "quiet", .help = "hours in which it is quiet", .has_default = true},
    base::FieldRule{.name = "enabled", .has_default = true}};
constexpr auto field_rules(const ChannelText*) {
  return kChannelRules;
}

struct Channel {
  std::string id;
  ChannelText text;  // without the two secrets
  base::Secret url, secret;
  std::shared_ptr<const schedule::TimeZone> zone;  // of the quiet hours, where there are any
  int quiet_from = 0, quiet_to = 0;                // minutes of the day

  bool is_quiet(base::WallTime now) const;
  // What may be known of the URL: https://hooks.example.org/••••
  std::string url_shown() const;
};

// Checks every field of what people write; of one that is changed, an empty one of the secrets is
// the old one.
base::Result<Channel> make_channel(std::string id, ChannelText text, const Channel* old);

}  // namespace telltale::alert
