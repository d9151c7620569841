#include "lab/conformance/judging.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/encoding.hpp"

namespace telltale::lab {
namespace {

std::string cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return base::to_utf8(text);
  return base::to_utf8(text.substr(0, limit)) + "…";
}

}  // namespace

Judgement passed() {
  return {};
}
Judgement not_applicable(std::string reason) {
  return {.outcome = RuleOutcome::not_applicable, .detail = std::move(reason)};
}
Judgement failed(std::string detail, std::initializer_list<const Step*> steps) {
  Judgement out{.outcome = RuleOutcome::failed, .detail = cut(detail, kDetailLimit)};
  for (const auto* step : steps) {
    if (step == nullptr) continue;
    out.evidence.push_back("> " + cut(step->sent, kEvidenceLimit));
    const auto status = step->status == 0 ? "" : fmt::format("HTTP {} ", step->status);
    const auto text =
        step->answer_text.empty()
            ? (step->trouble.empty() ? std::string("(no answer)") : "(" + step->trouble + ")")
            : step->answer_text;
    out.evidence.push_back("< " + status + cut(text, kEvidenceLimit));
  }
  return out;
}
Judgement failed_by(std::string detail, const Message& message) {
  auto out = failed(std::move(detail));
  out.evidence.push_back("< " + cut(message.text, kEvidenceLimit));
  return out;
}

Judgement each_item(const Record& record, std::string_view method, std::string_view member,
                    ItemFault fault) {
  const auto all = items(record, method, member);
  if (all.empty()) return not_applicable(fmt::format("{} gave none", method));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto* object = all[i].object();
    auto found = object == nullptr ? std::string("is no object") : fault(*object);
    if (found.empty()) continue;
    auto name = object == nullptr ? "" : base::string_or(*object, "name");
    return failed(fmt::format("{}[{}] {} {}", member, i, name.empty() ? "" : show(name), found),
                  {all[i].from});
  }
  return passed();
}

Judgement each_message(const Record& record, MessageFault fault) {
  for (const auto& scene : record.scenes)
    for (const auto& message : scene.messages)
      if (message.object() != nullptr)
        if (auto found = fault(message); !found.empty())
          return failed_by(std::move(found), message);
  return passed();
}

Judgement each_result(const Record& record, std::string_view prefix, StepFault fault) {
  bool any = false;
  if (const auto* session = record.scene("session"))
    for (const auto& step : session->steps) {
      if (!step.name.starts_with(prefix) || step.result() == nullptr) continue;
      any = true;
      if (auto found = fault(step); !found.empty()) return failed(std::move(found), {&step});
    }
  return any ? passed() : not_applicable(fmt::format("nothing of {} was answered", prefix));
}

Judgement refused(const Record& record, std::string_view scene, std::string_view name,
                  std::string_view what) {
  const auto* step = record.step(scene, name);
  if (step == nullptr) return not_applicable("was not tried");
  if (step->error() != nullptr || is_error_result(*step)) return passed();
  if (step->status >= 400 && step->status < 500) return passed();
  return failed(fmt::format("{} was answered with {}", what, answer_of(*step)), {step});
}

Judgement refused_with(const Record& record, std::string_view scene, std::string_view name,
                       std::int64_t code, std::string_view title) {
  const auto* step = record.step(scene, name);
  if (step == nullptr) return not_applicable("was not tried");
  if (step->error() == nullptr) return not_applicable("was not refused with an error");
  if (step->error_code() == code) return passed();
  return failed(fmt::format("{} instead of {} ({})", answer_of(*step), code, title), {step});
}

Judgement answered(const Record& record, std::string_view scene, std::string_view name,
                   std::string_view what) {
  const auto* step = record.step(scene, name);
  if (step == nullptr) return not_applicable("was not tried");
  if (step->result() != nullptr) return passed();
  return failed(fmt::format("{} was answered with {}", what, answer_of(*step)), {step});
}

Judgement has_status(const Record& record, std::string_view name,
                     std::initializer_list<int> allowed, std::string_view when) {
  const auto* step = record.step("http", name);
  if (step == nullptr) return not_applicable("was not tried");
  if (step->status == 0)
    return failed(fmt::format("{}: no HTTP answer ({})", when, step->trouble), {step});
  if (std::ranges::find(allowed, step->status) != allowed.end()) return passed();
  return failed(fmt::format("{}: HTTP {} instead of {}", when, step->status, *allowed.begin()),
                {step});
}

Judgement lists(const Record& record, std::string_view capability, std::string_view method,
                std::string_view member) {
  if (!record.has(capability)) return not_applicable(fmt::format("no {} capability", capability));
  const auto* step = record.step("session", method);
  if (step == nullptr) return not_applicable("was not tried");
  if (step->result() == nullptr)
    return failed(fmt::format("{} is declared, but {} was answered with {}", capability, method,
                              answer_of(*step)),
                  {step});
  if (base::find_array(*step->result(), member) == nullptr)
    return failed(fmt::format("the result of {} has no list {}", method, member), {step});
  return passed();
}

Judgement undeclared(const Record& record, std::string_view capability, std::string_view method,
                     std::string_view member) {
  if (record.has(capability)) return passed();
  const auto* step = record.step("session", fmt::format("undeclared {}", method));
  if (step == nullptr) return not_applicable("was not tried");
  const auto* result = step->result();
  const auto* list = result == nullptr ? nullptr : base::find(*result, member);
  if (list == nullptr || (list->is_array() && list->get_array().empty()))
    return not_applicable(fmt::format("no {} here", capability));
  return failed(
      fmt::format("{} answers, but the capability {} is not declared", method, capability), {step});
}

std::string not_text(const base::JsonObject& object, std::string_view key, bool required) {
  const auto* value = base::find(object, key);
  if (value == nullptr) return required ? fmt::format("has no {}", key) : "";
  if (!value->is_string()) return fmt::format("has a {} that is no string", key);
  return required && value->get_string().empty() ? fmt::format("has an empty {}", key) : "";
}

std::string show(std::string_view text, std::size_t limit) {
  std::string out = "\"";
  for (const char c : cut(text, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out + "\"";
}

std::string answer_of(const Step& step) {
  if (const auto* error = step.error())
    return fmt::format("error {} {}", step.error_code(), show(base::string_or(*error, "message")));
  if (is_error_result(step)) return "a result with isError";
  if (step.result() != nullptr) return "a result";
  if (step.answered()) return "a message with neither result nor error";
  if (step.status != 0) return fmt::format("HTTP {}", step.status);
  if (step.end == Step::End::broken) return "the end: " + step.trouble;
  return step.end == Step::End::quiet ? "nothing" : "nothing in time";
}

bool is_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (!letter(text.front())) return false;
  for (const char c : text.substr(0, colon))
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return false;
  return std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '<' || c == '>' || c == '"' || c == '\\' ||
           c == '^' || c == '`' || c == '\x7f';
  });
}

std::string bad_base64(const base::JsonObject& object, std::string_view key) {
  const auto text = base::find_string(object, key);
  if (!text) return fmt::format("has no {}", key);
  return base::base64_decode(*text) ? "" : fmt::format("has a {} that is no base64", key);
}

std::string bad_annotations(const base::JsonObject& object) {
  const auto* value = base::find(object, "annotations");
  if (value == nullptr) return "";
  const auto* annotations = value->if_object();
  if (annotations == nullptr) return "has annotations that are no object";
  if (const auto* priority = base::find(*annotations, "priority")) {
    const auto number = base::find_number(*annotations, "priority");
    if (!priority->is_number() || !number || *number < 0 || *number > 1)
      return "has a priority outside 0 to 1";
  }
  if (const auto* audience = base::find(*annotations, "audience")) {
    const auto* list = audience->if_array();
    if (list == nullptr) return "has an audience that is no list";
    for (const auto& one : *list)
      if (one != base::Json("user") && one != base::Json("assistant"))
        return "has an audience that is neither user nor assistant";
  }
  return "";
}

std::string bad_content(const base::Json& value) {
  const auto* block = value.if_object();
  if (block == nullptr) return "has a content block that is no object";
  const auto type = base::string_or(*block, "type");
  if (auto fault = bad_annotations(*block); !fault.empty()) return fault;
  if (type == "text")
    return not_text(*block, "text", false).empty() && block->contains("text")
               ? ""
               : "has a text block without text";
  if (type == "image" || type == "audio") {
    if (auto fault = not_text(*block, "mimeType", true); !fault.empty()) return fault;
    return base::find_string(*block, "data") ? "" : fmt::format("has an {} without data", type);
  }
  if (type == "resource_link") {
    if (auto fault = not_text(*block, "uri", true); !fault.empty()) return fault;
    return not_text(*block, "name", true);
  }
  if (type == "resource") {
    const auto* inner = base::find_object(*block, "resource");
    if (inner == nullptr) return "has an embedded resource without resource";
    if (auto fault = not_text(*inner, "uri", true); !fault.empty()) return fault;
    return inner->contains("text") || inner->contains("blob")
               ? ""
               : "has an embedded resource with neither text nor blob";
  }
  return fmt::format("has a content block of type {}", show(type));
}

bool is_error_result(const Step& step) {
  const auto* result = step.result();
  return result != nullptr && base::find_bool(*result, "isError").value_or(false);
}

}  // namespace telltale::lab
