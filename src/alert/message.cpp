#include "alert/message.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/encoding.hpp"

namespace telltale::alert {
namespace {

constexpr std::size_t kToldMax = 50;          // alerts in one notification
constexpr std::size_t kBlocksMax = 20;        // alerts that Slack shows (it takes 50 blocks)
constexpr std::size_t kSlackTextMax = 2'900;  // of a section: it takes 3,000 characters

std::string_view worst_of(const Notification& one) {
  std::string_view out = "info";
  for (const auto& alert : one.alerts)
    if (rank_of(alert.severity) > rank_of(out)) out = alert.severity;
  return out;
}

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// One line, so that nothing that is given adds a header, and of a length that lists show.
std::string one_line(std::string text, std::size_t limit) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  if (text.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
    text = text.substr(0, limit) + "…";
  }
  return text;
}

std::string cut(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit) + "…";
}

std::string absolute(const Notification& one, const std::string& runbook) {
  return runbook.starts_with('/') ? one.dashboard + runbook : runbook;
}

std::string slack_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

base::JsonObject section(std::string text) {
  return {{"type", "section"},
          {"text", {{"type", "mrkdwn"}, {"text", cut(std::move(text), kSlackTextMax)}}}};
}

std::string when(const Alert& alert) {
  return alert.resolved_at ? "over since " + base::format_rfc3339(*alert.resolved_at) +
                                 ", fired at " + base::format_rfc3339(alert.fired_at)
                           : "since " + base::format_rfc3339(alert.pending_since);
}

}  // namespace

std::string title_of(const Notification& one) {
  const auto word = one.resolved ? "RESOLVED" : upper(worst_of(one));
  const auto what = one.alerts.size() == 1
                        ? one.alerts.front().summary
                        : fmt::format("{}: {} alerts", one.name, one.alerts.size());
  return one_line((one.test ? "[TEST] " : "") + ("[" + word + "] ") + what, 200);
}

mail::Message mail_of(const Notification& one, std::vector<std::string> to) {
  std::string text;
  if (one.test) text += "This is a test of the notification channel.\n\n";
  for (std::size_t i = 0; i < std::min(one.alerts.size(), kToldMax); ++i) {
    const auto& alert = one.alerts[i];
    text +=
        fmt::format("{}\n  {}, {}\n", one_line(alert.summary, 500), alert.severity, when(alert));
    if (!alert.runbook.empty())
      text += "  what to do: " + one_line(absolute(one, alert.runbook), 600) + "\n";
  }
  if (one.alerts.size() > kToldMax)
    text += fmt::format("and {} more\n", one.alerts.size() - kToldMax);
  text += fmt::format("\nRule: {}\n  {}\nAll alerts: {}/alerts\n", one_line(one.name, 200),
                      one_line(one.sentence, 1'000), one.dashboard);
  return {
      .to = std::move(to), .subject = title_of(one), .text = std::move(text), .attachments = {}};
}

std::string webhook_body(const Notification& one) {
  base::JsonArray alerts;
  for (std::size_t i = 0; i < std::min(one.alerts.size(), kToldMax); ++i)
    alerts.push_back(to_json(one.alerts[i], nullptr));
  return base::write_json(base::JsonObject{
      {"version", 1},
      {"id", one.id},
      {"event", one.test       ? "test"
                : one.resolved ? "resolved"
                               : "firing"},
      {"title", title_of(one)},
      {"severity", worst_of(one)},
      {"rule", {{"id", one.rule}, {"name", one.name}, {"condition", one.sentence}}},
      {"alerts", std::move(alerts)},
      {"total", one.alerts.size()},
      {"time", base::format_rfc3339(one.at)},
      {"url", one.dashboard + "/alerts"}});
}

std::string slack_body(const Notification& one) {
  base::JsonArray blocks;
  const auto title = title_of(one);
  blocks.push_back(base::JsonObject{
      {"type", "header"},
      {"text", {{"type", "plain_text"}, {"text", one_line(title, 140)}, {"emoji", false}}}});
  for (std::size_t i = 0; i < std::min(one.alerts.size(), kBlocksMax); ++i) {
    const auto& alert = one.alerts[i];
    auto text = "*" + slack_escaped(one_line(alert.summary, 500)) + "*\n" + alert.severity + ", " +
                when(alert);
    if (!alert.runbook.empty())
      text += "\n<" + slack_escaped(absolute(one, alert.runbook)) + "|What to do>";
    blocks.push_back(section(std::move(text)));
  }
  if (one.alerts.size() > kBlocksMax)
    blocks.push_back(section(fmt::format("and {} more", one.alerts.size() - kBlocksMax)));
  base::JsonArray context{base::JsonObject{
      {"type", "mrkdwn"},
      {"text",
       cut(slack_escaped(one.sentence), 1'500) + " · <" + one.dashboard + "/alerts|all alerts>"}}};
  blocks.push_back(base::JsonObject{{"type", "context"}, {"elements", std::move(context)}});
  return base::write_json(
      base::JsonObject{{"text", slack_escaped(title)}, {"blocks", std::move(blocks)}});
}

std::string signature(const base::Secret& secret, std::string_view timestamp,
                      std::string_view body) {
  const auto key = secret.reveal();
  const auto text = std::string(timestamp) + "." + std::string(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &length);
  return "v1=" +
         base::hex_encode(std::string_view(reinterpret_cast<const char*>(out.data()), length));
}

}  // namespace telltale::alert
