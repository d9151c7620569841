// The requests that wait for an answer, by JSON-RPC id. Each is completed exactly once: by its
// answer, by a failure of the transport, by its deadline or by the end of the session, whichever is
// first. Remembers the last ids that ended, so that a second, a late and an invented answer can be
// told apart. Home loop only, no I/O.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/ring.hpp"
#include "mcp/client.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {

using ElicitationHandler =
    std::function<runtime::TaskResult<base::JsonObject>(base::JsonObject params)>;

class PendingCall {
 public:
  using Outcome = base::Result<base::JsonObject>;
  PendingCall(runtime::Loop& loop, base::Duration limit, base::Duration ceiling,
              CallOptions options);

  bool done() const noexcept { return outcome_.is_set(); }
  // Restarted by every sign of life, never beyond the ceiling.
  base::SteadyTime deadline() const noexcept;
  // The outcome; empty when the deadline passed first.
  static runtime::Task<std::optional<Outcome>> wait(std::shared_ptr<PendingCall> self);
  const CallOptions& options() const noexcept { return options_; }

 private:
  friend class PendingCalls;
  runtime::Loop& loop_;
  runtime::OneShot<Outcome> outcome_;
  base::Duration limit_;
  base::SteadyTime last_heard_;
  base::SteadyTime ceiling_at_;
  CallOptions options_;
};

class PendingCalls {
 public:
  enum class Delivery { delivered, unknown, duplicate, late };

  explicit PendingCalls(runtime::Loop& loop) : loop_(loop) {}

  struct Begun {
    std::int64_t id;
    std::shared_ptr<PendingCall> call;
  };
  Begun begin(base::Duration limit, base::Duration ceiling, CallOptions options);
  // So many ids that no call of ours will have; the first of them.
  static constexpr std::int64_t kReserved = std::int64_t{1} << 36;
  std::int64_t reserve_ids() noexcept { return std::exchange(next_id_, next_id_ + kReserved) + 1; }
  // Those from `first` to before `end` were used by who reserved them, and nobody waits any more.
  void retire_ids(std::int64_t first, std::int64_t end) { retired_.emplace_back(first, end); }
  Delivery complete(std::int64_t id, PendingCall::Outcome outcome, std::size_t bytes = 0);
  // A progress notification: restarts the deadline and tells the caller. `late` after the answer.
  Delivery progress(std::int64_t token, const Progress& progress);
  // The caller has gone. True when the answer had not come yet.
  bool forget(std::int64_t id);
  void fail_all(const base::Error& why);

  bool waits(std::int64_t id) const;
  // The newest call that can answer elicitations: the protocol of old does not say which call one
  // belongs to.
  ElicitationHandler newest_elicitation() const;
  std::size_t size() const noexcept { return calls_.size(); }

 private:
  static constexpr std::size_t kRemembered = 512;
  Delivery of_ended(std::int64_t id) const;
  void remember(std::int64_t id, bool answered);

  runtime::Loop& loop_;
  std::map<std::int64_t, std::shared_ptr<PendingCall>> calls_;
  std::map<std::int64_t, bool> ended_;  // id: had it been answered
  base::Ring<std::int64_t> ended_order_{kRemembered};
  std::int64_t next_id_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> retired_;
};

}  // namespace telltale::mcp
