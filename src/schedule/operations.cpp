#include "schedule/operations.hpp"

#include "runtime/run.hpp"

namespace telltale::schedule {

using base::FieldRule;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

constexpr std::size_t kArgumentsMax = 64U << 10U;

struct ScheduleById {
  std::string schedule_id;
};
BOOST_DESCRIBE_STRUCT(ScheduleById, (), (schedule_id))

struct ChangeSchedule : Definition {
  std::string schedule_id;
};
BOOST_DESCRIBE_STRUCT(ChangeSchedule, (Definition), (schedule_id))
constexpr auto field_rules(const ChangeSchedule*) {
  return kDefinitionRules;
}

struct PreviewSchedule {
  std::string cron;
  std::string time_zone = "UTC";
};
BOOST_DESCRIBE_STRUCT(PreviewSchedule, (), (cron, time_zone))
constexpr auto field_rules(const PreviewSchedule*) {
  return std::array{FieldRule{.name = "cron", .minimum = 1, .maximum = Cron::kLengthMax},
                    FieldRule{.name = "time_zone", .maximum = 64, .has_default = true}};
}

namespace {

base::Result<void> check_size(const Definition& definition) {
  if (base::write_json(definition.arguments).size() > kArgumentsMax)
    return base::bad_field("/arguments", "must be at most 64 KiB");
  return {};
}

TaskResult<JsonObject> list(Scheduler* scheduler, ContextPtr context, runtime::Nothing) {
  auto items =
      co_await runtime::call_on(scheduler->loop(), Scheduler::list(scheduler, context->actor()));
  if (!items) co_return std::unexpected(items.error());
  co_return JsonObject{{"items", std::move(*items)}};
}

TaskResult<JsonObject> create(Scheduler* scheduler, ContextPtr context, Definition input) {
  if (auto fine = check_size(input); !fine) co_return std::unexpected(fine.error());
  co_return co_await runtime::call_on(
      scheduler->loop(), Scheduler::create(scheduler, context->actor(), std::move(input)));
}

TaskResult<JsonObject> update(Scheduler* scheduler, ContextPtr context, ChangeSchedule input) {
  if (auto fine = check_size(input); !fine) co_return std::unexpected(fine.error());
  auto id = std::move(input.schedule_id);
  Definition definition = std::move(input);
  co_return co_await runtime::call_on(
      scheduler->loop(),
      Scheduler::update(scheduler, context->actor(), std::move(id), std::move(definition)));
}

using OfOne = TaskResult<JsonObject> (*)(Scheduler*, runtime::Actor, std::string);
template <OfOne what>
TaskResult<JsonObject> of_one(Scheduler* scheduler, ContextPtr context, ScheduleById input) {
  co_return co_await runtime::call_on(
      scheduler->loop(), what(scheduler, context->actor(), std::move(input.schedule_id)));
}

TaskResult<JsonObject> preview(Scheduler* scheduler, ContextPtr, PreviewSchedule input) {
  const auto timetable = Timetable::open(input.cron, input.time_zone);
  if (!timetable) co_return std::unexpected(timetable.error());
  const auto now = std::chrono::floor<std::chrono::seconds>(scheduler->loop().clock().wall());
  JsonArray items;
  for (const auto at : timetable->next_runs(now, 10))
    items.push_back(
        JsonObject{{"time", base::format_rfc3339(at)}, {"local", timetable->format_local(at)}});
  co_return JsonObject{{"items", std::move(items)}};
}

template <class Input>
void add(runtime::OperationRegistry& registry, Scheduler& scheduler, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Scheduler*, ContextPtr, Input)) {
  spec.group = "Schedules";
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [scheduler = &scheduler, body](ContextPtr context, Input input) {
        return body(scheduler, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Scheduler& scheduler) {
  add(registry, scheduler,
      {.name = "schedules.list",
       .help = "Schedules with their next runs",
       .permission = "schedules:read",
       .routes = {{"GET", "/api/schedules"}}},
      list);
  add(registry, scheduler,
      {.name = "schedules.create",
       .help = "Runs an operation by the clock, as you",
       .permission = "schedules:write",
       .changes = true,
       .routes = {{"POST", "/api/schedules", 201}}},
      create);
  add(registry, scheduler,
      {.name = "schedules.preview",
       .help = "The next ten times of a cron expression, or what is wrong with it",
       .permission = "schedules:read",
       .routes = {{"POST", "/api/schedules/preview"}}},
      preview);
  add(registry, scheduler,
      {.name = "schedules.get",
       .help = "A schedule with its next runs and its history",
       .permission = "schedules:read",
       .routes = {{"GET", "/api/schedules/{schedule_id}"}}},
      of_one<Scheduler::get>);
  add(registry, scheduler,
      {.name = "schedules.update",
       .help = "Replaces a schedule, which is yours from then on",
       .permission = "schedules:write",
       .changes = true,
       .routes = {{"PUT", "/api/schedules/{schedule_id}"}}},
      update);
  add(registry, scheduler,
      {.name = "schedules.delete",
       .help = "Removes a schedule and its history",
       .permission = "schedules:write",
       .changes = true,
       .routes = {{"DELETE", "/api/schedules/{schedule_id}"}}},
      of_one<Scheduler::remove>);
  add(registry, scheduler,
      {.name = "schedules.run",
       .help = "Runs a schedule's operation now, as you",
       .permission = "schedules:write",
       .changes = true,
       .routes = {{"POST", "/api/schedules/{schedule_id}/run"}}},
      of_one<Scheduler::run_now>);
}

}  // namespace telltale::schedule
