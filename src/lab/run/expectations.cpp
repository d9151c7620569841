#include "lab/run/expectations.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lab/suite/json_path.hpp"
#include "mcp/json_schema.hpp"

namespace telltale::lab::run {
namespace {

using base::Json;

class Judge {
 public:
  Judge(const std::string& step, std::vector<Mismatch>& out) : step_(step), out_(out) {}

  void miss(std::string what, std::string expected, std::string actual) {
    if (out_.size() < kMismatchesLimit)
      out_.push_back({.step = step_,
                      .what = std::move(what),
                      .expected = cut(std::move(expected), kShownLimit),
                      .actual = cut(std::move(actual), kShownLimit)});
  }

  void schema(const std::string& what, const Json& rules, const Json& value) {
    mcp::JsonSchema schema(rules);
    const auto faults = schema.validate(value);
    if (!faults.empty())
      miss(what + "fits the schema", shown(rules), fmt::format("{}", fmt::join(faults, "; ")));
    else if (!schema.complete())
      miss(what + "fits the schema", shown(rules), "the schema is too costly to check");
  }

  // Whether the pattern is in one of the texts.
  void pattern(const std::string& what, const std::string& expression,
               const std::vector<std::string>& texts) {
    const Json rules{{"type", "string"}, {"pattern", expression}};
    bool tried = true;
    for (const auto& text : texts) {
      mcp::JsonSchema schema(rules);
      const bool fits = schema.validate(Json(text)).empty();
      if (fits && schema.complete()) return;
      tried = tried && schema.complete();
    }
    miss(what + "matches", expression,
         !tried          ? "the text is too long for this pattern (4,096 characters)"
         : texts.empty() ? "there is no text"
                         : texts.front());
  }

  void value(const suite::ValueSpec& spec, const Json& root) {
    const auto path = suite::JsonPath::parse(spec.path);
    if (!path) return miss(spec.path, "a JSON path", path.error().detail);
    const auto found = path->select(root);
    const auto what = spec.path + " ";
    if (spec.exists && *spec.exists != !found.empty())
      return miss(what + "exists", *spec.exists ? "a value" : "none",
                  found.empty() ? "none" : shown(*found.front()));
    if (spec.count && static_cast<std::size_t>(*spec.count) != found.size())
      miss(what + "count", std::to_string(*spec.count), std::to_string(found.size()));
    const bool wants_values = spec.equals || spec.contains || spec.matches || spec.schema ||
                              spec.type || spec.at_least || spec.at_most;
    if (!wants_values) return;
    if (found.empty()) return miss(what + "exists", "a value", "none");
    each(spec, what, found);
    if (spec.contains &&
        std::ranges::none_of(found, [&](const auto* one) { return holds(*one, *spec.contains); }))
      miss(what + "contains", shown(*spec.contains), all(found));
    if (!spec.matches) return;
    std::vector<std::string> texts;
    texts.reserve(found.size());
    for (const auto* const one : found)
      texts.push_back(one->is_string() ? std::string(one->get_string()) : base::write_json(*one));
    pattern(what, *spec.matches, texts);
  }

 private:
  void each(const suite::ValueSpec& spec, const std::string& what,
            const std::vector<const Json*>& found) {
    for (const auto* const one : found) {
      if (spec.equals && *one != *spec.equals)
        miss(what + "equals", shown(*spec.equals), shown(*one));
      if (spec.schema) schema(what, Json(*spec.schema), *one);
      if (spec.type) schema(what, Json{{"type", *spec.type}}, *one);
      const auto number = one->is_number() ? std::optional(one->to_number<double>()) : std::nullopt;
      if (spec.at_least && (!number || *number < *spec.at_least))
        miss(what + "at least", fmt::format("{}", *spec.at_least), shown(*one));
      if (spec.at_most && (!number || *number > *spec.at_most))
        miss(what + "at most", fmt::format("{}", *spec.at_most), shown(*one));
    }
  }

  // A part of a text, an element of a list, members of an object.
  static bool holds(const Json& value, const Json& part) {
    if (const auto* const text = value.if_string())
      return part.is_string() && text->find(part.get_string()) != std::string_view::npos;
    if (const auto* const list = value.if_array())
      return std::ranges::any_of(*list, [&](const auto& one) {
        return one == part || (part.is_object() && holds(one, part));
      });
    const auto* const object = value.if_object();
    if (object == nullptr || !part.is_object()) return value == part;
    return std::ranges::all_of(part.get_object(), [&](const auto& wanted) {
      const auto* const member = object->if_contains(wanted.key());
      return member != nullptr && (*member == wanted.value() ||
                                   (wanted.value().is_object() && holds(*member, wanted.value())));
    });
  }

  static std::string all(const std::vector<const Json*>& found) {
    std::string out;
    for (const auto* const one : found) {
      if (out.size() > kShownLimit) break;
      out += (out.empty() ? "" : ", ") + shown(*one);
    }
    return out;
  }

  const std::string& step_;
  std::vector<Mismatch>& out_;
};

}  // namespace

std::string_view status_name(Answer::Status status) noexcept {
  return status == Answer::Status::ok           ? "ok"
         : status == Answer::Status::tool_error ? "tool_error"
                                                : "error";
}

std::string text_of(const Answer& answer) {
  if (answer.status == Answer::Status::error) return answer.message;
  const auto* const object = answer.value.if_object();
  const auto* const content = object == nullptr ? nullptr : base::find_array(*object, "content");
  if (content == nullptr) return base::write_json(answer.value);
  std::string out;
  for (const auto& one : *content)
    if (const auto* const part = one.if_object())
      if (const auto text = base::find_string(*part, "text"))
        out.append(out.empty() ? "" : "\n").append(*text);
  return out;
}

void judge(const Answer& answer, const suite::ExpectSpec& expect, const std::string& step,
           std::vector<Mismatch>& out) {
  Judge judge(step, out);
  const auto status = status_name(answer.status);
  if (expect.status != "any" && expect.status != status) {
    auto actual = std::string(status);
    if (answer.status == Answer::Status::error)
      actual += fmt::format(" {}: {}", answer.code, answer.message);
    if (answer.status == Answer::Status::tool_error) actual += ": " + text_of(answer);
    judge.miss("status", expect.status, std::move(actual));
  }
  if (expect.code && answer.status == Answer::Status::error && answer.code != *expect.code)
    judge.miss("error code", std::to_string(*expect.code),
               fmt::format("{}: {}", answer.code, answer.message));
  if (expect.output_schema && !answer.schema_errors.empty())
    judge.miss("output schema", "structured content as the tool's outputSchema says",
               fmt::format("{}", fmt::join(answer.schema_errors, "; ")));
  if (expect.equals && answer.value != *expect.equals)
    judge.miss("equals", shown(*expect.equals), shown(answer.value));
  if (!expect.contains.empty() || !expect.matches.empty()) {
    const auto text = text_of(answer);
    if (!expect.contains.empty() && text.find(expect.contains) == std::string::npos)
      judge.miss("contains", expect.contains, text);
    if (!expect.matches.empty()) judge.pattern("", expect.matches, {text});
  }
  if (expect.schema) judge.schema("", Json(*expect.schema), answer.value);
  if (expect.latency_ms && base::to_ms(answer.latency) > *expect.latency_ms)
    judge.miss("latency", fmt::format("at most {} ms", *expect.latency_ms),
               fmt::format("{:.1f} ms", base::to_ms(answer.latency)));
  for (const auto& one : expect.json) judge.value(one, answer.value);
}

}  // namespace telltale::lab::run
