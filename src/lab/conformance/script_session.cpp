// The scene "session": all that a server offers, used once, in both eras.
#include "lab/conformance/sample.hpp"
#include "lab/conformance/scripts.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

using Talk = std::shared_ptr<Conversation>;
using Object = base::JsonObject;

constexpr std::size_t kPageLimit = 20;
constexpr std::size_t kCallLimit = 8;
constexpr std::size_t kReadLimit = 5;
constexpr base::Duration kCallTime = std::chrono::seconds(3);
constexpr base::Duration kExitTime = std::chrono::seconds(3);
constexpr std::size_t kAtOnce = 16;

std::vector<Object> collected(const Scene& scene, std::string_view method,
                              std::string_view member) {
  std::vector<Object> out;
  for (const auto& step : scene.steps) {
    if (step.name != method && !step.name.starts_with(std::string(method) + " page ")) continue;
    const auto* list =
        step.result() == nullptr ? nullptr : base::find_array(*step.result(), member);
    if (list == nullptr) continue;
    for (const auto& item : *list)
      if (item.is_object()) out.push_back(item.get_object());
  }
  return out;
}

runtime::Task<bool> list_all(Talk talk, std::string method) {
  Object params;
  std::set<std::string> seen;
  for (std::size_t page = 1; page <= kPageLimit && talk->usable(); ++page) {
    auto name = page == 1 ? method : method + " page " + std::to_string(page);
    const auto* step = co_await talk->ask(std::move(name), method, params, {.wait_end = page == 1});
    const auto* result = step->result();
    if (result == nullptr) co_return false;
    const auto cursor = base::string_or(*result, "nextCursor");
    if (cursor.empty() || !seen.insert(cursor).second) break;
    params["cursor"] = cursor;
  }
  co_await talk->ask(method + " bad-cursor", method, {{"cursor", "telltale-no-such-cursor"}});
  co_return true;
}

runtime::Task<bool> use_tools(Talk talk, Play play) {
  co_await list_all(talk, "tools/list");
  co_await talk->ask("tools/list again", "tools/list", {});
  const auto tools = collected(talk->scene(), "tools/list", "tools");
  co_await talk->ask("tools/call unknown", "tools/call",
                     {{"name", "telltale-no-such-tool"}, {"arguments", Object()}});
  co_await talk->ask("tools/call nameless", "tools/call", {{"arguments", Object()}});
  const Object* strict = nullptr;
  for (const auto& tool : tools)
    if (requires_arguments(tool) &&
        (strict == nullptr || (is_read_only(tool) && !is_read_only(*strict))))
      strict = &tool;
  if (strict != nullptr)
    co_await talk->ask("tools/call invalid", "tools/call",
                       {{"name", base::string_or(*strict, "name")}, {"arguments", Object()}});
  std::size_t called = 0;
  for (const auto& tool : tools) {
    if (called == kCallLimit || !talk->usable()) break;
    auto arguments = may_call(tool, play.allowed) ? sample_arguments(tool) : std::nullopt;
    if (!arguments) continue;
    const auto name = base::string_or(tool, "name");
    const auto* step =
        co_await talk->ask("tools/call good " + name, "tools/call",
                           {{"name", name},
                            {"arguments", std::move(*arguments)},
                            {"_meta", {{"progressToken", "telltale-" + std::to_string(++called)}}}},
                           {.limit = std::min(play.limit, kCallTime)});
    if (step->end == Step::End::late) talk->abandon(*step);
  }
  co_return true;
}

// Where a path could lead out of what the server means to show.
std::vector<std::string> escapes(const std::vector<Object>& resources,
                                 const std::vector<Object>& templates) {
  static const std::string kOut = "../../../../../../../../etc/passwd";
  std::vector<std::string> out{"file:///etc/passwd", "file:///../../../../etc/passwd"};
  if (!resources.empty()) {
    const auto uri = base::string_or(resources.front(), "uri");
    out.push_back(uri.substr(0, uri.rfind('/') + 1) + kOut);
    out.push_back(uri + "/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd");
  }
  for (const auto& one : templates) {
    const auto uri = base::string_or(one, "uriTemplate");
    const auto open = uri.find('{');
    const auto close = uri.find('}', open);
    if (close == std::string::npos) continue;
    out.push_back(uri.substr(0, open) + kOut + uri.substr(close + 1));
    break;
  }
  return out;
}

runtime::Task<bool> use_resources(Talk talk, bool subscribes) {
  co_await list_all(talk, "resources/list");
  co_await list_all(talk, "resources/templates/list");
  const auto resources = collected(talk->scene(), "resources/list", "resources");
  const auto templates = collected(talk->scene(), "resources/templates/list", "resourceTemplates");
  for (std::size_t i = 0; i < std::min(resources.size(), kReadLimit); ++i)
    co_await talk->ask("resources/read good " + std::to_string(i + 1), "resources/read",
                       {{"uri", base::string_or(resources[i], "uri")}});
  co_await talk->ask("resources/read unknown", "resources/read",
                     {{"uri", "telltale://no/such/resource"}});
  co_await talk->ask("resources/read no-uri", "resources/read", {{"uri", "this is no URI"}});
  std::size_t number = 0;
  for (const auto& uri : escapes(resources, templates))
    co_await talk->ask("resources/read escape " + std::to_string(++number), "resources/read",
                       {{"uri", uri}});
  if (subscribes && !resources.empty()) {
    const Object params{{"uri", base::string_or(resources.front(), "uri")}};
    co_await talk->ask("resources/subscribe", "resources/subscribe", params);
    co_await talk->ask("resources/unsubscribe", "resources/unsubscribe", params);
  }
  co_return true;
}

Object prompt_arguments(const Object& prompt) {
  Object out;
  if (const auto* list = base::find_array(prompt, "arguments"))
    for (const auto& one : *list)
      if (one.is_object() && base::find_bool(one.get_object(), "required").value_or(false))
        out[base::string_or(one.get_object(), "name")] = "a";
  return out;
}

runtime::Task<bool> use_prompts(Talk talk) {
  co_await list_all(talk, "prompts/list");
  const auto prompts = collected(talk->scene(), "prompts/list", "prompts");
  std::size_t got = 0;
  bool starved = false;
  for (const auto& prompt : prompts) {
    if (got++ == kReadLimit) break;
    const auto name = base::string_or(prompt, "name");
    auto arguments = prompt_arguments(prompt);
    const bool needs = !arguments.empty();
    co_await talk->ask((needs ? "prompts/get with " : "prompts/get good ") + name, "prompts/get",
                       {{"name", name}, {"arguments", std::move(arguments)}});
    if (needs && !std::exchange(starved, true))
      co_await talk->ask("prompts/get missing", "prompts/get",
                         {{"name", name}, {"arguments", Object()}});
  }
  co_await talk->ask("prompts/get unknown", "prompts/get", {{"name", "telltale-no-such-prompt"}});
  co_return true;
}

runtime::Task<bool> use_completion(Talk talk) {
  Object argument{{"name", "telltale"}, {"value", ""}};
  Object reference{{"type", "ref/prompt"}, {"name", "telltale-no-such-prompt"}};
  co_await talk->ask("completion/complete unknown", "completion/complete",
                     {{"ref", reference}, {"argument", argument}});
  for (const auto& prompt : collected(talk->scene(), "prompts/list", "prompts")) {
    const auto* list = base::find_array(prompt, "arguments");
    if (list == nullptr || list->empty() || !list->front().is_object()) continue;
    reference["name"] = base::string_or(prompt, "name");
    argument["name"] = base::string_or(list->front().get_object(), "name");
    co_await talk->ask("completion/complete good", "completion/complete",
                       {{"ref", reference}, {"argument", argument}});
    break;
  }
  co_return true;
}

// What is not declared is asked for once: who answers it all the same has not said what he offers.
runtime::Task<bool> ask_undeclared(Talk talk, Object capabilities) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kLists{
      {{"tools", "tools/list"}, {"resources", "resources/list"}, {"prompts", "prompts/list"}}};
  for (const auto& [capability, method] : kLists)
    if (!capabilities.contains(capability))
      co_await talk->ask("undeclared " + std::string(method), std::string(method), {});
  if (!capabilities.contains("completions"))
    co_await talk->ask("undeclared completion/complete", "completion/complete",
                       {{"ref", {{"type", "ref/prompt"}, {"name", "telltale"}}},
                        {"argument", {{"name", "a"}, {"value", ""}}}});
  co_return true;
}

runtime::Task<bool> use_legacy_utilities(Talk talk, Object capabilities) {
  co_await talk->ask("ping", "ping", {});
  co_await talk->ask("ping text-id", "ping", {}, {.id = base::Json("telltale-id-\u00e9")});
  co_await talk->ask("ping zero-id", "ping", {}, {.id = base::Json(0)});
  if (capabilities.contains("logging")) {
    co_await talk->ask("logging/setLevel", "logging/setLevel", {{"level", "debug"}});
    co_await talk->ask("logging/setLevel bad", "logging/setLevel", {{"level", "telltale"}});
    co_await talk->ask("logging/setLevel high", "logging/setLevel", {{"level", "emergency"}});
  }
  co_await talk->notify("notification unknown", "notifications/telltale-unknown");
  co_await talk->notify("cancel unknown", "notifications/cancelled",
                        {{"requestId", 987'654'321}, {"reason", "telltale"}});
  co_await talk->notify("cancel malformed", "notifications/cancelled", {{"requestId", nullptr}});
  co_await talk->ask_many("ping at-once", "ping", kAtOnce);
  co_return true;
}

runtime::Task<bool> use_modern_utilities(Talk talk) {
  co_await talk->ask("no-meta", "tools/list", {}, {.bare = true});
  co_await talk->ask("bad-version", "server/discover", {}, {.version = "1999-01-01"});
  co_await talk->ask_many("discover at-once", "server/discover", kAtOnce);
  const auto* step = co_await talk->listen("listen", "subscriptions/listen",
                                           {{"notifications", {{"toolsListChanged", true}}}});
  if (!step->answered()) talk->abandon(*step);
  co_return true;
}

}  // namespace

runtime::Task<bool> play_session(std::shared_ptr<Conversation> talk, Play play) {
  if (!co_await talk->begin(play.version)) co_return false;
  const bool modern = talk->http().era == mcp::Era::modern;
  Object capabilities;
  if (modern) {
    // The first request of all: no server may rely on one before.
    co_await talk->ask("stateless", "tools/list", {});
    const auto* step = co_await talk->ask("server/discover", "server/discover", {});
    if (step->result() == nullptr) co_return false;
    if (const auto* given = base::find_object(*step->result(), "capabilities"))
      capabilities = *given;
  } else {
    const auto* step = talk->scene().step("initialize");
    if (const auto* given = base::find_object(*step->result(), "capabilities"))
      capabilities = *given;
    if (!talk->wire()->is_stdio()) {
      auto headers = mcp::http_stream_headers({}, talk->http(), "");
      co_await talk->start("get", "",
                           {.headers = headers, .without = {"content-type"}, .method = "GET"});
    }
    co_await use_legacy_utilities(talk, capabilities);
  }
  co_await talk->ask("unknown-method", "telltale/no-such-method", {});
  if (capabilities.contains("tools")) co_await use_tools(talk, play);
  const auto* resources = base::find_object(capabilities, "resources");
  if (resources != nullptr)
    co_await use_resources(talk,
                           !modern && base::find_bool(*resources, "subscribe").value_or(false));
  if (capabilities.contains("prompts")) co_await use_prompts(talk);
  if (capabilities.contains("completions")) co_await use_completion(talk);
  co_await ask_undeclared(talk, capabilities);
  if (modern) co_await use_modern_utilities(talk);
  co_await talk->ask("last", modern ? "server/discover" : "ping", {});
  if (talk->wire()->is_stdio() && talk->usable()) co_await talk->wait_exit(kExitTime);
  talk->finish();
  co_return true;
}

}  // namespace telltale::lab
