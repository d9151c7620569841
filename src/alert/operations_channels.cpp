// alerts.channels, and what changes and tests them.
#include "alert/operations.hpp"
#include "runtime/run.hpp"

namespace telltale::alert {

using base::JsonObject;
using runtime::ContextPtr;

struct ChannelById {
  std::string channel_id;
};
BOOST_DESCRIBE_STRUCT(ChannelById, (), (channel_id))

struct ChangeChannel : ChannelText {
  std::string channel_id;
};
BOOST_DESCRIBE_STRUCT(ChangeChannel, (ChannelText), (channel_id))
constexpr auto field_rules(const ChangeChannel*) {
  return kChannelRules;
}

namespace {

Engine::Answer list_here(Engine* engine) {
  co_return JsonObject{{"items", engine->list_channels()}};
}
Engine::Answer list(Engine* engine, ContextPtr, runtime::Nothing) {
  return runtime::call_on(engine->loop(), list_here(engine));
}

Engine::Answer create(Engine* engine, ContextPtr context, ChannelText input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  co_return co_await runtime::call_on(
      engine->loop(), Engine::keep_channel(engine, context->actor(), "", std::move(input)));
}

Engine::Answer update(Engine* engine, ContextPtr context, ChangeChannel input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  auto id = std::move(input.channel_id);
  ChannelText text = std::move(input);
  co_return co_await runtime::call_on(
      engine->loop(),
      Engine::keep_channel(engine, context->actor(), std::move(id), std::move(text)));
}

Engine::Answer remove(Engine* engine, ContextPtr context, ChannelById input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  co_return co_await runtime::call_on(engine->loop(),
                                      Engine::remove_channel(engine, std::move(input.channel_id)));
}

Engine::Answer test(Engine* engine, ContextPtr context, ChannelById input) {
  if (auto may = check_sees_all(context->actor()); !may) co_return std::unexpected(may.error());
  co_return co_await runtime::call_on(
      engine->loop(), Engine::test_channel(engine, context->actor(), std::move(input.channel_id)));
}

}  // namespace

void declare_channel_operations(runtime::OperationRegistry& registry, Engine& engine) {
  add(registry, engine,
      {.name = "alerts.channels",
       .help = "Where alerts are told, and what became of the last one",
       .permission = "alerts:read",
       .routes = {{"GET", "/api/alerts/channels"}}},
      list);
  add(registry, engine,
      {.name = "alerts.create_channel",
       .help = "Adds an e-mail, webhook or Slack channel",
       .permission = "alerts:channels",
       .changes = true,
       .routes = {{"POST", "/api/alerts/channels", 201}}},
      create);
  add(registry, engine,
      {.name = "alerts.update_channel",
       .help = "Changes a channel; an empty secret stays what it is",
       .permission = "alerts:channels",
       .changes = true,
       .routes = {{"PUT", "/api/alerts/channels/{channel_id}"}}},
      update);
  add(registry, engine,
      {.name = "alerts.delete_channel",
       .help = "Removes a channel that no rule names",
       .permission = "alerts:channels",
       .changes = true,
       .routes = {{"DELETE", "/api/alerts/channels/{channel_id}"}}},
      remove);
  add(registry, engine,
      {.name = "alerts.test_channel",
       .help = "Sends a test there now, and tells what went wrong",
       .permission = "alerts:write",
       .changes = true,
       .time_limit = std::chrono::milliseconds(150'000),
       .routes = {{"POST", "/api/alerts/channels/{channel_id}/test"}}},
      test);
}

}  // namespace telltale::alert
