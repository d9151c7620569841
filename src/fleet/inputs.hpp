// The inputs of the fleet's operations.
#pragma once

#include "base/describe.hpp"

namespace telltale::fleet {

using Rule = base::FieldRule;

struct ById {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(ById, (), (id))
constexpr auto field_rules(const ById*) {
  return std::array{Rule{.name = "id", .help = "the server's id or name"}};
}

struct ListServers {
  int limit = 100;
  std::string cursor, q, sort, health_status, transport, tag;
};
BOOST_DESCRIBE_STRUCT(ListServers, (), (limit, cursor, q, sort, health_status, transport, tag))
constexpr auto field_rules(const ListServers*) {
  return std::array{
      Rule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true},
      Rule{.name = "cursor", .has_default = true},
      Rule{.name = "q", .help = "text in the name, target or a tag", .has_default = true},
      Rule{.name = "sort",
           .one_of = "|name|-name|health_status|-health_status",
           .has_default = true},
      Rule{.name = "health_status", .has_default = true},
      Rule{.name = "transport", .has_default = true},
      Rule{.name = "tag", .has_default = true}};
}

struct ListOf {
  std::string id;
  int limit = 100;
  std::string q, level, tool;
  std::int64_t before = 0;
};
BOOST_DESCRIBE_STRUCT(ListOf, (), (id, limit, q, level, tool, before))
constexpr auto field_rules(const ListOf*) {
  return std::array{
      Rule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true},
      Rule{.name = "q", .has_default = true},
      Rule{.name = "level", .one_of = "|debug|info|notice|warning|error", .has_default = true},
      Rule{.name = "tool", .has_default = true},
      Rule{.name = "before", .minimum = 0, .has_default = true}};
}

// A definition as in a fleet file, with its name beside it.
struct DefineServer {
  std::string name;
  std::optional<std::string> type, command, cwd, url;
  std::optional<std::vector<std::string>> args;
  std::optional<std::map<std::string, std::string>> env, headers;
  std::optional<base::JsonObject> telltale;
};
BOOST_DESCRIBE_STRUCT(DefineServer, (),
                      (name, type, command, cwd, url, args, env, headers, telltale))

struct RedefineServer {
  std::string id;
  std::optional<std::string> name, type, command, cwd, url;
  std::optional<std::vector<std::string>> args;
  std::optional<std::map<std::string, std::string>> env, headers;
  std::optional<base::JsonObject> telltale;
};
BOOST_DESCRIBE_STRUCT(RedefineServer, (),
                      (id, name, type, command, cwd, url, args, env, headers, telltale))

struct CallTool {
  std::string id, tool;
  base::JsonObject arguments;
};
BOOST_DESCRIBE_STRUCT(CallTool, (), (id, tool, arguments))
constexpr auto field_rules(const CallTool*) {
  return std::array{
      Rule{.name = "arguments", .help = "as the tool's inputSchema says", .has_default = true}};
}

struct FinishAuthorization {
  std::string authorization_response;
};
BOOST_DESCRIBE_STRUCT(FinishAuthorization, (), (authorization_response))
constexpr auto field_rules(const FinishAuthorization*) {
  return std::array{
      Rule{.name = "authorization_response",
           .help = "the URL where the authorization server sent the browser back to, whole",
           .minimum = 1,
           .maximum = 16384}};
}

struct ReadResource {
  std::string id, uri;
};
BOOST_DESCRIBE_STRUCT(ReadResource, (), (id, uri))

struct GetPrompt {
  std::string id, prompt;
  base::JsonObject arguments;
};
BOOST_DESCRIBE_STRUCT(GetPrompt, (), (id, prompt, arguments))
constexpr auto field_rules(const GetPrompt*) {
  return std::array{Rule{.name = "arguments", .has_default = true}};
}

struct Complete {
  std::string id;
  base::JsonObject ref, argument, context;
};
BOOST_DESCRIBE_STRUCT(Complete, (), (id, ref, argument, context))
constexpr auto field_rules(const Complete*) {
  return std::array{Rule{.name = "context", .has_default = true}};
}

}  // namespace telltale::fleet
