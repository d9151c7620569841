// Registry: all servers. Definitions come from the fleet file and, through the API, from the store;
// a change of the file is noticed and only what changed is touched. Changes happen on one loop
// (loop 0); readers on any loop take a snapshot.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/published.hpp"
#include "fleet/server.hpp"
#include "runtime/runtime.hpp"
#include "store/fleet_versions.hpp"

namespace telltale::fleet {

struct FleetSettings {
  std::string file;  // "" for none
  base::Duration watch_interval = std::chrono::seconds(2);
  net::OutboundPolicy outbound = {};     // where servers with a url may be
  std::vector<std::string> hidden = {};  // paths that no sandboxed child sees
  OAuthIdentity oauth = {};
};

struct ReloadReport {
  std::vector<std::string> added, changed, removed, unchanged, errors;
};
struct RestoreReport {
  std::vector<std::string> added, changed, removed;
  std::vector<std::string> left;  // of the fleet file, which only its owner changes
};

class Registry {
 public:
  using ServerPtr = std::shared_ptr<Server>;
  using Servers = std::map<std::string, ServerPtr>;

  Registry(FleetSettings settings, runtime::Runtime& runtime, store::Store& store,
           runtime::EventSink& events);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Start-up, before the loops run: reads file and store. The errors name what could not be taken;
  // a file that cannot be read at all is an Error.
  base::Result<std::vector<base::Error>> load();
  void start();  // loop threads run now
  runtime::Task<> stop();

  // Raised after each change of what servers(), find() and records() show.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  std::shared_ptr<const Servers> servers() const { return servers_.load(); }
  base::Result<ServerPtr> find(std::string_view id_or_name) const;
  base::JsonArray records() const;
  const std::string& file() const noexcept { return settings_.file; }

  // On any loop.
  runtime::TaskResult<ReloadReport> reload(std::string actor = "fleet file");
  runtime::TaskResult<ServerPtr> create(std::string name, base::JsonObject source,
                                        std::string actor);
  runtime::TaskResult<ServerPtr> update(std::string name, base::JsonObject source,
                                        std::string actor);
  runtime::TaskResult<bool> remove(std::string name, std::string actor);
  // The servers of the API become what they were at a version (registry_versions.cpp).
  runtime::TaskResult<RestoreReport> restore(store::KeptFleet target, std::int64_t version,
                                             std::string actor);
  // The server whose authorization this state is of.
  runtime::TaskResult<ServerPtr> awaiting(std::string state) const;
  runtime::Loop& home() const noexcept { return runtime_.loop(0); }

 private:
  struct FileState {
    std::string text;
    FleetFile fleet;
  };
  base::Result<FileState> read_file() const;
  ServerPtr make(Definition definition, std::string origin,
                 std::optional<store::ServerState> remembered, std::int64_t log_seq);
  void show(std::shared_ptr<const Servers> servers);
  void run_server(const ServerPtr& server);
  void publish(std::string_view kind, const Server& server);
  runtime::TaskResult<ReloadReport> reload_here(std::string actor);
  runtime::TaskResult<ServerPtr> put_here(std::string name, base::JsonObject source,
                                          std::string actor, bool must_exist);
  runtime::TaskResult<bool> remove_here(std::string name, std::string actor);
  runtime::TaskResult<RestoreReport> restore_here(store::KeptFleet target, std::int64_t version,
                                                  std::string actor);
  // Writes what differs from the last version, if anything does.
  runtime::Task<> note_version(std::string actor, std::string cause);
  runtime::Task<> take_down(ServerPtr server);
  static runtime::Task<> watch(Registry* self);

  FleetSettings settings_;
  runtime::Runtime& runtime_;
  store::Store& store_;
  runtime::EventSink& events_;
  std::atomic<std::uint64_t> version_{1};
  base::Published<Servers> servers_;
  runtime::TaskGroup tasks_;
  std::string file_hash_;
  bool changing_ = false;
  struct Noted {
    std::string origin, fingerprint;
  };
  std::map<std::string, Noted> noted_;  // as the last version has it; home loop
  bool restoring_ = false;              // one version for all of a restore
};

}  // namespace telltale::fleet
