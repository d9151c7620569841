#include "mcp/connector.hpp"

#include "base/encoding.hpp"
#include "mcp/era_probe.hpp"
#include "mcp/protocol.hpp"
#include "mcp/subscriptions.hpp"

namespace telltale::mcp {
namespace {

using runtime::TaskResult;
using SessionRef = std::shared_ptr<Session>;

base::Duration left_until(const Session& session, base::SteadyTime deadline) {
  return std::max<base::Duration>(deadline - session.now(), std::chrono::milliseconds(1));
}

SessionInfo describe(Session& session, Era era, std::string version,
                     const base::JsonObject& result) {
  SessionInfo out{
      .era = era, .transport = session.transport()->kind(), .protocol_version = std::move(version)};
  if (const auto* capabilities = base::find_object(result, "capabilities"))
    out.capabilities = *capabilities;
  const auto* server = base::find_object(result, "serverInfo");
  if (const auto* meta = base::find_object(result, "_meta"); meta != nullptr && server == nullptr)
    server = base::find_object(*meta, meta::kServerInfo);
  if (server != nullptr) out.server_info = *server;
  out.instructions = base::string_or(result, "instructions");
  return out;
}

// server/discover; asks once more when the server wants another version that we know.
TaskResult<base::JsonObject> ask_discover(SessionRef session, base::Duration limit) {
  session->speak(Era::modern, std::string(kModernVersion));
  co_return co_await session->exchange({.method = "server/discover",
                                        .options = {.timeout = limit},
                                        .exempt = true,
                                        .cancellable = false});
}

TaskResult<ProbeVerdict> probe(SessionRef session, base::SteadyTime deadline) {
  const bool stdio = session->first_kind() == TransportKind::stdio;
  const auto longest =
      stdio ? session->settings().probe_timeout : session->settings().connect_timeout / 2;
  auto answer = co_await ask_discover(session, std::min(longest, left_until(*session, deadline)));
  auto verdict = judge_probe(answer);
  if (verdict.kind == ProbeVerdict::Kind::retry) {
    answer = co_await ask_discover(session, std::min(longest, left_until(*session, deadline)));
    verdict = judge_probe(answer);
    if (verdict.kind == ProbeVerdict::Kind::retry)
      verdict = {.kind = ProbeVerdict::Kind::incompatible,
                 .why = "the server refuses the version it says it supports"};
  }
  // A process that took the question badly and ended is no proof that nobody is there.
  if (stdio && verdict.kind == ProbeVerdict::Kind::unreachable)
    verdict = {.kind = ProbeVerdict::Kind::legacy, .version = std::string(kNewestLegacy)};
  if (verdict.kind == ProbeVerdict::Kind::modern)
    session->establish(describe(*session, Era::modern, verdict.version, *answer));
  if (verdict.kind == ProbeVerdict::Kind::unreachable) co_return std::unexpected(answer.error());
  if (verdict.kind == ProbeVerdict::Kind::incompatible) {
    base::Error error{.code = base::Code::protocol, .detail = verdict.why};
    if (!answer) error.data = answer.error().data;
    co_return std::unexpected(std::move(error));
  }
  co_return verdict;
}

TaskResult<bool> initialize(SessionRef session, std::string version, base::SteadyTime deadline) {
  for (bool again = false;; again = true) {
    session->speak(Era::legacy, "");
    base::JsonObject params{
        {"protocolVersion", version},
        {"capabilities", session->server_requests().capabilities(Era::legacy)},
        {"clientInfo",
         {{"name", session->settings().name}, {"version", session->settings().version}}}};
    auto result =
        co_await session->exchange({.method = "initialize",
                                    .params = std::move(params),
                                    .options = {.timeout = left_until(*session, deadline)},
                                    .exempt = true,
                                    .cancellable = false});
    if (!result) {
      if (auto other = again ? std::string() : next_legacy_version(result.error(), version);
          !other.empty()) {
        version = std::move(other);
        continue;
      }
      co_return std::unexpected(result.error());
    }
    auto agreed = base::string_or(*result, "protocolVersion");
    if (!is_legacy_version(agreed))
      co_return base::fail(base::Code::protocol, "the server wants the protocol version \"" +
                                                     base::to_utf8(agreed.substr(0, 40)) +
                                                     "\", which we do not speak");
    session->establish(describe(*session, Era::legacy, std::move(agreed), *result));
    if (auto said = session->notify("notifications/initialized"); !said)
      co_return std::unexpected(said.error());
    session->transport()->session_ready();
    co_return true;
  }
}

// Streamable HTTP refused in a way the old transport would: look for its endpoint event.
TaskResult<bool> initialize_or_sse(SessionRef session, std::string version,
                                   base::SteadyTime deadline) {
  auto done = co_await initialize(session, std::move(version), deadline);
  if (done || session->transport()->kind() != TransportKind::http || !may_be_sse(done.error()))
    co_return done;
  if (auto opened = co_await session->open_transport(TransportKind::sse); !opened)
    co_return done;  // the first error says more
  co_return co_await initialize(session, std::string(kNewestLegacy), deadline);
}

// The probe killed it: a process to ask the old way. Seen with servers that exit on an unknown
// first method.
TaskResult<bool> revive(SessionRef session) {
  if (!session->ended()) co_return true;
  session->finding("probe.server-exited",
                   "the server ended when asked for server/discover before initialize");
  co_return co_await session->open_transport(session->first_kind());
}

TaskResult<SessionInfo> find_era(SessionRef session) {
  const auto deadline = session->now() + session->settings().connect_timeout;
  const auto kind = session->first_kind();
  if (auto opened = co_await session->open_transport(kind); !opened)
    co_return std::unexpected(opened.error());

  std::string version(kNewestLegacy);
  const bool legacy_first = kind == TransportKind::sse || session->settings().era == Era::legacy;
  if (!legacy_first) {
    auto verdict = co_await probe(session, deadline);
    if (!verdict) co_return std::unexpected(verdict.error());
    if (verdict->kind == ProbeVerdict::Kind::modern) co_return *session->info();
    version = verdict->version;
    if (auto alive = co_await revive(session); !alive) co_return std::unexpected(alive.error());
  }
  auto done = co_await initialize_or_sse(session, version, deadline);
  if (done) co_return *session->info();

  // Remembered as legacy, but it is not (any more): "re-probing if the cached assumption later
  // fails".
  const bool unreachable =
      done.error().code == base::Code::unavailable && !done.error().data.contains("http_status");
  if (kind == TransportKind::sse || session->settings().era != Era::legacy || unreachable ||
      session->ended())
    co_return std::unexpected(done.error());
  if (session->transport()->kind() != kind)
    if (auto opened = co_await session->open_transport(kind); !opened)
      co_return std::unexpected(done.error());
  auto verdict = co_await probe(session, deadline);
  if (verdict && verdict->kind == ProbeVerdict::Kind::modern) co_return *session->info();
  co_return std::unexpected(done.error());
}

// A task of the session, so that a caller who goes away does not take the others' new session with
// him.
runtime::Task<> renew_in_background(SessionRef session, std::shared_ptr<Session::Renewal> mine) {
  // Whatever ends this, nobody may wait for it for ever.
  struct Release {
    Session& session;
    Session::Renewal& mine;
    ~Release() {
      session.renewing.reset();
      mine.set(base::fail(base::Code::cancelled, "the session ended before a new one was made"));
    }
  } const release{*session, *mine};
  const std::string version =
      session->info() ? session->info()->protocol_version : std::string(kNewestLegacy);
  auto done =
      co_await initialize(session, version, session->now() + session->settings().connect_timeout);
  if (done) {
    ++session->life;
    session->finding("session.renewed", "the server had forgotten the session; a new one was made");
    session->subscriptions().resume_legacy(session);
  } else {
    session->finding("session.not-renewed", done.error().detail);
  }
  mine->set(done);
}

}  // namespace

bool SessionInfo::has(std::string_view capability) const {
  return capabilities.contains(capability);
}

TaskResult<SessionInfo> connect(SessionRef session) {
  auto found = co_await find_era(session);
  if (!found) co_return found;
  session->mark_ready();
  if (found->era == Era::modern) session->subscriptions().start(session);
  co_return found;
}

void start_renewal(const SessionRef& session, std::uint64_t seen_life) {
  if (seen_life != session->life || session->renewing) return;  // somebody was faster
  const auto renewal = std::make_shared<Session::Renewal>(session->loop());
  session->renewing = renewal;
  if (!session->tasks().spawn("mcp.renew", renew_in_background(session, renewal)))
    session->renewing.reset();
}

TaskResult<bool> renewed(SessionRef session) {
  const auto renewal = session->renewing;
  if (!renewal) co_return true;
  co_return co_await renewal->wait();
}

}  // namespace telltale::mcp
