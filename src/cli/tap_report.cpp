#include "cli/tap_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/api_client.hpp"
#include "runtime/run.hpp"

namespace telltale::cli {
namespace {

constexpr std::size_t kMaxPayload = 64U << 10U;
constexpr base::Duration kFirstRetry = std::chrono::seconds(1);
constexpr base::Duration kLastRetry = std::chrono::seconds(30);
constexpr base::Duration kFlush =
    std::chrono::seconds(5);  // a login alone takes one on a busy machine

}  // namespace

Tapped TapReader::read(Direction direction, std::string_view text, base::SteadyTime now,
                       base::WallTime time) {
  Tapped out{.direction = direction, .kind = "invalid", .bytes = text.size(), .time = time};
  const auto parsed = base::parse_json(text);
  if (!parsed || !parsed->is_object()) return out;
  const auto& message = parsed->get_object();
  if (const auto* id = message.if_contains("id"); id != nullptr && !id->is_null())
    out.id = base::write_json(*id).substr(0, 200);
  if (const auto method = base::find_string(message, "method")) {
    out.method = method->substr(0, 200);
    out.kind = out.id.empty() ? "notification" : "request";
    if (out.kind == "request" && pending_.size() < kMaxPending)
      pending_[{direction, out.id}] = {out.method, now};
    return out;
  }
  if (!message.contains("result") && !message.contains("error")) return out;
  out.kind = message.contains("error") ? "error" : "result";
  const auto asker =
      direction == Direction::to_client ? Direction::to_server : Direction::to_client;
  if (const auto asked = pending_.find({asker, out.id}); asked != pending_.end()) {
    out.method = asked->second.method;
    out.duration_ms = base::to_ms(now - asked->second.at);
    pending_.erase(asked);
  }
  return out;
}

TapReporter::TapReporter(runtime::Loop& loop, Connection connection, std::string name)
    : loop_(loop), connection_(std::move(connection)), name_(std::move(name)), changed_(loop) {}

void TapReporter::add(const Tapped& message, std::string_view text) {
  if (queue_.size() >= kMaxQueue) {
    queue_.pop_front();
    ++dropped_;
  }
  base::JsonObject entry{
      {"direction", message.direction == Direction::to_server ? "to_server" : "to_client"},
      {"kind", message.kind},
      {"method", message.method},
      {"id", message.id},
      {"bytes", message.bytes},
      {"time", base::format_rfc3339(message.time)}};
  if (message.duration_ms) entry["duration_ms"] = *message.duration_ms;
  if (!text.empty() && text.size() <= kMaxPayload && message.kind != "invalid")
    entry["message"] = text;
  queue_.push_back(std::move(entry));
  changed_.notify_all();
}

runtime::TaskResult<bool> TapReporter::send() {
  if (connection_.token.empty()) {
    auto token = co_await access_token(connection_);
    if (!token) co_return std::unexpected(token.error());
    connection_.token = std::move(*token);
  }
  base::JsonArray batch;
  const auto count = std::min(queue_.size(), kMaxBatch);
  for (std::size_t i = 0; i < count; ++i) batch.push_back(queue_[i]);
  const auto dropped = dropped_;
  dropped_ = 0;
  // Taken out first: while this is under way, add() may drop from the front.
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
  base::JsonObject body{{"tap", name_}, {"messages", batch}, {"dropped", dropped}};
  auto answer = co_await call_api(connection_,
                                  {.method = "POST", .path = "/api/taps", .body = std::move(body)});
  if (answer) co_return true;
  dropped_ += dropped;
  for (auto it = batch.rbegin(); it != batch.rend() && queue_.size() < kMaxQueue; ++it)
    queue_.push_front(std::move(it->get_object()));
  // An access token lives a quarter of an hour: log in again, where a password is at hand.
  if (answer.error().code == base::Code::unauthenticated && !connection_.password.empty())
    connection_.token.clear();
  co_return std::unexpected(answer.error());
}

runtime::Task<> TapReporter::run() {
  auto retry = kFirstRetry;
  bool told = false;
  while (!closing_ || !queue_.empty()) {
    if (queue_.empty() && dropped_ == 0) {
      co_await changed_.wait();
      continue;
    }
    auto sent = co_await send();
    if (sent) {
      retry = kFirstRetry;
      told = false;
      continue;
    }
    if (!told)
      fmt::print(stderr, "telltale: the tap goes on, but nobody is told: {}\n",
                 sent.error().detail);
    told = true;
    if (closing_) break;
    const auto until = loop_.clock().now() + retry;
    while (!closing_ && loop_.clock().now() < until)
      co_await changed_.wait_for(until - loop_.clock().now());
    retry = std::min(retry * 2, kLastRetry);
  }
  ended_ = true;
  changed_.notify_all();
}

runtime::Task<> TapReporter::close() {
  closing_ = true;
  changed_.notify_all();
  const auto until = loop_.clock().now() + kFlush;
  while (!ended_ && loop_.clock().now() < until)
    co_await changed_.wait_for(until - loop_.clock().now());
}

}  // namespace telltale::cli
