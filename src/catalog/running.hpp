// One running operation: its context, its record, its cancellation. Created and run on one loop;
// describe(), cancel() and answer() may be called from any.
#pragma once

#include "base/published.hpp"
#include "catalog/dispatcher.hpp"
#include "runtime/run.hpp"

namespace telltale::catalog {

// What is told of an operation: shared with the store's thread, which may be the last to let go.
struct Dispatcher::Facts {
  // What other loops read: replaced as a whole, never changed in place.
  struct View {
    std::string subject;
    std::string status = "started";
    std::optional<base::WallTime> end_time;
    std::optional<double> duration_ms;
    std::optional<SharedResult> result;
    base::JsonObject progress;
    std::string waits_for;  // the request_id of a question
  };
  Facts(const runtime::OperationSpec& operation, const Call& call, const base::Clock& clock,
        base::SteadyTime started);
  store::OperationRecord record() const;

  const runtime::OperationSpec& spec;
  const std::string id;
  const std::string actor;
  const std::string trace_id;
  const base::Json arguments;
  const base::WallTime start_time;
  const std::shared_ptr<runtime::Trace> trace;  // null of a read
  base::Published<View> view;
  std::atomic<bool> queued{false};  // the store will look at it
};

class Dispatcher::Running final : public runtime::OperationContext,
                                  public std::enable_shared_from_this<Dispatcher::Running> {
 public:
  Running(runtime::Loop& loop, const runtime::Operation& operation, const Call& call,
          runtime::EventSink& events);

  const std::string& id() const override { return facts_->id; }
  const std::string& name() const { return operation_.spec.name; }
  const runtime::Actor& actor() const override { return actor_; }
  const std::string& trace_id() const override { return facts_->trace_id; }
  runtime::TracePlace trace() const override { return {.trace = facts_->trace}; }
  void set_subject(std::string subject) override;
  void progress(double done, std::optional<double> total, std::string message,
                base::JsonObject data) override;
  runtime::TaskResult<base::JsonObject> ask(base::JsonObject request) override;
  std::shared_ptr<const std::string> bytes() const override { return bytes_; }
  bool answer_bytes(runtime::BytesAnswer answer) override;
  std::shared_ptr<runtime::BytesAnswer> take_answer() { return std::move(answer_bytes_); }

  const runtime::Operation& operation() const { return operation_; }
  base::SteadyTime started() const noexcept { return started_; }
  runtime::Loop& loop() const { return loop_; }
  const runtime::CancelSource& cancel_source() const noexcept { return cancel_; }
  // Counts its time limit from now on; `cancel_source` ends it.
  runtime::Loop::TimerKey start_limit();
  base::Error interrupted(bool shutting_down) const;  // why it ended without a result
  void end(const SharedResult& result);
  bool failed() const;
  bool ended() const;
  base::JsonObject describe() const;
  const std::shared_ptr<Facts>& facts() const noexcept { return facts_; }
  store::OperationRecord record() const { return facts_->record(); }
  base::JsonObject event() const;  // describe() without the result, which may be large
  audit::Entry audit_start() const;
  audit::Entry audit_end(const SharedResult& result) const;

  void cancel();
  bool expects(const std::string& request_id) const;
  void answer(const std::string& request_id, base::JsonObject answer);

  runtime::OneShot<SharedResult> done;

 private:
  runtime::Loop& loop_;
  const runtime::Operation& operation_;
  runtime::EventSink& events_;
  const runtime::Actor actor_;
  const base::SteadyTime started_;
  const std::shared_ptr<Facts> facts_;
  const std::shared_ptr<const std::string> bytes_;
  const bool can_answer_bytes_;
  std::shared_ptr<runtime::BytesAnswer> answer_bytes_;
  runtime::CancelSource cancel_;
  std::optional<runtime::OneShot<base::JsonObject>> answer_;
};

// What arguments say they are about, before the operation itself says so.
std::string audit_subject(const base::Json& arguments);
base::JsonObject describe_record(const store::OperationRecord& record);
// What a repeated Idempotency-Key gets: the outcome of the first call.
Outcome outcome_of_record(std::string operation_id, base::Result<base::JsonObject> record);

}  // namespace telltale::catalog
