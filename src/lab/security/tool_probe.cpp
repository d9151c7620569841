#include "lab/security/tool_probe.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/choose_tools.hpp"
#include "lab/security/attacks.hpp"
#include "lab/security/canary.hpp"
#include "runtime/finally.hpp"

namespace telltale::lab {
namespace {

using runtime::Task;
using runtime::TaskResult;

constexpr std::array<std::string_view, 3> kRules{"path-escape", "ssrf", "command-injection"};
constexpr std::string_view kSection = "server/tools#security-considerations";

struct Probe {
  Connect connect;
  SecurityOptions options;
  std::function<void(double, double, std::string)> progress;
  std::unique_ptr<Canaries> canaries;
  std::shared_ptr<mcp::Client> client;
  SecurityResult result;
  std::set<std::string> found;  // rule, tool and argument
};
using ProbeRef = std::shared_ptr<Probe>;

std::string_view remedy_of(std::string_view rule) {
  if (rule == "security.path-escape")
    return "resolve the path (symlinks too) and refuse what is not below an allowed folder";
  if (rule == "security.ssrf")
    return "resolve the name and refuse loopback, link-local and private addresses";
  return "start programs with a list of arguments, never through a shell";
}

Task<bool> be_connected(ProbeRef probe) {
  if (probe->client && probe->client->connected()) co_return true;
  if (probe->client) ++probe->result.restarts;
  auto client = co_await probe->connect([](mcp::ClientSettings&) {});
  if (client) probe->client = std::move(*client);
  co_return client.has_value();
}

void report(Probe& probe, const Attack& attack, const std::string& tool, std::string saw,
            std::string_view answer) {
  if (!probe.found.insert(attack.rule + "\n" + tool + "\n" + attack.argument).second) return;
  const auto where = tool.empty() ? "resources/read" : tool + ": " + attack.argument;
  probe.result.findings.push_back(
      {.rule = attack.rule,
       .level = Level::must,
       .section = std::string(kSection),
       .detail =
           fmt::format("{} {}, asked with {}", where, saw, attack.value).substr(0, kDetailLimit),
       .remedy = std::string(remedy_of(attack.rule)),
       .evidence = {
           fmt::format("> {}", tool.empty() ? attack.value : base::write_json(attack.arguments)),
           fmt::format("< {}", answer.substr(0, kEvidenceLimit))}});
}

Task<> attack_once(ProbeRef probe, Attack attack, std::string tool) {
  if (!co_await be_connected(probe)) co_return;
  ++probe->result.tried;
  probe->canaries->forget();
  const auto client = probe->client;
  const mcp::CallOptions limit{.timeout = base::from_ms(probe->options.timeout_ms)};
  std::string answer;
  if (tool.empty()) {
    auto read = co_await client->read_resource(attack.value, limit);
    answer = read ? base::write_json(*read) : read.error().detail;
  } else {
    auto called = co_await client->call_tool(tool, attack.arguments, limit);
    answer = called ? base::write_json(called->result) : called.error().detail;
  }
  const auto& canaries = *probe->canaries;
  // The value itself holds the secret where it is the address; an echo of it is no proof.
  auto without_echo = answer;
  for (auto at = without_echo.find(canaries.url()); at != std::string::npos;
       at = without_echo.find(canaries.url()))
    without_echo.erase(at, canaries.url().size());
  if (attack.rule == "security.path-escape" && without_echo.contains(canaries.secret()))
    report(*probe, attack, tool, "gave a file outside of what it serves", answer);
  if (canaries.asked())
    report(*probe,
           {.rule = "security.ssrf",
            .argument = attack.argument,
            .value = attack.value,
            .arguments = attack.arguments},
           tool, "asked at an address of this machine", answer);
  if (probe->canaries->trap_made())
    report(*probe,
           {.rule = "security.command-injection",
            .argument = attack.argument,
            .value = attack.value,
            .arguments = attack.arguments},
           tool, "ran a command that was in the argument", answer);
}

TaskResult<bool> attack_all(ProbeRef probe) {
  probe->canaries->start();
  if (!co_await be_connected(probe))
    co_return base::fail(base::Code::unavailable, "the server cannot be connected to");
  auto listed = co_await probe->client->list_tools();
  if (!listed) co_return std::unexpected(listed.error());
  const bool resources = probe->options.resources && probe->client->session()->has("resources");
  auto tools = choose_tools(*listed, probe->options.tools);
  if (!tools && !(resources && probe->options.tools.empty()))
    co_return std::unexpected(tools.error());
  const CanaryPlaces places{.file = probe->canaries->file(),
                            .url = probe->canaries->url(),
                            .trap = probe->canaries->trap()};
  std::vector<std::pair<std::string, Attack>> all;
  if (tools) {
    probe->result.tools = tools->size();
    for (const auto& tool : *tools) {
      const auto* schema = tool.as_object().if_contains("inputSchema");
      if (schema == nullptr) continue;
      for (auto& attack : attacks_on(*schema, places, probe->options.rules))
        all.emplace_back(base::string_or(tool.as_object(), "name"), std::move(attack));
    }
  }
  if (resources)
    for (auto& attack : attacks_on_resources(places, probe->options.rules))
      all.emplace_back("", std::move(attack));
  for (std::size_t i = 0; i < all.size(); ++i) {
    co_await attack_once(probe, all[i].second, all[i].first);
    probe->progress(static_cast<double>(i + 1), static_cast<double>(all.size()), all[i].first);
  }
  co_return true;
}

}  // namespace

TaskResult<SecurityResult> probe_security(
    runtime::Loop* loop, Connect connect, SecurityOptions options,
    std::function<void(double, double, std::string)> progress) {
  for (const auto& rule : options.rules)
    if (std::ranges::find(kRules, rule) == kRules.end())
      co_return base::bad_field("/rules",
                                "\"" + rule + "\" is none of path-escape, ssrf, command-injection");
  auto canaries = Canaries::make(*loop);
  if (!canaries) co_return std::unexpected(canaries.error());
  const auto probe = std::make_shared<Probe>(Probe{.connect = std::move(connect),
                                                   .options = std::move(options),
                                                   .progress = std::move(progress),
                                                   .canaries = std::move(*canaries)});
  auto done = co_await runtime::finally(attack_all(probe), probe->canaries->stop());
  if (!done) co_return std::unexpected(done.error());
  co_return std::move(probe->result);
}

}  // namespace telltale::lab
