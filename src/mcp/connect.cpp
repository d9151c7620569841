// Finding the era (basic/versioning of 2026-07-28) and the handshake of the older ones
// (basic/lifecycle of 2025-11-25).
#include <algorithm>

#include "mcp/session.hpp"

namespace telltale::mcp {
namespace {

// An answer that only a server of the modern era gives.
bool is_modern_refusal(const base::Error& error) {
  const auto code = rpc_code(error);
  return code <= -32020 && code >= -32022;
}

bool supports_modern(const base::Error& error) {
  const auto* rpc = base::find_object(error.data, "rpc");
  const auto* data = rpc == nullptr ? nullptr : base::find_object(*rpc, "data");
  const auto* supported = data == nullptr ? nullptr : base::find_array(*data, "supported");
  return supported == nullptr ||
         std::ranges::find(*supported, base::Json(kModernVersion)) != supported->end();
}

bool unreachable(const base::Error& error) {
  return !error.data.contains("http_status") && error.code == base::Code::unavailable;
}

std::int64_t http_status_of(const base::Error& error) {
  return base::find_integer(error.data, "http_status").value_or(0);
}

}  // namespace

bool SessionInfo::has(std::string_view capability) const {
  return capabilities.contains(capability);
}

std::unique_ptr<Wire> Client::State::make_wire(TransportKind kind) {
  const auto self = weak_from_this();
  WireEvents events;
  events.on_message = [self](base::JsonObject message) {
    if (const auto alive = self.lock()) alive->on_message(std::move(message));
  };
  events.on_failed = [self](std::int64_t id, base::Error error) {
    if (const auto alive = self.lock()) alive->fail(id, std::move(error));
  };
  events.on_finding = [self](const Finding& found) {
    if (const auto alive = self.lock()) alive->finding(found.rule, found.detail, found.fatal);
  };
  events.on_stderr = [self](std::string_view line) {
    if (const auto alive = self.lock(); alive && alive->listener.on_stderr)
      alive->listener.on_stderr(line);
  };
  events.on_closed = [self](const base::Error& why) {
    if (const auto alive = self.lock()) alive->on_closed(why);
  };
  events.on_text = [self](char direction, std::string_view text) {
    if (const auto alive = self.lock(); alive && alive->listener.on_message)
      alive->listener.on_message(direction, text);
  };
  events.is_pending = [self](std::int64_t id) {
    const auto alive = self.lock();
    if (!alive) return false;
    const auto found = alive->pending.find(id);
    return found != alive->pending.end() && !found->second->answer.is_set();
  };
  if (const auto* stdio = std::get_if<StdioTarget>(&target))
    return stdio_wire(loop, stdio->process, std::move(events));
  const auto& http = std::get<HttpTarget>(target);
  return kind == TransportKind::sse ? sse_wire(loop, http, std::move(events))
                                    : http_wire(loop, http, std::move(events));
}

runtime::TaskResult<bool> Client::State::open_wire(std::unique_ptr<Wire> fresh) {
  if (wire) {
    co_await wire->close(std::chrono::seconds(1));
    old_wires.push_back(std::move(wire));
  }
  closed = false;
  wire = std::move(fresh);
  co_return co_await wire->open();
}

runtime::TaskResult<SessionInfo> Client::State::connect() {
  const auto self = shared_from_this();
  const auto* http = std::get_if<HttpTarget>(&target);
  const auto kind = http == nullptr ? TransportKind::stdio : http->kind;
  if (auto opened = co_await open_wire(make_wire(kind)); !opened)
    co_return std::unexpected(opened.error());

  if (kind != TransportKind::sse && settings.era != Era::legacy) {
    auto modern =
        co_await discover(http == nullptr ? settings.probe_timeout : settings.connect_timeout);
    if (modern) {
      tasks.spawn("mcp.subscriptions", keep_listening(self));
      ready = true;
      co_return *info;
    }
    if (http != nullptr && unreachable(modern.error())) co_return std::unexpected(modern.error());
    // Any other answer, or none, says only that this is not the modern era: never decide by one
    // code alone.
    if (http == nullptr &&
        closed)  // it took the question badly and ended: once more, asking the old way at once
      if (auto opened = co_await open_wire(make_wire(kind)); !opened)
        co_return std::unexpected(opened.error());
  }
  auto legacy = co_await initialize();
  const bool try_sse =
      !legacy && kind == TransportKind::http &&
      (http_status_of(legacy.error()) == 400 || http_status_of(legacy.error()) == 404 ||
       http_status_of(legacy.error()) == 405);
  if (try_sse) {
    const auto first = legacy.error();
    if (auto opened = co_await open_wire(make_wire(TransportKind::sse)); !opened)
      co_return std::unexpected(first);
    legacy = co_await initialize();
  }
  if (!legacy) co_return std::unexpected(legacy.error());
  ready = true;
  co_return *info;
}

runtime::TaskResult<bool> Client::State::discover(base::Duration limit) {
  probing = true;
  wire->set_session(Era::modern, std::string(kModernVersion));
  auto result = co_await exchange("server/discover", {}, {.timeout = limit});
  if (!result && is_modern_refusal(result.error()) && supports_modern(result.error()))
    result = co_await exchange("server/discover", {}, {.timeout = limit});
  probing = false;
  if (!result) {
    wire->set_session(Era::legacy, "");
    co_return std::unexpected(result.error());
  }
  const auto* versions = base::find_array(*result, "supportedVersions");
  if (versions == nullptr ||
      std::ranges::find(*versions, base::Json(kModernVersion)) == versions->end()) {
    wire->set_session(Era::legacy, "");
    co_return base::fail(base::Code::protocol,
                         "the server knows no version of the modern era that we know");
  }
  SessionInfo found{.era = Era::modern,
                    .transport = wire->kind(),
                    .protocol_version = std::string(kModernVersion)};
  if (const auto* caps = base::find_object(*result, "capabilities")) found.capabilities = *caps;
  if (const auto* meta = base::find_object(*result, "_meta"))
    if (const auto* server = base::find_object(*meta, "io.modelcontextprotocol/serverInfo"))
      found.server_info = *server;
  found.instructions = base::string_or(*result, "instructions");
  info = std::move(found);
  co_return true;
}

runtime::TaskResult<bool> Client::State::initialize() {
  wire->set_session(Era::legacy, "");
  base::JsonObject params{{"protocolVersion", kNewestLegacy},
                          {"capabilities", capabilities()},
                          {"clientInfo", {{"name", settings.name}, {"version", settings.version}}}};
  const auto before = std::exchange(info, std::nullopt);
  auto result =
      co_await exchange("initialize", std::move(params), {.timeout = settings.connect_timeout});
  if (!result) co_return std::unexpected(result.error());
  SessionInfo found{.era = Era::legacy,
                    .transport = wire->kind(),
                    .protocol_version = base::string_or(*result, "protocolVersion")};
  if (!is_legacy_version(found.protocol_version))
    co_return base::fail(base::Code::protocol, "the server answered with the protocol version \"" +
                                                   found.protocol_version.substr(0, 40) +
                                                   "\", which we do not know");
  if (const auto* caps = base::find_object(*result, "capabilities")) found.capabilities = *caps;
  if (const auto* server = base::find_object(*result, "serverInfo")) found.server_info = *server;
  found.instructions = base::string_or(*result, "instructions");
  wire->set_session(Era::legacy, found.protocol_version);
  info = std::move(found);
  if (auto said = notify("notifications/initialized", {}); !said)
    co_return std::unexpected(said.error());
  wire->session_ready();
  co_return true;
}

// 2026-07-28 basic/patterns/subscriptions: one long request that carries the notifications; made
// again when it ends.
runtime::Task<> Client::State::keep_listening(std::shared_ptr<State> self) {
  base::JsonObject wanted;
  for (const std::string_view kind : {"tools", "prompts", "resources"})
    if (const auto* capability = base::find_object(self->info->capabilities, kind))
      if (base::find_bool(*capability, "listChanged").value_or(false))
        wanted[std::string(kind) + "ListChanged"] = true;
  if (wanted.empty()) co_return;
  constexpr base::Duration kLongest = std::chrono::hours(24 * 365);
  auto wait = std::chrono::seconds(1);
  while (!self->closed) {
    const auto started = self->loop.clock().now();
    auto ended = co_await self->exchange("subscriptions/listen", {{"notifications", wanted}},
                                         {.timeout = kLongest});
    if (!ended && ended.error().code == base::Code::unsupported) co_return;
    wait = self->loop.clock().now() - started > std::chrono::minutes(1)
               ? std::chrono::seconds(1)
               : std::min(wait * 2, std::chrono::seconds(60));
    co_await runtime::sleep_for(wait);
  }
}

}  // namespace telltale::mcp
