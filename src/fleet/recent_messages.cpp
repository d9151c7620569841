#include "fleet/recent_messages.hpp"

#include <algorithm>

namespace telltale::fleet {
namespace {

constexpr std::size_t kCheckBytes = 4U << 10U;  // a check or its answer is no longer
constexpr std::size_t kChecks = 16;

std::optional<base::JsonObject> short_message(std::string_view text) {
  if (text.size() > kCheckBytes) return std::nullopt;
  auto parsed = base::parse_json(text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
}

bool has(std::string_view text, std::string_view part) {
  return text.substr(0, kCheckBytes).find(part) != std::string_view::npos;
}

bool is_handshake(std::string_view text) {
  return has(text, "\"method\":\"initialize\"") || has(text, "\"method\":\"server/discover\"") ||
         has(text, "\"method\":\"notifications/initialized\"");
}

}  // namespace

void RecentMessages::begin(base::SteadyTime now) {
  if (!began_) began_ = now;
  shaking_ = true;
  checks_.clear();
  if (!sessions_.empty() && sessions_.back().recent.empty()) sessions_.pop_back();
  if (!sessions_.empty())
    for (const auto& one : sessions_.back().handshake) bytes_ += one.text.size();
  sessions_.emplace_back();
  while (sessions_.size() > kSessions || (bytes_ > kBytes && sessions_.size() > 1)) forget_oldest();
}

std::size_t RecentMessages::size() const noexcept {
  std::size_t out = 0;
  for (const auto& one : sessions_) out += one.handshake.size() + one.recent.size();
  return out;
}

// A message; with the last of an earlier session its handshake.
void RecentMessages::forget_oldest() {
  auto& oldest = sessions_.front();
  bytes_ -= oldest.recent.front().text.size();
  oldest.recent.pop_front();
  ++left_out_;
  if (!oldest.recent.empty() || sessions_.size() == 1) return;
  for (const auto& one : oldest.handshake) bytes_ -= one.text.size();
  left_out_ += oldest.handshake.size();
  sessions_.pop_front();
}

// Ours are written without spaces, so a search finds them; only they are parsed.
bool RecentMessages::of_a_check(bool to_server, std::string_view text) {
  if (to_server) {
    if (!has(text, "\"method\":\"ping\"") && !has(text, "\"method\":\"server/discover\""))
      return false;
    const auto message = short_message(text);
    const auto method = message ? base::string_or(*message, "method") : std::string();
    if (method != "ping" && method != "server/discover") return false;
    const auto id = base::find_integer(*message, "id");
    if (!id) return false;
    if (checks_.size() == kChecks) checks_.erase(checks_.begin());
    checks_.push_back(*id);
    return true;
  }
  if (checks_.empty()) return false;
  const auto message = short_message(text);
  const auto id = message ? base::find_integer(*message, "id") : std::nullopt;
  return id && !message->contains("method") && std::erase(checks_, *id) > 0;
}

void RecentMessages::add(bool to_server, std::string_view text, base::SteadyTime now) {
  if (shaking_ && to_server && !is_handshake(text)) shaking_ = false;
  if (!shaking_ && of_a_check(to_server, text)) return;
  if (text.size() > kMessageBytes) {
    ++left_out_;
    return;
  }
  if (sessions_.empty()) begin(now);
  auto& session = sessions_.back();
  Message message{.to_server = to_server, .at = now - *began_, .text = std::string(text)};
  if (shaking_ && session.handshake.size() < kHandshake) {
    session.handshake.push_back(std::move(message));
    return;
  }
  bytes_ += message.text.size();
  session.recent.push_back(std::move(message));
  while (bytes_ > kBytes) forget_oldest();
}

std::string RecentMessages::recording(mcp::RecordingHead head) const {
  head.left_out = left_out_;
  auto out = mcp::recording_head(head) + "\n";
  int number = 0;
  for (const auto& session : sessions_) {
    ++number;
    const auto write = [&](const Message& one) {
      out += mcp::recording_line(one.to_server, one.at, one.text, number) + "\n";
    };
    std::ranges::for_each(session.handshake, write);
    std::ranges::for_each(session.recent, write);
  }
  return out;
}

}  // namespace telltale::fleet
