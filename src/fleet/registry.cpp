#include "fleet/registry.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "fleet/definition_sandbox.hpp"
#include "runtime/run.hpp"

namespace telltale::fleet {
namespace {

constexpr std::size_t kFileBytes = 16U << 20U;

}  // namespace

Registry::Registry(FleetSettings settings, runtime::Runtime& runtime, store::Store& store,
                   runtime::EventSink& events)
    : settings_(std::move(settings)),
      runtime_(runtime),
      store_(store),
      events_(events),
      servers_(std::make_shared<const Servers>()),
      tasks_(runtime.loop(0), "fleet") {}

base::Result<Registry::FileState> Registry::read_file() const {
  auto text = base::read_file(settings_.file, kFileBytes);
  if (!text)
    return base::fail(base::Code::invalid_argument, "the fleet file: " + text.error().detail);
  auto fleet = parse_fleet_file(*text);
  if (!fleet) return base::fail(fleet.error().code, settings_.file + ": " + fleet.error().detail);
  return FileState{std::move(*text), std::move(*fleet)};
}

void Registry::show(std::shared_ptr<const Servers> servers) {
  servers_.store(std::move(servers));
  version_.fetch_add(1, std::memory_order_release);
}

Registry::ServerPtr Registry::make(Definition definition, std::string origin,
                                   std::optional<store::ServerState> remembered,
                                   std::int64_t log_seq) {
  ServerParts parts{.loop = runtime_.next_loop(),
                    .store = store_,
                    .events = events_,
                    .blocking = runtime_.blocking(),
                    .outbound = settings_.outbound,
                    .hidden = settings_.hidden,
                    .oauth = settings_.oauth,
                    .version = version_};
  return std::make_shared<Server>(parts, std::move(definition), std::move(origin),
                                  std::move(remembered), log_seq);
}

base::Result<std::vector<base::Error>> Registry::load() {
  std::vector<base::Error> errors;
  std::vector<std::pair<Definition, std::string>> definitions;
  if (!settings_.file.empty()) {
    auto file = read_file();
    if (!file) return std::unexpected(file.error());
    file_hash_ = base::sha256_hex(file->text);
    errors = std::move(file->fleet.errors);
    for (auto& definition : file->fleet.servers)
      definitions.emplace_back(std::move(definition), "file");
  }
  auto stored = store::load_servers(store_);
  if (!stored) return std::unexpected(stored.error());
  for (const auto& record : *stored) {
    auto definition = parse_definition(record.name, record.definition, "/" + record.name);
    if (definition)
      definitions.emplace_back(std::move(*definition), "api");
    else
      errors.push_back(definition.error());
  }
  auto states = store::load_server_states(store_);
  if (!states) return std::unexpected(states.error());
  Servers servers;
  for (auto& [definition, origin] : definitions) {
    if (servers.contains(definition.name))
      continue;  // the file wins over an older API definition of the same name
    std::optional<store::ServerState> remembered;
    for (const auto& state : *states)
      if (state.name == definition.name) remembered = state;
    const auto name = definition.name;
    servers.emplace(name, make(std::move(definition), origin, std::move(remembered),
                               store::last_log_seq(store_, name)));
  }
  show(std::make_shared<const Servers>(std::move(servers)));
  auto last = store::last_fleet_version(store_);
  if (!last) return std::unexpected(last.error());
  for (const auto& [name, kept] : *last)
    noted_[name] = {kept.origin, base::sha256_hex(base::write_json(kept.definition))};
  return errors;
}

void Registry::run_server(const ServerPtr& server) {
  server->loop().post([server] { server->run(); });
}

void Registry::start() {
  for (const auto& [name, server] : *servers_.load()) run_server(server);
  home().post([this] {
    tasks_.spawn("fleet.note_version", note_version("telltale", "start"));
    if (!settings_.file.empty()) tasks_.spawn("fleet.watch", watch(this));
  });
}

runtime::Task<> Registry::stop() {
  co_await runtime::call_on(home(), tasks_.stop());
  // All at once: the slowest child decides how long it takes, not their number.
  auto& here = *runtime::Loop::current();
  runtime::TaskGroup stopping(here, "fleet stop");
  runtime::Notifier done(here);
  for (const auto& [name, server] : *servers_.load())
    stopping.spawn("server.shut_down",
                   [](ServerPtr one, runtime::Notifier* ended) -> runtime::Task<> {
                     co_await runtime::call_on(one->loop(), one->shut_down());
                     ended->notify_all();
                   }(server, &done));
  while (stopping.size() > 0) co_await done.wait_for(std::chrono::milliseconds(100));
  show(std::make_shared<const Servers>());
}

base::Result<Registry::ServerPtr> Registry::find(std::string_view id_or_name) const {
  const auto servers = servers_.load();
  if (const auto found = servers->find(std::string(id_or_name)); found != servers->end())
    return found->second;
  for (const auto& [name, server] : *servers)
    if (server->view()->definition.id == id_or_name) return server;
  return base::fail(base::Code::not_found,
                    "no server is called " + std::string(id_or_name.substr(0, 80)));
}

runtime::TaskResult<Registry::ServerPtr> Registry::awaiting(std::string state) const {
  for (const auto& [name, server] : *servers_.load()) {
    if (!server->view()->definition.oauth) continue;
    auto awaits = co_await runtime::call_on(server->loop(), server->awaits_authorization(state));
    if (!awaits) co_return std::unexpected(awaits.error());
    if (*awaits) co_return server;
  }
  co_return base::bad_field("/authorization_response",
                            "carries a state that no authorization waits for; begin anew (one is "
                            "good for ten minutes and one attempt)");
}

base::JsonArray Registry::records() const {
  base::JsonArray out;
  for (const auto& [name, server] : *servers_.load()) out.push_back(server->view()->record);
  return out;
}

void Registry::publish(std::string_view kind, const Server& server) {
  const auto view = server.view();
  events_.publish({.type = "config_changed",
                   .channel = "status",
                   .subject = view->definition.name,
                   .data = {{"kind", kind},
                            {"mcp_name", view->definition.name},
                            {"id", view->definition.id},
                            {"server", view->record}}});
}

runtime::Task<> Registry::take_down(ServerPtr server) {
  co_await runtime::call_on(server->loop(), server->shut_down());
}

runtime::TaskResult<ReloadReport> Registry::reload(std::string actor) {
  return runtime::call_on(home(), reload_here(std::move(actor)));
}

runtime::TaskResult<ReloadReport> Registry::reload_here(std::string actor) {
  if (settings_.file.empty())
    co_return base::fail(base::Code::conflict, "this server was started without --mcp-config");
  if (changing_)
    co_return base::fail(base::Code::conflict, "another change of the fleet is under way");
  auto file = read_file();
  if (!file) co_return std::unexpected(file.error());  // the old fleet goes on
  changing_ = true;
  struct Done {
    bool& flag;
    ~Done() { flag = false; }
  } done{changing_};
  file_hash_ = base::sha256_hex(file->text);
  ReloadReport report;
  for (const auto& error : file->fleet.errors) report.errors.push_back(error.detail);
  auto next = *servers_.load();
  std::vector<ServerPtr> down, up;
  std::vector<std::string> named;
  for (auto& definition : file->fleet.servers) {
    const auto name = definition.name;
    named.push_back(name);
    const auto found = next.find(name);
    if (found != next.end() &&
        found->second->view()->definition.fingerprint == definition.fingerprint &&
        found->second->view()->origin == "file") {
      report.unchanged.push_back(name);
      continue;
    }
    std::int64_t log_seq = 0;
    if (found != next.end()) {
      down.push_back(found->second);
      report.changed.push_back(name);
      log_seq = base::unix_ms(runtime_.clock().wall());  // above every line of the old one
    } else {
      report.added.push_back(name);
    }
    up.push_back(next[name] = make(std::move(definition), "file", std::nullopt, log_seq));
  }
  for (auto it = next.begin(); it != next.end();) {
    const bool gone =
        it->second->view()->origin == "file" && std::ranges::find(named, it->first) == named.end();
    if (!gone) {
      ++it;
      continue;
    }
    report.removed.push_back(it->first);
    down.push_back(it->second);
    publish("server_removed", *it->second);
    it = next.erase(it);
  }
  show(std::make_shared<const Servers>(std::move(next)));
  for (const auto& server : down) co_await take_down(server);
  for (const auto& server : up) {
    run_server(server);
    const bool is_new =
        std::ranges::find(report.added, server->view()->definition.name) != report.added.end();
    publish(is_new ? "server_added" : "server_changed", *server);
  }
  co_await note_version(std::move(actor), "file");
  co_return report;
}

runtime::TaskResult<Registry::ServerPtr> Registry::create(std::string name, base::JsonObject source,
                                                          std::string actor) {
  return runtime::call_on(home(), put_here(std::move(name), with_default_sandbox(std::move(source)),
                                           std::move(actor), false));
}
runtime::TaskResult<Registry::ServerPtr> Registry::update(std::string name, base::JsonObject source,
                                                          std::string actor) {
  return runtime::call_on(home(),
                          put_here(std::move(name), std::move(source), std::move(actor), true));
}

runtime::TaskResult<Registry::ServerPtr> Registry::put_here(std::string name,
                                                            base::JsonObject source,
                                                            std::string actor, bool must_exist) {
  auto definition = parse_definition(name, source, "");
  if (!definition) co_return std::unexpected(definition.error());
  if (changing_)
    co_return base::fail(base::Code::conflict, "another change of the fleet is under way");
  changing_ = true;
  struct Done {
    bool& flag;
    ~Done() { flag = false; }
  } done{changing_};
  auto next = *servers_.load();
  const auto found = next.find(name);
  if (!must_exist && found != next.end())
    co_return base::fail(base::Code::conflict, "a server called " + name + " exists");
  if (must_exist && found == next.end())
    co_return base::fail(base::Code::not_found, "no server is called " + name);
  if (found != next.end() && found->second->view()->origin == "file")
    co_return base::fail(base::Code::conflict,
                         name + " comes from the fleet file; change it there");
  if (auto saved = co_await store::save_server(store_, {name, source, actor}); !saved)
    co_return std::unexpected(saved.error());
  const auto old = found == next.end() ? nullptr : found->second;
  auto server = make(std::move(*definition), "api", std::nullopt,
                     old ? base::unix_ms(runtime_.clock().wall()) : 0);
  next[name] = server;
  show(std::make_shared<const Servers>(std::move(next)));
  if (old) co_await take_down(old);
  run_server(server);
  publish(old ? "server_changed" : "server_added", *server);
  co_await note_version(std::move(actor), old ? "update" : "create");
  co_return server;
}

runtime::TaskResult<bool> Registry::remove(std::string name, std::string actor) {
  return runtime::call_on(home(), remove_here(std::move(name), std::move(actor)));
}

runtime::TaskResult<bool> Registry::remove_here(std::string name, std::string actor) {
  auto next = *servers_.load();
  const auto found = next.find(name);
  if (found == next.end())
    co_return base::fail(base::Code::not_found, "no server is called " + name);
  const auto server = found->second;
  if (server->view()->origin == "file")
    co_return base::fail(base::Code::conflict,
                         name + " comes from the fleet file; remove it there");
  if (auto gone = co_await store::delete_server(store_, name); !gone)
    co_return std::unexpected(gone.error());
  next = *servers_.load();
  next.erase(name);
  show(std::make_shared<const Servers>(std::move(next)));
  co_await take_down(server);
  publish("server_removed", *server);
  co_await note_version(std::move(actor), "delete");
  co_return true;
}

// By content, not by time stamp: editors write files in many ways, and a touch is no change.
runtime::Task<> Registry::watch(Registry* self) {
  std::string complained;
  for (;;) {
    co_await runtime::sleep_for(self->settings_.watch_interval);
    const auto text = co_await self->runtime_.blocking().run(
        [path = self->settings_.file] { return base::read_file(path, kFileBytes).value_or(""); });
    const auto hash = base::sha256_hex(text);
    if (hash == self->file_hash_ || hash == complained) continue;
    auto report = co_await self->reload_here("fleet file");
    if (!report) {
      complained = hash;
      base::log(base::LogLevel::warning, "fleet", "the fleet file changed but is not taken: {}",
                report.error().detail);
      continue;
    }
    base::log(base::LogLevel::info, "fleet",
              "fleet file read again: {} added, {} changed, {} removed, {} unchanged, {} errors",
              report->added.size(), report->changed.size(), report->removed.size(),
              report->unchanged.size(), report->errors.size());
  }
}

}  // namespace telltale::fleet
