// What judges share: walking over what was recorded, and sentences. Pure functions, any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lab/conformance/rule.hpp"

namespace telltale::lab {

// One table of rules each.
std::span<const Rule> lifecycle_rules();
std::span<const Rule> jsonrpc_rules();
std::span<const Rule> tools_rules();
std::span<const Rule> resources_rules();
std::span<const Rule> prompts_rules();
std::span<const Rule> utilities_rules();
std::span<const Rule> caching_rules();
std::span<const Rule> http_rules();
std::span<const Rule> stdio_rules();
std::span<const Rule> security_rules();

// The first fault that `fault` finds ("" is none) among items, or messages, or results.
using ItemFault = std::string (*)(const base::JsonObject&);
Judgement each_item(const Record& record, std::string_view method, std::string_view member,
                    ItemFault fault);
using MessageFault = std::string (*)(const Message&);
Judgement each_message(const Record& record, MessageFault fault);
using StepFault = std::string (*)(const Step&);
// Answered with a result, in the scene "session", named so or beginning so ("tools/call good ").
Judgement each_result(const Record& record, std::string_view prefix, StepFault fault);

// A step that must be answered with an error / a result.
Judgement refused(const Record& record, std::string_view scene, std::string_view step,
                  std::string_view what);
Judgement refused_with(const Record& record, std::string_view scene, std::string_view step,
                       std::int64_t code, std::string_view name);
Judgement answered(const Record& record, std::string_view scene, std::string_view step,
                   std::string_view what);
Judgement has_status(const Record& record, std::string_view step,
                     std::initializer_list<int> allowed, std::string_view when);
// Whether the list came, when its capability is declared.
Judgement lists(const Record& record, std::string_view capability, std::string_view method,
                std::string_view member);
// A capability that is not declared, but whose method is answered with something.
Judgement undeclared(const Record& record, std::string_view capability, std::string_view method,
                     std::string_view member);

// Faults of one member; "" when it is good.
std::string not_text(const base::JsonObject& object, std::string_view key, bool required);
std::string show(std::string_view text, std::size_t limit = 60);  // quoted, cut, printable
std::string answer_of(const Step& step);  // "error -32601 \"…\"", "a result", "nothing in time"
bool is_uri(std::string_view text);       // RFC 3986: a scheme and no forbidden characters
std::string bad_content(const base::Json& block);  // of a tool's result or a prompt's message
std::string bad_base64(const base::JsonObject& object, std::string_view key);
std::string bad_annotations(const base::JsonObject& object);
bool is_error_result(const Step& step);  // a result with isError

}  // namespace telltale::lab
