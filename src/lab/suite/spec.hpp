// What a suite file says, as structs: the declaration that parses it and that its published JSON
// Schema comes from (docs/lab/suites.md explains it). Strings may hold ${name} and ${env:NAME},
// filled in when a case runs. Plain values, any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/describe.hpp"

namespace telltale::lab::suite {

inline constexpr std::size_t kCasesLimit = 5'000;   // of one suite, its matrix multiplied out
inline constexpr std::size_t kMatrixLimit = 1'000;  // combinations of one matrix
inline constexpr std::size_t kStepsLimit = 200;     // of one case
inline constexpr int kParallelLimit = 256;

struct ServerSpec {  // as in an mcp.json
  std::string command;
  std::vector<std::string> args;
  std::map<std::string, std::string> env;
  std::string cwd;
  std::string type;
  std::string url;
  std::map<std::string, std::string> headers;
  std::string fleet;
  double start_timeout_s = 30;
};
BOOST_DESCRIBE_STRUCT(ServerSpec, (),
                      (command, args, env, cwd, type, url, headers, fleet, start_timeout_s))
constexpr auto field_rules(const ServerSpec*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "command",
           .help = "the program of a stdio server, or with a url the one that serves it",
           .has_default = true},
      Rule{.name = "args", .help = "its arguments", .maximum = 1000, .has_default = true},
      Rule{.name = "env",
           .help = "environment variables it gets beside PATH, HOME and the like",
           .has_default = true},
      Rule{.name = "cwd", .help = "its folder; the suite's by default", .has_default = true},
      Rule{.name = "type",
           .help = "stdio, http (Streamable HTTP) or sse; found out by default",
           .one_of = "stdio|http|streamable-http|sse",
           .has_default = true},
      Rule{.name = "url",
           .help = "where a server over HTTP is; ${free_port} is one for its command",
           .has_default = true},
      Rule{.name = "headers", .help = "sent with each request to it", .has_default = true},
      Rule{.name = "fleet",
           .help = "a server of the running Telltale, by its name there",
           .has_default = true},
      Rule{.name = "start_timeout_s",
           .help = "seconds until it must have answered the handshake",
           .minimum = 0.1,
           .maximum = 600,
           .has_default = true}};
}

struct ValueSpec {  // what must hold for the values at a JSON path
  std::string path;
  std::optional<base::Json> equals;
  std::optional<base::Json> contains;
  std::optional<std::string> matches;
  std::optional<base::JsonObject> schema;
  std::optional<std::string> type;
  std::optional<bool> exists;
  std::optional<std::int64_t> count;
  std::optional<double> at_least;
  std::optional<double> at_most;
};
BOOST_DESCRIBE_STRUCT(ValueSpec, (),
                      (path, equals, contains, matches, schema, type, exists, count, at_least,
                       at_most))
constexpr auto field_rules(const ValueSpec*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "path",
           .help = "JSON path into the result: $.content[0].text, $.tools[*].name",
           .minimum = 1,
           .maximum = 1000,
           .example = "$.content[0].text"},
      Rule{.name = "equals", .help = "each value there is this one"},
      Rule{.name = "contains",
           .help = "a part of the text, an element of the list, members of the object; of one of "
                   "the values"},
      Rule{.name = "matches",
           .help = "a regular expression (ECMAScript) found in one of the values"},
      Rule{.name = "schema", .help = "a JSON Schema each value fits"},
      Rule{.name = "type",
           .help = "the type of each value",
           .one_of = "string|number|integer|boolean|object|array|null"},
      Rule{.name = "exists", .help = "whether there is a value at all"},
      Rule{.name = "count", .help = "how many values there are", .minimum = 0},
      Rule{.name = "at_least", .help = "each is a number no smaller"},
      Rule{.name = "at_most", .help = "each is a number no greater"}};
}

struct ExpectSpec {
  std::string status = "ok";
  std::optional<std::int64_t> code;
  std::optional<base::Json> equals;
  std::string contains;
  std::string matches;
  std::optional<base::JsonObject> schema;
  std::optional<double> latency_ms;
  std::string golden;
  std::vector<ValueSpec> json;
  bool output_schema = true;
};
BOOST_DESCRIBE_STRUCT(ExpectSpec, (),
                      (status, code, equals, contains, matches, schema, latency_ms, golden, json,
                       output_schema))
constexpr auto field_rules(const ExpectSpec*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "status",
           .help = "ok; tool_error: a result with isError; error: a JSON-RPC error; any",
           .one_of = "ok|tool_error|error|any",
           .has_default = true},
      Rule{.name = "code", .help = "the code of the JSON-RPC error", .example = "-32602"},
      Rule{.name = "equals", .help = "the whole result is this"},
      Rule{.name = "contains", .help = "somewhere in the text of the result", .has_default = true},
      Rule{.name = "matches",
           .help = "a regular expression (ECMAScript) found in the text of the result",
           .maximum = 512,
           .has_default = true},
      Rule{.name = "schema", .help = "a JSON Schema (2020-12) the whole result fits"},
      Rule{.name = "latency_ms",
           .help = "the answer came within so many milliseconds",
           .minimum = 0},
      Rule{.name = "golden",
           .help = "a file beside the suite that holds the whole result; --update writes it",
           .maximum = 500,
           .has_default = true},
      Rule{.name = "json", .help = "values inside the result", .maximum = 200, .has_default = true},
      Rule{.name = "output_schema",
           .help = "structured content must fit the tool's own output schema",
           .has_default = true}};
}

struct StepSpec {
  std::optional<std::string> call;
  std::optional<std::string> read;
  std::optional<std::string> prompt;
  std::optional<std::string> request;
  std::optional<std::string> list;
  std::optional<bool> ping;
  base::JsonObject arguments;
  base::JsonObject params;
  std::string server;
  ExpectSpec expect;
  std::map<std::string, std::string> save;
  std::optional<double> timeout_s;
};
BOOST_DESCRIBE_STRUCT(StepSpec, (),
                      (call, read, prompt, request, list, ping, arguments, params, server, expect,
                       save, timeout_s))
constexpr auto field_rules(const StepSpec*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "call", .help = "a tool's name: tools/call with `arguments`", .minimum = 1},
      Rule{.name = "read", .help = "a URI: resources/read", .minimum = 1},
      Rule{.name = "prompt", .help = "a prompt's name: prompts/get with `arguments`", .minimum = 1},
      Rule{.name = "request", .help = "any method, with `params`", .minimum = 1},
      Rule{.name = "list",
           .help = "a whole list, its pages joined",
           .one_of = "tools|resources|templates|prompts"},
      Rule{.name = "ping", .help = "the cheapest proof of life: ping, or server/discover"},
      Rule{.name = "arguments", .help = "of call and prompt", .has_default = true},
      Rule{.name = "params", .help = "of request", .has_default = true},
      Rule{.name = "server", .help = "another one than the case's", .has_default = true},
      Rule{.name = "expect", .help = "what must hold; status ok by default", .has_default = true},
      Rule{.name = "save",
           .help = "variables for the steps after it, from JSON paths into the result",
           .has_default = true},
      Rule{.name = "timeout_s", .minimum = 0.001, .maximum = 3600}};
}

struct CaseSpec {
  std::string name;
  std::string description;
  std::string server;
  std::string kind;
  std::vector<StepSpec> steps;
  std::map<std::string, std::vector<base::Json>> matrix;
  std::vector<std::string> tags;
  std::optional<int> retries;
  std::optional<double> timeout_s;
  bool serial = false;
  std::string skip;
};
BOOST_DESCRIBE_STRUCT(CaseSpec, (),
                      (name, description, server, kind, steps, matrix, tags, retries, timeout_s,
                       serial, skip))
constexpr auto field_rules(const CaseSpec*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "name", .minimum = 1, .maximum = 200},
      Rule{.name = "description", .maximum = 2000, .has_default = true},
      Rule{.name = "server",
           .help = "which of the suite's servers; not needed where there is one",
           .has_default = true},
      Rule{.name = "kind",
           .help = "functional, or what the member of the same name says",
           .has_default = true},
      Rule{.name = "steps",
           .help = "done in turn; the first that fails ends the case",
           .maximum = kStepsLimit,
           .has_default = true},
      Rule{.name = "matrix",
           .help = "lists of values by variable: the case runs once for each combination",
           .has_default = true},
      Rule{.name = "tags", .maximum = 50, .has_default = true},
      Rule{.name = "retries",
           .help = "further attempts of a case that failed; passed then is flaky",
           .minimum = 0,
           .maximum = 20},
      Rule{.name = "timeout_s",
           .help = "seconds for the whole case",
           .minimum = 0.001,
           .maximum = 86'400},
      Rule{.name = "serial", .help = "while no other case runs", .has_default = true},
      Rule{.name = "skip", .help = "why it is not run now", .has_default = true}};
}

struct DefaultsSpec {
  double timeout_s = 60;
  int retries = 0;
  int parallel = 4;
};
BOOST_DESCRIBE_STRUCT(DefaultsSpec, (), (timeout_s, retries, parallel))
constexpr auto field_rules(const DefaultsSpec*) {
  using Rule = base::FieldRule;
  return std::array{Rule{.name = "timeout_s",
                         .help = "seconds for one case",
                         .minimum = 0.001,
                         .maximum = 86'400,
                         .has_default = true},
                    Rule{.name = "retries", .minimum = 0, .maximum = 20, .has_default = true},
                    Rule{.name = "parallel",
                         .help = "cases at a time",
                         .minimum = 1,
                         .maximum = kParallelLimit,
                         .has_default = true}};
}

struct SuiteSpec {  // without its cases: each is read by itself, so that one bad one hides no other
  std::string name;
  std::string description;
  std::map<std::string, ServerSpec> servers;
  std::map<std::string, base::Json> variables;
  std::map<std::string, std::vector<base::Json>> matrix;
  std::string isolation = "run";
  std::vector<std::string> tags;
  DefaultsSpec defaults;
  std::vector<StepSpec> setup;
  std::vector<StepSpec> teardown;
};
BOOST_DESCRIBE_STRUCT(SuiteSpec, (),
                      (name, description, servers, variables, matrix, isolation, tags, defaults,
                       setup, teardown))
constexpr auto field_rules(const SuiteSpec*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "name", .minimum = 1, .maximum = 200},
      Rule{.name = "description", .maximum = 2000, .has_default = true},
      Rule{.name = "servers", .help = "what is tested, by a name of your own"},
      Rule{.name = "variables", .help = "values for ${name}", .has_default = true},
      Rule{.name = "matrix",
           .help = "lists of values by variable: the suite runs once for each combination",
           .has_default = true},
      Rule{.name = "isolation",
           .help = "run: fresh servers for the suite and each combination of its matrix; case: for "
                   "each attempt of a case; shared: one for all combinations",
           .one_of = "run|case|shared",
           .has_default = true},
      Rule{.name = "tags", .help = "of every case", .maximum = 50, .has_default = true},
      Rule{.name = "defaults", .has_default = true},
      Rule{.name = "setup",
           .help = "before the cases, on the servers they get",
           .maximum = kStepsLimit,
           .has_default = true},
      Rule{.name = "teardown",
           .help = "after them, whatever happened",
           .maximum = kStepsLimit,
           .has_default = true}};
}

}  // namespace telltale::lab::suite
