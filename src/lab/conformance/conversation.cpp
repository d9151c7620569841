#include "lab/conformance/conversation.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mcp/jsonrpc.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

constexpr base::Duration kEndWait = std::chrono::milliseconds(400);

std::string name_of(const base::JsonObject& params) {
  auto name = base::string_or(params, "name");
  return name.empty() ? base::string_or(params, "uri") : name;
}

base::Json id_of(const Step& step) {
  const auto* id = base::find(step.request, "id");
  return id == nullptr ? base::Json() : *id;
}

}  // namespace

Conversation::Conversation(std::shared_ptr<Wire> wire, mcp::Era era, Scene* scene,
                           base::Duration limit, const base::Clock& clock)
    : wire_(std::move(wire)), era_(era), scene_(scene), limit_(limit), clock_(clock) {
  http_.era = era;
  if (era == mcp::Era::modern) http_.version = mcp::kModernVersion;
}

base::JsonObject Conversation::envelope(const std::string& method, base::JsonObject params,
                                        base::Json id, const Asking& how) const {
  if (era_ == mcp::Era::modern && !how.bare) {
    base::JsonObject meta;
    if (const auto* given = base::find_object(params, "_meta")) meta = *given;
    meta[mcp::meta::kVersion] =
        how.version.empty() ? std::string(mcp::kModernVersion) : how.version;
    meta[mcp::meta::kClientCapabilities] = base::JsonObject();
    meta[mcp::meta::kClientInfo] = {{"name", "telltale-probe"}, {"version", "0.1.0"}};
    params["_meta"] = std::move(meta);
  }
  base::JsonObject out{{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"method", method}};
  if (!params.empty()) out["params"] = std::move(params);
  return out;
}

Step& Conversation::open_step(std::string name, std::string text) {
  absorb();
  auto& step = scene_->steps.emplace_back();
  step.name = std::move(name);
  step.sent = std::move(text);
  return step;
}

base::Result<std::size_t> Conversation::send(Step* step, const std::string& method,
                                             const std::string& name, const Asking& how) {
  Outgoing out{.text = step->sent, .method = how.method};
  if (!wire_->is_stdio()) {
    auto version = http_;
    if (!how.version.empty()) version.version = how.version;
    out.headers = mcp::http_headers({}, version, {.method = method, .name = name});
    for (const auto& header : how.without) out.headers.erase(header);
    for (const auto& [key, value] : how.headers) out.headers.set(key, value);
  }
  step->began = wire_->frames().empty() ? base::Duration{} : wire_->frames().back().at;
  auto sent = wire_->send(std::move(out));
  if (sent) step->exchange = *sent;
  if (!wire_->frames().empty()) step->began = wire_->frames().back().at;
  return sent;
}

void Conversation::take_json(Message message) {
  const std::size_t index = scene_->messages.size();
  const auto* object = message.object();
  // Whose answer: HTTP by the exchange first, then by the id, the newest step first.
  if (message.is_response()) {
    const auto* id = base::find(*object, "id");
    for (auto step = scene_->steps.rbegin(); step != scene_->steps.rend(); ++step) {
      const bool same_id = id != nullptr && !step->request.empty() && id_of(*step) == *id;
      const bool same_way = wire_->is_stdio() || message.exchange == step->exchange;
      if (step->answered() || !same_id || !same_way) continue;
      step->end = Step::End::answered;
      step->answer = *object;
      step->answer_text = message.text;
      step->took = message.at - step->began;
      break;
    }
  }
  if (!scene_->steps.empty()) scene_->steps.back().messages.push_back(index);
  const auto request = message.is_request() ? *object : base::JsonObject();
  scene_->messages.push_back(std::move(message));
  if (!request.empty()) reply(request);
}

void Conversation::reply(const base::JsonObject& request) {
  const auto method = base::string_or(request, "method");
  const auto& id = *base::find(request, "id");
  base::JsonObject out;
  if (method == "ping")
    out = mcp::result_message(id, {});
  else
    out = mcp::error_message(id, mcp::rpc::kMethodNotFound, "not offered");
  Outgoing outgoing{.text = base::write_json(out)};
  if (!wire_->is_stdio()) outgoing.headers = mcp::http_headers({}, http_, {});
  (void)wire_->send(std::move(outgoing));  // a server that is gone is seen elsewhere
}

void Conversation::take(const Frame& frame, std::string_view text) {
  Message message{.text = std::string(text),
                  .step = scene_->steps.empty() ? 0 : scene_->steps.size() - 1,
                  .exchange = frame.exchange,
                  .event_id = frame.event_id,
                  .at = frame.at};
  message.utf8 = base::is_utf8(text);
  auto parsed =
      base::parse_json(text, {.max_depth = mcp::kMessageDepth, .max_bytes = mcp::kMessageLimit});
  message.is_json = parsed.has_value();
  if (parsed) message.json = std::move(*parsed);
  const auto* batch = message.json.if_array();
  if (batch == nullptr) return take_json(std::move(message));
  // A batch is kept whole, and its parts count each.
  const auto parts = *batch;
  take_json(message);
  for (const auto& part : parts) {
    Message one = message;
    one.json = part;
    one.text = base::write_json(part);
    take_json(std::move(one));
  }
}

void Conversation::absorb() {
  for (; seen_ < wire_->frames().size(); ++seen_) {
    const Frame frame = wire_->frames()[seen_];  // a copy: what we answer adds frames
    const auto of_exchange = [&]() -> Step* {
      for (auto& step : scene_->steps)
        if (step.exchange == frame.exchange && frame.exchange != 0) return &step;
      return nullptr;
    };
    switch (frame.kind) {
      case Frame::Kind::message:
        if (frame.text.find_first_not_of(" \t\r") != std::string::npos || !wire_->is_stdio())
          take(frame, frame.text);
        break;
      case Frame::Kind::head:
        if (auto* step = of_exchange()) {
          step->status = frame.status;
          step->headers = frame.headers;
        }
        break;
      case Frame::Kind::end:
        if (auto* step = of_exchange()) step->ended = true;
        break;
      case Frame::Kind::failed:
        if (auto* step = wire_->is_stdio() ? nullptr : of_exchange())
          step->trouble = frame.text;
        else
          scene_->trouble = frame.text;
        break;
      case Frame::Kind::closed:
        scene_->exit = wire_->exit();
        if (scene_->trouble.empty()) scene_->trouble = "the server " + frame.text;
        break;
      case Frame::Kind::note:
        if (scene_->notes.size() == kNotesLimit) scene_->notes.erase(scene_->notes.begin());
        scene_->notes.push_back(base::to_utf8(frame.text));
        break;
      case Frame::Kind::sent:
        break;
    }
  }
}

// True when nothing more is to be waited for.
bool Conversation::settle(Step* step) {
  absorb();
  if (step->answered()) return !step->wanted_end || step->ended || !step->trouble.empty();
  if (!step->trouble.empty()) {
    step->end = Step::End::broken;
    return true;
  }
  if (wire_->is_stdio() && !wire_->alive() && scene_->exit) {
    step->end = Step::End::broken;
    step->trouble = scene_->trouble;
    return true;
  }
  if (!wire_->is_stdio() && step->ended) {
    step->end = Step::End::quiet;
    return true;
  }
  return false;
}

runtime::Task<bool> Conversation::until_settled(Step* step, base::Duration limit) {
  const auto deadline = clock_.now() + limit;
  while (!settle(step)) {
    const auto left = deadline - clock_.now();
    if (left <= base::Duration::zero()) co_return false;
    co_await wire_->changed(seen_, left);
    // The end of an answered stream is worth a short wait only.
    if (step->answered() && step->wanted_end && !step->ended) {
      const auto soon = clock_.now() + kEndWait;
      while (!settle(step) && clock_.now() < soon)
        co_await wire_->changed(seen_, soon - clock_.now());
      co_return true;
    }
  }
  co_return true;
}

runtime::Task<const Step*> Conversation::ask(std::string name, std::string method,
                                             base::JsonObject params, Asking how) {
  const auto named = name_of(params);
  const base::Json id = how.id ? *how.id : base::Json(next_id_++);
  auto request = envelope(method, std::move(params), id, how);
  auto& step = open_step(std::move(name), base::write_json(request));
  step.request = std::move(request);
  step.wanted_end = how.wait_end && !wire_->is_stdio();
  if (auto sent = send(&step, method, named, how); !sent) {
    step.end = Step::End::broken;
    step.trouble = sent.error().detail;
    co_return &step;
  }
  if (!co_await until_settled(&step, how.limit.value_or(limit_))) {
    step.trouble = "no answer in time";
    wire_->abandon(step.exchange);
  }
  if (step.end == Step::End::broken || step.end == Step::End::late) step.alive = wire_->alive();
  co_return &step;
}

runtime::Task<bool> Conversation::alive_now(Step* step) {
  if (!wire_->alive()) co_return false;
  const auto of = static_cast<std::size_t>(
      std::ranges::find_if(scene_->steps, [&](const Step& one) { return &one == step; }) -
      scene_->steps.begin());
  const std::string method = era_ == mcp::Era::modern ? "server/discover" : "ping";
  const auto before = scene_->messages.size();
  const auto* proof = co_await ask("after " + step->name, method, {});
  // What came before the proof belongs to the step.
  for (auto i = before; i < scene_->messages.size(); ++i) {
    auto& message = scene_->messages[i];
    if (message.step != of + 1 || message.text == proof->answer_text) continue;
    message.step = of;
    step->messages.push_back(i);
  }
  co_return proof->answered();
}

runtime::Task<const Step*> Conversation::tell(std::string name, std::string text, Asking how) {
  auto& step = open_step(std::move(name), std::move(text));
  std::string method;
  if (auto parsed = base::parse_json(step.sent); parsed && parsed->is_object()) {
    step.request = parsed->get_object();
    method = base::string_or(step.request, "method");
  }
  if (auto sent = send(&step, method, "", how); !sent) {
    step.end = Step::End::broken;
    step.trouble = sent.error().detail;
    step.alive = false;
    co_return &step;
  }
  if (!wire_->is_stdio() && !co_await until_settled(&step, how.limit.value_or(limit_))) {
    step.trouble = "no answer in time";
    wire_->abandon(step.exchange);
  }
  step.alive = co_await alive_now(&step);
  absorb();
  // An answer that cannot name the request has the id null, or none.
  if (!step.answered())
    for (const auto index : step.messages) {
      const auto& message = scene_->messages[index];
      if (!message.is_response() || (!wire_->is_stdio() && message.exchange != step.exchange))
        continue;
      step.end = Step::End::answered;
      step.answer = *message.object();
      step.answer_text = message.text;
      step.took = message.at - step.began;
      break;
    }
  if (step.end == Step::End::late && step.alive) step.end = Step::End::quiet;
  if (!wire_->alive()) step.end = Step::End::broken;
  if (step.end == Step::End::broken && step.trouble.empty()) step.trouble = scene_->trouble;
  co_return &step;
}

runtime::Task<const Step*> Conversation::notify(std::string name, std::string method,
                                                base::JsonObject params, Asking how) {
  base::JsonObject out{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.empty()) out["params"] = std::move(params);
  co_return co_await tell(std::move(name), base::write_json(out), std::move(how));
}

runtime::Task<bool> Conversation::ask_many(std::string name, std::string method, std::size_t count,
                                           std::optional<base::Json> same_id) {
  std::vector<Step*> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto request = envelope(method, {}, same_id ? *same_id : base::Json(next_id_++), {});
    auto& step = open_step(name + " " + std::to_string(i + 1), base::write_json(request));
    step.request = std::move(request);
    all.push_back(&step);
    if (!send(&step, method, "", {})) step.end = Step::End::broken;
  }
  const auto deadline = clock_.now() + limit_;
  bool good = true;
  for (auto* step : all)
    if (!co_await until_settled(step, std::max(deadline - clock_.now(), base::Duration(1)))) {
      step->trouble = "no answer in time";
      wire_->abandon(step->exchange);
      good = false;
    }
  co_return good;
}

runtime::Task<const Step*> Conversation::start(std::string name, std::string text, Asking how) {
  auto& step = open_step(std::move(name), std::move(text));
  if (auto sent = send(&step, "", "", how); !sent) {
    step.trouble = sent.error().detail;
    co_return &step;
  }
  const auto deadline = clock_.now() + limit_;
  for (absorb(); step.status == 0 && step.trouble.empty(); absorb()) {
    const auto left = deadline - clock_.now();
    if (left <= base::Duration::zero()) {
      step.trouble = "no answer in time";
      break;
    }
    co_await wire_->changed(seen_, left);
  }
  step.end = step.status != 0 ? Step::End::quiet : Step::End::broken;
  co_return &step;
}

runtime::Task<const Step*> Conversation::listen(std::string name, std::string method,
                                                base::JsonObject params) {
  auto request = envelope(method, std::move(params), next_id_++, {});
  auto& step = open_step(std::move(name), base::write_json(request));
  step.request = std::move(request);
  const auto before = scene_->messages.size();
  if (auto sent = send(&step, method, "", {}); !sent) {
    step.end = Step::End::broken;
    step.trouble = sent.error().detail;
    co_return &step;
  }
  const auto deadline = clock_.now() + limit_;
  while (!settle(&step) && scene_->messages.size() == before) {
    const auto left = deadline - clock_.now();
    if (left <= base::Duration::zero()) {
      step.trouble = "no answer in time";
      co_return &step;
    }
    co_await wire_->changed(seen_, left);
  }
  if (!step.answered() && step.end != Step::End::broken) step.end = Step::End::quiet;
  co_return &step;
}

void Conversation::abandon(const Step& step) {
  if (wire_->is_stdio())
    (void)wire_->send({.text = base::write_json(mcp::notification_message(
                           "notifications/cancelled", {{"requestId", id_of(step)}}))});
  else
    wire_->abandon(step.exchange);
}

runtime::Task<bool> Conversation::begin(std::string version) {
  if (era_ == mcp::Era::modern) {
    scene_->initialized = true;
    co_return true;
  }
  const auto* step =
      co_await ask("initialize", "initialize",
                   {{"protocolVersion", version},
                    {"capabilities", base::JsonObject()},
                    {"clientInfo", {{"name", "telltale-probe"}, {"version", "0.1.0"}}}},
                   {.wait_end = true});
  const auto* result = step->result();
  if (result == nullptr) {
    if (scene_->trouble.empty())
      scene_->trouble = step->trouble.empty() ? "initialize was refused" : step->trouble;
    co_return false;
  }
  http_.version = base::string_or(*result, "protocolVersion", version);
  if (const auto session = step->headers.get("mcp-session-id")) http_.session_id = *session;
  co_await notify("initialized", "notifications/initialized");
  scene_->initialized = true;
  co_return true;
}

runtime::Task<bool> Conversation::wait_exit(base::Duration limit) {
  absorb();
  const auto trouble = scene_->trouble;
  const auto begun = clock_.now();
  wire_->end_input();
  while (wire_->alive() && clock_.now() - begun < limit)
    co_await wire_->changed(wire_->frames().size(), limit - (clock_.now() - begun));
  const bool ended = !wire_->alive();
  if (ended) {
    scene_->exit = wire_->exit();
    scene_->exit_after = clock_.now() - begun;
  }
  absorb();
  scene_->trouble = trouble;  // that it ends is no trouble
  co_return ended;
}

void Conversation::finish() {
  absorb();
}

}  // namespace telltale::lab
