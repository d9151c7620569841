// What WHEP and WHIP are made of (api/whep.hpp speaks HTTP to it; a client can also call them over
// the WebSocket), and the player's keys: seek, pause, loop.
#include <cmath>

#include "rtc/operations.hpp"

namespace telltale::rtc {

using base::FieldRule;
using base::Json;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct OfferInput {
  std::string source;
  std::string sdp;
  Json quality = "auto";
  bool own = false;
};
BOOST_DESCRIBE_STRUCT(OfferInput, (), (source, sdp, quality, own))
constexpr auto field_rules(const OfferInput*) {
  return std::array{
      FieldRule{
          .name = "source", .help = "a CID, a live name, or test", .minimum = 1, .maximum = 255},
      FieldRule{.name = "sdp", .help = "the offer", .minimum = 1, .maximum = 65536},
      FieldRule{.name = "quality", .help = "low, medium, high, auto or 0-100", .has_default = true},
      FieldRule{.name = "own",
                .help = "a playing of one's own, with its own position",
                .has_default = true}};
}

struct PublishInput {
  std::string source;
  std::string sdp;
};
BOOST_DESCRIBE_STRUCT(PublishInput, (), (source, sdp))
constexpr auto field_rules(const PublishInput*) {
  return std::array{
      FieldRule{.name = "source", .help = "the live name", .minimum = 1, .maximum = 255},
      FieldRule{.name = "sdp", .help = "the offer", .minimum = 1, .maximum = 65536}};
}

struct AnswerInput {
  std::string connection_id;
  std::string sdp;
};
BOOST_DESCRIBE_STRUCT(AnswerInput, (), (connection_id, sdp))
constexpr auto field_rules(const AnswerInput*) {
  return std::array{FieldRule{.name = "sdp",
                              .help = "the answer to the offer that webrtc.stream gave",
                              .minimum = 1,
                              .maximum = 65536}};
}

struct PatchInput {
  std::string connection_id;
  std::string fragment;
  std::optional<std::string> if_match;
};
BOOST_DESCRIBE_STRUCT(PatchInput, (), (connection_id, fragment, if_match))
constexpr auto field_rules(const PatchInput*) {
  return std::array{FieldRule{.name = "fragment", .help = "RFC 8840", .maximum = 65536}};
}

struct LeaveInput {
  std::string connection_id;
};
BOOST_DESCRIBE_STRUCT(LeaveInput, (), (connection_id))

struct SeekInput {
  std::string connection_id;
  double position_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(SeekInput, (), (connection_id, position_seconds))
constexpr auto field_rules(const SeekInput*) {
  return std::array{FieldRule{.name = "position_seconds", .minimum = 0, .maximum = 1e7}};
}

struct PauseInput {
  std::string connection_id;
  bool paused = true;
};
BOOST_DESCRIBE_STRUCT(PauseInput, (), (connection_id, paused))
constexpr auto field_rules(const PauseInput*) {
  return std::array{FieldRule{.name = "paused", .has_default = true}};
}

struct LoopInput {
  std::string connection_id;
  bool loop = true;
};
BOOST_DESCRIBE_STRUCT(LoopInput, (), (connection_id, loop))
constexpr auto field_rules(const LoopInput*) {
  return std::array{FieldRule{.name = "loop", .has_default = true}};
}

namespace {

JsonObject answered(Control* control, const ContextPtr& context, Answer answer) {
  context->set_subject(answer.id);
  return {{"connection_id", std::move(answer.id)},
          {"sdp", std::move(answer.sdp)},
          {"etag", std::move(answer.etag)},
          {"ice_servers",
           control->ice_servers.as_json(context->actor().name, control->runtime.clock().wall())}};
}

TaskResult<JsonObject> watch(Control* control, ContextPtr context, OfferInput input) {
  const auto quality = quality_of_input(input.quality);
  if (!quality) co_return std::unexpected(quality.error());
  auto answer = co_await control->engine.answer({.sdp = std::move(input.sdp),
                                                 .source = std::move(input.source),
                                                 .own = input.own,
                                                 .quality = *quality,
                                                 .actor = context->actor().name});
  if (!answer) co_return std::unexpected(answer.error());
  co_return answered(control, context, std::move(*answer));
}

TaskResult<JsonObject> publish(Control* control, ContextPtr context, PublishInput input) {
  auto answer = co_await control->engine.publish({.sdp = std::move(input.sdp),
                                                  .source = std::move(input.source),
                                                  .actor = context->actor().name});
  if (!answer) co_return std::unexpected(answer.error());
  co_return answered(control, context, std::move(*answer));
}

TaskResult<JsonObject> answer(Control* control, ContextPtr context, AnswerInput input) {
  context->set_subject(input.connection_id);
  if (auto own = own_connection(*control, context->actor(), input.connection_id); !own)
    co_return std::unexpected(own.error());
  auto taken = co_await control->engine.accept(input.connection_id, std::move(input.sdp));
  if (!taken) co_return std::unexpected(taken.error());
  co_return JsonObject{{"success", true},
                       {"connection_id", input.connection_id},
                       {"operation_id", context->id()},
                       {"message", "Answer accepted"}};
}

std::string_view name_of(PatchOutcome outcome) {
  switch (outcome) {
    case PatchOutcome::trickled:
      return "trickled";
    case PatchOutcome::restarted:
      return "restarted";
    case PatchOutcome::etag_missing:
      return "etag_missing";
    case PatchOutcome::etag_mismatch:
      break;
  }
  return "etag_mismatch";
}

TaskResult<JsonObject> patch(Control* control, ContextPtr context, PatchInput input) {
  if (auto own = own_connection(*control, context->actor(), input.connection_id); !own)
    co_return std::unexpected(own.error());
  auto done = co_await control->engine.patch(std::move(input.connection_id),
                                             std::move(input.fragment), std::move(input.if_match));
  if (!done) co_return std::unexpected(done.error());
  co_return JsonObject{{"outcome", name_of(done->outcome)},
                       {"fragment", std::move(done->fragment)},
                       {"etag", std::move(done->etag)}};
}

TaskResult<JsonObject> leave(Control* control, ContextPtr context, LeaveInput input) {
  context->set_subject(input.connection_id);
  if (auto own = own_connection(*control, context->actor(), input.connection_id); !own)
    co_return std::unexpected(own.error());
  auto closed = co_await control->engine.close(input.connection_id, "peer");
  if (!closed) co_return std::unexpected(closed.error());
  if (!*closed) co_return std::unexpected(no_connection(input.connection_id));
  co_return JsonObject{{"success", true}, {"connection_id", input.connection_id}};
}

// What the connection plays. All who watch the same playing see what is done to it, so it takes
// webrtc:control.
base::Result<std::shared_ptr<Source>> playing_of(const Control& control,
                                                 const runtime::Actor& actor,
                                                 const std::string& id) {
  if (auto known = own_connection(control, actor, id); !known)
    return std::unexpected(known.error());
  auto source = control.engine.source_of(id);
  if (!source)
    return base::fail(base::Code::conflict, "this connection plays nothing: it publishes");
  return source;
}

JsonObject describe(const std::string& id, const Source& source) {
  auto out = playing_json(source);
  out["success"] = true;
  out["connection_id"] = id;
  return out;
}

TaskResult<JsonObject> seek(Control* control, ContextPtr context, SeekInput input) {
  context->set_subject(input.connection_id);
  auto source = playing_of(*control, context->actor(), input.connection_id);
  if (!source) co_return std::unexpected(source.error());
  const auto to = base::Duration(std::llround(input.position_seconds * 1e9));
  if (auto done = co_await (*source)->seek(to); !done) co_return std::unexpected(done.error());
  co_return describe(input.connection_id, **source);
}

TaskResult<JsonObject> pause(Control* control, ContextPtr context, PauseInput input) {
  context->set_subject(input.connection_id);
  auto source = playing_of(*control, context->actor(), input.connection_id);
  if (!source) co_return std::unexpected(source.error());
  if (auto done = co_await (*source)->pause(input.paused); !done)
    co_return std::unexpected(done.error());
  co_return describe(input.connection_id, **source);
}

TaskResult<JsonObject> loop(Control* control, ContextPtr context, LoopInput input) {
  context->set_subject(input.connection_id);
  auto source = playing_of(*control, context->actor(), input.connection_id);
  if (!source) co_return std::unexpected(source.error());
  if (auto done = co_await (*source)->loop(input.loop); !done)
    co_return std::unexpected(done.error());
  co_return describe(input.connection_id, **source);
}

runtime::OperationSpec spec_of(std::string name, std::string help, std::string permission,
                               std::vector<runtime::Route> routes = {}) {
  return {.name = "webrtc." + std::move(name),
          .help = std::move(help),
          .permission = std::move(permission),
          .changes = true,
          .routes = std::move(routes),
          .keep = runtime::Keep::batched};
}

}  // namespace

void declare_signalling_operations(runtime::OperationRegistry& registry, Control& control) {
  auto watching = spec_of("watch", "Answers the offer of a viewer (WHEP)", "webrtc:read");
  watching.secret_result = true;
  add_operation(registry, control, std::move(watching), watch);
  auto publishing = spec_of("publish", "Answers the offer of a publisher (WHIP)", "webrtc:publish");
  publishing.secret_result = true;
  add_operation(registry, control, std::move(publishing), publish);
  add_operation(registry, control,
                spec_of("answer", "Takes the answer to the offer of a stream", "webrtc:read",
                        {{"POST", "/api/v0/webrtc/answer/{connection_id}"}}),
                answer);
  auto patching = spec_of("patch", "Trickle ICE, or an ICE restart", "session");
  patching.changes = false;  // it concerns nobody but who has the connection
  patching.keep = {};
  add_operation(registry, control, std::move(patching), patch);
  add_operation(registry, control,
                spec_of("leave", "Ends a connection of one's own", "session",
                        {{"DELETE", "/api/webrtc/connections/{connection_id}"}}),
                leave);
  const std::string one = "/api/webrtc/connections/{connection_id}/";
  add_operation(
      registry, control,
      spec_of("seek", "Goes on from another position", "webrtc:control", {{"POST", one + "seek"}}),
      seek);
  add_operation(registry, control,
                spec_of("pause", "Pauses, or goes on", "webrtc:control", {{"POST", one + "pause"}}),
                pause);
  add_operation(registry, control,
                spec_of("loop", "Begins again at the end, or ends there", "webrtc:control",
                        {{"POST", one + "loop"}}),
                loop);
}

}  // namespace telltale::rtc
