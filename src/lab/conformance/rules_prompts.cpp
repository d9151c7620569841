// Rules of prompts: lists, arguments, messages.
#include <set>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

using Object = base::JsonObject;

Judgement each_prompt(const Record& record, ItemFault fault) {
  return each_item(record, "prompts/list", "prompts", fault);
}

std::string bad_arguments(const Object& prompt) {
  const auto* value = base::find(prompt, "arguments");
  if (value == nullptr) return "";
  const auto* list = value->if_array();
  if (list == nullptr) return "has arguments that are no list";
  for (const auto& one : *list) {
    if (!one.is_object()) return "has an argument that is no object";
    if (auto fault = not_text(one.get_object(), "name", true); !fault.empty())
      return "has an argument that " + fault;
    const auto* required = base::find(one.get_object(), "required");
    if (required != nullptr && !required->is_bool())
      return "has an argument whose required is neither true nor false";
  }
  return "";
}

std::string bad_messages(const Step& step) {
  const auto* list = base::find_array(*step.result(), "messages");
  if (list == nullptr) return "the result of prompts/get has no list messages";
  for (const auto& one : *list) {
    const auto* message = one.if_object();
    if (message == nullptr) return "messages has something that is no object";
    const auto role = base::string_or(*message, "role");
    if (role != "user" && role != "assistant")
      return "a message of a prompt has the role " + show(role);
    const auto* content = base::find(*message, "content");
    if (content == nullptr) return "a message of a prompt has no content";
    if (auto fault = bad_content(*content); !fault.empty()) return "a message " + fault;
  }
  return "";
}
std::string bad_data(const Step& step) {
  const auto* list = base::find_array(*step.result(), "messages");
  if (list == nullptr) return "";
  for (const auto& one : *list) {
    const auto* message = one.if_object();
    const auto* content = message == nullptr ? nullptr : base::find_object(*message, "content");
    if (content == nullptr) continue;
    const auto type = base::string_or(*content, "type");
    if (type != "image" && type != "audio") continue;
    if (auto fault = bad_base64(*content, "data"); !fault.empty())
      return fmt::format("the {} of a message {}", type, fault);
  }
  return "";
}

Judgement gets(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  bool any = false;
  for (const auto& step : session->steps) {
    if (!step.name.starts_with("prompts/get good ")) continue;
    any = true;
    if (step.result() == nullptr)
      return failed(
          "a listed prompt without required arguments was answered with " + answer_of(step),
          {&step});
  }
  return any ? passed() : not_applicable("every prompt needs arguments, or there is none");
}

Judgement unique_names(const Record& record) {
  std::set<std::string> seen;
  const auto all = items(record, "prompts/list", "prompts");
  if (all.empty()) return not_applicable("prompts/list gave none");
  for (const auto& item : all)
    if (item.object() != nullptr && !seen.insert(base::string_or(*item.object(), "name")).second)
      return failed("two prompts have the name " + show(base::string_or(*item.object(), "name")),
                    {item.from});
  return passed();
}

constexpr Rule kRules[] = {
    {.id = "prompts.capability-declared",
     .sections = {"server/prompts#capabilities", "server/prompts#capabilities"},
     .remedy = "Declare the prompts capability.",
     .judge = [](const Record& r) { return undeclared(r, "prompts", "prompts/list", "prompts"); }},
    {.id = "prompts.list-answers",
     .sections = {"server/prompts#listing-prompts", "server/prompts#capabilities"},
     .remedy = "Answer prompts/list with a list prompts, empty when there are none.",
     .judge = [](const Record& r) { return lists(r, "prompts", "prompts/list", "prompts"); }},
    {.id = "prompts.name-given",
     .sections = {"server/prompts#prompt", "server/prompts#prompt"},
     .remedy = "Give every prompt a name, as a string.",
     .judge =
         [](const Record& r) {
           return each_prompt(r, [](const Object& one) { return not_text(one, "name", true); });
         }},
    {.id = "prompts.names-unique",
     .level = Level::should,
     .sections = {"server/prompts#prompt", "server/prompts#prompt"},
     .remedy = "Give every prompt a name of its own: it is its identifier.",
     .judge = unique_names},
    {.id = "prompts.description-text",
     .sections = {"server/prompts#prompt", "server/prompts#prompt"},
     .remedy = "Give title and description as strings, or leave them out.",
     .judge =
         [](const Record& r) {
           return each_prompt(r, [](const Object& one) {
             auto fault = not_text(one, "description", false);
             return fault.empty() ? not_text(one, "title", false) : fault;
           });
         }},
    {.id = "prompts.arguments",
     .sections = {"server/prompts#prompt", "server/prompts#prompt"},
     .remedy = "Describe arguments as a list of objects with a name.",
     .judge = [](const Record& r) { return each_prompt(r, bad_arguments); }},
    {.id = "prompts.get-answers",
     .sections = {"server/prompts#getting-a-prompt", "server/prompts#getting-a-prompt"},
     .remedy = "Let every listed prompt be got.",
     .judge = gets},
    {.id = "prompts.messages",
     .sections = {"server/prompts#promptmessage", "server/prompts#promptmessage"},
     .remedy = "Give every message the role user or assistant and one content block.",
     .judge = [](const Record& r) { return each_result(r, "prompts/get ", bad_messages); }},
    {.id = "prompts.content-base64",
     .sections = {"server/prompts#image-content", "server/prompts#image-content"},
     .remedy = "Encode the data of images and audio in base64.",
     .judge = [](const Record& r) { return each_result(r, "prompts/get ", bad_data); }},
    {.id = "prompts.unknown-refused",
     .level = Level::should,
     .sections = {"server/prompts#error-handling", "server/prompts#error-handling"},
     .remedy = "Refuse a prompt that does not exist with an error.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "prompts/get unknown", "a prompt that does not exist");
         }},
    {.id = "prompts.unknown-code",
     .level = Level::should,
     .sections = {"server/prompts#error-handling", "server/prompts#error-handling"},
     .remedy = "Refuse a prompt that does not exist with -32602.",
     .judge =
         [](const Record& r) {
           return refused_with(r, "session", "prompts/get unknown", mcp::rpc::kInvalidParams,
                               "invalid params");
         }},
    {.id = "prompts.missing-argument",
     .level = Level::should,
     .sections = {"server/prompts#error-handling", "server/prompts#error-handling"},
     .remedy = "Refuse prompts/get without a required argument with -32602.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "prompts/get missing", "a missing required argument");
         }},
};

}  // namespace

std::span<const Rule> prompts_rules() {
  return kRules;
}

}  // namespace telltale::lab
