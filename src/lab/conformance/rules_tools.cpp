// Rules of tools: what the list says of them, and what calls bring.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "lab/conformance/tool_schema_faults.hpp"
#include "mcp/json_schema.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

using Object = base::JsonObject;

Judgement each_tool(const Record& record, ItemFault fault) {
  return each_item(record, "tools/list", "tools", fault);
}
Judgement each_call(const Record& record, StepFault fault) {
  return each_result(record, "tools/call good ", fault);
}

std::string bad_name_characters(const Object& tool) {
  const auto name = base::string_or(tool, "name");
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return std::ranges::all_of(name, good) ? "" : "has other characters than A-Z a-z 0-9 _ - .";
}
std::string bad_name_length(const Object& tool) {
  const auto size = base::string_or(tool, "name").size();
  return size >= 1 && size <= 128 ? "" : fmt::format("has a name of {} characters", size);
}

Judgement unique_names(const Record& record) {
  std::set<std::string> seen;
  const auto all = items(record, "tools/list", "tools");
  if (all.empty()) return not_applicable("tools/list gave none");
  for (const auto& item : all) {
    if (item.object() == nullptr) continue;
    const auto name = base::string_or(*item.object(), "name");
    if (!seen.insert(name).second)
      return failed("two tools have the name " + show(name), {item.from});
  }
  return passed();
}

std::string bad_hints(const Object& tool) {
  const auto* value = base::find(tool, "annotations");
  if (value == nullptr) return "";
  const auto* annotations = value->if_object();
  if (annotations == nullptr) return "has annotations that are no object";
  for (const auto* key : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})
    if (const auto* hint = base::find(*annotations, key); hint != nullptr && !hint->is_bool())
      return fmt::format("has a {} that is neither true nor false", key);
  return not_text(*annotations, "title", false);
}

std::string bad_task_support(const Object& tool) {
  const auto* execution = base::find(tool, "execution");
  if (execution == nullptr) return "";
  if (!execution->is_object()) return "has an execution that is no object";
  const auto* support = base::find(execution->get_object(), "taskSupport");
  if (support == nullptr) return "";
  for (const auto* word : {"forbidden", "optional", "required"})
    if (*support == base::Json(word)) return "";
  return "has a taskSupport that is neither forbidden, optional nor required";
}

std::string bad_content_list(const Step& step) {
  const auto* list = base::find_array(*step.result(), "content");
  return list == nullptr ? "the result of a call has no content list" : "";
}
std::string bad_blocks(const Step& step) {
  const auto* list = base::find_array(*step.result(), "content");
  if (list == nullptr) return "";
  for (const auto& block : *list)
    if (auto fault = bad_content(block); !fault.empty()) return "the result of a call " + fault;
  return "";
}
std::string bad_data(const Step& step) {
  const auto* list = base::find_array(*step.result(), "content");
  if (list == nullptr) return "";
  for (const auto& block : *list) {
    const auto* object = block.if_object();
    if (object == nullptr) continue;
    const auto type = base::string_or(*object, "type");
    if (type == "image" || type == "audio")
      if (auto fault = bad_base64(*object, "data"); !fault.empty())
        return "the result of a call " + fault;
  }
  return "";
}
std::string bad_is_error(const Step& step) {
  const auto* flag = base::find(*step.result(), "isError");
  return flag == nullptr || flag->is_bool() ? "" : "isError is neither true nor false";
}
std::string bad_structured_text(const Step& step) {
  if (!step.result()->contains("structuredContent")) return "";
  const auto* list = base::find_array(*step.result(), "content");
  if (list != nullptr)
    for (const auto& block : *list)
      if (block.is_object() && base::string_or(block.get_object(), "type") == "text") return "";
  return "structuredContent comes without a text block that says the same";
}

const base::Json* output_schema(const Record& record, const Step& step) {
  const auto* params = base::find_object(step.request, "params");
  const auto name = params == nullptr ? "" : base::string_or(*params, "name");
  for (const auto& item : items(record, "tools/list", "tools"))
    if (item.object() != nullptr && base::string_or(*item.object(), "name") == name)
      return base::find(*item.object(), "outputSchema");
  return nullptr;
}

Judgement structured(const Record& record, bool conforms) {
  bool any = false;
  const auto* session = record.scene("session");
  if (session == nullptr) return not_applicable("there was no session");
  for (const auto& step : session->steps) {
    if (!step.name.starts_with("tools/call good ") || step.result() == nullptr) continue;
    const auto* schema = output_schema(record, step);
    if (schema == nullptr || is_error_result(step)) continue;
    const auto* content = base::find(*step.result(), "structuredContent");
    if (conforms && content == nullptr) continue;
    any = true;
    if (content == nullptr)
      return failed("a tool with an outputSchema answered without structuredContent", {&step});
    if (!conforms) continue;
    if (const auto faults = mcp::JsonSchema(*schema).validate(*content); !faults.empty())
      return failed("structuredContent against the outputSchema: " + faults.front(), {&step});
  }
  return any ? passed() : not_applicable("no tool with an outputSchema could be called");
}

Judgement unknown_tool_error(const Record& record) {
  const auto* step = record.step("session", "tools/call unknown");
  if (step == nullptr) return not_applicable("was not tried");
  if (step->error_code() == mcp::rpc::kInvalidParams) return passed();
  return failed(answer_of(*step) + " instead of the error -32602", {step});
}

std::string name_order(const Step& step) {
  std::string out;
  const auto* list = step.result() == nullptr ? nullptr : base::find_array(*step.result(), "tools");
  if (list != nullptr)
    for (const auto& tool : *list)
      if (tool.is_object()) out += base::string_or(tool.get_object(), "name") + "\n";
  return out;
}
Judgement same_order(const Record& record) {
  const auto* one = record.step("session", "tools/list");
  const auto* two = record.step("session", "tools/list again");
  if (one == nullptr || two == nullptr || two->result() == nullptr)
    return not_applicable("there were no two lists");
  return name_order(*one) == name_order(*two)
             ? passed()
             : failed("two lists in a row differ in tools or their order", {one, two});
}

constexpr Rule kRules[] = {
    {.id = "tools.capability-declared",
     .sections = {"server/tools#capabilities", "server/tools#capabilities"},
     .remedy = "Declare the tools capability.",
     .judge = [](const Record& r) { return undeclared(r, "tools", "tools/list", "tools"); }},
    {.id = "tools.list-answers",
     .sections = {"server/tools#listing-tools", "server/tools#capabilities"},
     .remedy = "Answer tools/list with a list tools, empty when there are none.",
     .judge = [](const Record& r) { return lists(r, "tools", "tools/list", "tools"); }},
    {.id = "tools.name-given",
     .sections = {"server/tools#tool", "server/tools#tool"},
     .remedy = "Give every tool a name, as a string.",
     .judge =
         [](const Record& r) {
           return each_tool(r, [](const Object& tool) { return not_text(tool, "name", true); });
         }},
    {.id = "tools.name-characters",
     .level = Level::should,
     .sections = {"server/tools#tool-names", "server/tools#tool-names"},
     .remedy = "Use only A-Z, a-z, 0-9, underscore, hyphen and dot in tool names.",
     .judge = [](const Record& r) { return each_tool(r, bad_name_characters); }},
    {.id = "tools.name-length",
     .level = Level::should,
     .sections = {"server/tools#tool-names", "server/tools#tool-names"},
     .remedy = "Keep tool names between 1 and 128 characters.",
     .judge = [](const Record& r) { return each_tool(r, bad_name_length); }},
    {.id = "tools.names-unique",
     .level = Level::should,
     .sections = {"server/tools#tool-names", "server/tools#tool-names"},
     .remedy = "Give every tool a name of its own.",
     .judge = unique_names},
    {.id = "tools.description-text",
     .sections = {"server/tools#tool", "server/tools#tool"},
     .remedy = "Give title and description as strings, or leave them out.",
     .judge =
         [](const Record& r) {
           return each_tool(r, [](const Object& tool) {
             auto fault = not_text(tool, "description", false);
             return fault.empty() ? not_text(tool, "title", false) : fault;
           });
         }},
    {.id = "tools.input-schema",
     .sections = {"server/tools#tool", "server/tools#tool"},
     .remedy = "Give every tool an inputSchema of type object, also one without parameters.",
     .judge = [](const Record& r) { return each_tool(r, bad_input_schema); }},
    {.id = "tools.schema-valid",
     .sections = {"basic#schema-validation", "basic#schema-validation"},
     .remedy = "Write schemas that are valid JSON Schema of their dialect.",
     .judge = [](const Record& r) { return each_tool(r, invalid_schemas); }},
    {.id = "tools.output-schema",
     .sections = {"server/tools#output-schema", "server/tools#output-schema"},
     .remedy = "Make outputSchema a JSON Schema object.",
     .judge = [](const Record& r) { return each_tool(r, bad_output_schema); }},
    {.id = "tools.annotations-typed",
     .sections = {"schema#toolannotations", "schema#toolannotations"},
     .remedy = "Make the hints of annotations true or false.",
     .judge = [](const Record& r) { return each_tool(r, bad_hints); }},
    {.id = "tools.task-support",
     .sections = {"server/tools#tool", ""},
     .remedy = "Set execution.taskSupport to forbidden, optional or required.",
     .judge = [](const Record& r) { return each_tool(r, bad_task_support); }},
    {.id = "tools.unknown-refused",
     .sections = {"server/tools#error-handling", "server/tools#error-handling"},
     .remedy = "Refuse a call of a tool that does not exist.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "tools/call unknown", "a tool that does not exist");
         }},
    {.id = "tools.unknown-protocol-error",
     .level = Level::should,
     .sections = {"server/tools#error-handling", "server/tools#error-handling"},
     .remedy = "Refuse an unknown tool with the protocol error -32602, not with isError.",
     .judge = unknown_tool_error},
    {.id = "tools.nameless-refused",
     .sections = {"server/tools#error-handling", "server/tools#error-handling"},
     .remedy = "Refuse tools/call without a name with -32602.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "tools/call nameless", "a call without a name");
         }},
    {.id = "tools.arguments-validated",
     .sections = {"server/tools#security-considerations", "server/tools#security-considerations"},
     .remedy = "Check arguments against inputSchema before doing anything.",
     .judge =
         [](const Record& r) {
           return refused(r, "session", "tools/call invalid", "a call without required arguments");
         }},
    {.id = "tools.call-content",
     .sections = {"server/tools#tool-result", "server/tools#tool-result"},
     .remedy = "Give every result of a call a list content.",
     .judge = [](const Record& r) { return each_call(r, bad_content_list); }},
    {.id = "tools.content-blocks",
     .sections = {"server/tools#tool-result", "server/tools#tool-result"},
     .remedy = "Use the content types of the specification with all they require.",
     .judge = [](const Record& r) { return each_call(r, bad_blocks); }},
    {.id = "tools.content-base64",
     .sections = {"server/tools#image-content", "server/tools#image-content"},
     .remedy = "Encode the data of images and audio in base64.",
     .judge = [](const Record& r) { return each_call(r, bad_data); }},
    {.id = "tools.is-error-boolean",
     .sections = {"schema#calltoolresult", "schema#calltoolresult"},
     .remedy = "Make isError true or false.",
     .judge = [](const Record& r) { return each_call(r, bad_is_error); }},
    {.id = "tools.structured-given",
     .sections = {"server/tools#output-schema", "server/tools#output-schema"},
     .remedy = "Answer with structuredContent when the tool has an outputSchema.",
     .judge = [](const Record& r) { return structured(r, false); }},
    {.id = "tools.structured-conforms",
     .sections = {"server/tools#output-schema", "server/tools#output-schema"},
     .remedy = "Answer with structuredContent that the outputSchema allows.",
     .judge = [](const Record& r) { return structured(r, true); }},
    {.id = "tools.structured-as-text",
     .level = Level::should,
     .sections = {"server/tools#structured-content", "server/tools#structured-content"},
     .remedy = "Say structuredContent in a text block too, for older clients.",
     .judge = [](const Record& r) { return each_call(r, bad_structured_text); }},
    {.id = "tools.list-order",
     .level = Level::should,
     .sections = {"", "server/tools#capabilities"},
     .remedy = "List tools in the same order every time.",
     .judge = same_order},
    {.id = "tools.header-annotations",
     .sections = {"", "server/tools#x-mcp-header"},
     .remedy = "Put x-mcp-header only on primitive properties, with a unique token for a name.",
     .judge = [](const Record& r) { return each_tool(r, bad_header_annotations); }},
};

}  // namespace

std::span<const Rule> tools_rules() {
  return kRules;
}

}  // namespace telltale::lab
