// Dispatcher: runs operations. Every face calls it with a name, arguments and an actor; it checks
// that the operation exists, that the actor may, that the input is right; then runs it as a task
// with its time limit, tells the audit, keeps the record, publishes the `operation` events, and
// waits as long as the caller wants. What is not done by then goes on, and the caller gets the id.
// Usable from every loop; an operation runs on the loop it was called on.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/log.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "catalog/catalog.hpp"
#include "runtime/event.hpp"
#include "runtime/runtime.hpp"
#include "runtime/shared_map.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"
#include "store/operations.hpp"
#include "store/store.hpp"

namespace telltale::catalog {

struct Call {
  std::string operation;
  base::Json arguments;
  runtime::Actor actor;
  base::Duration wait = std::chrono::seconds(5);
  std::string idempotency_key = {};
  std::string trace_id = {};                      // 32 hex digits; made when empty
  std::shared_ptr<const std::string> bytes = {};  // of an operation that takes bytes
  bool can_take_bytes = false;                    // as an answer
  base::SteadyTime arrived = {};                  // at the face; unset: when it is dispatched
};

// A result that the record, the store and the callers have in common: read, never changed.
class SharedResult {
 public:
  SharedResult() : SharedResult(base::Result<base::Json>(base::Json(nullptr))) {}
  // NOLINTNEXTLINE(google-explicit-constructor): a result is one
  SharedResult(base::Result<base::Json> result)
      : result_(std::make_shared<const base::Result<base::Json>>(std::move(result))) {}
  // NOLINTNEXTLINE(google-explicit-constructor): so is an error
  SharedResult(std::unexpected<base::Error> error)
      : SharedResult(base::Result<base::Json>(std::move(error))) {}

  explicit operator bool() const noexcept { return result_->has_value(); }
  const base::Json& operator*() const { return **result_; }
  const base::Json* operator->() const { return &**result_; }
  const base::Error& error() const { return result_->error(); }

 private:
  std::shared_ptr<const base::Result<base::Json>> result_;
};

struct Outcome {
  std::string operation_id;  // "" when it was refused before it began
  bool finished = true;      // false: it goes on, look at operation_id
  SharedResult result;
  std::shared_ptr<runtime::BytesAnswer> bytes = {};  // instead of the result, where it is set
};

struct DispatcherStats {
  std::uint64_t started = 0;
  std::uint64_t failed = 0;
  std::uint64_t running = 0;
};

class Dispatcher {
 public:
  Dispatcher(const Catalog& catalog, runtime::Runtime& runtime, store::Store& store,
             runtime::EventSink& events, audit::Log& audit);
  // From what a caller names a server by (id or name) to its name; nothing: there is none. Set
  // once, before the first call.
  using ServerNames = std::function<std::optional<std::string>(std::string_view)>;
  void name_servers_by(ServerNames names) { server_names_ = std::move(names); }
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  ~Dispatcher();

  runtime::Task<Outcome> call(Call call);
  // That the call would be let in: it exists, the actor may, the arguments are right.
  base::Result<void> check(const Call& call) const {
    if (auto admitted = admit(call); !admitted) return std::unexpected(admitted.error());
    return {};
  }
  // From a plain thread: blocks and gives the finished outcome. On a loop thread: the operation
  // goes on in the background and the outcome has its id at once.
  Outcome call_blocking(Call call);

  // The record of one that runs now, or of the last one kept.
  runtime::TaskResult<base::JsonObject> describe(std::string operation_id, base::Duration wait);
  std::vector<base::JsonObject> running() const;  // newest first
  // Those with that trace id that run, or ended so lately that they are still here.
  std::vector<base::JsonObject> of_trace(std::string_view trace_id) const;
  base::Result<void> cancel(const std::string& operation_id);
  base::Result<void> answer_input(const std::string& operation_id, const std::string& request_id,
                                  base::JsonObject answer);

  DispatcherStats stats() const;
  // Refuses new calls, waits up to `drain` for those that run, cancels the rest.
  runtime::Task<> stop(base::Duration drain);

  const Catalog& catalog() const noexcept { return catalog_; }

 private:
  class Running;
  struct Facts;
  using RunningPtr = std::shared_ptr<Running>;

  base::Result<const runtime::Operation*> admit(const Call& call) const;
  base::Result<void> admit_on_server(const runtime::OperationSpec& spec, const Call& call) const;
  // Empty: the key is this operation's. Else the outcome of the call that had it first.
  runtime::Task<std::optional<Outcome>> repeated(RunningPtr running, std::string key,
                                                 std::string body_hash, base::Duration wait);
  runtime::Task<Outcome> first_outcome(std::string operation_id, base::Duration wait);
  // Before a change runs, so that nothing is done that the audit does not know.
  runtime::TaskResult<bool> announce(RunningPtr running);
  runtime::TaskResult<base::Json> run(RunningPtr running, base::Json arguments);
  static runtime::Task<> execute(Dispatcher* self, RunningPtr running, base::Json arguments);
  runtime::Task<SharedResult> finish(RunningPtr running, SharedResult result);
  RunningPtr make(const runtime::Operation& operation, const Call& call);
  void begin(const RunningPtr& running);
  void publish(const Running& running) const;
  void keep_soon(const Running& running);
  void forget_later(RunningPtr running);
  void forget_due(std::size_t loop);
  std::size_t this_loop() const;

  const Catalog& catalog_;
  runtime::Runtime& runtime_;
  store::Store& store_;
  runtime::EventSink& events_;
  ServerNames server_names_;
  audit::Log& audit_;
  std::vector<std::unique_ptr<runtime::TaskGroup>> groups_;  // one per loop
  // The store's thread has it too, and may be the last to let go.
  struct Book {
    runtime::SharedMap<Running> running;
    struct Unwritten {
      std::vector<std::shared_ptr<Facts>> records;
      std::size_t dropped = 0;  // since the store last asked: it is slower than the calls
    };
    base::Guarded<Unwritten> unwritten;  // until the store asks
  };
  const std::shared_ptr<Book> book_ = std::make_shared<Book>();
  runtime::SharedMap<Running>& running_ = book_->running;
  // One for each loop: what has ended and may be asked for a little longer.
  struct Ended {
    std::deque<std::pair<base::SteadyTime, RunningPtr>> items;
    bool timer = false;
  };
  std::vector<Ended> ended_;
  std::atomic<std::uint64_t> started_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace telltale::catalog
