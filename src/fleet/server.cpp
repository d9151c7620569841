#include "fleet/server.hpp"

#include <fmt/format.h>

#include "base/random.hpp"
#include "fleet/definition_sandbox.hpp"
#include "runtime/run.hpp"

namespace telltale::fleet {

namespace {

constexpr base::Duration kStopGrace = std::chrono::seconds(2);
constexpr base::Duration kSampleInterval = std::chrono::seconds(5);

mcp::Target target_of(const Definition& definition, const ServerParts& parts,
                      std::shared_ptr<mcp::Authorizer> authorizer) {
  if (definition.transport == mcp::TransportKind::stdio)
    return mcp::StdioTarget{process_of(definition, parts.hidden)};
  mcp::HttpTarget http{
      .url = definition.url, .outbound = parts.outbound, .kind = definition.transport};
  http.authorizer = std::move(authorizer);
  for (const auto& [name, value] : definition.headers)
    http.headers.set(name, std::string(value.reveal()));
  return http;
}

}  // namespace

Server::Server(ServerParts parts, Definition definition, std::string origin,
               std::optional<store::ServerState> remembered, std::int64_t last_log_seq)
    : parts_(parts),
      definition_(std::move(definition)),
      origin_(std::move(origin)),
      sandbox_(sandbox_record(definition_)),
      reconciler_({.circuit = definition_.circuit,
                   .check_interval = definition_.health_interval,
                   .seed = base::secure_seed()}),
      window_(definition_.latency_objective_ms, definition_.error_rate_limit),
      tasks_(parts.loop, "server " + definition_.name),
      news_(parts.loop),
      log_seq_(last_log_seq),
      since_(parts.loop.clock().wall()) {
  bool wanted = definition_.autostart;
  std::string why = definition_.autostart ? "" : "not started: autostart is off";
  if (remembered) {
    if (remembered->era == "modern") era_ = mcp::Era::modern;
    if (remembered->era == "legacy") era_ = mcp::Era::legacy;
    if (remembered->desired == "stopped") {
      wanted = false;
      why = remembered->reason;
    }
  }
  if (wanted)
    reconciler_.start(parts_.loop.clock().now());
  else
    reconciler_.stop(why);
  shown_ = reconciler_.status();
  refresh_view();
}

void Server::run() {
  tasks_.spawn("server.drive", drive(shared_from_this()));
  tasks_.spawn("server.sample", sample_process(shared_from_this()));
  tasks_.spawn("server.absence", note_absence(shared_from_this()));
}

// The one task that decides. Everything else reports facts and calls changed().
runtime::Task<> Server::drive(std::shared_ptr<Server> self) {
  for (;;) {
    const auto now = self->parts_.loop.clock().now();
    switch (self->reconciler_.next(now)) {
      case Action::start:
        self->tasks_.spawn("server.start", start_session(self));
        break;
      case Action::stop:
        self->tasks_.spawn("server.stop", stop_session(self));
        break;
      case Action::check:
        self->tasks_.spawn("server.check", run_check(self));
        break;
      case Action::none: {
        self->publish_changes();
        const auto deadline = self->reconciler_.next_deadline();
        if (!deadline) {
          co_await self->news_.wait();
        } else if (*deadline > now) {
          co_await self->news_.wait_for(*deadline - now);
        } else {
          co_await self->news_.wait_for(std::chrono::milliseconds(
              50));  // due but not allowed: a circuit's trial places are taken
        }
        continue;
      }
    }
    self->publish_changes();
  }
}

void Server::changed() {
  publish_changes();
  news_.notify_all();
}

mcp::Listener Server::make_listener() {
  const auto weak = weak_from_this();
  const auto with = [weak](auto body) {
    return [weak, body](auto&&... arguments) {
      if (const auto self = weak.lock()) body(*self, arguments...);
    };
  };
  mcp::Listener out;
  messages_.begin(parts_.loop.clock().now());
  out.on_message = with([](Server& self, char direction, std::string_view text) {
    self.messages_.add(direction == '>', text, self.parts_.loop.clock().now());
  });
  out.on_finding = with([](Server& self, const mcp::Finding& finding) {
    ++self.findings_;
    self.log("telltale", finding.fatal ? "error" : "warning",
             "finding " + finding.rule + ": " + finding.detail);
    self.health_event("finding", runtime::Severity::warning,
                      {{"rule", finding.rule}, {"detail", finding.detail}});
  });
  out.on_stderr = with([](Server& self, std::string_view line) {
    const auto has = [&](std::string_view word) {
      return line.find(word) != std::string_view::npos;
    };
    const auto level = has("error") || has("Error") || has("ERROR") ? "error"
                       : has("warn") || has("WARN") || has("Warn")  ? "warning"
                                                                    : "info";
    self.log("stderr", level, line);
  });
  out.on_log = with([](Server& self, std::string_view level, std::string_view logger,
                       const base::Json& data) {
    const auto text = data.is_string() ? std::string(data.get_string()) : base::write_json(data);
    const auto ours =
        level == "warning" || level == "error" || level == "debug" || level == "notice" ? level
        : level == "critical" || level == "alert" || level == "emergency"
            ? std::string_view("error")
            : std::string_view("info");
    self.log("protocol", ours, logger.empty() ? text : std::string(logger) + ": " + text);
  });
  out.on_list_changed = with([](Server& self, std::string_view) {
    ++self.lists_wanted_;
    self.tasks_.spawn("server.lists", [](std::shared_ptr<Server> server) -> runtime::Task<> {
      // A burst of notifications is one reload: only the last of them does it.
      const auto mine = server->lists_wanted_;
      co_await runtime::sleep_for(std::chrono::milliseconds(50));
      if (mine != server->lists_wanted_) co_return;
      if (auto loaded = co_await server->load_lists(); !loaded)
        server->log("telltale", "warning", "cannot list anew: " + loaded.error().detail);
    }(self.shared_from_this()));
  });
  out.on_closed = with([](Server& self, const base::Error& why) {
    self.log("telltale", "warning", "session ended: " + why.detail);
    self.health_event("process_exited", runtime::Severity::warning, {{"reason", why.detail}});
    self.reconciler_.on_ended(why.detail, self.parts_.loop.clock().now());
    self.absent("session", why.detail);
    self.changed();
  });
  return out;
}

runtime::TaskResult<bool> Server::spawn_managed_process() {
  auto spec = process_of(definition_, parts_.hidden);
  const auto weak = weak_from_this();
  net::Process::Events events;
  events.stdout_line = [weak](std::string_view line) {
    if (const auto self = weak.lock()) self->log("stderr", "info", line);
  };
  events.stderr_line = events.stdout_line;
  events.exited = [weak](net::ProcessExit exit) {
    const auto self = weak.lock();
    if (!self || self->shutting_down_) return;
    const auto why = "the process " + exit.describe();
    self->log("telltale", "warning", why);
    self->health_event("process_exited", runtime::Severity::warning, {{"reason", why}});
    self->reconciler_.on_ended(why, self->parts_.loop.clock().now());
    self->absent("session", why);
    self->changed();
  };
  auto spawned = net::Process::spawn(parts_.loop, std::move(spec), std::move(events));
  if (!spawned) co_return std::unexpected(spawned.error());
  managed_ = std::move(*spawned);
  co_return true;
}

// A managed HTTP server needs a moment until it listens: refused connections are tried again until
// the start limit.
runtime::TaskResult<bool> Server::connect_session() {
  mcp::ClientSettings settings{.era = era_,
                               .connect_timeout = definition_.start_timeout,
                               .request_timeout = definition_.request_timeout};
  if (definition_.oauth)
    if (auto made = oauth(); !made) co_return std::unexpected(made.error());
  while (reconciler_.phase() == Phase::starting) {
    // Held here as well: a stop that comes meanwhile takes client_ away.
    const auto client = std::make_shared<mcp::Client>(
        parts_.loop, target_of(definition_, parts_, oauth_), settings, make_listener());
    client_ = client;
    auto connected = co_await client->connect();
    if (connected && client_ == client) {
      info_ = *connected;
      era_ = connected->era;
      co_return true;
    }
    co_await client->close(kStopGrace);
    if (client_ == client) client_.reset();
    if (connected) break;
    const bool not_yet =
        managed_ && managed_->running() && connected.error().code == base::Code::unavailable;
    if (!not_yet) co_return std::unexpected(connected.error());
    co_await runtime::sleep_for(std::chrono::milliseconds(100));
  }
  co_return base::fail(base::Code::cancelled, "stopped while starting");
}

runtime::Task<> Server::end_session() {
  // Taken out first: whoever else looks meanwhile finds nothing to go on with.
  const auto client = std::exchange(client_, nullptr);
  const auto managed = std::exchange(managed_, nullptr);
  if (client) co_await client->close(kStopGrace);
  if (managed) co_await managed->stop(kStopGrace);
}

runtime::Task<> Server::start_session(std::shared_ptr<Server> self) {
  auto& s = *self;
  co_await s.end_session();  // a session that died is buried before the next one begins: never two
                             // at a time
  s.window_.clear();
  base::Result<bool> started = true;
  if (s.definition_.transport != mcp::TransportKind::stdio && s.definition_.executes())
    started = co_await s.spawn_managed_process();
  if (started)
    started = co_await runtime::with_timeout<bool>(
        s.definition_.start_timeout,
        fmt::format("no session within {:.0f} s of the start",
                    base::to_seconds(s.definition_.start_timeout)),
        s.connect_session());
  if (s.reconciler_.phase() != Phase::starting) co_return;  // a stop came first and cleans up
  const auto now = s.parts_.loop.clock().now();
  if (!started) {
    s.log("telltale", "error", "start failed: " + started.error().detail);
    co_await s.end_session();
    if (s.note_authorization(started.error()))
      s.reconciler_.on_start_refused("waits for authorization: " + started.error().detail, now);
    else
      s.reconciler_.on_start_failed("start failed: " + started.error().detail, now);
    s.absent("start", started.error().detail);
    co_return s.changed();
  }
  s.usage_ = s.managed_ ? s.managed_->sample() : s.client_->sample();
  s.log("telltale", "info",
        fmt::format("connected: protocol {}, {} era", s.info_->protocol_version,
                    mcp::era_name(s.info_->era)));
  s.health_event("process_started", runtime::Severity::info,
                 {{"pid", s.managed_ ? s.managed_->pid() : s.client_->pid()}});
  store::record_server_state(s.parts_.store,
                             {.name = s.definition_.name,
                              .desired = std::string(desired_name(s.reconciler_.desired())),
                              .reason = s.reconciler_.reason(),
                              .era = std::string(mcp::era_name(s.info_->era))});
  ++s.sessions_;
  s.authorization_required_ = false;
  s.reconciler_.on_started(now);
  s.changed();
}

runtime::Task<> Server::stop_session(std::shared_ptr<Server> self) {
  auto& s = *self;
  co_await s.end_session();
  s.usage_.reset();
  s.info_.reset();
  s.reconciler_.on_stopped(s.parts_.loop.clock().now());
  s.changed();
}

runtime::TaskResult<bool> Server::load_lists() {
  const auto client = client_;
  if (!client || !client->connected())
    co_return base::fail(base::Code::unavailable, "not connected");
  auto tools = co_await client->list_tools();
  if (!tools) co_return std::unexpected(tools.error());
  auto resources = co_await client->list_resources();
  if (!resources) co_return std::unexpected(resources.error());
  auto templates = co_await client->list_resource_templates();
  if (!templates) co_return std::unexpected(templates.error());
  auto prompts = co_await client->list_prompts();
  if (!prompts) co_return std::unexpected(prompts.error());
  auto loaded = std::make_shared<const Lists>(std::move(*tools), std::move(*resources),
                                              std::move(*templates), std::move(*prompts));
  const bool differs = *loaded != *lists_;
  lists_ = std::move(loaded);
  lists_at_ = base::format_rfc3339(parts_.loop.clock().wall());
  refresh_view();
  if (differs)
    publish("config_changed", "status", runtime::Severity::info,
            {{"kind", "capabilities"},
             {"mcp_name", definition_.name},
             {"id", definition_.id},
             {"server", record()}});
  co_return true;
}

runtime::Task<> Server::sample_process(std::shared_ptr<Server> self) {
  for (;;) {
    co_await runtime::sleep_for(kSampleInterval);
    if (!self->client_) continue;
    self->usage_ = self->managed_ ? self->managed_->sample() : self->client_->sample();
    self->refresh_view();
  }
}

bool Server::same_as_shown() const {
  return reconciler_.status() == shown_ && reconciler_.circuit().state() == shown_circuit_ &&
         (reconciler_.desired() == Desired::disabled) == shown_disabled_;
}

void Server::publish_changes() {
  const auto status = reconciler_.status();
  const auto circuit = reconciler_.circuit().state();
  if (circuit != shown_circuit_) {
    const auto old = std::exchange(shown_circuit_, circuit);
    auto data = circuit_record();
    const auto severity =
        circuit == CircuitState::open ? runtime::Severity::error : runtime::Severity::info;
    publish(
        "circuit_breaker_state", "status", severity,
        {{"mcp_name", definition_.name},
         {"old_state", circuit_name(old)},
         {"new_state", circuit_name(circuit)},
         {"failure_count", data["failure_count"]},
         {"threshold", data["threshold"]},
         {"failure_cycles", data["failure_cycles"]},
         {"severity", runtime::severity_name(severity)},
         {"message", "circuit " + std::string(circuit_name(circuit)) + ": " + reconciler_.reason()},
         {"retry_at", data["retry_at"]}});
    health_event(circuit == CircuitState::open        ? "circuit_opened"
                 : circuit == CircuitState::half_open ? "circuit_half_open"
                                                      : "recovery",
                 severity, {});
  }
  const bool disabled = reconciler_.desired() == Desired::disabled;
  if (disabled && !shown_disabled_)
    publish("mcp_auto_disabled", "status", runtime::Severity::critical,
            {{"mcp_name", definition_.name},
             {"reason", reconciler_.reason()},
             {"failure_cycles", reconciler_.circuit().failure_cycles()},
             {"severity", "critical"}});
  shown_disabled_ = disabled;
  if (status != shown_) {
    const auto old = std::exchange(shown_, status);
    since_ = parts_.loop.clock().wall();
    const auto severity =
        status == HealthStatus::disconnected || status == HealthStatus::circuit_open
            ? runtime::Severity::error
        : status == HealthStatus::disabled ? runtime::Severity::critical
        : status == HealthStatus::degraded ? runtime::Severity::warning
                                           : runtime::Severity::info;
    refresh_view();
    publish("mcp_status_change", "status", severity,
            {{"mcp_name", definition_.name},
             {"id", definition_.id},
             {"old_status", status_name(old)},
             {"new_status", status_name(status)},
             {"reason", reconciler_.reason()},
             {"severity", runtime::severity_name(severity)},
             {"server", record()}});
  } else {
    refresh_view();
  }
}

// Waits until what was asked for is so, or until it is clear that it will not be.
runtime::TaskResult<bool> Server::reach(Desired desired, std::uint64_t after_session) {
  const auto self = shared_from_this();
  changed();
  store::record_server_state(parts_.store, {.name = definition_.name,
                                            .desired = std::string(desired_name(desired)),
                                            .reason = reconciler_.reason(),
                                            .era = era_ ? std::string(mcp::era_name(*era_)) : ""});
  const auto failures = reconciler_.circuit().failure_count();
  for (;;) {
    if (reconciler_.desired() != desired)
      co_return base::fail(base::Code::conflict, "overtaken: " + reconciler_.reason());
    const auto status = reconciler_.status();
    if (desired == Desired::stopped && (reconciler_.phase() == Phase::idle)) co_return true;
    const bool up = status == HealthStatus::healthy || status == HealthStatus::degraded;
    if (desired == Desired::running && up && sessions_ > after_session) co_return true;
    if (desired == Desired::running && reconciler_.circuit().failure_count() > failures)
      co_return base::fail(base::Code::unavailable, definition_.name + ": " + reconciler_.reason());
    co_await news_.wait();
  }
}

runtime::TaskResult<bool> Server::start() {
  reconciler_.start(parts_.loop.clock().now());
  return reach(Desired::running, 0);
}
runtime::TaskResult<bool> Server::stop() {
  reconciler_.stop("stopped as asked");
  return reach(Desired::stopped, 0);
}
runtime::TaskResult<bool> Server::restart() {
  // The old session may look healthy until it is stopped: only a new one counts.
  const auto before = sessions_;
  reconciler_.restart(parts_.loop.clock().now());
  return reach(Desired::running, before);
}

runtime::TaskResult<bool> Server::refresh_lists() {
  return load_lists();
}

runtime::Task<> Server::shut_down() {
  const auto self = shared_from_this();
  shutting_down_ = true;
  co_await tasks_.stop();
  co_await end_session();
  if (const auto oauth = std::exchange(oauth_, nullptr)) co_await oauth->close();
}

}  // namespace telltale::fleet
