// The core of one client: requests and their answers, what the server says by itself, and the
// transport underneath. Other parts build on exchange(): connector (era, handshake), call (input
// rounds, tasks, lost sessions), lists, subscriptions. One loop; close() ends it, and coroutines
// that still run hold it alive until they notice.
#pragma once

#include "mcp/jsonrpc.hpp"
#include "mcp/list_cache.hpp"
#include "mcp/pending_calls.hpp"
#include "mcp/server_requests.hpp"
#include "mcp/tool_schemas.hpp"
#include "mcp/transport.hpp"
#include "runtime/run.hpp"

namespace telltale::mcp {

class Subscriptions;
class Volley;

class Session final : public TransportListener, public std::enable_shared_from_this<Session> {
 public:
  using TransportFactory =
      std::function<std::unique_ptr<Transport>(TransportKind kind, TransportListener& listener)>;

  Session(runtime::Loop& loop, TransportKind kind, TransportFactory factory,
          ClientSettings settings, Listener listener);
  ~Session() override;

  struct Exchange {
    std::string method;
    base::JsonObject params = {};
    CallOptions options = {};
    bool exempt = false;      // not counted against the limit of calls in flight
    bool cancellable = true;  // a server that still works on it when we stop waiting is told
  };
  // One request, one answer. However it ends, the id is forgotten.
  runtime::TaskResult<base::JsonObject> exchange(Exchange asked);
  base::Result<void> notify(std::string method, base::JsonObject params = {});

  // Replaces the transport (closing the one before) and opens it.
  runtime::TaskResult<bool> open_transport(TransportKind kind);
  // What requests and headers carry from now on; "" is before the answer to initialize.
  void speak(Era era, std::string version);
  void establish(SessionInfo info);  // connected, or connected anew
  void mark_ready() {
    ready_ = true;
  }  // connect() has succeeded: from now on an end is reported to the listener
  runtime::Task<> close(base::Duration grace);

  void finding(std::string rule, std::string_view detail, bool fatal = false);

  // For a volley of requests: their text, and answers before all others see them.
  std::string request_text(std::int64_t id, std::string_view method, base::JsonObject params) const;
  void enlist(Volley& volley) { volleys_.push_back(&volley); }
  void dismiss(const Volley& volley) { std::erase(volleys_, &volley); }
  // Nobody waits for this one any more: a server that works on it is told.
  void tell_cancelled(std::int64_t id);
  // An answer to a request that has ended: nobody waited any more (late), or it had its answer.
  void stale_answer(std::string_view id, bool late);

  runtime::Loop& loop() noexcept { return loop_; }
  runtime::TaskGroup& tasks() noexcept { return tasks_; }
  const ClientSettings& settings() const noexcept { return settings_; }
  const SessionInfo* info() const noexcept {
    return info_ ? &*info_ : nullptr;
  }  // null before connect()
  const std::optional<SessionInfo>& session_info() const noexcept { return info_; }
  const ServerRequests& server_requests() const noexcept { return server_requests_; }
  Transport* transport() noexcept { return transport_.get(); }
  TransportKind first_kind() const noexcept { return kind_; }
  PendingCalls& calls() noexcept { return calls_; }
  ListCache& cache() noexcept { return cache_; }
  ToolSchemas& tools() noexcept { return tools_; }
  Subscriptions& subscriptions() noexcept { return *subscriptions_; }
  bool ended() const noexcept { return ended_; }    // the server's end
  bool closed() const noexcept { return closed_; }  // ours: close() was called
  std::size_t calls_in_flight() const noexcept { return calls_.size() - exempt_; }
  base::SteadyTime now() const noexcept { return loop_.clock().now(); }

  std::string log_level;   // modern: asked for in every request
  std::uint64_t life = 0;  // legacy: how often the session was made anew
  using Renewal = runtime::OneShot<base::Result<bool>>;
  std::shared_ptr<Renewal> renewing;  // set while that is being done

 private:
  class Forget;

  void on_text(std::string_view text, std::string_view rule) override;
  void on_tap(char direction, std::string_view text) override;
  void on_failed(std::int64_t id, base::Error error) override;
  void on_session_lost() override;
  void on_finding(Finding found) override;
  void on_stderr(std::string_view line) override;
  void on_closed(const base::Error& why) override;
  bool waits_for(std::int64_t id) const override { return calls_.waits(id); }

  void on_request(RpcRequest request);
  void on_notification(const RpcNotification& notification);
  void on_progress(const base::JsonObject& params);
  void on_response(RpcResponse response, std::size_t bytes);
  bool volleys_take(RpcResponse& response, std::string_view text);
  static runtime::Task<> serve(std::shared_ptr<Session> self, RpcRequest request);
  static runtime::Task<> finish(std::shared_ptr<Session> self, base::Duration grace);
  void reply(const base::JsonObject& message);
  void add_meta(base::JsonObject& params, std::int64_t id, const CallOptions& options) const;
  SendHints hints_of(const Exchange& asked, std::int64_t id) const;

  runtime::Loop& loop_;
  TransportKind kind_;
  TransportFactory factory_;
  ClientSettings settings_;
  Listener listener_;
  ServerRequests server_requests_;
  runtime::TaskGroup tasks_;
  PendingCalls calls_;
  ListCache cache_;
  ToolSchemas tools_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::vector<Volley*> volleys_;
  std::unique_ptr<Transport> transport_;
  std::optional<SessionInfo> info_;
  Era era_ = Era::legacy;
  std::string version_;
  std::size_t serving_ = 0;  // requests of the server under way
  std::size_t exempt_ = 0;   // calls in flight that do not count
  bool ready_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace telltale::mcp
