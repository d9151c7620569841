#include "cli/probe.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "cli/session.hpp"
#include "mcp/client.hpp"

namespace telltale::cli {
namespace {

mcp::Target target_of(const std::vector<std::string>& words) {
  if (words.front().starts_with("http://") || words.front().starts_with("https://"))
    return mcp::HttpTarget{.url = words.front()};
  return mcp::StdioTarget{{.command = words.front(),
                           .arguments = {words.begin() + 1, words.end()},
                           .environment = net::child_environment({})}};
}

struct Findings {
  std::vector<mcp::Finding> list;
};

runtime::TaskResult<base::JsonObject> examine(std::shared_ptr<mcp::Client> client,
                                              std::shared_ptr<Findings> findings) {
  auto* const loop = runtime::Loop::current();
  const auto begun = loop->clock().now();
  auto session = co_await client->connect();
  if (!session) co_return std::unexpected(session.error());
  const auto connected = loop->clock().now();
  auto ping = co_await client->check(std::chrono::seconds(10));
  if (!ping) co_return std::unexpected(ping.error());
  auto tools = co_await client->list_tools();
  if (!tools) co_return std::unexpected(tools.error());
  auto resources = co_await client->list_resources();
  if (!resources) co_return std::unexpected(resources.error());
  auto prompts = co_await client->list_prompts();
  if (!prompts) co_return std::unexpected(prompts.error());
  base::JsonArray found;
  for (const auto& finding : findings->list)
    found.push_back({{"rule", finding.rule}, {"detail", finding.detail}});
  co_return base::JsonObject{{"protocol", session->protocol_version},
                             {"era", mcp::era_name(session->era)},
                             {"transport", mcp::transport_name(session->transport)},
                             {"server_info", session->server_info},
                             {"capabilities", session->capabilities},
                             {"connect_ms", base::to_ms(connected - begun)},
                             {"round_trip_ms", base::to_ms(*ping)},
                             {"tools", std::move(*tools)},
                             {"resources", std::move(*resources)},
                             {"prompts", std::move(*prompts)},
                             {"findings", std::move(found)}};
}

runtime::TaskResult<base::JsonObject> probe(mcp::Target target, double timeout_s) {
  const auto findings = std::make_shared<Findings>();
  mcp::Listener listener;
  listener.on_finding = [findings](const mcp::Finding& finding) {
    findings->list.push_back(finding);
  };
  const auto limit = base::Duration(static_cast<base::Duration::rep>(timeout_s * 1e9));
  const auto client = std::make_shared<mcp::Client>(*runtime::Loop::current(), std::move(target),
                                                    mcp::ClientSettings{.connect_timeout = limit},
                                                    std::move(listener));
  auto result = co_await runtime::with_timeout<base::JsonObject>(
      limit, fmt::format("not done within {} s", timeout_s), examine(client, findings));
  co_await client->close();
  co_return result;
}

void print_list(std::string_view title, const base::JsonArray& items, std::string_view key) {
  fmt::print("{} ({})\n", title, items.size());
  for (const auto& item : items) fmt::print("  {}\n", base::string_or(item.as_object(), key));
}

}  // namespace

int run_probe(const std::vector<std::string>& target, double timeout_s, bool json) {
  runtime::Runtime runtime(1);
  auto result = run_here(runtime, probe(target_of(target), timeout_s));
  if (!result) {
    fmt::print(stderr, "telltale: {}\n", result.error().detail);
    return 1;
  }
  if (json) {
    fmt::print("{}\n", base::write_json(*result));
    return 0;
  }
  const auto* info = base::find_object(*result, "server_info");
  fmt::print("{} {}\n", info == nullptr ? "server" : base::string_or(*info, "name"),
             info == nullptr ? "" : base::string_or(*info, "version"));
  fmt::print("protocol {} ({} era) over {}, connected in {:.0f} ms, round trip {:.1f} ms\n",
             base::string_or(*result, "protocol"), base::string_or(*result, "era"),
             base::string_or(*result, "transport"),
             base::find_number(*result, "connect_ms").value_or(0),
             base::find_number(*result, "round_trip_ms").value_or(0));
  print_list("tools", *base::find_array(*result, "tools"), "name");
  print_list("resources", *base::find_array(*result, "resources"), "uri");
  print_list("prompts", *base::find_array(*result, "prompts"), "name");
  for (const auto& finding : *base::find_array(*result, "findings"))
    fmt::print("finding {}: {}\n", base::string_or(finding.as_object(), "rule"),
               base::string_or(finding.as_object(), "detail"));
  return 0;
}

}  // namespace telltale::cli
