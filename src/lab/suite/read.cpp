// From the YAML's value to a Suite: structure first (base/describe.hpp), then what the structure
// cannot say.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "lab/suite/json_path.hpp"
#include "lab/suite/suite.hpp"
#include "mcp/json_schema.hpp"

namespace telltale::lab::suite {
namespace {

using base::Json;

class Reader {
 public:
  Reader(const Document& document, const KindTable& kinds, Suite& suite)
      : document_(document), kinds_(kinds), suite_(suite) {}

  std::vector<Problem> take() {
    std::ranges::sort(problems_, std::less(), [](const Problem& one) {
      return std::tuple(one.place.line, one.place.column, one.field);
    });
    return std::move(problems_);
  }

  void read() {
    const auto* const root = document_.value.if_object();
    if (root == nullptr) return problem("", "a suite is a mapping with name, servers and cases");
    auto head = *root;
    head.erase("cases");
    head.erase("$schema");
    structured(Json(std::move(head)), suite_.spec, "");
    head_done();
    const auto* const cases = root->if_contains("cases");
    if (cases == nullptr || !cases->is_array() || cases->get_array().empty())
      return problem("/cases", "is required: a list with one case at least");
    if (cases->get_array().size() > kCasesLimit)
      return problem("/cases", fmt::format("has more than {} cases", kCasesLimit));
    std::size_t index = 0;
    for (const auto& one : cases->get_array()) read_case(one, "/cases/" + std::to_string(index++));
    const auto rows = combinations(suite_.spec.matrix).size();
    std::size_t all = 0;
    for (const auto& one : suite_.cases) all += combinations(one.spec.matrix).size() * rows;
    if (all > kCasesLimit)
      problem("/matrix", fmt::format("makes {} cases, at most {} are taken", all, kCasesLimit));
  }

 private:
  void problem(const std::string& pointer, std::string message, bool of_key = false) {
    if (problems_.size() >= kProblemsLimit) return;
    const auto place = of_key ? document_.key_of(pointer) : document_.place_of(pointer);
    problems_.push_back({.place = place, .field = pointer, .message = std::move(message)});
  }

  template <class T>
  bool structured(const Json& value, T& out, const std::string& pointer) {
    auto parsed = base::from_json<T>(value, pointer);
    if (parsed) {
      out = std::move(*parsed);
      return true;
    }
    for (const auto& field : parsed.error().fields) {
      const bool name_is_wrong = field.message.starts_with("is not known here");
      problem(field.pointer, field.message, name_is_wrong);
    }
    return false;
  }

  void head_done() {
    auto& spec = suite_.spec;
    if (!problems_.empty()) read_servers_though();
    for (const auto& [name, server] : suite_.spec.servers)
      check_server(server, "/servers" + base::pointer_step(name));
    if (problems_.empty() && spec.servers.empty())
      problem("/servers", "must have one server at least");
    check_matrix(spec.matrix, "/matrix");
    for (const auto& [name, value] : spec.variables) known_.insert(name);
    for (const auto& [name, values] : spec.matrix) known_.insert(name);
    // Each combination starts its own, so what setup saves is there in every case.
    check_steps(spec.setup, "/setup", known_);
    auto after = known_;
    check_steps(spec.teardown, "/teardown", after);
    for (const auto& [name, server] : spec.servers)
      check_names(base::to_json(server), "/servers" + base::pointer_step(name), names_of(server));
  }

  // What a server's texts may name.
  std::set<std::string> names_of(const ServerSpec& server) const {
    auto out = known_;
    if (!server.command.empty() && !server.url.empty()) out.insert("free_port");
    return out;
  }

  // The names of servers are known although something else of the head is wrong: cases that name
  // them are right.
  void read_servers_though() {
    const auto* const servers = base::find_object(document_.value.get_object(), "servers");
    if (servers == nullptr) return;
    for (const auto& one : *servers) names_.insert(std::string(one.key()));
  }

  void check_server(const ServerSpec& server, const std::string& at) {
    const bool own = !server.command.empty() || !server.url.empty();
    if (own == !server.fleet.empty())
      problem(at, "needs a command, a url or both (the program that serves it), or fleet");
    if (server.url.empty() && !server.headers.empty())
      problem(at + "/headers", "belongs to a server with a url", true);
    if (server.command.empty() && (!server.args.empty() || !server.env.empty()))
      problem(at + (server.args.empty() ? "/env" : "/args"), "belongs to a server with a command",
              true);
  }

  void check_matrix(const std::map<std::string, std::vector<Json>>& matrix, const std::string& at) {
    std::size_t all = 1;
    for (const auto& [name, values] : matrix) {
      if (values.empty()) problem(at + base::pointer_step(name), "must have one value at least");
      all = std::min(all * std::max<std::size_t>(values.size(), 1), 2 * kMatrixLimit);
    }
    if (all > kMatrixLimit) problem(at, fmt::format("has more than {} combinations", kMatrixLimit));
  }

  void read_case(const Json& value, const std::string& at) {
    const auto* const object = value.if_object();
    if (object == nullptr) return problem(at, "must be a mapping with name and steps");
    Case out{.spec = {}, .options = nullptr, .place = document_.place_of(at)};
    auto plain = *object;
    std::string named;
    for (const auto& [name, kind] : kinds_) {
      const auto* const options = object->if_contains(name);
      if (options == nullptr || (kind.options_schema.empty() && !kind.check)) continue;
      if (!named.empty())
        problem(fmt::format("{}/{}", at, name),
                fmt::format("a case is of one kind: {} stands here too", named), true);
      named = name;
      out.options = *options;
      plain.erase(name);
    }
    if (!structured(Json(std::move(plain)), out.spec, at)) return;
    if (out.spec.kind.empty()) out.spec.kind = named.empty() ? "functional" : named;
    check_kind(out, named, at);
    check_server_name(out.spec.server, at, true);
    check_matrix(out.spec.matrix, at + "/matrix");
    auto known = known_;
    for (const auto& [name, values] : out.spec.matrix) known.insert(name);
    check_steps(out.spec.steps, at + "/steps", known);
    if (!titles_.insert(out.spec.name).second)
      problem(at + "/name", "\"" + out.spec.name + "\" is another case's name too");
    suite_.cases.push_back(std::move(out));
  }

  void check_kind(const Case& given, const std::string& named, const std::string& at) {
    const auto found = kinds_.find(given.spec.kind);
    if (found == kinds_.end()) {
      std::string known;
      for (const auto& [name, kind] : kinds_) known += (known.empty() ? "" : ", ") + name;
      return problem(at + "/kind", "\"" + given.spec.kind + "\" is no kind; known are " + known);
    }
    const auto& kind = found->second;
    if (!named.empty() && named != given.spec.kind)
      problem(at + "/" + named, "belongs to the kind " + named + ", not " + given.spec.kind, true);
    if (kind.needs_steps && given.spec.steps.empty())
      problem(at + "/steps", "is required: a list with one step at least");
    if (!kind.takes_steps && !given.spec.steps.empty())
      problem(at + "/steps", "a case of the kind " + kind.name + " has no steps", true);
    if (kind.needs_options && given.options.is_null())
      problem(at, "a case of the kind " + kind.name + " needs " + kind.name + ": {…}");
    if (!kind.check || given.options.is_null()) return;
    if (auto fine = kind.check(given.options, at + "/" + kind.name); !fine)
      for (const auto& field : fine.error().fields)
        problem(field.pointer, field.message, field.message.starts_with("is not known here"));
  }

  void check_server_name(const std::string& name, const std::string& at, bool needed) {
    const auto& servers = suite_.spec.servers;
    const auto count = std::max(servers.size(), names_.size());
    if (name.empty()) {
      if (needed && count > 1) problem(at, "needs server: the suite has " + std::to_string(count));
      return;
    }
    if (servers.contains(name) || names_.contains(name) || name.find("${") != std::string::npos)
      return;
    std::string known;
    for (const auto& [one, server] : servers) known += (known.empty() ? "" : ", ") + one;
    problem(at + "/server", "\"" + name + "\" is no server of this suite; there are " + known);
  }

  void check_steps(std::vector<StepSpec>& steps, const std::string& at,
                   std::set<std::string>& known) {
    for (std::size_t i = 0; i < steps.size(); ++i)
      check_step(steps[i], at + "/" + std::to_string(i), known);
  }

  void check_step(StepSpec& step, const std::string& at, std::set<std::string>& known) {
    const auto actions =
        static_cast<int>(step.call.has_value()) + static_cast<int>(step.read.has_value()) +
        static_cast<int>(step.prompt.has_value()) + static_cast<int>(step.request.has_value()) +
        static_cast<int>(step.list.has_value()) + static_cast<int>(step.ping.value_or(false));
    if (actions != 1)
      problem(at, "needs exactly one of call, read, prompt, request, list and ping: true");
    if (!step.arguments.empty() && !step.call && !step.prompt)
      problem(at + "/arguments", "belongs to call and prompt", true);
    if (!step.params.empty() && !step.request) problem(at + "/params", "belongs to request", true);
    check_server_name(step.server, at, false);
    check_expectation(step.expect, at + "/expect");
    check_names(base::to_json(step), at, known);
    for (const auto& [name, path] : step.save) {
      check_path(path, at + "/save" + base::pointer_step(name));
      known.insert(name);
    }
  }

  void check_expectation(ExpectSpec& expect, const std::string& at) {
    if (expect.code && expect.status != "error")
      problem(at + "/code", "belongs to status: error", true);
    check_pattern(expect.matches, at + "/matches");
    if (!expect.golden.empty() &&
        (expect.golden.starts_with('/') || expect.golden.find("..") != std::string::npos))
      problem(at + "/golden", "is a file beside the suite: no / at its begin and no ..");
    for (std::size_t i = 0; i < expect.json.size(); ++i) {
      auto& value = expect.json[i];
      const auto here = at + "/json/" + std::to_string(i);
      check_path(value.path, here + "/path");
      check_pattern(value.matches.value_or(""), here + "/matches");
      if (holds_null(here + "/equals")) value.equals.emplace(nullptr);  // not the same as absent
      const bool something = value.equals || value.contains || value.matches || value.schema ||
                             value.type || value.exists || value.count || value.at_least ||
                             value.at_most;
      if (!something)
        problem(here,
                "says nothing: it needs equals, contains, matches, schema, type, exists, count, "
                "at_least or at_most");
    }
  }

  bool holds_null(const std::string& pointer) const {
    boost::system::error_code error;
    const auto* const found = document_.value.find_pointer(pointer, error);
    return !error && found != nullptr && found->is_null();
  }

  void check_path(const std::string& path, const std::string& at) {
    if (path.find("${") != std::string::npos) return;
    if (auto parsed = JsonPath::parse(path); !parsed) problem(at, parsed.error().detail);
  }

  void check_pattern(const std::string& pattern, const std::string& at) {
    if (pattern.empty() || pattern.find("${") != std::string::npos) return;
    const Json schema{{"type", "string"}, {"pattern", pattern}};
    mcp::JsonSchema tried(schema);
    (void)tried.validate(Json("x"));
    if (!tried.complete())
      problem(at, "is no regular expression (ECMAScript), or one that takes too long");
  }

  // Every ${name} is a variable by then.
  void check_names(const Json& value, const std::string& at, const std::set<std::string>& known) {
    if (const auto* const text = value.if_string()) {
      for (const auto& name : names_in(*text))
        if (!name.starts_with("env:") && !known.contains(name) && name != "suite_dir" &&
            name != "temp")
          problem(at, "${" + name.substr(0, 100) + "} is no variable here");
    } else if (const auto* const list = value.if_array()) {
      for (std::size_t i = 0; i < list->size(); ++i)
        check_names((*list)[i], at + "/" + std::to_string(i), known);
    } else if (const auto* const object = value.if_object()) {
      for (const auto& one : *object)
        check_names(one.value(), at + base::pointer_step(one.key()), known);
    }
  }

  const Document& document_;
  const KindTable& kinds_;
  Suite& suite_;
  std::vector<Problem> problems_;
  std::set<std::string> known_;   // variables
  std::set<std::string> names_;   // of servers, when the head as a whole could not be read
  std::set<std::string> titles_;  // of cases
};

}  // namespace

Reading read_suite(std::string_view text, const KindTable& kinds, std::string file) {
  Reading out;
  out.suite.file = std::move(file);
  out.suite.text = std::string(text);
  auto document = read_yaml(text);
  if (!document) {
    out.problems.push_back(std::move(document.error()));
    return out;
  }
  Reader reader(*document, kinds, out.suite);
  reader.read();
  out.problems = reader.take();
  return out;
}

}  // namespace telltale::lab::suite
