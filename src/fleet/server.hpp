// Server: one managed MCP server on its home loop. A single task drives the Reconciler: it waits
// for the next deadline or for news, asks what to do and does it. Calls from other loops come
// through runtime::call_on. Owned by the Registry; stop() ends the session, the process and all
// tasks.
#pragma once

#include <map>
#include <memory>

#include "base/histogram.hpp"
#include "base/published.hpp"
#include "fleet/definition.hpp"
#include "fleet/health_window.hpp"
#include "fleet/recent_messages.hpp"
#include "fleet/reconciler.hpp"
#include "mcp/oauth/client.hpp"
#include "runtime/event.hpp"
#include "runtime/operation.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"
#include "store/history.hpp"
#include "store/servers.hpp"

namespace telltale::fleet {

struct Lists {
  base::JsonArray tools, resources, templates, prompts;
  bool operator==(const Lists&) const = default;
};

// What readers on every loop see: replaced as a whole on each change.
struct ServerView {
  Definition definition;
  std::string origin;       // file or api
  base::JsonObject record;  // docs/api.md, "server"
  HealthStatus status = HealthStatus::stopped;
  std::shared_ptr<const Lists> lists;
  std::string lists_at;  // when they were last good
  bool stale = false;
};
using ViewPtr = std::shared_ptr<const ServerView>;

struct OAuthIdentity {
  // Where the dashboard takes the answer of an authorization server; known once we listen.
  std::function<std::string()> redirect_uri = [] { return std::string(); };
  std::string client_metadata_url = {};  // "" unless it can be read from outside
};

struct ServerParts {
  runtime::Loop& loop;
  store::Store& store;
  runtime::EventSink& events;
  runtime::BlockingPool& blocking;
  const net::OutboundPolicy& outbound;
  const std::vector<std::string>& hidden;  // from sandboxed children
  const OAuthIdentity& oauth;              // who we are to authorization servers
  std::atomic<std::uint64_t>& version;     // of all views, raised after each change
};

class Server : public std::enable_shared_from_this<Server> {
 public:
  Server(ServerParts parts, Definition definition, std::string origin,
         std::optional<store::ServerState> remembered, std::int64_t last_log_seq);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  runtime::Loop& loop() const noexcept { return parts_.loop; }
  ViewPtr view() const { return view_.load(); }  // any loop
  const std::string& name() const noexcept { return definition_.name; }

  // All below on the home loop.
  void run();  // starts the driving task
  runtime::Task<> shut_down();
  runtime::TaskResult<bool> start();
  runtime::TaskResult<bool> stop();
  runtime::TaskResult<bool> restart();
  runtime::TaskResult<bool> refresh_lists();
  runtime::TaskResult<base::JsonObject> test();
  // `arriving` is what its trace calls the way to this loop.
  runtime::TaskResult<base::JsonObject> call_tool(std::string tool, base::JsonObject arguments,
                                                  runtime::ContextPtr context,
                                                  runtime::Span arriving);
  runtime::TaskResult<base::JsonObject> read_resource(std::string uri);
  runtime::TaskResult<base::JsonObject> get_prompt(std::string prompt, base::JsonObject arguments);
  runtime::TaskResult<base::JsonObject> complete(base::JsonObject reference,
                                                 base::JsonObject argument,
                                                 base::JsonObject context);
  // server_authorization.cpp. The URL a person has to open.
  runtime::TaskResult<base::JsonObject> begin_authorization();
  runtime::TaskResult<bool> awaits_authorization(std::string state);
  runtime::TaskResult<bool> finish_authorization(mcp::oauth::CallbackParameters answer);
  runtime::TaskResult<bool> forget_authorization();

  base::JsonObject stats() const;
  base::JsonObject recording() const;  // docs/lab/recordings.md
  std::vector<store::LogRecord> recent_logs(std::size_t limit) const;

 private:
  struct ToolStats {
    std::uint64_t calls = 0, failures = 0;
    base::Histogram us;
    base::WallTime last;
  };

  // server.cpp: the driving task
  static runtime::Task<> drive(std::shared_ptr<Server> self);
  static runtime::Task<> start_session(std::shared_ptr<Server> self);
  static runtime::Task<> stop_session(std::shared_ptr<Server> self);
  static runtime::Task<> sample_process(std::shared_ptr<Server> self);
  runtime::TaskResult<bool> connect_session();
  runtime::Task<> end_session();
  runtime::TaskResult<bool> spawn_managed_process();
  mcp::Listener make_listener();
  void changed();  // tell the driver, publish what differs, refresh the view
  void publish_changes();
  bool same_as_shown() const;  // status, circuit and wish are those of the last publish_changes()
  runtime::TaskResult<bool> reach(Desired desired, std::uint64_t after_session);
  runtime::TaskResult<bool> load_lists();

  // server_checks.cpp
  static runtime::Task<> run_check(std::shared_ptr<Server> self);
  static runtime::Task<> note_absence(std::shared_ptr<Server> self);
  void finish_check(base::Result<base::Duration> took);
  void absent(std::string_view kind, std::string why);  // it should run, and there is no session
  void tell_check(store::HealthRecord check);           // to the bus and the store

  // server_authorization.cpp
  base::Result<mcp::oauth::OAuthClient*> oauth();
  base::Json authorization_record() const;
  bool note_authorization(const base::Error& error);  // true: a person has to consent first
  base::Error for_caller(base::Error error);
  void authorization_changed();

  // server_record.cpp: what it looks like
  base::JsonObject record() const;
  base::JsonObject circuit_record() const;
  base::Json process_record() const;
  base::Json at(std::optional<base::SteadyTime> when) const;
  void publish(std::string type, std::string channel, runtime::Severity severity,
               base::JsonObject data);
  void health_event(std::string_view kind, runtime::Severity severity, base::JsonObject data);
  void log(std::string_view stream, std::string_view level, std::string_view message);
  void refresh_view();
  void refresh_soon();  // once for all that happens within kViewDelay

  // server_calls.cpp
  base::Result<mcp::Client*> usable();
  void note_call(const base::Error* failure);

  ServerParts parts_;
  Definition definition_;
  std::string origin_;
  base::Json sandbox_;  // as shown: what this machine gives does not change
  Reconciler reconciler_;
  HealthWindow window_;
  runtime::TaskGroup tasks_;
  runtime::Notifier news_;
  std::shared_ptr<mcp::Client> client_;
  std::shared_ptr<mcp::oauth::OAuthClient> oauth_;  // from the first session on
  bool authorization_required_ = false;
  std::shared_ptr<net::Process> managed_;
  std::optional<mcp::Era> era_;
  std::optional<net::ProcessUsage> usage_;
  std::shared_ptr<const Lists> lists_ = std::make_shared<const Lists>();
  std::string lists_at_;
  std::optional<mcp::SessionInfo> info_;
  std::optional<base::WallTime> last_check_;
  std::optional<double> last_ms_;
  std::optional<base::SteadyTime> absent_at_;
  std::uint64_t checks_total_ = 0, checks_failed_ = 0, findings_ = 0;
  std::uint64_t calls_total_ = 0, calls_failed_ = 0, in_flight_ = 0;
  std::map<std::string, ToolStats> tool_stats_;
  base::Ring<store::LogRecord> logs_{1000};
  RecentMessages messages_;
  std::int64_t log_seq_ = 0;
  base::SteadyTime log_window_{};
  std::size_t log_count_ = 0, log_skipped_ = 0;
  HealthStatus shown_ = HealthStatus::stopped;
  CircuitState shown_circuit_ = CircuitState::closed;
  bool shown_disabled_ = false;
  bool refresh_due_ = false;
  base::WallTime since_;
  std::uint64_t sessions_ = 0;  // how many have begun
  std::size_t lists_wanted_ = 0;
  bool shutting_down_ = false;
  base::Published<ServerView> view_;
};

}  // namespace telltale::fleet
