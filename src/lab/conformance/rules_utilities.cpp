// Rules of the utilities: ping, cancellation, progress, logging, completion, pagination,
// notifications of changes, subscriptions.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

using Object = base::JsonObject;

constexpr std::array<std::string_view, 8> kLevels{"debug", "info",     "notice", "warning",
                                                  "error", "critical", "alert",  "emergency"};
std::size_t level_of(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(kLevels, name) - kLevels.begin());
}

std::string method_of(const Message& message) {
  return message.object() == nullptr ? "" : base::string_or(*message.object(), "method");
}
const Object* params_of(const Message& message) {
  return message.object() == nullptr ? nullptr : base::find_object(*message.object(), "params");
}

Judgement ping_empty(const Record& record) {
  const auto* step = record.step("session", "ping");
  if (step == nullptr || step->result() == nullptr) return not_applicable("ping was not answered");
  for (const auto& [key, value] : *step->result())
    if (std::string_view(key) != "_meta") return failed("the result of ping is not empty", {step});
  return passed();
}

Judgement ignores(const Record& record, std::string_view name) {
  const auto* step = record.step("session", name);
  if (step == nullptr) return not_applicable("was not tried");
  if (!step->alive) return failed("after it nothing is answered any more", {step});
  if (step->answered() && step->status < 400) return failed("it was answered", {step});
  return passed();
}

// Of the calls with a progress token: token, its values in order, when the answer came.
Judgement progress(const Record& record,
                   std::string (*fault)(const Step&, const Message&, double*)) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  bool any = false;
  std::map<std::string, double> last;
  for (const auto& message : session->messages) {
    if (method_of(message) != "notifications/progress") continue;
    const auto* params = params_of(message);
    const auto token = params == nullptr ? "" : base::string_or(*params, "progressToken");
    const Step* of = nullptr;
    for (const auto& step : session->steps) {
      const auto* asked = base::find_object(step.request, "params");
      const auto* meta = asked == nullptr ? nullptr : base::find_object(*asked, "_meta");
      if (meta != nullptr && !token.empty() && base::string_or(*meta, "progressToken") == token)
        of = &step;
    }
    any = true;
    if (of == nullptr) {
      static const Step kNone;
      of = &kNone;
    }
    if (auto found = fault(*of, message, &last.try_emplace(token, -1e300).first->second);
        !found.empty())
      return failed_by(std::move(found), message);
  }
  return any ? passed() : not_applicable("no progress was reported");
}

std::string unknown_token(const Step& step, const Message& message, double*) {
  (void)message;
  return step.name.empty() ? "progress for a token that we never gave" : "";
}
std::string not_rising(const Step&, const Message& message, double* last) {
  const auto* params = params_of(message);
  const auto value = params == nullptr ? std::nullopt : base::find_number(*params, "progress");
  if (!value) return "progress without a number";
  const bool rises = *value > *last;
  *last = *value;
  return rises ? "" : "progress that does not rise";
}
std::string after_answer(const Step& step, const Message& message, double*) {
  return step.answered() && message.at > step.began + step.took
             ? "progress after the request was answered"
             : "";
}

Judgement each_log(const Record& record, std::string (*fault)(const Record&, const Message&)) {
  bool any = false;
  for (const auto& scene : record.scenes)
    for (const auto& message : scene.messages) {
      if (method_of(message) != "notifications/message") continue;
      any = true;
      if (auto found = fault(record, message); !found.empty())
        return failed_by(std::move(found), message);
    }
  return any ? passed() : not_applicable("nothing was logged");
}
std::string bad_log(const Record&, const Message& message) {
  const auto* params = params_of(message);
  if (params == nullptr) return "a log message without params";
  if (level_of(base::string_or(*params, "level")) == kLevels.size())
    return "a log message of the level " + show(base::string_or(*params, "level"));
  if (!params->contains("data")) return "a log message without data";
  return not_text(*params, "logger", false).empty() ? "" : "a logger that is no string";
}
std::string undeclared_log(const Record& record, const Message&) {
  return record.has("logging") ? "" : "a log message, but logging is not declared";
}
std::string unasked_log(const Record&, const Message&) {
  return "a log message, though no request had asked for any";
}

Judgement level_respected(const Record& record) {
  const auto* session = record.scene("session");
  const auto* step = session == nullptr ? nullptr : session->step("logging/setLevel high");
  if (step == nullptr || step->result() == nullptr) return not_applicable("the level was not set");
  for (const auto& message : session->messages) {
    if (method_of(message) != "notifications/message" || message.at <= step->began + step->took)
      continue;
    const auto* params = params_of(message);
    const auto level = params == nullptr ? "" : base::string_or(*params, "level");
    if (level_of(level) < level_of("emergency"))
      return failed_by("level emergency was set, yet " + level + " is sent", message);
  }
  return passed();
}

Judgement completes(const Record& record) {
  if (!record.has("completions")) return not_applicable("no completions capability");
  const auto* step = record.step("session", "completion/complete good");
  if (step == nullptr) return not_applicable("no prompt has arguments");
  return answered(record, "session", "completion/complete good", "completion of an argument");
}
std::string bad_completion(const Step& step) {
  const auto* completion = base::find_object(*step.result(), "completion");
  const auto* values = completion == nullptr ? nullptr : base::find_array(*completion, "values");
  if (values == nullptr) return "the result has no completion.values";
  if (values->size() > 100) return fmt::format("{} values, more than 100", values->size());
  if (!std::ranges::all_of(*values, [](const auto& one) { return one.is_string(); }))
    return "a value that is no string";
  const auto* total = base::find(*completion, "total");
  if (total != nullptr && !total->is_number()) return "a total that is no number";
  const auto* more = base::find(*completion, "hasMore");
  return more == nullptr || more->is_bool() ? "" : "a hasMore that is neither true nor false";
}

constexpr std::array<std::string_view, 4> kLists{"tools/list", "resources/list",
                                                 "resources/templates/list", "prompts/list"};

Judgement bad_cursors(const Record& record, bool code) {
  bool any = false;
  for (const auto list : kLists) {
    const auto* step = record.step("session", fmt::format("{} bad-cursor", list));
    if (step == nullptr || (code && step->error() == nullptr) ||
        step->error_code() == mcp::rpc::kMethodNotFound)
      continue;
    any = true;
    const bool good =
        code ? step->error_code() == mcp::rpc::kInvalidParams : step->error() != nullptr;
    if (!good)
      return failed(fmt::format("{} with a cursor it never gave: {}", list, answer_of(*step)),
                    {step});
  }
  return any ? passed() : not_applicable(code ? "no cursor was refused" : "there are no lists");
}

Judgement cursors(const Record& record,
                  std::string (*fault)(const Object&, std::set<std::string>*)) {
  const auto* session = record.scene("session");
  bool any = false;
  for (const auto list : kLists) {
    std::set<std::string> seen;
    if (session != nullptr)
      for (const auto& step : session->steps) {
        const bool page = step.name == list || step.name.starts_with(fmt::format("{} page ", list));
        if (!page || step.result() == nullptr) continue;
        any = true;
        if (auto found = fault(*step.result(), &seen); !found.empty())
          return failed(fmt::format("{}: {}", list, found), {&step});
      }
  }
  return any ? passed() : not_applicable("there are no lists");
}
std::string cursor_type(const Object& result, std::set<std::string>*) {
  const auto* cursor = base::find(result, "nextCursor");
  return cursor == nullptr || cursor->is_string() ? "" : "a nextCursor that is no string";
}
std::string cursor_again(const Object& result, std::set<std::string>* seen) {
  const auto cursor = base::find_string(result, "nextCursor");
  return !cursor || seen->insert(std::string(*cursor)).second ? "" : "the same nextCursor twice";
}

Judgement declared_changes(const Record& record) {
  for (const auto& scene : record.scenes)
    for (const auto& message : scene.messages)
      for (const std::string kind : {"tools", "resources", "prompts"}) {
        if (method_of(message) != "notifications/" + kind + "/list_changed") continue;
        const auto* capability = base::find_object(record.capabilities, kind);
        if (capability == nullptr || !base::find_bool(*capability, "listChanged").value_or(false))
          return failed_by(kind + "/list_changed, but listChanged is not declared", message);
      }
  return passed();
}

Judgement acknowledged(const Record& record) {
  const auto* session = record.scene("session");
  const auto* step = session == nullptr ? nullptr : session->step("listen");
  if (step == nullptr) return not_applicable("was not tried");
  if (step->error() != nullptr)
    return step->error_code() == mcp::rpc::kMethodNotFound
               ? not_applicable("subscriptions/listen is not offered")
               : failed("subscriptions/listen was answered with " + answer_of(*step), {step});
  const auto* id = base::find(step->request, "id");
  for (const auto& message : session->messages) {
    if (message.at < step->began || !message.is_notification()) continue;
    if (step->exchange != 0 && message.exchange != step->exchange) continue;
    if (method_of(message) != "notifications/subscriptions/acknowledged")
      return failed_by("the first message of a subscription is " + method_of(message), message);
    const auto* params = params_of(message);
    const auto* meta = params == nullptr ? nullptr : base::find_object(*params, "_meta");
    const auto* of = meta == nullptr ? nullptr : base::find(*meta, mcp::meta::kSubscription);
    if (of == nullptr || (*of != *id && *of != base::Json(base::write_json(*id))))
      return failed_by("the acknowledgement does not name the subscription", message);
    return passed();
  }
  return failed("subscriptions/listen was not acknowledged: " + step->trouble, {step});
}

Judgement no_server_requests(const Record& record) {
  for (const auto& scene : record.scenes)
    for (const auto& message : scene.messages)
      if (message.is_request())
        return failed_by("the server sent the request " + method_of(message), message);
  return passed();
}

constexpr Rule kRules[] = {
    {.id = "utilities.ping-answers",
     .sections = {"basic/utilities/ping#behavior-requirements", ""},
     .remedy = "Answer ping promptly.",
     .judge = [](const Record& r) { return answered(r, "session", "ping", "ping"); }},
    {.id = "utilities.ping-empty",
     .sections = {"basic/utilities/ping#behavior-requirements", ""},
     .remedy = "Answer ping with an empty result.",
     .judge = ping_empty},
    {.id = "utilities.unknown-notification",
     .level = Level::should,
     .sections = {"basic#notifications", ""},
     .remedy = "Ignore notifications you do not know.",
     .judge = [](const Record& r) { return ignores(r, "notification unknown"); }},
    {.id = "utilities.cancel-unknown",
     .level = Level::should,
     .sections = {"basic/utilities/cancellation#error-handling", ""},
     .remedy = "Ignore the cancellation of a request you do not know.",
     .judge = [](const Record& r) { return ignores(r, "cancel unknown"); }},
    {.id = "utilities.cancel-malformed",
     .level = Level::should,
     .sections = {"basic/utilities/cancellation#error-handling", ""},
     .remedy = "Ignore malformed cancellations.",
     .judge = [](const Record& r) { return ignores(r, "cancel malformed"); }},
    {.id = "utilities.progress-token",
     .sections = {"basic/utilities/progress#behavior-requirements",
                  "basic/patterns/progress#behavior-requirements"},
     .remedy = "Report progress only with a token of a request under way.",
     .judge = [](const Record& r) { return progress(r, unknown_token); }},
    {.id = "utilities.progress-rises",
     .sections = {"basic/utilities/progress#progress-flow",
                  "basic/patterns/progress#progress-flow"},
     .remedy = "Let progress rise with each notification.",
     .judge = [](const Record& r) { return progress(r, not_rising); }},
    {.id = "utilities.progress-stops",
     .sections = {"basic/utilities/progress#implementation-notes",
                  "basic/patterns/progress#implementation-notes"},
     .remedy = "Report no progress after the answer.",
     .judge = [](const Record& r) { return progress(r, after_answer); }},
    {.id = "utilities.log-level-answers",
     .sections = {"server/utilities/logging#setting-log-level", ""},
     .remedy = "Answer logging/setLevel when logging is declared.",
     .judge =
         [](const Record& r) {
           if (!r.has("logging")) return not_applicable("no logging capability");
           return answered(r, "session", "logging/setLevel", "logging/setLevel debug");
         }},
    {.id = "utilities.log-level-refused",
     .level = Level::should,
     .sections = {"server/utilities/logging#error-handling", ""},
     .remedy = "Refuse a level that does not exist with -32602.",
     .judge =
         [](const Record& r) {
           if (!r.has("logging")) return not_applicable("no logging capability");
           return refused(r, "session", "logging/setLevel bad", "a level that does not exist");
         }},
    {.id = "utilities.log-level-respected",
     .level = Level::should,
     .sections = {"server/utilities/logging#message-flow", ""},
     .remedy = "Send only messages of the level that was set, or above.",
     .judge = level_respected},
    {.id = "utilities.log-shape",
     .sections = {"server/utilities/logging#log-message-notifications",
                  "server/utilities/logging#log-message-notifications"},
     .remedy = "Give every log message a level of the specification, and data.",
     .judge = [](const Record& r) { return each_log(r, bad_log); },
     .scenes = scene::kAll},
    {.id = "utilities.log-declared",
     .sections = {"server/utilities/logging#capabilities", "server/utilities/logging#capabilities"},
     .remedy = "Declare the logging capability.",
     .judge = [](const Record& r) { return each_log(r, undeclared_log); },
     .scenes = scene::kAll},
    {.id = "utilities.log-asked",
     .sections = {"", "server/utilities/logging#per-request-log-level"},
     .remedy = "Send log messages only for requests with a logLevel in _meta.",
     .judge = [](const Record& r) { return each_log(r, unasked_log); },
     .scenes = scene::kAll},
    {.id = "utilities.completion-answers",
     .sections = {"server/utilities/completion#requesting-completions",
                  "server/utilities/completion#requesting-completions"},
     .remedy = "Answer completion/complete for the arguments of your prompts.",
     .judge = completes},
    {.id = "utilities.completion-shape",
     .sections = {"server/utilities/completion#completion-results",
                  "server/utilities/completion#completion-results"},
     .remedy = "Answer with completion.values: strings, at most 100.",
     .judge =
         [](const Record& r) {
           return each_result(r, "completion/complete good", bad_completion);
         }},
    {.id = "utilities.completion-unknown",
     .level = Level::should,
     .sections = {"server/utilities/completion#error-handling",
                  "server/utilities/completion#error-handling"},
     .remedy = "Refuse the completion of a prompt that does not exist with -32602.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "completion/complete unknown",
                          "the completion of a prompt that does not exist");
         }},
    {.id = "utilities.completions-declared",
     .sections = {"server/utilities/completion#capabilities",
                  "server/utilities/completion#capabilities"},
     .remedy = "Declare the completions capability.",
     .judge =
         [](const Record& r) {
           return undeclared(r, "completions", "completion/complete", "completion");
         }},
    {.id = "utilities.cursor-refused",
     .level = Level::should,
     .sections = {"server/utilities/pagination#error-handling",
                  "server/utilities/pagination#error-handling"},
     .remedy = "Refuse a cursor you never gave with -32602.",
     .judge = [](const Record& r) { return bad_cursors(r, false); }},
    {.id = "utilities.cursor-code",
     .level = Level::should,
     .sections = {"server/utilities/pagination#error-handling",
                  "server/utilities/pagination#error-handling"},
     .remedy = "Refuse a cursor you never gave with the code -32602.",
     .judge = [](const Record& r) { return bad_cursors(r, true); }},
    {.id = "utilities.cursor-text",
     .sections = {"server/utilities/pagination#response-format",
                  "server/utilities/pagination#response-format"},
     .remedy = "Give nextCursor as a string; leave it out at the end.",
     .judge = [](const Record& r) { return cursors(r, cursor_type); }},
    {.id = "utilities.cursor-advances",
     .level = Level::should,
     .sections = {"server/utilities/pagination#implementation-guidelines",
                  "server/utilities/pagination#implementation-guidelines"},
     .remedy = "Give each page another nextCursor, and none on the last.",
     .judge = [](const Record& r) { return cursors(r, cursor_again); }},
    {.id = "utilities.list-changed-declared",
     .sections = {"basic/lifecycle#operation", "basic/patterns/subscriptions#opening-a-stream"},
     .remedy = "Declare listChanged before sending list_changed.",
     .judge = declared_changes,
     .scenes = scene::kAll},
    {.id = "utilities.listen-acknowledged",
     .sections = {"", "basic/patterns/subscriptions#acknowledgment"},
     .remedy = "Send notifications/subscriptions/acknowledged with the subscription's id first.",
     .judge = acknowledged},
    {.id = "utilities.no-server-requests",
     .sections = {"", "basic/patterns#request-and-response"},
     .remedy = "Send no requests: ask by an InputRequiredResult.",
     .judge = no_server_requests,
     .scenes = scene::kAll},
};

}  // namespace

std::span<const Rule> utilities_rules() {
  return kRules;
}

}  // namespace telltale::lab
