// What the official conformance suite drives: mcp_conformance_client URL, with
// MCP_CONFORMANCE_SCENARIO naming what to do and MCP_CONFORMANCE_CONTEXT (JSON) bringing what a
// scenario hands over. It only uses the public Client; nothing in the library knows of the suite.
// Exit code 0: did what it should.
#include "mcp/client.hpp"

#include <cstdio>
#include <cstdlib>

#include "runtime/run.hpp"
#include "runtime/runtime.hpp"

namespace telltale {
namespace {

using base::JsonObject;
using ClientRef = std::shared_ptr<mcp::Client>;
using runtime::TaskResult;

runtime::TaskResult<JsonObject> accept(JsonObject params) {
  JsonObject content;
  if (const auto* schema = base::find_object(params, "requestedSchema"))
    if (const auto* properties = base::find_object(*schema, "properties"))
      if (properties->contains("confirmed")) content["confirmed"] = true;
  co_return JsonObject{{"action", "accept"}, {"content", std::move(content)}};
}

TaskResult<bool> call_tool(ClientRef client, std::string name, JsonObject arguments) {
  auto result = co_await client->call_tool(std::move(name), std::move(arguments));
  if (!result) co_return std::unexpected(result.error());
  co_return true;
}

// Every tool that may be called, with no arguments: a tool the library has dropped is not called.
TaskResult<bool> call_all(ClientRef client, base::JsonArray tools) {
  for (const auto& tool : tools) {
    const auto name = base::string_or(tool.as_object(), "name");
    if (auto called = co_await call_tool(client, name, {}); !called) co_return called;
  }
  co_return true;
}

TaskResult<bool> call_context(ClientRef client) {
  const char* text = std::getenv("MCP_CONFORMANCE_CONTEXT");
  auto context = base::parse_json(text == nullptr ? "{}" : text);
  if (!context || !context->is_object())
    co_return base::fail(base::Code::invalid_argument, "MCP_CONFORMANCE_CONTEXT is no object");
  const auto* calls = base::find_array(context->get_object(), "toolCalls");
  if (calls == nullptr)
    co_return base::fail(base::Code::invalid_argument, "MCP_CONFORMANCE_CONTEXT has no toolCalls");
  for (const auto& item : *calls) {
    const auto& asked = item.as_object();
    const auto* arguments = base::find_object(asked, "arguments");
    auto called = co_await call_tool(client, base::string_or(asked, "name"),
                                     arguments == nullptr ? JsonObject() : *arguments);
    if (!called) co_return called;
  }
  co_return true;
}

TaskResult<bool> read_all(ClientRef client) {
  auto resources = co_await client->list_resources();
  if (!resources) co_return std::unexpected(resources.error());
  for (const auto& resource : *resources)
    if (auto read = co_await client->read_resource(base::string_or(resource.as_object(), "uri"));
        !read)
      co_return std::unexpected(read.error());
  auto prompts = co_await client->list_prompts();
  if (!prompts) co_return std::unexpected(prompts.error());
  for (const auto& prompt : *prompts)
    if (auto got = co_await client->get_prompt(base::string_or(prompt.as_object(), "name"), {});
        !got)
      co_return std::unexpected(got.error());
  co_return true;
}

TaskResult<bool> echo_schema(ClientRef client, base::JsonArray tools) {
  for (const auto& tool : tools)
    if (base::string_or(tool.as_object(), "name") == "json_schema_2020_12_tool")
      co_return co_await call_tool(client, "json_schema_echo",
                                   {{"schema", tool.as_object().at("inputSchema")}});
  co_return base::fail(base::Code::not_found, "json_schema_2020_12_tool is not listed");
}

TaskResult<bool> play(ClientRef client, std::string scenario) {
  auto session = co_await client->connect();
  if (!session) co_return std::unexpected(session.error());
  if (scenario == "request-metadata") {
    auto listed = co_await client->request("tools/list", {});
    if (!listed) co_return std::unexpected(listed.error());
    co_return true;
  }
  auto tools = co_await client->list_tools();
  if (!tools) co_return std::unexpected(tools.error());
  if (scenario == "initialize" || scenario == "json-schema-ref-no-deref") co_return true;
  if (scenario == "tools_call")
    co_return co_await call_tool(client, "add_numbers", {{"a", 5}, {"b", 3}});
  if (scenario == "http-custom-headers") co_return co_await call_context(client);
  if (scenario == "json-schema-2020-12-preservation")
    co_return co_await echo_schema(client, *tools);
  auto called = co_await call_all(client, *tools);
  if (!called || scenario != "http-standard-headers") co_return called;
  co_return co_await read_all(client);
}

TaskResult<bool> run(runtime::Loop& loop, std::string url, std::string scenario) {
  mcp::Listener listener;
  listener.on_elicitation = accept;
  listener.on_finding = [](const mcp::Finding& finding) {
    std::fprintf(stderr, "finding: %s: %s\n", finding.rule.c_str(), finding.detail.c_str());
  };
  listener.on_message = [](char direction, std::string_view text) {
    std::fprintf(stderr, "%c %.*s\n", direction, static_cast<int>(text.size()), text.data());
  };
  const auto client = std::make_shared<mcp::Client>(
      loop, mcp::HttpTarget{.url = std::move(url)},
      mcp::ClientSettings{.name = "telltale-conformance"}, std::move(listener));
  auto played = co_await play(client, std::move(scenario));
  co_await client->close(std::chrono::milliseconds(500));
  co_return played;
}

}  // namespace
}  // namespace telltale

int main(int count, char** words) {
  using namespace telltale;
  const char* scenario = std::getenv("MCP_CONFORMANCE_SCENARIO");
  if (count < 2 || scenario == nullptr) {
    std::fputs("usage: MCP_CONFORMANCE_SCENARIO=name mcp_conformance_client URL\n", stderr);
    return 2;
  }
  runtime::Runtime runtime(1);
  runtime.start();
  std::string failure;
  {
    runtime::TaskGroup none(runtime.loop(0), "conformance");
    const auto done = runtime::run_to_completion(runtime.loop(0), none, "conformance",
                                                 run(runtime.loop(0), words[count - 1], scenario));
    if (!done || !*done) failure = done ? done->error().detail : "not run";
  }
  runtime.stop();
  if (failure.empty()) return 0;
  std::fprintf(stderr, "failed: %s\n", failure.c_str());
  return 1;
}
