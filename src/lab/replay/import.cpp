#include "lab/replay/import.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/redact.hpp"
#include "lab/replay/infer.hpp"
#include "lab/replay/script.hpp"
#include "lab/suite/spec.hpp"
#include "lab/suite/yaml.hpp"

namespace telltale::lab {
namespace {

using base::Json;
using base::JsonObject;

constexpr std::size_t kNamesExpected = 50;  // of one list
constexpr std::size_t kNameLength = 150;
constexpr std::size_t kTextLimit = suite::kYamlBytes - (64U << 10U);

struct List {
  std::string_view method, step, member, key;
};
constexpr std::array kLists{
    List{"tools/list", "tools", "tools", "name"},
    List{"prompts/list", "prompts", "prompts", "name"},
    List{"resources/list", "resources", "resources", "uri"},
    List{"resources/templates/list", "templates", "resourceTemplates", "uriTemplate"}};

// The client does these itself, or they say nothing that could be expected.
constexpr std::array<std::string_view, 4> kOwn{"initialize", "ping", "server/discover",
                                               "logging/setLevel"};

// JSON is YAML; in a suite ${…} would be a variable.
std::string written(const Json& value) {
  auto out = base::write_json(value);
  for (std::size_t at = 0; (at = out.find("${", at)) != std::string::npos; at += 3)
    out.insert(at, "$");
  return out;
}
std::string quoted(std::string_view text) {
  return written(Json(text));
}

class Importer {
 public:
  Importer(const mcp::Recording& recording, const ImportSettings& settings)
      : recording_(recording), settings_(settings), script_(script_of(recording.messages)) {}

  base::Result<Imported> take() {
    gather();
    head();
    for (std::size_t i = 0; i < script_.size(); ++i) request(i);
    if (out_.cases == 0)
      return base::fail(base::Code::invalid_argument,
                        "nothing in the recording can be asked again: it has no answered request "
                        "but the handshake");
    if (out_.left_out > 0)
      out_.yaml +=
          fmt::format("# {} requests were left out: unanswered, or too many.\n", out_.left_out);
    return std::move(out_);
  }

 private:
  const JsonObject& message(std::size_t index) const {
    return script_[index].recorded->message.get_object();
  }
  static bool is_list(const Line& line) {
    return std::ranges::find(kLists, line.method, &List::method) != kLists.end();
  }

  // What was asked, without what the client adds to each request.
  JsonObject params_of(std::size_t index) const {
    const auto* const params = base::find_object(message(index), "params");
    auto out = params == nullptr ? JsonObject() : *params;
    out.erase("_meta");
    return out;
  }
  std::string key_of(std::size_t index) const {
    return script_[index].method + base::write_json(params_of(index));
  }

  // All results of the same request.
  void gather() {
    for (std::size_t i = 0; i < script_.size(); ++i) {
      const auto& line = script_[i];
      if (!line.to_server() || line.part != Line::Part::request || line.partner == Line::kNone)
        continue;
      if (const auto* const result = base::find(message(line.partner), "result"))
        results_[key_of(i)].push_back(result);
    }
  }

  void head() {
    const auto& head = recording_.head;
    const auto server = head.name.empty() ? std::string("recorded") : head.name;
    out_.yaml = fmt::format(
        "# Made from a recording of {}. What is expected was inferred from what came then: read "
        "it\n"
        "# before you rely on it.\nname: {}\nservers:\n  {}: ",
        base::format_rfc3339(head.time),
        quoted(settings_.name.empty() ? server + ", as recorded" : settings_.name), quoted(server));
    if (!settings_.fleet.empty()) {
      out_.yaml += fmt::format("{{fleet: {}}}\n", quoted(settings_.fleet));
    } else if (!head.url.empty()) {
      out_.yaml += fmt::format("{{url: {}}}\n", quoted(head.url));
    } else {
      Json args = base::JsonArray(head.args.begin(), head.args.end());
      const auto text = written(args);
      out_.yaml += fmt::format("{{command: {}, args: {}}}{}\n",
                               quoted(head.command.empty() ? "server" : head.command), text,
                               text.find(base::kHidden) == std::string::npos
                                   ? ""
                                   : "  # fill in what the recording hides");
    }
    out_.yaml += "cases:\n";
  }

  void request(std::size_t index) {
    const auto& line = script_[index];
    if (!line.to_server() || line.part != Line::Part::request ||
        std::ranges::find(kOwn, line.method) != kOwn.end())
      return;
    const auto params = params_of(index);
    if (is_list(line) && (params.contains("cursor") || !lists_.insert(line.method).second)) return;
    if (line.partner == Line::kNone || out_.cases == suite::kCasesLimit) {
      ++out_.left_out;
      return;
    }
    std::string step;
    const auto what = action(line, params, step);
    auto text = fmt::format("  - name: {}\n    serial: true\n", quoted(title(what)));
    if (base::write_json(params).find(base::kHidden) != std::string::npos)
      text += "    skip: the recording hides a secret of this request, fill it in\n";
    text += "    steps:\n" + step + expectations(index, line);
    if (out_.yaml.size() + text.size() > kTextLimit) {
      ++out_.left_out;
      return;
    }
    out_.yaml += text;
    ++out_.cases;
  }

  // Names of cases are unique in a suite.
  std::string title(const std::string& what) {
    const auto name = beginning(what, kNameLength);
    for (;;) {
      const auto count = ++counts_[name];
      auto out = count == 1 ? name : fmt::format("{} ({})", name, count);
      if (titles_.insert(out).second) return out;
    }
  }

  static bool only(const JsonObject& params, std::initializer_list<std::string_view> names) {
    return std::ranges::all_of(params, [&](const auto& one) {
      return std::ranges::find(names, std::string_view(one.key())) != names.end();
    });
  }

  // The step, and how people would call it.
  static std::string action(const Line& line, const JsonObject& params, std::string& step) {
    const auto list = std::ranges::find(kLists, line.method, &List::method);
    if (list != kLists.end()) {
      step = fmt::format("      - list: {}\n", list->step);
      return fmt::format("lists its {}", list->step);
    }
    const auto name = base::string_or(params, "name");
    const bool call = line.method == "tools/call";
    if ((call || line.method == "prompts/get") && !name.empty() &&
        only(params, {"name", "arguments"})) {
      step = fmt::format("      - {}: {}\n", call ? "call" : "prompt", quoted(name));
      if (const auto* const arguments = base::find_object(params, "arguments");
          arguments != nullptr && !arguments->empty())
        step += fmt::format("        arguments: {}\n", written(*arguments));
      return call ? name : "prompt " + name;
    }
    const auto uri = base::string_or(params, "uri");
    if (line.method == "resources/read" && !uri.empty() && only(params, {"uri"})) {
      step = fmt::format("      - read: {}\n", quoted(uri));
      return "read " + uri;
    }
    step = fmt::format("      - request: {}\n", quoted(line.method));
    if (!params.empty()) step += fmt::format("        params: {}\n", written(params));
    return line.method;
  }

  std::string expectations(std::size_t index, const Line& line) {
    const auto& answer = message(line.partner);
    if (const auto* const error = base::find_object(answer, "error")) return refused(*error);
    const auto* const result = base::find(answer, "result");
    if (result == nullptr || !result->is_object()) return "        expect: {status: any}\n";
    const auto list = std::ranges::find(kLists, line.method, &List::method);
    std::vector<Inferred> all;
    if (list != kLists.end()) {
      all = names(*result, *list);
    } else {
      auto results = results_.at(key_of(index));
      std::erase(results, result);
      results.insert(results.begin(), result);
      all = infer(results);
    }
    const bool failed = base::find_bool(result->get_object(), "isError").value_or(false);
    if (all.empty() && !failed) return {};
    std::string out = "        expect:\n";
    if (failed) out += "          status: tool_error\n";
    if (!all.empty()) out += "          json:\n";
    for (const auto& one : all)
      out += fmt::format("            - {{path: {}, {}: {}}}\n", quoted(one.path), one.rule,
                         written(one.value));
    return out;
  }

  static std::string refused(const JsonObject& error) {
    auto out = std::string("        expect:\n          status: error\n");
    if (const auto code = base::find_integer(error, "code"))
      out += fmt::format("          code: {}\n", *code);
    const auto text = Json(base::string_or(error, "message"));
    if (!text.get_string().empty() && !looks_volatile(text))
      out += fmt::format("          contains: {}\n", quoted(beginning(text.get_string(), 200)));
    return out;
  }

  static std::vector<Inferred> names(const Json& result, const List& list) {
    std::vector<Inferred> out;
    const auto* const items = base::find_array(result.get_object(), list.member);
    const auto path = fmt::format("$.{}", list.member);
    if (items == nullptr || items->empty()) return {{path, "type", Json("array")}};
    for (const auto& one : *items) {
      const auto* const object = one.if_object();
      const auto name = object == nullptr ? std::nullopt : base::find_string(*object, list.key);
      if (name && out.size() < kNamesExpected && !looks_volatile(Json(*name)))
        out.push_back({fmt::format("{}[*].{}", path, list.key), "contains", Json(*name)});
    }
    return out;
  }

  const mcp::Recording& recording_;
  const ImportSettings& settings_;
  std::vector<Line> script_;
  std::map<std::string, std::vector<const Json*>> results_;
  std::map<std::string, int> counts_;
  std::set<std::string> titles_, lists_;
  Imported out_;
};

}  // namespace

base::Result<Imported> import_suite(const mcp::Recording& recording,
                                    const ImportSettings& settings) {
  return Importer(recording, settings).take();
}

}  // namespace telltale::lab
