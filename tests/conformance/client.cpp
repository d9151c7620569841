// The client under test of the official conformance suite: our mcp library driven by scenario name.
// The suite starts it with the server's URL as the last argument and MCP_CONFORMANCE_SCENARIO in
// the environment; what it checks is the wire.
#include "mcp/client.hpp"

#include <cstdio>
#include <cstdlib>

#include "oauth_setup.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"

namespace {

using namespace telltale;

// Arguments that a tool's own schema would take: the suite's tools want something of the right
// type.
base::Json sample(const base::JsonObject& schema) {
  if (const auto* standard = schema.if_contains("default")) return *standard;
  const auto type = base::string_or(schema, "type");
  if (type == "integer" || type == "number") return 5;
  if (type == "boolean") return true;
  if (type == "array") return base::JsonArray();
  if (type != "object") return "test";
  base::JsonObject out;
  if (const auto* properties = base::find_object(schema, "properties"))
    for (const auto& item : *properties)
      if (item.value().is_object()) out[item.key()] = sample(item.value().get_object());
  return out;
}

runtime::TaskResult<bool> use_everything(std::shared_ptr<mcp::Client> client,
                                         base::JsonArray planned) {
  auto session = co_await client->connect();
  if (!session) co_return std::unexpected(session.error());
  auto tools = co_await client->list_tools();
  if (!tools) co_return std::unexpected(tools.error());
  if (auto prompts = co_await client->list_prompts(); !prompts)
    co_return std::unexpected(prompts.error());
  auto resources = co_await client->list_resources();
  if (!resources) co_return std::unexpected(resources.error());
  const auto call = [&](std::string name, base::JsonObject arguments) {
    return client->call_tool(std::move(name), std::move(arguments),
                             {.timeout = std::chrono::seconds(20)});
  };
  for (const auto& item : planned) {
    const auto& plan = item.as_object();
    const auto* arguments = base::find_object(plan, "arguments");
    auto result = co_await call(base::string_or(plan, "name"),
                                arguments == nullptr ? base::JsonObject() : *arguments);
    if (!result)
      std::fprintf(stderr, "%s: %s\n", base::string_or(plan, "name").c_str(),
                   result.error().detail.c_str());
  }
  if (planned.empty())
    for (const auto& tool : *tools) {
      const auto& object = tool.as_object();
      const auto* schema = base::find_object(object, "inputSchema");
      auto arguments = schema == nullptr ? base::Json(base::JsonObject()) : sample(*schema);
      // json-schema-2020-12-preservation: the echo tool wants to see another tool's schema as this
      // client received it.
      if (base::string_or(object, "name") == "json_schema_echo")
        for (const auto& other : *tools)
          if (const auto* theirs = base::find_object(other.as_object(), "inputSchema");
              theirs != nullptr && theirs->contains("$schema") &&
              base::string_or(other.as_object(), "name") != "json_schema_echo")
            arguments = base::JsonObject{{"schema", *theirs}};
      auto result =
          co_await call(base::string_or(object, "name"),
                        arguments.is_object() ? arguments.as_object() : base::JsonObject());
      if (!result)
        std::fprintf(stderr, "%s: %s\n", base::string_or(object, "name").c_str(),
                     result.error().detail.c_str());
    }
  for (const auto& resource : *resources)
    if (auto read = co_await client->read_resource(base::string_or(resource.as_object(), "uri"));
        !read)
      std::fprintf(stderr, "resource: %s\n", read.error().detail.c_str());
  if (client->session()->has("prompts")) {
    auto prompts = co_await client->list_prompts();
    if (prompts)
      for (const auto& prompt : *prompts)
        if (auto got = co_await client->get_prompt(base::string_or(prompt.as_object(), "name"), {});
            !got)
          std::fprintf(stderr, "prompt: %s\n", got.error().detail.c_str());
  }
  co_return true;
}

runtime::TaskResult<bool> run(std::string url, std::string scenario, base::JsonObject context) {
  base::JsonArray planned;
  if (const auto* calls = base::find_array(context, "toolCalls")) planned = *calls;
  mcp::Listener listener;
  // Accepts with nothing filled in: the defaults of the schema are what the client has to add
  // (SEP-1034).
  listener.on_elicitation = [](base::JsonObject) -> runtime::TaskResult<base::JsonObject> {
    co_return base::JsonObject{{"action", "accept"}, {"content", base::JsonObject()}};
  };
  listener.on_sampling = [](base::JsonObject) -> runtime::TaskResult<base::JsonObject> {
    co_return base::JsonObject{{"role", "assistant"},
                               {"content", {{"type", "text"}, {"text", "ok"}}},
                               {"model", "none"},
                               {"stopReason", "endTurn"}};
  };
  auto& loop = *runtime::Loop::current();
  std::shared_ptr<mcp::Authorizer> authorizer;
  if (scenario.starts_with("auth/")) authorizer = oauth_client(loop, url, scenario, context);
  const auto client = std::make_shared<mcp::Client>(
      loop, mcp::HttpTarget{.url = std::move(url), .authorizer = authorizer},
      mcp::ClientSettings{.name = "telltale-conformance"}, std::move(listener));
  auto done = co_await use_everything(client, std::move(planned));
  co_await client->close();
  if (authorizer) co_await authorizer->close();
  co_return done;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: mcp_conformance_client URL\n");
    return 2;
  }
  const auto variable = [](const char* name) {
    const char* const text = std::getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  base::JsonObject context;
  if (auto parsed = base::parse_json(variable("MCP_CONFORMANCE_CONTEXT"));
      parsed && parsed->is_object())
    context = std::move(parsed->get_object());
  runtime::Runtime runtime(1);
  runtime.start();
  runtime::TaskGroup unused(runtime.loop(0), "main");
  const auto done = runtime::run_to_completion(
      runtime.loop(0), unused, "main",
      run(argv[argc - 1], variable("MCP_CONFORMANCE_SCENARIO"), std::move(context)));
  runtime.stop();
  if (done->has_value()) return 0;
  std::fprintf(stderr, "%s\n", done->error().detail.c_str());
  return 1;
}
