// What the client wants to hear without asking: changed lists and updated resources. Modern: one
// long subscriptions/listen (2026-07-28 basic/patterns/subscriptions), made again when it ends or
// when the wishes change. Legacy: lists come by themselves, resources by resources/subscribe,
// repeated when a lost session was made anew. Home loop only.
#pragma once

#include <set>

#include "mcp/session.hpp"

namespace telltale::mcp {

class Subscriptions {
 public:
  explicit Subscriptions(runtime::Loop& loop) : changed_(loop) {}

  // Modern: begins to listen, if the server has anything to say. Ends with the session's tasks.
  void start(const std::shared_ptr<Session>& session);
  void resume_legacy(const std::shared_ptr<Session>& session);

  static runtime::TaskResult<bool> subscribe(std::shared_ptr<Session> session, std::string uri);
  static runtime::TaskResult<bool> unsubscribe(std::shared_ptr<Session> session, std::string uri);

  void on_acknowledged(const base::JsonObject& params);
  bool is_current(std::int64_t id) const noexcept { return acknowledged_ == id; }
  const base::JsonObject& agreed() const noexcept { return agreed_; }

 private:
  static constexpr std::size_t kUriLimit = 1'000;

  base::JsonObject wanted(const Session& session) const;
  static runtime::Task<> keep_listening(std::shared_ptr<Session> session);
  static runtime::TaskResult<bool> listen_once(std::shared_ptr<Session> session,
                                               base::JsonObject filter);
  static runtime::Task<> subscribe_again(std::shared_ptr<Session> session);

  runtime::Notifier changed_;
  std::set<std::string> uris_;
  std::optional<runtime::CancelSource> listening_;  // the request under way
  std::optional<std::int64_t> acknowledged_;
  base::JsonObject agreed_;
  bool running_ = false;
};

}  // namespace telltale::mcp
