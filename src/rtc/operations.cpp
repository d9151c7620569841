// The buttons of a dashboard: test, stream, close, quality.
#include "rtc/operations.hpp"

#include <cmath>

namespace telltale::rtc {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

constexpr std::string_view kSdpHelp =
    "the offer of who wants to watch; without it the answer is an offer, for webrtc.answer";

struct StreamTest {
  std::optional<std::string> sdp;
  Json quality = "auto";
};
BOOST_DESCRIBE_STRUCT(StreamTest, (), (sdp, quality))
constexpr auto field_rules(const StreamTest*) {
  return std::array{
      FieldRule{.name = "sdp", .help = kSdpHelp, .maximum = 65536},
      FieldRule{
          .name = "quality", .help = "low, medium, high, auto or 0-100", .has_default = true}};
}

struct StreamContent {
  std::string cid;
  std::optional<std::string> sdp;
  Json quality = "auto";
  int buffer_size = 30;
  double prefetch_threshold = 0.5;
  bool use_progressive_loading = true;
  bool own = false;
  std::optional<JsonArray> ice_servers;
};
BOOST_DESCRIBE_STRUCT(StreamContent, (),
                      (cid, sdp, quality, buffer_size, prefetch_threshold, use_progressive_loading,
                       own, ice_servers))
constexpr auto field_rules(const StreamContent*) {
  return std::array{
      FieldRule{.name = "cid", .help = "a CID, a live name, or test", .minimum = 1, .maximum = 255},
      FieldRule{.name = "sdp", .help = kSdpHelp, .maximum = 65536},
      FieldRule{.name = "quality", .help = "low, medium, high, auto or 0-100", .has_default = true},
      FieldRule{.name = "buffer_size",
                .help = "seconds that are read and fetched before they are due",
                .minimum = 1,
                .maximum = 60,
                .has_default = true},
      FieldRule{.name = "prefetch_threshold",
                .help = "less than this share of the buffer is left: more is fetched",
                .minimum = 0,
                .maximum = 1,
                .has_default = true},
      FieldRule{.name = "use_progressive_loading",
                .help = "false: it begins when all of it is here",
                .has_default = true},
      FieldRule{.name = "own",
                .help = "a playing of one's own, with its own position",
                .has_default = true},
      FieldRule{.name = "ice_servers", .help = "of the client's own; told back in the answer"}};
}

struct OneConnection {
  std::string connection_id;
};
BOOST_DESCRIBE_STRUCT(OneConnection, (), (connection_id))

struct SetQuality {
  std::string connection_id;
  Json quality;
};
BOOST_DESCRIBE_STRUCT(SetQuality, (), (connection_id, quality))
constexpr auto field_rules(const SetQuality*) {
  return std::array{FieldRule{.name = "quality", .help = "low, medium, high, auto or 0-100"}};
}

base::Error no_connection(const std::string& id) {
  return {.code = base::Code::not_found, .detail = "there is no connection " + id};
}

base::Result<Quality> quality_of_input(const Json& input) {
  std::string text;
  if (input.is_string())
    text = std::string(input.get_string());
  else if (input.is_number() && std::isfinite(input.to_number<double>()))
    text = std::to_string(std::llround(std::clamp(input.to_number<double>(), -1.0, 101.0)));
  auto quality = parse_quality(text);
  if (!quality) return base::bad_field("/quality", "must be low, medium, high, auto or 0 to 100");
  return quality;
}

JsonObject playing_json(const Source& source) {
  const auto info = source.info();
  const auto state = source.state();
  return {{"position_seconds", base::to_seconds(state.position)},
          {"duration_seconds", info.duration ? Json(base::to_seconds(*info.duration)) : Json()},
          {"live", info.live},
          {"paused", state.paused},
          {"loop", state.loop},
          {"ended", state.ended}};
}

base::Result<ConnectionPtr> own_connection(const Control& control, const runtime::Actor& actor,
                                           const std::string& id) {
  auto record = control.engine.find(id);
  if (!record || record->state == ConnectionState::closed)
    return std::unexpected(no_connection(id));
  // What belongs to another is not there, in the same words.
  if (record->actor != actor.name && !actor.may("webrtc:control"))
    return std::unexpected(no_connection(id));
  return record;
}

namespace {

std::string capital(std::string_view name) {
  std::string out(name);
  for (auto& c : out) c = c == '_' ? ' ' : c;
  return out;
}

TaskResult<JsonObject> test_connection(Control* control, ContextPtr context, runtime::Nothing) {
  auto report = co_await control->engine.self_test();
  if (!report) co_return std::unexpected(report.error());
  JsonArray steps;
  std::string failed;
  for (const auto& step : report->steps) {
    if (!step.ok && failed.empty()) failed = capital(step.name) + ": " + step.detail;
    steps.push_back(JsonObject{{"name", step.name},
                               {"ok", step.ok},
                               {"took_ms", base::to_ms(step.took)},
                               {"detail", step.detail}});
  }
  if (!report->ok)
    co_return std::unexpected(base::Error{.code = base::Code::unavailable,
                                          .detail = "the test connection failed: " + failed,
                                          .data = {{"steps", std::move(steps)}}});
  // The test's two ends are gone by now: its id is that of the operation.
  co_return JsonObject{{"success", true},
                       {"connection_id", context->id()},
                       {"message", "Test connection successful"},
                       {"took_ms", base::to_ms(report->took)},
                       {"steps", std::move(steps)}};
}

TaskResult<JsonObject> start(Control* control, ContextPtr context, StreamContent input,
                             std::string message) {
  const auto quality = quality_of_input(input.quality);
  if (!quality) co_return std::unexpected(quality.error());
  const bool answers = input.sdp.has_value();
  Offer offer{.sdp = std::move(input.sdp).value_or(""),
              .source = input.cid,
              .own = input.own,
              .quality = *quality,
              .actor = context->actor().name,
              .reading = {.ahead = std::chrono::seconds(input.buffer_size),
                          .threshold = input.prefetch_threshold,
                          .progressive = input.use_progressive_loading}};
  auto answer = answers ? co_await control->engine.answer(std::move(offer))
                        : co_await control->engine.offer(std::move(offer));
  if (!answer) co_return std::unexpected(answer.error());
  context->set_subject(answer->id);
  JsonObject out{{"success", true},
                 {"connection_id", answer->id},
                 {"operation_id", context->id()},
                 {"message", std::move(message)},
                 {"cid", input.cid},
                 {"quality", quality_name(*quality)},
                 {"buffer_size", input.buffer_size},
                 {"prefetch_threshold", input.prefetch_threshold},
                 {"use_progressive_loading", input.use_progressive_loading},
                 {"ice_servers", input.ice_servers
                                     ? *input.ice_servers
                                     : control->ice_servers.as_json(
                                           context->actor().name, control->runtime.clock().wall())},
                 {"type", answers ? "answer" : "offer"},
                 {"sdp", std::move(answer->sdp)},
                 {"etag", std::move(answer->etag)}};
  if (!answers) {
    out["answer_to"] = "/api/v0/webrtc/answer/" + answer->id;
    out["answer_within_seconds"] = base::to_seconds(control->engine.settings().connect_timeout);
  }
  co_return out;
}

TaskResult<JsonObject> stream(Control* control, ContextPtr context, StreamContent input) {
  return start(control, std::move(context), std::move(input), "Streaming started successfully");
}

TaskResult<JsonObject> stream_test(Control* control, ContextPtr context, StreamTest input) {
  StreamContent content;
  content.cid = "test";
  content.sdp = std::move(input.sdp);
  content.quality = std::move(input.quality);
  return start(control, std::move(context), std::move(content),
               "Test content streaming started successfully");
}

TaskResult<JsonObject> close(Control* control, ContextPtr context, OneConnection input) {
  context->set_subject(input.connection_id);
  auto closed = co_await control->engine.close(input.connection_id, "asked");
  if (!closed) co_return std::unexpected(closed.error());
  if (!*closed) co_return std::unexpected(no_connection(input.connection_id));
  co_return JsonObject{{"success", true},
                       {"operation_id", context->id()},
                       {"connection_id", input.connection_id},
                       {"message", "Connection " + input.connection_id + " closed"}};
}

TaskResult<JsonObject> close_all(Control* control, ContextPtr, runtime::Nothing) {
  auto closed = co_await control->engine.close_all("asked");
  if (!closed) co_return std::unexpected(closed.error());
  co_return JsonObject{
      {"success", true}, {"count", *closed}, {"message", "All connections closed successfully"}};
}

TaskResult<JsonObject> set_quality(Control* control, ContextPtr context, SetQuality input) {
  const auto quality = quality_of_input(input.quality);
  if (!quality) co_return std::unexpected(quality.error());
  context->set_subject(input.connection_id);
  if (auto own = own_connection(*control, context->actor(), input.connection_id); !own)
    co_return std::unexpected(own.error());
  auto set = co_await control->engine.set_quality(input.connection_id, *quality);
  if (!set) co_return std::unexpected(set.error());
  co_return JsonObject{{"success", true},
                       {"connection_id", input.connection_id},
                       {"quality", quality_name(*quality)},
                       {"message", "Quality set to " + std::string(quality_name(*quality)) +
                                       " for connection " + input.connection_id}};
}

runtime::OperationSpec spec_of(std::string name, std::string help, std::string permission,
                               std::vector<runtime::Route> routes) {
  runtime::OperationSpec spec = {.name = "webrtc." + std::move(name),
                                 .help = std::move(help),
                                 .permission = std::move(permission),
                                 .changes = true,
                                 .routes = std::move(routes)};
  return spec;
}

// Its result has the keys of a session, and a commit for each viewer would cost more than the
// viewer.
runtime::OperationSpec opens(runtime::OperationSpec spec) {
  spec.keep = runtime::Keep::batched;
  spec.secret_result = true;
  return spec;
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Control& control) {
  auto testing = spec_of("test_connection",
                         "A real loopback connection: ICE, DTLS, media both ways, a data channel",
                         "webrtc:control", {{"POST", "/api/v0/webrtc/test_connection"}});
  testing.time_limit = std::chrono::seconds(60);
  testing.keep = runtime::Keep::batched;
  add_operation(registry, control, std::move(testing), test_connection);
  add_operation(
      registry, control,
      opens(spec_of("stream_test_content", "Streams the test pattern to who offers or asks",
                    "webrtc:read", {{"POST", "/api/v0/webrtc/stream_test_content"}})),
      stream_test);
  auto streaming =
      opens(spec_of("stream", "Streams content to who offers or asks", "webrtc:read",
                    {{"POST", "/api/v0/webrtc/stream"}, {"POST", "/api/v0/mcp/webrtc/stream"}}));
  streaming.time_limit = std::chrono::minutes(10);  // all of it may have to be fetched first
  add_operation(registry, control, std::move(streaming), stream);
  add_operation(registry, control,
                spec_of("close", "Closes a connection", "webrtc:control",
                        {{"POST", "/api/v0/webrtc/close/{connection_id}"},
                         {"POST", "/api/v0/mcp/webrtc/connections/{connection_id}/close"}}),
                close);
  add_operation(registry, control,
                spec_of("close_all", "Closes every connection", "webrtc:control",
                        {{"POST", "/api/v0/webrtc/close_all"},
                         {"POST", "/api/v0/mcp/webrtc/connections/close-all"}}),
                close_all);
  auto choosing = spec_of("set_quality", "Chooses a rendition, or lets it be chosen", "webrtc:read",
                          {{"POST", "/api/v0/webrtc/quality/{connection_id}"},
                           {"POST", "/api/v0/mcp/webrtc/connections/quality"}});
  choosing.keep = runtime::Keep::batched;
  add_operation(registry, control, std::move(choosing), set_quality);
}

}  // namespace telltale::rtc
