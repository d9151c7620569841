#include "mcp/session.hpp"

#include <algorithm>

#include "mcp/param_headers.hpp"

namespace telltale::mcp {
namespace {

constexpr std::size_t kMaxPages = 1'000;
constexpr std::size_t kMaxItems = 100'000;
constexpr int kMaxRounds = 10;  // of input_required

std::optional<std::int64_t> id_of(const base::JsonObject& message) {
  const auto* id = message.if_contains("id");
  if (id == nullptr || !id->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = id->to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

base::Error rpc_error(const base::JsonObject& error) {
  base::Error out{.code = base::Code::remote,
                  .detail = base::string_or(error, "message", "an error without a message")};
  const auto code = base::find_integer(error, "code").value_or(0);
  if (code == -32601) out.code = base::Code::unsupported;
  if (code == -32602) out.code = base::Code::invalid_argument;
  out.data["rpc"] = error;
  return out;
}

std::string name_of(const std::string& method, const base::JsonObject& params) {
  if (method == "resources/read") return base::string_or(params, "uri");
  if (method == "tools/call" || method == "prompts/get") return base::string_or(params, "name");
  return {};
}

bool may_ask(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

}  // namespace

bool is_legacy_version(std::string_view version) {
  static constexpr std::array<std::string_view, 5> kKnown{"2025-11-25", "2025-06-18", "2025-03-26",
                                                          "2024-11-05", "2024-10-07"};
  return std::ranges::find(kKnown, version) != kKnown.end();
}

std::int64_t rpc_code(const base::Error& error) {
  const auto* rpc = base::find_object(error.data, "rpc");
  return rpc == nullptr ? 0 : base::find_integer(*rpc, "code").value_or(0);
}

base::JsonObject Client::State::capabilities() const {
  base::JsonObject out;
  // applyDefaults: what the person leaves out is filled from the schema (SEP-1034).
  out["elicitation"] = {{"form", {{"applyDefaults", true}}}, {"url", base::JsonObject()}};
  out["roots"] = base::JsonObject();
  if (listener.on_sampling) out["sampling"] = base::JsonObject();
  return out;
}

void Client::State::add_meta(base::JsonObject& params, std::int64_t id,
                             const CallOptions& options) const {
  base::JsonObject meta;
  if (const auto* given = base::find_object(params, "_meta")) meta = *given;
  if (options.on_progress) meta["progressToken"] = id;
  if (!options.trace_parent.empty()) meta["traceparent"] = options.trace_parent;
  if (probing || (info && info->era == Era::modern)) {
    meta["io.modelcontextprotocol/protocolVersion"] = kModernVersion;
    meta["io.modelcontextprotocol/clientInfo"] = {{"name", settings.name},
                                                  {"version", settings.version}};
    meta["io.modelcontextprotocol/clientCapabilities"] = capabilities();
  }
  if (!meta.empty()) params["_meta"] = std::move(meta);
}

base::Result<void> Client::State::notify(std::string method, base::JsonObject params) {
  if (!wire) return base::fail(base::Code::unavailable, "not connected");
  base::JsonObject message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.empty()) message["params"] = std::move(params);
  return wire->send(message, {.method = std::move(method)});
}

// One request, one answer. However this ends, the id is forgotten, and a server that still works on
// it is told.
runtime::TaskResult<base::JsonObject> Client::State::exchange(std::string method,
                                                              base::JsonObject params,
                                                              CallOptions options) {
  if (closed || !wire) co_return base::fail(base::Code::unavailable, "not connected");
  if (pending.size() >= settings.in_flight_limit)
    co_return base::fail(base::Code::rate_limited, "too many calls in flight to this server");
  const auto self = shared_from_this();
  const auto id = ++next_id;
  SendHints hints{.id = id, .method = method, .name = name_of(method, params)};
  if (method == "tools/call")
    if (const auto schema = input_schemas.find(hints.name); schema != input_schemas.end())
      if (const auto* arguments = base::find_object(params, "arguments"))
        hints.parameters = param_headers(schema->second, *arguments);
  add_meta(params, id, options);
  base::JsonObject message{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!params.empty()) message["params"] = std::move(params);

  auto call = std::make_shared<Pending>(loop);
  call->options = std::move(options);
  call->last_heard = loop.clock().now();
  call->cancellable = method != "initialize" && method != "server/discover";
  pending.emplace(id, call);
  struct Forget {
    State* state;
    std::int64_t id;
    bool answered = false;
    ~Forget() {
      const auto found = state->pending.find(id);
      const bool tell = !answered && found != state->pending.end() && found->second->cancellable;
      state->pending.erase(id);
      if (answered || state->closed || !state->wire) return;
      const bool modern_http = state->info && state->info->era == Era::modern &&
                               state->wire->kind() != TransportKind::stdio;
      if (tell && !modern_http) {
        // What cannot be sent any more need not be: the session is ending.
        if (auto sent = state->notify("notifications/cancelled",
                                      {{"requestId", id}, {"reason", "no longer needed"}});
            !sent)
          state->finding("client.cancel-not-sent", sent.error().detail);
      }
      state->wire->abandon(id);
    }
  } forget{this, id};

  if (auto sent = wire->send(message, std::move(hints)); !sent)
    co_return std::unexpected(sent.error());
  const auto started = loop.clock().now();
  const auto limit = call->options.timeout.value_or(settings.request_timeout);
  for (;;) {
    const auto now = loop.clock().now();
    const auto deadline =
        std::min(call->last_heard + limit, started + std::max(settings.request_ceiling, limit));
    if (now >= deadline)
      co_return base::fail(base::Code::deadline_exceeded,
                           method + ": no answer for " +
                               std::to_string(limit / std::chrono::milliseconds(1)) + " ms");
    auto answer = co_await call->answer.wait_for(deadline - now);
    if (!answer) continue;  // progress may have moved the deadline
    forget.answered = true;
    co_return std::move(*answer);
  }
}

runtime::TaskResult<base::JsonObject> Client::State::request(std::string method,
                                                             base::JsonObject params,
                                                             CallOptions options) {
  const auto self = shared_from_this();
  auto asked = params;
  for (int round = 0;; ++round) {
    const auto life = reinitialized;
    auto result = co_await exchange(method, asked, options);
    if (!result && result.error().data.contains("session_lost")) {
      // The server forgot the session: make a new one, once for all who noticed, and ask again.
      if (life == reinitialized) {
        ++reinitialized;
        if (auto again = co_await initialize(); !again) co_return std::unexpected(again.error());
      }
      result = co_await exchange(method, asked, options);
    }
    if (!result) co_return result;
    const auto type = base::string_or(*result, "resultType", "complete");
    if (type != "input_required") co_return result;
    if (!may_ask(method))
      co_return base::fail(base::Code::protocol, "input_required as the answer to " + method);
    if (round >= kMaxRounds)
      co_return base::fail(base::Code::protocol, "the server asks for input without end");
    // 2026-07-28 basic/patterns/mrtr: the same request again, with the answers and the state
    // exactly as it came.
    base::JsonObject responses;
    if (const auto* wanted = base::find_object(*result, "inputRequests"))
      for (const auto& item : *wanted) {
        const auto* ask = item.value().if_object();
        if (ask == nullptr)
          co_return base::fail(base::Code::protocol, "an input request is no object");
        const auto* inner = base::find_object(*ask, "params");
        const auto inner_method = base::string_or(*ask, "method");
        auto given =
            inner_method == "elicitation/create" && options.on_elicitation
                ? co_await elicit(inner == nullptr ? base::JsonObject() : *inner,
                                  options.on_elicitation)
                : co_await serve(inner_method, inner == nullptr ? base::JsonObject() : *inner);
        if (!given) co_return std::unexpected(given.error());
        responses[item.key()] = std::move(*given);
      }
    asked = params;
    if (!responses.empty()) asked["inputResponses"] = std::move(responses);
    if (const auto* state = result->if_contains("requestState")) asked["requestState"] = *state;
  }
}

runtime::TaskResult<base::JsonArray> Client::State::list(std::string capability, std::string method,
                                                         std::string member, CallOptions options) {
  if (!info || !info->has(capability)) co_return base::JsonArray();
  const auto now = loop.clock().now();
  if (const auto found = cache.find(method); found != cache.end() && found->second.until > now)
    co_return found->second.items;
  base::JsonArray out;
  std::optional<double> ttl_ms;
  std::string cursor;
  for (std::size_t page = 0; page < kMaxPages && out.size() < kMaxItems; ++page) {
    base::JsonObject params;
    if (!cursor.empty()) params["cursor"] = cursor;
    auto result = co_await request(method, std::move(params), options);
    if (!result) {
      // Declared as a whole but not this part of it: templates of a server with resources, for one.
      if (result.error().code == base::Code::unsupported) co_return base::JsonArray();
      co_return std::unexpected(result.error());
    }
    const auto* items = base::find_array(*result, member);
    if (items == nullptr)
      co_return base::fail(base::Code::protocol, method + " answered without " + member);
    out.insert(out.end(), items->begin(), items->end());
    ttl_ms = base::find_number(*result, "ttlMs");
    const auto next = base::string_or(*result, "nextCursor");
    if (next.empty() || next == cursor) break;
    cursor = next;
  }
  if (settings.allow_list_cache && info->era == Era::modern && ttl_ms && *ttl_ms > 0)
    cache[method] = {
        out, now + std::chrono::milliseconds(static_cast<std::int64_t>(std::min(*ttl_ms, 3.6e6)))};
  co_return out;
}

void Client::State::on_message(base::JsonObject message) {
  if (base::string_or(message, "jsonrpc") != "2.0")
    finding("jsonrpc.version", "a message without \"jsonrpc\": \"2.0\"");
  const bool has_method = message.contains("method");
  if (has_method && message.contains("id")) return on_request(message);
  if (has_method) {
    const auto* params = base::find_object(message, "params");
    return on_notification(base::string_or(message, "method"),
                           params == nullptr ? base::JsonObject() : *params);
  }
  on_answer(std::move(message));
}

void Client::State::on_answer(base::JsonObject message) {
  const auto id = id_of(message);
  const auto found = id ? pending.find(*id) : pending.end();
  if (found == pending.end()) {
    const auto* shown = message.if_contains("id");
    return finding("response.unknown-id",
                   "an answer to a request that does not wait: id " +
                       (shown == nullptr ? "missing" : base::write_json(*shown)));
  }
  const auto call = found->second;
  if (call->answer.is_set())
    return finding("response.duplicate", "a second answer to request " + std::to_string(*id));
  if (const auto* error = base::find_object(message, "error")) {
    call->answer.set(std::unexpected(rpc_error(*error)));
  } else if (auto* result = message.if_contains("result");
             result != nullptr && result->is_object()) {
    call->answer.set(std::move(result->get_object()));
  } else {
    finding("response.no-result", "an answer with neither result nor error");
    call->answer.set(base::fail(base::Code::protocol, "the answer has neither result nor error"));
  }
}

void Client::State::on_notification(std::string_view method, const base::JsonObject& params) {
  if (method == "notifications/progress") {
    const auto* token = params.if_contains("progressToken");
    boost::system::error_code error;
    const auto id =
        token != nullptr && token->is_number() ? token->to_number<std::int64_t>(error) : -1;
    const auto found = pending.find(id);
    if (error || found == pending.end())
      return finding("progress.unknown-token", "progress of no running request");
    found->second->last_heard = loop.clock().now();
    if (found->second->options.on_progress)
      found->second->options.on_progress(
          {.progress = base::find_number(params, "progress").value_or(0),
           .total = base::find_number(params, "total"),
           .message = base::string_or(params, "message")});
  } else if (method == "notifications/message") {
    const auto* data = params.if_contains("data");
    if (listener.on_log)
      listener.on_log(base::string_or(params, "level", "info"), base::string_or(params, "logger"),
                      data == nullptr ? base::Json() : *data);
  } else if (method.ends_with("/list_changed")) {
    const auto kind = method.substr(sizeof "notifications/" - 1);
    const auto name = kind.substr(0, kind.find('/'));
    std::erase_if(cache, [&](const auto& item) { return item.first.starts_with(name); });
    if (listener.on_list_changed) listener.on_list_changed(name);
  } else if (method == "notifications/resources/updated") {
    if (listener.on_resource_updated) listener.on_resource_updated(base::string_or(params, "uri"));
  }
}

void Client::State::fail(std::int64_t id, base::Error error) {
  const auto found = pending.find(id);
  if (found == pending.end()) return;
  if (const auto* rpc = base::find_object(error.data, "rpc")) {
    auto as_rpc = rpc_error(*rpc);
    if (const auto* status = error.data.if_contains("http_status"))
      as_rpc.data["http_status"] = *status;
    if (error.data.contains("session_lost")) as_rpc.data["session_lost"] = true;
    error = std::move(as_rpc);
  }
  found->second->answer.set(std::unexpected(std::move(error)));
}

void Client::State::on_closed(const base::Error& why) {
  if (std::exchange(closed, true)) return;
  for (auto& [id, call] : pending) call->answer.set(std::unexpected(why));
  // While connecting, the one who connects hears of it by the result.
  if (ready && listener.on_closed) listener.on_closed(why);
}

void Client::State::finding(std::string rule, std::string detail, bool fatal) {
  if (listener.on_finding) listener.on_finding({std::move(rule), detail.substr(0, 200), fatal});
}

}  // namespace telltale::mcp
