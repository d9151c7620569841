#include "lab/replay/player.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/redact.hpp"
#include "mcp/jsonrpc.hpp"
#include "mcp/protocol.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::lab {
namespace {

// What a request of the modern era claims to speak; "" of an older one.
std::string claimed_version(const base::Json& message) {
  const auto* const object = message.if_object();
  const auto* const params = object == nullptr ? nullptr : base::find_object(*object, "params");
  const auto* const meta = params == nullptr ? nullptr : base::find_object(*params, "_meta");
  return meta == nullptr ? std::string() : base::string_or(*meta, mcp::meta::kVersion);
}

std::string name_of(const base::Json& message) {
  const auto* const params = base::find_object(message.get_object(), "params");
  if (params == nullptr) return {};
  auto name = base::string_or(*params, "name");
  return name.empty() ? base::string_or(*params, "uri") : name;
}

}  // namespace

Player::Player(runtime::Loop& loop, std::shared_ptr<Wire> wire, const std::vector<Line>& script,
               PlaySettings settings)
    : loop_(loop), wire_(std::move(wire)), script_(script), settings_(std::move(settings)) {}

runtime::TaskResult<Played> Player::play(Player* self) {
  if (auto open = co_await self->wire_->open(); !open) co_return std::unexpected(open.error());
  const auto& clock = self->loop_.clock();
  const auto began = clock.now();
  const auto total = self->script_.size();
  for (std::size_t i = 0; i < total; ++i) {
    if (!self->script_[i].to_server()) continue;
    co_await reach(self, i);
    if (!self->played_.ended.empty()) break;
    const auto due = began + self->script_[i].recorded->at - self->script_.front().recorded->at;
    if (self->settings_.recorded_time && due > clock.now()) co_await runtime::sleep_until(due);
    self->send(i);
    if (self->settings_.progress)
      self->settings_.progress(static_cast<double>(i + 1), static_cast<double>(total),
                               describe(self->script_[i]));
  }
  co_await reach(self, total);
  co_await last_notifications(self);
  self->played_.took = clock.now() - began;
  co_return std::move(self->played_);
}

void Player::send(std::size_t index) {
  const auto& line = script_[index];
  auto message = line.recorded->message;
  if (line.part == Line::Part::answer) {  // with the id that the server gave this time
    const auto& asked = script_[line.partner == Line::kNone ? index : line.partner];
    const auto heard = played_.requests.find(asked.method);
    if (heard == played_.requests.end() || heard->second.size() <= asked.nth) return;
    message.as_object()["id"] = *base::find(heard->second[asked.nth], "id");
  }
  Outgoing out{.text = message.is_null() ? line.recorded->text : base::write_json(message)};
  if (!wire_->is_stdio()) {
    // A client that asked for the modern era first and was refused begins again in the older one.
    if (line.method == "initialize") http_ = {};
    if (auto version = claimed_version(message); !version.empty())
      http_ = {.era = mcp::Era::modern, .version = std::move(version), .session_id = {}};
    const bool named = line.part == Line::Part::request || line.part == Line::Part::notification;
    out.headers = mcp::http_headers(
        {}, http_, {.method = line.method, .name = named ? name_of(message) : std::string()});
  }
  const bool asks = line.part == Line::Part::request;
  if (asks) waiting_.insert_or_assign(line.id, index);
  auto sent = wire_->send(std::move(out));
  ++played_.sent;
  if (!sent && asks) played_.no_answer[index] = sent.error().detail;
  if (sent && asks) exchanges_[*sent] = index;
  if (line.method == "notifications/initialized") listen_over_http();
}

// What belongs to no request comes over a stream of its own (2025-11-25 basic/transports,
// "Listening for Messages from the Server"); a server without one refuses it.
void Player::listen_over_http() {
  if (wire_->is_stdio() || http_.era != mcp::Era::legacy) return;
  (void)wire_->send(
      {.text = {}, .method = "GET", .headers = mcp::http_stream_headers({}, http_, "")});
}

void Player::take(base::Json message) {
  if (const auto* const batch = message.if_array()) {
    const auto parts = *batch;
    for (const auto& part : parts)
      if (part.is_object()) take(part);
    return;
  }
  switch (part_of(message)) {
    case Line::Part::answer: {
      const auto found = waiting_.find(id_of(message));
      if (found == waiting_.end()) break;
      const auto index = found->second;
      waiting_.erase(found);
      if (script_[index].method == "initialize")
        if (const auto* const result = base::find_object(message.get_object(), "result"))
          http_.version = base::string_or(*result, "protocolVersion");
      played_.answers.insert_or_assign(index, std::move(message));
      return;
    }
    case Line::Part::request: {
      const auto method = base::string_or(message.get_object(), "method");
      auto& heard = played_.requests[method];
      const auto nth = heard.size();
      const bool expected = std::ranges::any_of(script_, [&](const Line& line) {
        return !line.to_server() && line.part == Line::Part::request && line.method == method &&
               line.nth == nth;
      });
      if (!expected) reply_to_unknown(message);
      heard.push_back(std::move(message));
      return;
    }
    case Line::Part::notification:
      played_.notifications.push_back(std::move(message));
      return;
    case Line::Part::other:
      break;
  }
  if (played_.others.size() < kOthers) played_.others.push_back(base::write_json(message));
}

void Player::reply_to_unknown(const base::Json& request) {
  const auto& object = request.get_object();
  const auto& id = *base::find(object, "id");
  const auto answer =
      base::string_or(object, "method") == "ping"
          ? mcp::result_message(id, {})
          : mcp::error_message(id, mcp::rpc::kMethodNotFound, "the recording has no answer");
  Outgoing out{.text = base::write_json(answer)};
  if (!wire_->is_stdio()) out.headers = mcp::http_headers({}, http_, {});
  (void)wire_->send(std::move(out));  // a server that is gone is seen elsewhere
}

void Player::exchange_ended(const Frame& frame, std::string why) {
  const auto found = exchanges_.find(frame.exchange);
  if (found == exchanges_.end() || played_.answers.contains(found->second)) return;
  played_.no_answer.try_emplace(found->second, std::move(why));
}

void Player::absorb() {
  for (; seen_ < wire_->frames().size(); ++seen_) {
    const Frame frame = wire_->frames()[seen_];  // a copy: what we answer adds frames
    switch (frame.kind) {
      case Frame::Kind::message: {
        if (frame.text.find_first_not_of(" \t\r\n") == std::string::npos) break;
        auto parsed = base::parse_json(
            frame.text, {.max_depth = mcp::kMessageDepth, .max_bytes = mcp::kMessageLimit});
        if (parsed)
          take(std::move(*parsed));
        else if (played_.others.size() < kOthers)
          played_.others.push_back(frame.text.substr(0, base::kShownTextLimit));
        break;
      }
      case Frame::Kind::head:
        if (const auto session = frame.headers.get("mcp-session-id");
            session && http_.session_id.empty())
          http_.session_id = *session;
        if (frame.status >= 400) exchange_ended(frame, fmt::format("HTTP status {}", frame.status));
        break;
      case Frame::Kind::end:
        exchange_ended(frame, "the response ended without it");
        break;
      case Frame::Kind::failed:
        exchange_ended(frame, frame.text);
        break;
      case Frame::Kind::closed:
        played_.ended = "the server " + frame.text;
        break;
      case Frame::Kind::sent:
      case Frame::Kind::note:
        break;
    }
  }
}

bool Player::has_come(std::size_t index) const {
  const auto& line = script_[index];
  if (line.to_server() || given_up_.contains(index)) return true;
  if (line.part == Line::Part::answer && line.partner != Line::kNone)
    return played_.answers.contains(line.partner) || played_.no_answer.contains(line.partner);
  if (line.is_stray()) return line.nth >= kOthers || played_.others.size() > line.nth;
  if (line.part != Line::Part::request) return true;
  const auto heard = played_.requests.find(line.method);
  return heard != played_.requests.end() && heard->second.size() > line.nth;
}

runtime::Task<> Player::reach(Player* self, std::size_t index) {
  const auto& clock = self->loop_.clock();
  const auto deadline = clock.now() + self->settings_.timeout;
  for (self->absorb(); self->reached_ < index; self->absorb()) {
    if (self->has_come(self->reached_)) {
      ++self->reached_;
      continue;
    }
    const auto left = deadline - clock.now();
    if (self->played_.ended.empty() && left > base::Duration::zero()) {
      co_await self->wire_->changed(self->seen_, left);
      continue;
    }
    const auto& line = self->script_[self->reached_];
    self->given_up_.insert(self->reached_);
    if (line.part == Line::Part::answer)
      self->played_.no_answer.try_emplace(
          line.partner,
          self->played_.ended.empty()
              ? fmt::format("none within {:.0f} s", base::to_seconds(self->settings_.timeout))
              : self->played_.ended);
  }
}

// As many as were recorded, soon; that one is missing cannot be known, only given up.
runtime::Task<> Player::last_notifications(Player* self) {
  const auto wanted =
      static_cast<std::size_t>(std::ranges::count_if(self->script_, [](const Line& line) {
        return !line.to_server() && line.part == Line::Part::notification;
      }));
  base::Duration tail{};  // how long the recording went on after its last answer
  for (const auto& line : self->script_)
    if (!line.to_server())
      tail = line.part == Line::Part::notification
                 ? std::max(tail, line.recorded->at - self->script_.front().recorded->at)
                 : tail;
  base::Duration last{};
  for (const auto& line : self->script_)
    if (line.part == Line::Part::answer && !line.to_server())
      last = line.recorded->at - self->script_.front().recorded->at;
  const base::Duration grace = std::min<base::Duration>(
      std::max<base::Duration>(tail - last, std::chrono::seconds(1)) * 2, self->settings_.timeout);
  const auto& clock = self->loop_.clock();
  const auto deadline = clock.now() + grace;
  for (self->absorb(); self->played_.notifications.size() < wanted; self->absorb()) {
    const auto left = deadline - clock.now();
    if (!self->played_.ended.empty() || left <= base::Duration::zero()) break;
    co_await self->wire_->changed(self->seen_, left);
  }
}

}  // namespace telltale::lab
