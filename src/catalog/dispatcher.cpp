#include "catalog/dispatcher.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/redact.hpp"
#include "catalog/running.hpp"
#include "runtime/run.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::catalog {

namespace {

constexpr base::Duration kLongestWait = std::chrono::minutes(5);
constexpr base::Duration kKeepEnded = std::chrono::seconds(3);
constexpr std::size_t kUnwrittenLimit = 20'000;  // records of operations; beyond, one is lost
constexpr base::Duration kForgetEvery = std::chrono::milliseconds(200);

// What a repeat must have in common with the first: to start a server is not to stop it.
std::string request_hash(const Call& call) {
  const auto bytes = call.bytes ? base::sha256_hex(*call.bytes) : std::string();
  return base::sha256_hex(call.operation + "\n" + base::write_json(call.arguments) + bytes);
}

std::unexpected<base::Error> shutting_down() {
  return base::fail(base::Code::unavailable, "the server is shutting down");
}

bool is_refusal(const base::Error& error) {
  return error.code == base::Code::permission_denied || error.code == base::Code::unauthenticated;
}

audit::Entry refusal_entry(const Call& call, const base::Error& error) {
  return {.actor = call.actor.name,
          .address = call.actor.address,
          .action = call.operation,
          .subject = audit_subject(call.arguments),
          .arguments = base::redact(call.arguments),
          .detail = error.detail};
}

}  // namespace

Dispatcher::Dispatcher(const Catalog& catalog, runtime::Runtime& runtime, store::Store& store,
                       runtime::EventSink& events, audit::Log& audit)
    : catalog_(catalog), runtime_(runtime), store_(store), events_(events), audit_(audit) {
  for (std::size_t i = 0; i < runtime_.size(); ++i)
    groups_.push_back(std::make_unique<runtime::TaskGroup>(runtime_.loop(i), "operations"));
  ended_.resize(runtime_.size());
}

Dispatcher::~Dispatcher() = default;

std::size_t Dispatcher::this_loop() const {
  const auto found =
      std::ranges::find_if(groups_, [](const auto& group) { return group->loop().is_current(); });
  CHECK(found != groups_.end());
  return static_cast<std::size_t>(found - groups_.begin());
}

base::Result<const runtime::Operation*> Dispatcher::admit(const Call& call) const {
  if (stopping_) return shutting_down();
  const auto* operation = catalog_.find(call.operation);
  if (operation == nullptr)
    return base::fail(base::Code::not_found, "no operation is called " + call.operation);
  if (!call.actor.may(operation->spec.permission)) {
    if (call.actor.id.empty()) return base::fail(base::Code::unauthenticated, "log in first");
    return base::fail(
        base::Code::permission_denied,
        "your role (" + call.actor.role + ") lacks the permission " + operation->spec.permission);
  }
  if (auto valid = operation->validate(call.arguments); !valid)
    return std::unexpected(valid.error());
  if (!operation->spec.server.empty())
    if (auto may = admit_on_server(operation->spec, call); !may)
      return std::unexpected(may.error());
  return operation;
}

// What one may not see is not there; what one sees but may not do is refused.
base::Result<void> Dispatcher::admit_on_server(const runtime::OperationSpec& spec,
                                               const Call& call) const {
  const auto& arguments = call.arguments.as_object();
  const auto given = base::string_or(arguments, spec.server);
  const auto name = server_names_ ? server_names_(given) : std::optional<std::string>();
  if (!name || !call.actor.sees(*name))
    return base::fail(base::Code::not_found, "no server is called " + given);
  const bool may = spec.tool.empty() ? call.actor.may(spec.permission, *name)
                                     : call.actor.may(spec.permission, *name,
                                                      base::string_or(arguments, spec.tool));
  if (may) return {};
  return base::fail(base::Code::permission_denied,
                    "your role (" + call.actor.role + ") lacks the permission " + spec.permission +
                        (spec.tool.empty() ? " on " : " for this tool of ") + *name);
}

Dispatcher::RunningPtr Dispatcher::make(const runtime::Operation& operation, const Call& call) {
  auto* const loop = runtime::Loop::current();
  CHECK(loop != nullptr);
  auto running = std::make_shared<Running>(*loop, operation, call, events_);
  // Its first event goes out before the engine can say what it is about.
  if (const auto& member = operation.spec.server; !member.empty() && server_names_)
    if (auto name = server_names_(base::string_or(call.arguments.as_object(), member)))
      running->set_subject(std::move(*name));
  return running;
}

void Dispatcher::begin(const RunningPtr& running) {
  started_.fetch_add(1, std::memory_order_relaxed);
  if (running->operation().spec.kept() == runtime::Keep::nothing) return;
  running_.put(running->id(), running);
  keep_soon(*running);
  publish(*running);
}

runtime::Task<Outcome> Dispatcher::first_outcome(std::string operation_id, base::Duration wait) {
  auto record = co_await describe(operation_id, wait);
  co_return outcome_of_record(std::move(operation_id), std::move(record));
}

runtime::Task<std::optional<Outcome>> Dispatcher::repeated(RunningPtr running, std::string key,
                                                           std::string body_hash,
                                                           base::Duration wait) {
  const auto& actor = running->actor().id;
  auto known = co_await store::find_idempotent(store_, actor, key, body_hash);
  if (!known) co_return Outcome{.result = std::unexpected(known.error())};
  if (*known) co_return co_await first_outcome(std::move(**known), wait);
  // Found by whoever loses the race for the key. The caller may go away meanwhile; what is half
  // claimed would never end.
  running_.put(running->id(), running);
  auto owner = co_await runtime::uncancelled(store::claim_idempotent(
      store_, actor, std::move(key), std::move(body_hash), running->record()));
  if (owner && *owner == running->id()) co_return std::nullopt;
  running_.erase(running->id());
  running->done.set(base::fail(base::Code::conflict, "an earlier call has this Idempotency-Key"));
  if (!owner) co_return Outcome{.result = std::unexpected(owner.error())};
  co_return co_await first_outcome(std::move(*owner), wait);
}

runtime::Task<Outcome> Dispatcher::call(Call call) {
  if (call.arrived == base::SteadyTime{}) call.arrived = runtime_.clock().now();
  auto admitted = admit(call);
  if (!admitted) {
    if (is_refusal(admitted.error())) co_await audit_.refuse(refusal_entry(call, admitted.error()));
    co_return Outcome{.result = std::unexpected(admitted.error())};
  }
  const auto& operation = **admitted;

  auto running = make(operation, call);
  if (const auto trace = running->trace().trace)
    trace->add("admission", call.arrived, running->started());
  if (operation.spec.changes && !call.idempotency_key.empty())
    if (auto first =
            co_await repeated(running, call.idempotency_key, request_hash(call), call.wait))
      co_return std::move(*first);
  begin(running);
  const bool spawned = groups_[this_loop()]->spawn(
      operation.spec.name, execute(this, running, std::move(call.arguments)),
      running->cancel_source());
  if (!spawned) running->done.set(co_await finish(running, shutting_down()));

  auto done = co_await running->done.wait_for(std::min(call.wait, kLongestWait));
  if (!done) {
    // A read that takes this long becomes visible, so that the caller can find it again.
    if (operation.spec.kept() == runtime::Keep::nothing) {
      running_.put(running->id(), running);
      if (running->ended()) forget_later(running);
    }
    co_return Outcome{.operation_id = running->id(), .finished = false};
  }
  co_return Outcome{
      .operation_id = running->id(), .result = std::move(*done), .bytes = running->take_answer()};
}

runtime::TaskResult<bool> Dispatcher::announce(RunningPtr running) {
  // A tool call is told of at its end, unless the audit failed last time: then it has to prove
  // first that it can be written.
  if (!running->operation().spec.changes) co_return true;
  if (running->operation().spec.kept() != runtime::Keep::durable && audit_.health().empty())
    co_return true;
  const runtime::Span span(running->trace(), "audit");
  co_return co_await runtime::uncancelled(audit_.append(running->audit_start()));
}

runtime::TaskResult<base::Json> Dispatcher::run(RunningPtr running, base::Json arguments) {
  struct Limit {
    explicit Limit(Running& what) : loop(what.loop()), timer(what.start_limit()) {}
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;
    ~Limit() { loop.cancel(timer); }
    runtime::Loop& loop;
    runtime::Loop::TimerKey timer;
  };
  if (auto announced = co_await announce(running); !announced)
    co_return std::unexpected(announced.error());
  if (running->cancel_source().cancelled()) co_return std::unexpected(running->interrupted(false));
  const Limit limit(*running);
  co_return co_await running->operation().run(running, std::move(arguments));
}

runtime::Task<> Dispatcher::execute(Dispatcher* self, RunningPtr running, base::Json arguments) {
  base::Result<base::Json> result = base::Json(nullptr);
  try {
    result = co_await self->run(running, std::move(arguments));
  } catch (const boost::system::system_error& error) {
    result = error.code() == boost::asio::error::operation_aborted
                 ? std::unexpected(running->interrupted(self->stopping_))
                 : base::fail(base::Code::internal, "an internal error; the log has it");
    base::log(base::LogLevel::debug, "catalog", "{} ended with {}", running->name(), error.what());
  } catch (const std::exception& error) {
    base::log(base::LogLevel::error, "catalog", "{} threw: {}", running->name(), error.what());
    result = base::fail(base::Code::internal, "an internal error; the log has it");
  }
  // The record must be written even when the task was cancelled.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  running->done.set(co_await self->finish(running, std::move(result)));
}

runtime::Task<SharedResult> Dispatcher::finish(RunningPtr running, SharedResult result) {
  running->end(result);
  if (!result) failed_.fetch_add(1, std::memory_order_relaxed);
  const auto keep = running->operation().spec.kept();
  const bool changes = running->operation().spec.changes;
  store::Store::Work record_too;
  if (keep == runtime::Keep::durable)
    record_too = [record = running->record()](store::Connection& db) {
      return store::upsert_operation(db, record);
    };
  if (keep == runtime::Keep::batched) keep_soon(*running);
  base::Result<bool> written = true;
  if (changes && keep == runtime::Keep::batched)
    audit_.append_later(running->audit_end(result));
  else if (changes)
    written = co_await audit_.append(running->audit_end(result), std::move(record_too));
  else if (record_too)
    written = co_await store_.write("operation record", std::move(record_too));
  // Done but not on disk: the caller must not be told that all is well.
  if (!written && result) result = std::unexpected(written.error());
  if (keep != runtime::Keep::nothing) publish(*running);
  const bool may_be_asked_for = keep == runtime::Keep::durable || running_.find(running->id());
  if (keep != runtime::Keep::batched && may_be_asked_for) forget_later(std::move(running));
  co_return result;
}

// Into the store within a second, as it is by then: one row for a call that is over sooner, one
// piece of work for all of that second. Until it is there the operation is found here.
void Dispatcher::keep_soon(const Running& running) {
  const auto& facts = running.facts();
  if (facts->queued.exchange(true)) return;
  const auto place = book_->unwritten.with([&](Book::Unwritten& unwritten) {
    if (unwritten.records.size() < kUnwrittenLimit)
      unwritten.records.push_back(facts);
    else
      ++unwritten.dropped;
    return unwritten.dropped > 0 ? kUnwrittenLimit + 1 : unwritten.records.size();
  });
  if (place > kUnwrittenLimit) {
    facts->queued = false;
    if (running.ended()) running_.erase(facts->id);
  }
  if (place != 1) return;
  struct Written {
    bool asked = false;
    std::vector<std::string> ended;
  };
  const auto written = std::make_shared<Written>();
  const auto take = [book = book_] {
    return book->unwritten.with([](auto& unwritten) { return std::exchange(unwritten, {}); });
  };
  store_.write_later(
      [take, written](store::Connection& db) -> base::Result<void> {
        written->asked = true;
        const auto unwritten = take();
        if (unwritten.dropped > 0)
          base::log(base::LogLevel::warning, "catalog",
                    "{} records of operations are lost: the store is too slow", unwritten.dropped);
        for (const auto& one : unwritten.records) {
          one->queued = false;  // first: what changes from here on is looked at again
          const auto record = one->record();
          if (record.end_time) written->ended.push_back(record.operation_id);
          // One that is refused has undone itself and takes no other with it.
          if (auto done = store::upsert_operation(db, record); !done)
            base::log(base::LogLevel::warning, "catalog", "the record of {} is lost: {}",
                      record.operation_id, done.error().detail);
        }
        return {};
      },
      [book = book_, take, written](const base::Result<void>& done) {
        if (!done)
          base::log(base::LogLevel::warning, "catalog", "records of operations are lost: {}",
                    done.error().detail);
        if (!written->asked)
          for (const auto& one : take().records) {
            one->queued = false;
            if (one->view.load()->end_time) written->ended.push_back(one->id);
          }
        for (const auto& id : written->ended) book->running.erase(id);
      });
}

// One timer for all that ended, not one each.
void Dispatcher::forget_later(RunningPtr running) {
  const auto index = this_loop();
  auto& loop = running->loop();
  auto& ended = ended_[index];
  ended.items.emplace_back(loop.clock().now() + kKeepEnded, std::move(running));
  if (std::exchange(ended.timer, true)) return;
  loop.schedule_at(ended.items.front().first, [this, index] { forget_due(index); });
}

void Dispatcher::forget_due(std::size_t loop_index) {
  auto& ended = ended_[loop_index];
  auto& loop = groups_[loop_index]->loop();
  const auto now = loop.clock().now();
  for (; !ended.items.empty() && ended.items.front().first <= now; ended.items.pop_front())
    running_.erase(ended.items.front().second->id());
  ended.timer = !ended.items.empty();
  if (ended.timer)
    loop.schedule_at(ended.items.front().first + kForgetEvery,
                     [this, loop_index] { forget_due(loop_index); });
}

void Dispatcher::publish(const Running& running) const {
  events_.publish(
      {.type = "operation",
       .channel = "operations",
       .subject = running.id(),
       .severity = running.failed() ? runtime::Severity::warning : runtime::Severity::info,
       .data = running.event()});
}

runtime::TaskResult<base::JsonObject> Dispatcher::describe(std::string operation_id,
                                                           base::Duration wait) {
  if (const auto running = running_.find(operation_id)) {
    // The operation may live on another loop; waiting happens on its own.
    if (wait > base::Duration::zero())
      co_await runtime::call_on(running->loop(),
                                [](RunningPtr item, base::Duration limit) -> runtime::Task<> {
                                  co_await item->done.wait_for(limit);
                                }(running, std::min(wait, kLongestWait)));
    co_return running->describe();
  }
  auto record = co_await store::get_operation(store_, operation_id);
  if (!record) co_return std::unexpected(record.error());
  if (!*record)
    co_return base::fail(base::Code::not_found, "no operation has the id " + operation_id);
  co_return describe_record(**record);
}

std::vector<base::JsonObject> Dispatcher::running() const {
  auto all = running_.all();
  std::ranges::sort(all, std::greater(), [](const RunningPtr& item) { return item->id(); });
  std::vector<base::JsonObject> out;
  for (const auto& item : all)
    if (!item->ended()) out.push_back(item->describe());
  return out;
}

std::vector<base::JsonObject> Dispatcher::of_trace(std::string_view trace_id) const {
  std::vector<base::JsonObject> out;
  for (const auto& item : running_.all())
    if (item->trace_id() == trace_id) out.push_back(item->describe());
  return out;
}

base::Result<void> Dispatcher::cancel(const std::string& operation_id) {
  const auto running = running_.find(operation_id);
  if (!running || running->ended())
    return base::fail(base::Code::not_found,
                      "no operation with the id " + operation_id + " is running");
  running->cancel();
  return {};
}

base::Result<void> Dispatcher::answer_input(const std::string& operation_id,
                                            const std::string& request_id,
                                            base::JsonObject answer) {
  const auto running = running_.find(operation_id);
  if (!running)
    return base::fail(base::Code::not_found,
                      "no operation with the id " + operation_id + " is running");
  if (!running->expects(request_id))
    return base::fail(base::Code::not_found,
                      "the operation does not wait for an answer to " + request_id);
  running->answer(request_id, std::move(answer));
  return {};
}

Outcome Dispatcher::call_blocking(Call call) {
  auto& loop = runtime_.loop(0);
  const auto name = call.operation;
  if (runtime::Loop::current() == nullptr) {
    call.wait = kLongestWait;
    return *runtime::run_to_completion(loop, *groups_.front(), name, this->call(std::move(call)));
  }
  // On a loop thread: blocking would stop the loop that has to do the work. It goes to the
  // background instead.
  auto admitted = admit(call);
  if (!admitted) return Outcome{.result = std::unexpected(admitted.error())};
  auto running = make(**admitted, call);
  begin(running);
  running_.put(running->id(), running);
  if (!groups_[this_loop()]->spawn(name, execute(this, running, std::move(call.arguments)),
                                   running->cancel_source()))
    return Outcome{.result = shutting_down()};
  return Outcome{.operation_id = running->id(), .finished = false};
}

DispatcherStats Dispatcher::stats() const {
  return {.started = started_.load(std::memory_order_relaxed),
          .failed = failed_.load(std::memory_order_relaxed),
          .running = running().size()};
}

runtime::Task<> Dispatcher::stop(base::Duration drain) {
  stopping_ = true;
  auto* const loop = runtime::Loop::current();
  const auto deadline = loop->clock().now() + drain;
  for (const auto& running : running_.all()) {
    const auto left = deadline - loop->clock().now();
    if (left <= base::Duration::zero()) break;
    co_await describe(running->id(), left);
  }
  for (auto& group : groups_) co_await runtime::call_on(group->loop(), group->stop());
}

}  // namespace telltale::catalog
