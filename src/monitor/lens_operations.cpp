// The lens: what pages of other applications report, and dumps of chrome://webrtc-internals.
#include <algorithm>

#include "base/random.hpp"
#include "monitor/internals_dump.hpp"
#include "monitor/operations.hpp"
#include "store/webrtc_history.hpp"

namespace telltale::monitor {

using base::FieldRule;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

BOOST_DESCRIBE_STRUCT(LensSample, (), (at, state, stats))
constexpr auto field_rules(const LensSample*) {
  return std::array{
      FieldRule{.name = "at", .help = "when it was taken, in milliseconds since 1970"},
      FieldRule{.name = "state",
                .help = "RTCPeerConnection.connectionState",
                .one_of = "new|connecting|connected|disconnected|failed|closed"},
      FieldRule{.name = "stats",
                .help = "RTCStats of getStats()",
                .minimum = 0,
                .maximum = 256}};  // kStatsMax
}

BOOST_DESCRIBE_STRUCT(LensConnection, (),
                      (id, created_at, ice_connected_at, connected_at, closed_at, samples))
constexpr auto field_rules(const LensConnection*) {
  return std::array{
      FieldRule{.name = "id", .help = "the page's own", .minimum = 1, .maximum = 64},
      FieldRule{.name = "created_at", .help = "in milliseconds since 1970, as all times here"},
      FieldRule{.name = "samples", .help = "oldest first", .minimum = 0, .maximum = 64}};
}

BOOST_DESCRIBE_STRUCT(LensFailure, (), (at, name, wants))
constexpr auto field_rules(const LensFailure*) {
  return std::array{
      FieldRule{.name = "name", .help = "NotAllowedError, …", .minimum = 1, .maximum = 64},
      FieldRule{.name = "wants", .help = "audio, video, …", .minimum = 0, .maximum = 64}};
}

BOOST_DESCRIBE_STRUCT(LensReport, (), (app, page, sent_at, connections, failures))
constexpr auto field_rules(const LensReport*) {
  return std::array{
      FieldRule{.name = "app", .help = "the application's name", .minimum = 1, .maximum = 64},
      FieldRule{.name = "page",
                .help = "a name of its own for each load of a page",
                .minimum = 8,
                .maximum = 64},
      FieldRule{.name = "sent_at", .help = "now, by the page's clock"},
      FieldRule{.name = "connections", .minimum = 0, .maximum = 64, .has_default = true},
      FieldRule{.name = "failures",
                .help = "of getUserMedia",
                .minimum = 0,
                .maximum = 16,
                .has_default = true}};
}

struct ImportDump {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ImportDump, (), (name))
constexpr auto field_rules(const ImportDump*) {
  return std::array{FieldRule{.name = "name",
                              .help = "what the history calls it; default: where the page was",
                              .maximum = 64,
                              .has_default = true}};
}

namespace {

constexpr std::size_t kStatsMax = 256;  // of one sample

bool is_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

TaskResult<JsonObject> report(Desk* desk, ContextPtr context, LensReport input) {
  constexpr auto kNames = "must be letters, digits, dots, hyphens and underscores";
  if (!is_name(input.app)) co_return base::bad_field("/app", kNames);
  if (!is_name(input.page)) co_return base::bad_field("/page", kNames);
  for (std::size_t i = 0; i < input.connections.size(); ++i) {
    const auto& samples = input.connections[i].samples;
    for (std::size_t j = 0; j < samples.size(); ++j)
      if (samples[j].stats.size() > kStatsMax)
        co_return base::bad_field(
            "/connections/" + std::to_string(i) + "/samples/" + std::to_string(j) + "/stats",
            "must have " + std::to_string(kStatsMax) + " entries at most");
  }
  co_return co_await desk->lens.report(context->actor(), std::move(input));
}

TaskResult<JsonObject> import_dump(Desk* desk, ContextPtr context, ImportDump input) {
  if (desk->monitor.config().history.days <= 0)
    co_return base::fail(base::Code::conflict, "history.days is 0: nothing is kept");
  const auto bytes = context->bytes();
  if (!bytes)
    co_return base::bad_field(
        "", "the dump comes as the body, with Content-Type: application/octet-stream");
  auto read = co_await desk->blocking.run(
      [bytes, config = &desk->monitor.config()] { return read_internals_dump(*bytes, *config); });
  if (!read) co_return std::unexpected(read.error());
  JsonArray items;
  for (auto& one : read->connections) {
    one.source = input.name.empty() ? one.source : input.name;
    const auto id = base::new_id("imp");
    one.summary["connection_id"] = id;
    one.summary["source"] = one.source;
    one.summary["actor"] = context->actor().name;
    items.push_back(one.summary);
    auto kept = co_await store::keep_webrtc(desk->store,
                                            {.id = id,
                                             .created = one.created,
                                             .closed = desk->clock.wall(),  // is kept from now on
                                             .actor = context->actor().name,
                                             .source = one.source,
                                             .summary = std::move(one.summary),
                                             .timeline = std::move(one.timeline)});
    if (!kept) co_return std::unexpected(kept.error());
  }
  co_return JsonObject{{"items", std::move(items)}, {"without_statistics", read->empty}};
}

template <class Input>
void add(runtime::OperationRegistry& registry, Desk& desk, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Desk*, ContextPtr, Input)) {
  spec.group = "WebRTC";
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [desk = &desk, body](ContextPtr context, Input input) {
        return body(desk, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_lens_operations(runtime::OperationRegistry& registry, Desk& desk) {
  add(registry, desk,
      {.name = "webrtc.lens.report",
       .help = "What a page of another application measured of its WebRTC connections",
       .permission = "webrtc:report",
       .routes = {{"POST", "/api/webrtc/lens"}}},
      report);
  add(registry, desk,
      {.name = "webrtc.import",
       .help = "Reads a dump of chrome://webrtc-internals into timelines of the history",
       .permission = "webrtc:control",
       .changes = true,
       .time_limit = std::chrono::minutes(2),
       .routes = {{"POST", "/api/webrtc/import", 201}},
       .takes_bytes = true},
      import_dump);
}

}  // namespace telltale::monitor
