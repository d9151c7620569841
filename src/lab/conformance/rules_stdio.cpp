// Rules of stdio: what may be on stdout, and how a server ends.
#include <fmt/format.h>

#include "lab/conformance/judging.hpp"

namespace telltale::lab {
namespace {

// A line that looks like a piece of a message written over several lines.
bool is_fragment(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return false;
  const char first = text[begin];
  return first == '{' || first == '}' || first == '"' || first == ']' || first == '[';
}

Judgement each_line(const Record& record, std::string (*fault)(const Message&)) {
  for (const auto& scene : record.scenes)
    for (const auto& message : scene.messages)
      if (auto found = fault(message); !found.empty()) return failed_by(std::move(found), message);
  return passed();
}

std::string no_message(const Message& message) {
  if (message.text.starts_with("\xef\xbb\xbf")) return "";  // a rule of its own
  if (!message.is_json) return is_fragment(message.text) ? "" : "a line on stdout that is no JSON";
  if (message.json.is_array()) return "";
  const auto* object = message.object();
  if (object == nullptr) return "a line on stdout that is no message";
  return object->contains("method") || object->contains("result") || object->contains("error")
             ? ""
             : "an object on stdout that is no message";
}

Judgement ends(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr || !session->initialized) return not_applicable("there was no session");
  if (session->exit_after) return passed();
  if (session->exit) return not_applicable("it ended before");
  return failed("3 s after its stdin was closed it still ran");
}

Judgement ends_well(const Record& record) {
  const auto* session = record.scene("session");
  if (session == nullptr || !session->exit_after || !session->exit)
    return not_applicable("it did not end by itself");
  if (session->exit->code == 0) return passed();
  return failed("its stdin was closed, and it " + session->exit->describe());
}

constexpr Rule kRules[] = {
    {.id = "stdio.only-messages",
     .sections = {"basic/transports#stdio", "basic/transports/stdio"},
     .remedy = "Write only messages to stdout; logs belong on stderr.",
     .judge = [](const Record& r) { return each_line(r, no_message); },
     .scenes = scene::kAll},
    {.id = "stdio.one-line",
     .sections = {"basic/transports#stdio", "basic/transports/stdio"},
     .remedy = "Write each message in one line, without newlines inside.",
     .judge =
         [](const Record& r) {
           return each_line(r, [](const Message& message) -> std::string {
             return !message.is_json && is_fragment(message.text)
                        ? "a line that is a piece of a message"
                        : "";
           });
         },
     .scenes = scene::kAll},
    {.id = "stdio.no-byte-order-mark",
     .sections = {"basic/transports#stdio", "basic/transports/stdio"},
     .remedy = "Write no byte order mark to stdout.",
     .judge =
         [](const Record& r) {
           return each_line(r, [](const Message& message) -> std::string {
             return message.text.starts_with("\xef\xbb\xbf") ? "a line with a byte order mark" : "";
           });
         },
     .scenes = scene::kAll},
    {.id = "stdio.ends-with-stdin",
     .level = Level::should,
     .sections = {"basic/lifecycle#stdio", "basic/transports/stdio#shutdown"},
     .remedy = "End promptly when stdin is closed.",
     .judge = ends},
    {.id = "stdio.ends-without-error",
     .level = Level::should,
     .sections = {"basic/lifecycle#stdio", "basic/transports/stdio#shutdown"},
     .remedy = "End with exit code 0 when stdin is closed; that is the regular end.",
     .judge = ends_well},
};

}  // namespace

std::span<const Rule> stdio_rules() {
  return kRules;
}

}  // namespace telltale::lab
