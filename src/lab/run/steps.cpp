#include "lab/run/steps.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/run/instance.hpp"
#include "lab/suite/json_path.hpp"
#include "mcp/jsonrpc.hpp"

namespace telltale::lab::run {
namespace {

using base::Json;
using base::JsonObject;

Answer good(Json value) {
  Answer out;
  out.value = std::move(value);
  return out;
}

base::Result<Answer> refused(const base::Error& error) {
  const auto* const rpc = base::find_object(error.data, "rpc");
  if (rpc == nullptr) return std::unexpected(error);
  Answer out;
  out.status = Answer::Status::error;
  out.code = mcp::rpc_code(error);
  out.message = base::string_or(*rpc, "message");
  out.value = *rpc;
  return out;
}

template <class T>
base::Result<Answer> listed(std::string_view member, T items) {
  if (!items) return refused(items.error());
  return good(JsonObject{{member, std::move(*items)}});
}

runtime::TaskResult<Answer> exchange(Instance* instance, suite::StepSpec step,
                                     mcp::CallOptions options) {
  auto& client = instance->client();
  if (step.call) {
    co_return answer_of(
        co_await client.call_tool(*step.call, std::move(step.arguments), std::move(options)));
  }
  if (step.list) {
    const auto& what = *step.list;
    if (what == "tools") co_return listed("tools", co_await client.list_tools(std::move(options)));
    if (what == "resources")
      co_return listed("resources", co_await client.list_resources(std::move(options)));
    if (what == "templates")
      co_return listed("resourceTemplates",
                       co_await client.list_resource_templates(std::move(options)));
    co_return listed("prompts", co_await client.list_prompts(std::move(options)));
  }
  if (step.ping.value_or(false)) {
    const auto limit = options.timeout.value_or(std::chrono::seconds(60));
    auto took = co_await client.check(limit);
    if (!took) co_return refused(took.error());
    co_return good(JsonObject());
  }
  base::Result<JsonObject> result = JsonObject();
  if (step.read)
    result = co_await client.read_resource(*step.read, std::move(options));
  else if (step.prompt)
    result =
        co_await client.get_prompt(*step.prompt, std::move(step.arguments), std::move(options));
  else
    result = co_await client.request(step.request.value_or("ping"), std::move(step.params),
                                     std::move(options));
  if (!result) co_return refused(result.error());
  co_return good(std::move(*result));
}

base::Result<void> expand_into(std::optional<std::string>& text,
                               const suite::Variables& variables) {
  if (!text) return {};
  auto out = suite::expand_text(*text, variables);
  if (!out) return std::unexpected(out.error());
  text = std::move(*out);
  return {};
}

std::string first_line(const Mismatch& mismatch) {
  return fmt::format("{}: {} {}, got {}", mismatch.step, mismatch.what, cut(mismatch.expected, 200),
                     cut(mismatch.actual, 300));
}

}  // namespace

base::Result<Answer> answer_of(base::Result<mcp::ToolCallResult> outcome) {
  if (!outcome) return refused(outcome.error());
  auto out = good(std::move(outcome->result));
  if (outcome->is_error) out.status = Answer::Status::tool_error;
  out.schema_errors = std::move(outcome->schema_errors);
  return out;
}

base::Result<suite::StepSpec> expand_step(const suite::StepSpec& step,
                                          const suite::Variables& variables) {
  auto out = step;
  for (auto* const text : {&out.call, &out.read, &out.prompt, &out.request})
    if (auto done = expand_into(*text, variables); !done) return std::unexpected(done.error());
  for (auto* const object : {&out.arguments, &out.params}) {
    auto expanded = suite::expand(Json(*object), variables);
    if (!expanded) return std::unexpected(expanded.error());
    *object = std::move(expanded->as_object());
  }
  auto server = suite::expand_text(step.server, variables);
  if (!server) return std::unexpected(server.error());
  out.server = std::move(*server);
  auto rules = base::to_json(step.expect);
  auto expanded = suite::expand(rules, variables);
  if (!expanded) return std::unexpected(expanded.error());
  // Most expectations name no variable: nothing is read twice then. (`equals: null` would be lost.)
  if (*expanded == rules) return out;
  auto expect = base::from_json<suite::ExpectSpec>(*expanded);
  if (!expect) return std::unexpected(expect.error());
  out.expect = std::move(*expect);
  return out;
}

base::Result<void> save_values(const std::map<std::string, std::string>& save, const Answer& answer,
                               suite::Variables& variables) {
  for (const auto& [name, text] : save) {
    const auto path = suite::JsonPath::parse(text);
    if (!path) return std::unexpected(path.error());
    const auto found = path->select(answer.value);
    if (found.empty())
      return base::fail(base::Code::not_found,
                        fmt::format("nothing to save as {}: {} selects nothing", name, text));
    if (path->single()) {
      variables[name] = *found.front();
      continue;
    }
    base::JsonArray all;
    for (const auto* const one : found) all.push_back(*one);
    variables[name] = std::move(all);
  }
  return {};
}

runtime::TaskResult<Answer> ask(Instance* instance, suite::StepSpec step,
                                std::string trace_parent) {
  const auto& clock = runtime::Loop::current()->clock();
  mcp::CallOptions options{.trace_parent = std::move(trace_parent)};
  if (step.timeout_s) options.timeout = base::from_seconds(*step.timeout_s);
  const auto began = clock.now();
  auto answer = co_await exchange(instance, std::move(step), std::move(options));
  if (answer) answer->latency = clock.now() - began;
  co_return answer;
}

runtime::Task<bool> run_steps(CaseContext* context, std::vector<suite::StepSpec> steps,
                              LatencyHistogram* latency, Outcome* out) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto label = fmt::format("step {}: {}", i + 1, suite::describe(steps[i]));
    const auto fail = [&](Status status, const std::string& message) {
      out->status = status;
      out->message = fmt::format("{}: {}", label, message);
      return false;
    };
    auto step = expand_step(steps[i], context->variables());
    if (!step) co_return fail(Status::error, step.error().detail);
    label = fmt::format("step {}: {}", i + 1, suite::describe(*step));
    auto instance = co_await context->server(step->server);
    if (!instance) co_return fail(Status::error, instance.error().detail);
    auto answer = co_await ask(instance->get(), *step, context->trace_parent());
    if (!answer) co_return fail(Status::failed, "no answer: " + answer.error().detail);
    latency->record(answer->latency);
    judge(*answer, step->expect, label, out->mismatches);
    if (!step->expect.golden.empty()) {
      if (context->folder().empty())
        co_return fail(Status::error, "golden files need a suite that is a file");
      judge_golden(*answer, context->folder() + "/" + step->expect.golden, context->update_golden(),
                   label, out->mismatches, out->golden_updated);
    }
    if (!out->mismatches.empty()) {
      out->status = Status::failed;
      out->message = first_line(out->mismatches.front());
      co_return false;
    }
    if (auto saved = save_values(step->save, *answer, context->variables()); !saved)
      co_return fail(Status::failed, saved.error().detail);
    if (steps.size() > 1)
      context->progress(static_cast<double>(i + 1), static_cast<double>(steps.size()), label);
  }
  co_return true;
}

}  // namespace telltale::lab::run
