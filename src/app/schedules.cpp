#include "app/schedules.hpp"

namespace telltale::app {
namespace {

constexpr base::Duration kAskAgain = std::chrono::minutes(5);

runtime::Task<schedule::RunEnd> run_as_owner(catalog::Dispatcher* dispatcher,
                                             const auth::SessionService* sessions,
                                             schedule::RunRequest request) {
  auto actor = request.actor ? base::Result<runtime::Actor>(std::move(*request.actor))
                             : sessions->stand_in(request.owner_id, request.token);
  if (!actor) co_return schedule::RunEnd{.operation_id = "", .error = actor.error().detail};
  actor->via = "schedule";
  auto outcome = co_await dispatcher->call({.operation = std::move(request.operation),
                                            .arguments = std::move(request.arguments),
                                            .actor = std::move(*actor),
                                            .wait = kAskAgain});
  schedule::RunEnd out{.operation_id = outcome.operation_id, .error = ""};
  if (outcome.finished) {
    if (!outcome.result) out.error = outcome.result.error().detail;
    co_return out;
  }
  for (;;) {  // its time limit ends it
    auto record = co_await dispatcher->describe(out.operation_id, kAskAgain);
    if (!record) {
      out.error = record.error().detail;
      co_return out;
    }
    const auto status = base::string_or(*record, "status");
    if (status == "started") continue;
    if (status != "completed") {
      const auto* problem = base::find_object(*record, "error");
      out.error = problem == nullptr ? status : base::string_or(*problem, "detail", status);
    }
    co_return out;
  }
}

// What is wrong with the arguments is told by where they are in the schedule.
base::Error within_arguments(base::Error error) {
  for (auto& field : error.fields) field.pointer = "/arguments" + field.pointer;
  return error;
}

base::Result<void> check(const catalog::Dispatcher& dispatcher, const runtime::Actor& actor,
                         const std::string& operation, const base::JsonObject& arguments) {
  const auto* found = dispatcher.catalog().find(operation);
  if (found == nullptr) return base::bad_field("/operation", "there is no such operation");
  const auto& spec = found->spec;
  if (spec.takes_bytes || spec.gives_bytes || spec.secret_result || spec.permission == "public" ||
      spec.permission == "session")
    return base::bad_field("/operation", "needs a caller: it takes or gives what cannot be kept");
  auto right = dispatcher.check({.operation = operation, .arguments = arguments, .actor = actor});
  if (!right) return std::unexpected(within_arguments(std::move(right.error())));
  return {};
}

}  // namespace

schedule::Scheduler::Parts schedule_parts(runtime::Loop& loop, store::Store& store,
                                          runtime::EventSink& events,
                                          catalog::Dispatcher& dispatcher,
                                          const auth::SessionService& sessions) {
  return {.loop = loop,
          .store = store,
          .events = events,
          .run =
              [&dispatcher, &sessions](schedule::RunRequest request) {
                return run_as_owner(&dispatcher, &sessions, std::move(request));
              },
          .check =
              [&dispatcher](const runtime::Actor& actor, const std::string& operation,
                            const base::JsonObject& arguments) {
                return check(dispatcher, actor, operation, arguments);
              }};
}

}  // namespace telltale::app
