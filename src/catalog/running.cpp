#include "catalog/running.hpp"

#include "base/random.hpp"
#include "base/redact.hpp"
#include "catalog/spans.hpp"

namespace telltale::catalog {

namespace {

constexpr base::Duration kAnswerWait = std::chrono::minutes(5);

// The time in its first six bytes, so that an index of trace ids grows at its end; the others are
// chance (W3C Trace Context level 2 wants it of the last seven).
std::string new_trace_id(base::WallTime now) {
  constexpr std::size_t kTimeBytes = 6;
  std::string out = "00000000000000000000000000000000";
  static constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::uint8_t, 16> bytes{};
  base::secure_bytes(std::span(bytes).subspan(kTimeBytes));
  const auto ms = static_cast<std::uint64_t>(base::unix_ms(now));
  for (std::size_t i = 0; i < kTimeBytes; ++i)
    bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (kTimeBytes - 1 - i)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4U];
    out[2 * i + 1] = kDigits[bytes[i] & 15U];
  }
  return out;
}

// What a record begins with, from wherever it is.
struct Head {
  std::string_view id, operation, actor, subject, status, trace_id;
  const base::Json& arguments;
  base::WallTime start;
  const std::optional<base::WallTime>& end;
  const std::optional<double>& duration_ms;

  base::JsonObject describe() const {
    base::JsonObject out;
    out.reserve(13);  // with result or error and progress
    out.emplace("operation_id", id);
    out.emplace("operation", operation);
    out.emplace("actor", actor);
    out.emplace("subject", subject);
    out.emplace("arguments", arguments);
    out.emplace("status", status);
    out.emplace("trace_id", trace_id);
    out.emplace("start_time", base::format_rfc3339(start));
    out.emplace("success",
                status == "started" ? base::Json(nullptr) : base::Json(status == "completed"));
    out.emplace("end_time", end ? base::Json(base::format_rfc3339(*end)) : base::Json(nullptr));
    out.emplace("duration_ms", duration_ms ? base::Json(*duration_ms) : base::Json(nullptr));
    return out;
  }
};

}  // namespace

Dispatcher::Facts::Facts(const runtime::OperationSpec& operation, const Call& call,
                         const base::Clock& clock, base::SteadyTime started)
    : spec(operation),
      id(base::new_id("op")),
      actor(call.actor.name),
      trace_id(call.trace_id.size() == 32 ? call.trace_id : new_trace_id(clock.wall())),
      arguments(base::redact(call.arguments)),
      start_time(clock.wall()),
      trace(operation.kept() == runtime::Keep::nothing
                ? nullptr
                : std::make_shared<runtime::Trace>(clock, started)),
      view(std::make_shared<const View>()) {}

store::OperationRecord Dispatcher::Facts::record() const {
  const auto seen = view.load();
  store::OperationRecord out{.operation_id = id,
                             .operation = spec.name,
                             .actor = actor,
                             .subject = seen->subject,
                             .arguments = arguments,
                             .status = seen->status,
                             .start_time = start_time,
                             .end_time = seen->end_time,
                             .duration_ms = seen->duration_ms,
                             .result = {},
                             .error = {},
                             .trace_id = trace_id,
                             .spans = trace && seen->end_time ? spans_text(*trace) : ""};
  const auto& result = seen->result;
  if (result && *result) out.result = spec.secret_result ? base::redact(**result) : **result;
  if (result && !*result) out.error = base::problem_document(result->error());
  return out;
}

Dispatcher::Running::Running(runtime::Loop& loop, const runtime::Operation& operation,
                             const Call& call, runtime::EventSink& events)
    : done(loop),
      loop_(loop),
      operation_(operation),
      events_(events),
      actor_(call.actor),
      started_(loop.clock().now()),
      facts_(std::make_shared<Facts>(operation.spec, call, loop.clock(), started_)),
      bytes_(call.bytes),
      can_answer_bytes_(call.can_take_bytes) {}

bool Dispatcher::Running::answer_bytes(runtime::BytesAnswer answer) {
  if (!can_answer_bytes_) return false;
  answer_bytes_ = std::make_shared<runtime::BytesAnswer>(std::move(answer));
  return true;
}

runtime::Loop::TimerKey Dispatcher::Running::start_limit() {
  return loop_.schedule_at(loop_.clock().now() + operation_.spec.time_limit,
                           [source = cancel_] { source.expire(); });
}

base::Error Dispatcher::Running::interrupted(bool shutting_down) const {
  if (cancel_.cancelled()) return {.code = base::Code::cancelled, .detail = "cancelled"};
  if (cancel_.expired())
    return {.code = base::Code::deadline_exceeded,
            .detail = name() + " took longer than its limit of " +
                      std::to_string(operation_.spec.time_limit.count()) + " ms"};
  if (shutting_down)
    return {.code = base::Code::unavailable, .detail = "the server is shutting down"};
  return {.code = base::Code::cancelled, .detail = "cancelled"};
}

void Dispatcher::Running::set_subject(std::string subject) {
  facts_->view.update([&](Facts::View& view) { view.subject = subject; });
}

void Dispatcher::Running::progress(double done_now, std::optional<double> total,
                                   std::string message, base::JsonObject data) {
  data["operation_id"] = facts_->id;
  data["progress"] = done_now;
  data["total"] = total ? base::Json(*total) : base::Json(nullptr);
  data["message"] = message;
  facts_->view.update([&](Facts::View& view) {
    view.progress = {
        {"progress", data["progress"]}, {"total", data["total"]}, {"message", data["message"]}};
  });
  events_.publish({.type = "tool_progress",
                   .channel = "operations",
                   .subject = facts_->id,
                   .data = std::move(data)});
}

runtime::TaskResult<base::JsonObject> Dispatcher::Running::ask(base::JsonObject request) {
  // A server of another loop asks on behalf of this operation: the question waits at the
  // operation's home.
  return runtime::call_on(
      loop_,
      [](std::shared_ptr<Running> self,
         base::JsonObject body) -> runtime::TaskResult<base::JsonObject> {
        const auto request_id = base::new_id("ask");
        const runtime::OneShot<base::JsonObject> answer(self->loop_);
        self->answer_ = answer;
        const runtime::Span span(self->trace(), "input");
        self->facts_->view.update([&](Facts::View& view) { view.waits_for = request_id; });
        body["operation_id"] = self->facts_->id;
        body["request_id"] = request_id;
        self->events_.publish({.type = "input_request",
                               .channel = "operations",
                               .subject = self->facts_->id,
                               .data = std::move(body)});
        auto got = co_await answer.wait_for(kAnswerWait);
        self->facts_->view.update([](Facts::View& view) { view.waits_for.clear(); });
        if (!got) co_return base::fail(base::Code::unavailable, "nobody answered within 5 minutes");
        co_return std::move(*got);
      }(shared_from_this(), std::move(request)));
}

bool Dispatcher::Running::expects(const std::string& request_id) const {
  return !request_id.empty() && facts_->view.load()->waits_for == request_id;
}

void Dispatcher::Running::answer(const std::string& request_id, base::JsonObject answer) {
  loop_.post([self = shared_from_this(), request_id, answer = std::move(answer)]() mutable {
    if (self->expects(request_id) && self->answer_) self->answer_->set(std::move(answer));
  });
}

void Dispatcher::Running::cancel() {
  loop_.post([self = shared_from_this()] { self->cancel_.cancel(); });
}

void Dispatcher::Running::end(const SharedResult& result) {
  facts_->view.update([&](Facts::View& view) {
    view.result = result;
    view.status = result                                         ? "completed"
                  : result.error().code == base::Code::cancelled ? "canceled"
                                                                 : "failed";
    view.end_time = loop_.clock().wall();
    view.duration_ms = base::to_ms(loop_.clock().now() - started_);
  });
}

bool Dispatcher::Running::ended() const {
  return facts_->view.load()->status != "started";
}
bool Dispatcher::Running::failed() const {
  return facts_->view.load()->status == "failed";
}

audit::Entry Dispatcher::Running::audit_start() const {
  const auto subject = facts_->view.load()->subject;
  return {.actor = actor_.name,
          .address = actor_.address,
          .action = operation_.spec.name,
          .subject = subject.empty() ? audit_subject(facts_->arguments) : subject,
          .arguments = facts_->arguments,
          .outcome = "started",
          .operation_id = facts_->id};
}

audit::Entry Dispatcher::Running::audit_end(const SharedResult& result) const {
  auto out = audit_start();
  // The arguments are in the entry of the start already, where there is one.
  if (operation_.spec.kept() == runtime::Keep::durable) out.arguments = base::JsonObject();
  if (!result) {
    const auto code = result.error().code;
    out.outcome = code == base::Code::permission_denied || code == base::Code::unauthenticated
                      ? "refused"
                      : "failed";
    out.detail = result.error().detail;
    return out;
  }
  const auto* const object = (*result).if_object();
  const bool tool_error = object != nullptr && base::find_bool(*object, "is_error").value_or(false);
  out.outcome = tool_error ? "failed" : "ok";
  if (tool_error) out.detail = "the tool reported an error";
  return out;
}

std::string audit_subject(const base::Json& arguments) {
  const auto* const object = arguments.if_object();
  if (object == nullptr) return {};
  for (const std::string_view key : {"id", "name", "username"})
    if (auto text = base::string_or(*object, key); !text.empty()) return text;
  return {};
}

base::JsonObject Dispatcher::Running::describe() const {
  auto out = describe_record(record());
  const auto view = facts_->view.load();
  if (!view->progress.empty()) out["progress"] = view->progress;
  if (facts_->trace && !view->end_time) out["spans"] = describe_spans(spans_text(*facts_->trace));
  return out;
}

base::JsonObject Dispatcher::Running::event() const {
  const auto view = facts_->view.load();
  auto out = Head{.id = facts_->id,
                  .operation = name(),
                  .actor = facts_->actor,
                  .subject = view->subject,
                  .status = view->status,
                  .trace_id = facts_->trace_id,
                  .arguments = facts_->arguments,
                  .start = facts_->start_time,
                  .end = view->end_time,
                  .duration_ms = view->duration_ms}
                 .describe();
  if (view->result && !*view->result) out["error"] = base::problem_document(view->result->error());
  if (!view->progress.empty()) out["progress"] = view->progress;
  return out;
}

base::JsonObject describe_record(const store::OperationRecord& record) {
  auto out = Head{.id = record.operation_id,
                  .operation = record.operation,
                  .actor = record.actor,
                  .subject = record.subject,
                  .status = record.status,
                  .trace_id = record.trace_id,
                  .arguments = record.arguments,
                  .start = record.start_time,
                  .end = record.end_time,
                  .duration_ms = record.duration_ms}
                 .describe();
  if (!record.result.is_null()) out["result"] = record.result;
  if (!record.error.is_null()) out["error"] = record.error;
  if (!record.spans.empty()) out["spans"] = describe_spans(record.spans);
  return out;
}

Outcome outcome_of_record(std::string operation_id, base::Result<base::JsonObject> record) {
  Outcome out{.operation_id = std::move(operation_id)};
  if (!record) {
    out.result = std::unexpected(record.error());
    return out;
  }
  const auto status = base::string_or(*record, "status");
  if (status == "started") {
    out.finished = false;
  } else if (status == "completed") {
    const auto* result = base::find(*record, "result");
    out.result = base::Result<base::Json>(result == nullptr ? base::Json(nullptr) : *result);
  } else {
    const auto* problem = base::find_object(*record, "error");
    const auto code =
        problem == nullptr ? 500 : base::find_integer(*problem, "status").value_or(500);
    out.result = base::fail(base::code_from_http_status(static_cast<int>(code)),
                            problem == nullptr ? status : base::string_or(*problem, "detail"));
  }
  return out;
}

}  // namespace telltale::catalog
