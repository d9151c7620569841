// What `telltale tap` reports: messages between a client and its own stdio server, which the fleet
// does not run. They become events, nothing else.
#include "fleet/inputs.hpp"
#include "fleet/operations.hpp"

namespace telltale::fleet {

struct TappedMessage {
  std::string direction;
  std::string time;
  std::string method;  // of a request or notification; of an answer, that of its request
  std::string id;
  std::string kind;
  std::int64_t bytes = 0;
  std::optional<double> duration_ms;  // of an answer
  std::optional<std::string> message;
};
BOOST_DESCRIBE_STRUCT(TappedMessage, (),
                      (direction, time, method, id, kind, bytes, duration_ms, message))
constexpr auto field_rules(const TappedMessage*) {
  return std::array{Rule{.name = "direction", .one_of = "to_server|to_client"},
                    Rule{.name = "time", .help = "RFC 3339"},
                    Rule{.name = "method", .maximum = 200, .has_default = true},
                    Rule{.name = "id", .maximum = 200, .has_default = true},
                    Rule{.name = "kind", .one_of = "request|notification|result|error|invalid"},
                    Rule{.name = "bytes", .minimum = 0},
                    Rule{.name = "message", .help = "the message itself", .maximum = 65536}};
}

struct TapReport {
  std::string tap;
  std::vector<TappedMessage> messages;
  std::int64_t dropped = 0;
};
BOOST_DESCRIBE_STRUCT(TapReport, (), (tap, messages, dropped))
constexpr auto field_rules(const TapReport*) {
  return std::array{Rule{.name = "tap", .help = "its name", .minimum = 1, .maximum = 100},
                    Rule{.name = "messages", .maximum = 500},
                    Rule{.name = "dropped",
                         .help = "messages left out since the last report",
                         .minimum = 0,
                         .has_default = true}};
}

namespace {

runtime::TaskResult<base::JsonObject> report(runtime::EventSink* events, TapReport input) {
  for (std::size_t i = 0; i < input.messages.size(); ++i)
    if (!base::parse_rfc3339(input.messages[i].time))
      co_return base::bad_field("/messages/" + std::to_string(i) + "/time", "must be RFC 3339");
  for (const auto& message : input.messages) {
    auto data = base::to_json(message).as_object();
    data["tap"] = input.tap;
    events->publish({.type = "tap_message",
                     .channel = "events",
                     .subject = input.tap,
                     .severity = message.kind == "error" || message.kind == "invalid"
                                     ? runtime::Severity::warning
                                     : runtime::Severity::info,
                     .data = std::move(data)});
  }
  if (input.dropped > 0)
    events->publish(
        {.type = "tap_message",
         .channel = "events",
         .subject = input.tap,
         .severity = runtime::Severity::warning,
         .data = {{"tap", input.tap}, {"kind", "dropped"}, {"dropped", input.dropped}}});
  co_return base::JsonObject{{"taken", input.messages.size()}};
}

}  // namespace

void declare_tap_operations(runtime::OperationRegistry& registry, runtime::EventSink& events) {
  registry.add(runtime::declare<TapReport, base::JsonObject>(
      {.name = "taps.report",
       .help = "Messages that `telltale tap` saw; they become tap_message events",
       .permission = "taps:report",
       .routes = {{"POST", "/api/taps"}},
       .group = "taps"},
      [sink = &events](runtime::ContextPtr, TapReport input) {
        return report(sink, std::move(input));
      }));
}

}  // namespace telltale::fleet
