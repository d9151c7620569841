// Rules of resources: lists, templates, reading, subscriptions.
#include <algorithm>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

using Object = base::JsonObject;

Judgement each_resource(const Record& record, ItemFault fault) {
  return each_item(record, "resources/list", "resources", fault);
}
Judgement each_read(const Record& record, StepFault fault) {
  return each_result(record, "resources/read good ", fault);
}

std::string bad_members(const Object& resource) {
  for (const auto* key : {"title", "description", "mimeType"})
    if (auto fault = not_text(resource, key, false); !fault.empty()) return fault;
  const auto* size = base::find(resource, "size");
  return size == nullptr || size->is_number() ? "" : "has a size that is no number";
}

std::string bad_template(const Object& one) {
  if (auto fault = not_text(one, "uriTemplate", true); !fault.empty()) return fault;
  if (auto fault = not_text(one, "name", true); !fault.empty()) return fault;
  int depth = 0;
  for (const char c : base::string_or(one, "uriTemplate")) {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (depth < 0 || depth > 1) break;
  }
  return depth == 0 ? "" : "has a uriTemplate whose braces do not match";
}

std::string bad_contents(const Step& step) {
  const auto* list = base::find_array(*step.result(), "contents");
  if (list == nullptr) return "the result of resources/read has no list contents";
  for (const auto& one : *list) {
    const auto* object = one.if_object();
    if (object == nullptr) return "contents has something that is no object";
    if (auto fault = not_text(*object, "uri", true); !fault.empty()) return "contents " + fault;
    if (!base::find_string(*object, "text") && !base::find_string(*object, "blob"))
      return "contents has neither text nor blob";
  }
  return "";
}
std::string bad_blobs(const Step& step) {
  const auto* list = base::find_array(*step.result(), "contents");
  if (list == nullptr) return "";
  for (const auto& one : *list)
    if (one.is_object() && one.get_object().contains("blob"))
      if (auto fault = bad_base64(one.get_object(), "blob"); !fault.empty())
        return "contents " + fault;
  return "";
}

Judgement reads(const Record& record) {
  bool any = false;
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    if (!step.name.starts_with("resources/read good ")) continue;
    any = true;
    if (step.result() == nullptr)
      return failed("a listed resource was answered with " + answer_of(step), {&step});
  }
  return any ? passed() : not_applicable("resources/list gave none");
}

bool empty_contents(const Step& step) {
  const auto* list =
      step.result() == nullptr ? nullptr : base::find_array(*step.result(), "contents");
  return list != nullptr && list->empty();
}

Judgement unknown_empty(const Record& record) {
  const auto* step = record.step("session", "resources/read unknown");
  if (step == nullptr) return not_applicable("no resources capability");
  return empty_contents(*step)
             ? failed("a resource that does not exist was answered with empty contents", {step})
             : passed();
}

Judgement subscribes(const Record& record, std::string_view method) {
  const auto* capability = base::find_object(record.capabilities, "resources");
  if (capability == nullptr || !base::find_bool(*capability, "subscribe").value_or(false))
    return not_applicable("resources.subscribe is not declared");
  return answered(record, "session", method, std::string(method) + " of a listed resource");
}

constexpr Rule kRules[] = {
    {.id = "resources.capability-declared",
     .sections = {"server/resources#capabilities", "server/resources#capabilities"},
     .remedy = "Declare the resources capability.",
     .judge =
         [](const Record& r) { return undeclared(r, "resources", "resources/list", "resources"); }},
    {.id = "resources.list-answers",
     .sections = {"server/resources#listing-resources", "server/resources#capabilities"},
     .remedy = "Answer resources/list with a list resources, empty when there are none.",
     .judge = [](const Record& r) { return lists(r, "resources", "resources/list", "resources"); }},
    {.id = "resources.name-given",
     .sections = {"server/resources#resource", "server/resources#resource"},
     .remedy = "Give every resource a name, as a string.",
     .judge =
         [](const Record& r) {
           return each_resource(r, [](const Object& one) { return not_text(one, "name", true); });
         }},
    {.id = "resources.uri-valid",
     .sections = {"server/resources#custom-uri-schemes", "server/resources#custom-uri-schemes"},
     .remedy = "Give every resource a URI as RFC 3986 has it, with a scheme.",
     .judge =
         [](const Record& r) {
           return each_resource(r, [](const Object& one) {
             const auto uri = base::string_or(one, "uri");
             return is_uri(uri) ? std::string() : "has the uri " + show(uri);
           });
         }},
    {.id = "resources.members-typed",
     .sections = {"server/resources#resource", "server/resources#resource"},
     .remedy = "Make title, description and mimeType strings, and size a number.",
     .judge = [](const Record& r) { return each_resource(r, bad_members); }},
    {.id = "resources.annotations",
     .sections = {"server/resources#annotations", "server/resources#annotations"},
     .remedy = "Keep priority between 0 and 1; audience is a list of user and assistant.",
     .judge = [](const Record& r) { return each_resource(r, bad_annotations); }},
    {.id = "resources.templates",
     .sections = {"server/resources#resource-templates", "server/resources#resource-templates"},
     .remedy = "Give every template a name and a uriTemplate as RFC 6570 has it.",
     .judge =
         [](const Record& r) {
           return each_item(r, "resources/templates/list", "resourceTemplates", bad_template);
         }},
    {.id = "resources.read-answers",
     .sections = {"server/resources#reading-resources", "server/resources#reading-resources"},
     .remedy = "Let every listed resource be read.",
     .judge = reads},
    {.id = "resources.contents",
     .sections = {"server/resources#resource-contents", "server/resources#resource-contents"},
     .remedy = "Give contents a uri and either text or blob.",
     .judge = [](const Record& r) { return each_read(r, bad_contents); }},
    {.id = "resources.blob-base64",
     .sections = {"server/resources#security-considerations",
                  "server/resources#security-considerations"},
     .remedy = "Encode blobs in base64.",
     .judge = [](const Record& r) { return each_read(r, bad_blobs); }},
    {.id = "resources.unknown-refused",
     .level = Level::should,
     .sections = {"server/resources#error-handling", ""},
     .remedy = "Refuse a resource that does not exist with an error.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "resources/read unknown", "a resource that does not exist");
         }},
    {.id = "resources.unknown-code",
     .level = Level::should,
     .sections = {"server/resources#error-handling", ""},
     .remedy = "Refuse a resource that does not exist with -32002.",
     .judge =
         [](const Record& r) {
           return refused_with(r, "session", "resources/read unknown", -32002,
                               "resource not found");
         }},
    {.id = "resources.unknown-invalid-params",
     .sections = {"", "server/resources#error-handling"},
     .remedy = "Refuse a resource that does not exist with -32602.",
     .judge =
         [](const Record& r) {
           const auto* step = r.step("session", "resources/read unknown");
           if (step == nullptr) return not_applicable("no resources capability");
           return step->error_code() == mcp::rpc::kInvalidParams
                      ? passed()
                      : failed(
                            "a resource that does not exist was answered with " + answer_of(*step),
                            {step});
         }},
    {.id = "resources.unknown-not-empty",
     .sections = {"", "server/resources#error-handling"},
     .remedy = "Never answer a resource that does not exist with empty contents.",
     .judge = unknown_empty},
    {.id = "resources.uri-validated",
     .sections = {"server/resources#security-considerations",
                  "server/resources#security-considerations"},
     .remedy = "Check every URI that is asked for; refuse what is none.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "resources/read no-uri", "text that is no URI");
         }},
    {.id = "resources.subscribe-answers",
     .sections = {"server/resources#subscriptions", ""},
     .remedy = "Answer resources/subscribe when resources.subscribe is declared.",
     .judge = [](const Record& r) { return subscribes(r, "resources/subscribe"); }},
    {.id = "resources.unsubscribe-answers",
     .sections = {"schema#unsubscriberequest", ""},
     .remedy = "Answer resources/unsubscribe when resources.subscribe is declared.",
     .judge = [](const Record& r) { return subscribes(r, "resources/unsubscribe"); }},
};

}  // namespace

std::span<const Rule> resources_rules() {
  return kRules;
}

}  // namespace telltale::lab
