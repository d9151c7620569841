#include "alert/channel.hpp"

#include <algorithm>

#include "mail/message.hpp"
#include "net/url.hpp"

namespace telltale::alert {
namespace {

constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

base::Result<int> minutes_of(const std::string& text, const std::string& pointer) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4)) {
    const int hours = (text[0] - '0') * 10 + text[1] - '0';
    const int minutes = (text[3] - '0') * 10 + text[4] - '0';
    if (hours < 24 && minutes < 60) return hours * 60 + minutes;
  }
  return base::bad_field(pointer, "must be a time of the day: HH:MM");
}

base::Result<void> read_quiet(Channel& out) {
  const auto& quiet = out.text.quiet;
  if (quiet.from.empty() && quiet.to.empty()) return {};
  auto from = minutes_of(quiet.from, "/quiet/from");
  if (!from) return std::unexpected(from.error());
  auto to = minutes_of(quiet.to, "/quiet/to");
  if (!to) return std::unexpected(to.error());
  if (quiet.days.empty()) return base::bad_field("/quiet/days", "must name a day");
  auto zone = schedule::TimeZone::open(quiet.time_zone);
  if (!zone) return base::bad_field("/quiet/time_zone", "there is no such time zone");
  out.quiet_from = *from;
  out.quiet_to = *to;
  out.zone = std::move(*zone);
  return {};
}

base::Result<void> check_mail(const ChannelText& text) {
  if (text.to.empty()) return base::bad_field("/to", "must name an address");
  for (std::size_t i = 0; i < text.to.size(); ++i)
    if (auto good = mail::check_address(text.to[i]); !good)
      return base::bad_field("/to/" + std::to_string(i), "must be an address: ada@example.org");
  return {};
}

}  // namespace

bool Channel::is_quiet(base::WallTime now) const {
  if (!zone) return false;
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const auto local = second + zone->offset_at(second);
  const auto midnight = std::chrono::floor<std::chrono::days>(local);
  const auto minute =
      static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(local - midnight).count());
  const auto begins_on = [&](std::chrono::days back) {
    const std::chrono::weekday day{std::chrono::sys_days(midnight - back)};
    return std::ranges::find(text.quiet.days, kDays[day.c_encoding()]) != text.quiet.days.end();
  };
  if (quiet_from < quiet_to)
    return minute >= quiet_from && minute < quiet_to && begins_on(std::chrono::days(0));
  return (minute >= quiet_from && begins_on(std::chrono::days(0))) ||
         (minute < quiet_to && begins_on(std::chrono::days(1)));
}

std::string Channel::url_shown() const {
  const auto parsed = net::parse_url(url.reveal());
  return parsed ? parsed->origin() + "/" + std::string(base::Secret::kShown) : std::string();
}

base::Result<Channel> make_channel(std::string id, ChannelText text, const Channel* old) {
  Channel out{.id = std::move(id),
              .text = text,
              .url = base::Secret(std::exchange(text.secret_url, "")),
              .secret = base::Secret(std::exchange(text.secret, "")),
              .zone = {}};
  base::wipe(out.text.secret_url);
  base::wipe(out.text.secret);
  out.text.secret_url.clear();
  out.text.secret.clear();
  if (old != nullptr && old->text.kind == out.text.kind) {
    if (out.url.empty()) out.url = old->url;
    if (out.secret.empty()) out.secret = old->secret;
  }
  if (auto done = read_quiet(out); !done) return std::unexpected(done.error());
  const auto& kind = out.text.kind;
  if (kind == "email") {
    if (auto done = check_mail(out.text); !done) return std::unexpected(done.error());
  } else if (!out.text.to.empty()) {
    return base::bad_field("/to", "is of e-mail only");
  }
  const bool posts = kind == "webhook" || kind == "slack";
  if (!posts && !(out.url.empty() && out.secret.empty()))
    return base::bad_field("/secret_url", "is of webhooks only");
  if (!posts) return out;
  if (out.url.empty()) return base::bad_field("/secret_url", "is required");
  const auto url = net::parse_url(out.url.reveal());
  if (!url || (url->scheme != "https" && url->scheme != "http"))
    return base::bad_field("/secret_url", "must be an http(s) URL");
  return out;
}

}  // namespace telltale::alert
