#include "presence/operations.hpp"

namespace telltale::presence {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct SayInput {
  std::string room;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(SayInput, (), (room, text))
constexpr auto field_rules(const SayInput*) {
  return std::array{FieldRule{.name = "room",
                              .help = "a page of the dashboard; without: everybody",
                              .maximum = kPageMax,
                              .has_default = true},
                    FieldRule{.name = "text",
                              .help = "plain; /servers/x and its like become links",
                              .minimum = 1,
                              .maximum = Chat::kTextMax,
                              .example = "look at /servers/search"}};
}

struct ReadChat {
  std::string room, before;
  std::int64_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(ReadChat, (), (room, before, limit))
constexpr auto field_rules(const ReadChat*) {
  return std::array{
      FieldRule{.name = "room", .maximum = kPageMax, .has_default = true},
      FieldRule{
          .name = "before", .help = "the id of a message", .maximum = 60, .has_default = true},
      FieldRule{
          .name = "limit", .minimum = 1, .maximum = double{Chat::kListMax}, .has_default = true}};
}

struct OneMessage {
  std::string message_id;
};
BOOST_DESCRIBE_STRUCT(OneMessage, (), (message_id))

struct Words {
  std::string time;
  std::optional<std::string> end;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Words, (), (time, end, text))
constexpr std::array kWordsRules{
    FieldRule{.name = "time", .help = "RFC 3339", .example = "2026-11-22T10:00:00.000Z"},
    FieldRule{.name = "end", .help = "RFC 3339, of a span; without: a moment"},
    FieldRule{.name = "text", .minimum = 1, .maximum = double{Annotations::kTextMax}}};

struct CreateAnnotation : Words {
  std::string page;
  std::string chart;
};
BOOST_DESCRIBE_STRUCT(CreateAnnotation, (Words), (page, chart))
constexpr auto field_rules(const CreateAnnotation*) {
  return std::array{
      kWordsRules[0], kWordsRules[1], kWordsRules[2],
      FieldRule{.name = "page", .help = "of the dashboard", .minimum = 1, .maximum = kPageMax},
      FieldRule{.name = "chart",
                .help = "its name or a series; without: every chart of the page",
                .maximum = kAnchorMax,
                .has_default = true}};
}
struct ChangeAnnotation : Words {
  std::string annotation_id;
};
BOOST_DESCRIBE_STRUCT(ChangeAnnotation, (Words), (annotation_id))
constexpr auto field_rules(const ChangeAnnotation*) {
  return kWordsRules;
}
struct OneAnnotation {
  std::string annotation_id;
};
BOOST_DESCRIBE_STRUCT(OneAnnotation, (), (annotation_id))

struct ListAnnotations {
  std::string page, chart;
  std::optional<std::string> from, to;
  std::int64_t limit = 500;
};
BOOST_DESCRIBE_STRUCT(ListAnnotations, (), (page, chart, from, to, limit))
constexpr auto field_rules(const ListAnnotations*) {
  return std::array{FieldRule{.name = "page", .maximum = kPageMax, .has_default = true},
                    FieldRule{.name = "chart", .maximum = kAnchorMax, .has_default = true},
                    FieldRule{.name = "from", .help = "RFC 3339; default: from the first on"},
                    FieldRule{.name = "to", .help = "RFC 3339; default: to the last"},
                    FieldRule{.name = "limit",
                              .minimum = 1,
                              .maximum = double{Annotations::kListMax},
                              .has_default = true}};
}

namespace {

base::Result<base::WallTime> time_of(const std::string& text, const char* pointer) {
  auto time = base::parse_rfc3339(text);
  if (!time) return base::bad_field(pointer, "must be a time as RFC 3339");
  return *time;
}

base::Result<AnnotationWords> words_of(Words& input) {
  const auto from = time_of(input.time, "/time");
  if (!from) return std::unexpected(from.error());
  const auto to = input.end ? time_of(*input.end, "/end") : from;
  if (!to) return std::unexpected(to.error());
  if (*to < *from) return base::bad_field("/end", "must not be before `time`");
  return AnnotationWords{.from = *from, .to = *to, .text = std::move(input.text)};
}

TaskResult<JsonObject> list_people(Engine* engine, ContextPtr context, runtime::Nothing) {
  if (auto on = engine->admit(); !on) co_return std::unexpected(on.error());
  co_return JsonObject{{"items", engine->people(context->actor())}};
}

TaskResult<JsonObject> say(Chat* chat, ContextPtr context, SayInput input) {
  co_return co_await Chat::say(chat, context->actor(), std::move(input.room),
                               std::move(input.text));
}

TaskResult<JsonObject> read_chat(Chat* chat, ContextPtr context, ReadChat input) {
  auto items = co_await Chat::list(chat, context->actor(), std::move(input.room),
                                   std::move(input.before), static_cast<std::size_t>(input.limit));
  if (!items) co_return std::unexpected(items.error());
  co_return JsonObject{{"items", std::move(*items)}};
}

TaskResult<JsonObject> delete_message(Chat* chat, ContextPtr context, OneMessage input) {
  co_return co_await Chat::remove(chat, context->actor(), std::move(input.message_id));
}

TaskResult<JsonObject> list_annotations(Annotations* notes, ContextPtr context,
                                        ListAnnotations input) {
  const auto from =
      input.from ? time_of(*input.from, "/from") : base::Result<base::WallTime>(base::WallTime());
  if (!from) co_return std::unexpected(from.error());
  const auto to =
      input.to ? time_of(*input.to, "/to") : base::Result<base::WallTime>(base::WallTime::max());
  if (!to) co_return std::unexpected(to.error());
  auto items = co_await Annotations::list(notes, context->actor(),
                                          {.page = std::move(input.page),
                                           .chart = std::move(input.chart),
                                           .from = *from,
                                           .to = *to,
                                           .limit = static_cast<std::size_t>(input.limit)});
  if (!items) co_return std::unexpected(items.error());
  co_return JsonObject{{"items", std::move(*items)}};
}

TaskResult<JsonObject> create_annotation(Annotations* notes, ContextPtr context,
                                         CreateAnnotation input) {
  auto words = words_of(input);
  if (!words) co_return std::unexpected(words.error());
  co_return co_await Annotations::create(notes, context->actor(), std::move(input.page),
                                         std::move(input.chart), std::move(*words));
}

TaskResult<JsonObject> update_annotation(Annotations* notes, ContextPtr context,
                                         ChangeAnnotation input) {
  auto words = words_of(input);
  if (!words) co_return std::unexpected(words.error());
  co_return co_await Annotations::change(notes, context->actor(), std::move(input.annotation_id),
                                         std::move(*words));
}

TaskResult<JsonObject> delete_annotation(Annotations* notes, ContextPtr context,
                                         OneAnnotation input) {
  co_return co_await Annotations::change(notes, context->actor(), std::move(input.annotation_id),
                                         std::nullopt);
}

TaskResult<JsonObject> restore_annotation(Annotations* notes, ContextPtr context,
                                          OneAnnotation input) {
  co_return co_await Annotations::restore(notes, context->actor(), std::move(input.annotation_id));
}

template <class Part, class Input>
void add(runtime::OperationRegistry& registry, Part& part, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Part*, ContextPtr, Input)) {
  spec.group = "Presence";
  spec.keep = runtime::Keep::nothing;
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [part = &part, body](ContextPtr context, Input input) {
        return body(part, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Engine& engine, Chat& chat,
                        Annotations& annotations) {
  add(registry, engine,
      {.name = "presence.list",
       .help = "Who is here, and where, as far as you may know",
       .permission = "presence:read",
       .routes = {{"GET", "/api/presence"}}},
      list_people);
  add(registry, chat,
      {.name = "presence.chat",
       .help = "What was said in a room, newest first",
       .permission = "presence:read",
       .routes = {{"GET", "/api/presence/chat"}}},
      read_chat);
  add(registry, chat,
      {.name = "presence.say",
       .help = "Says something to everybody, or to who may see a page",
       .permission = "presence:chat",
       .changes = true,
       .routes = {{"POST", "/api/presence/chat", 201}}},
      say);
  add(registry, chat,
      {.name = "presence.unsay",
       .help = "Deletes a message of one's own; who manages users, any",
       .permission = "presence:chat",
       .changes = true,
       .routes = {{"DELETE", "/api/presence/chat/{message_id}"}}},
      delete_message);
  add(registry, annotations,
      {.name = "annotations.list",
       .help = "What people wrote on charts, newest first",
       .permission = "presence:read",
       .routes = {{"GET", "/api/annotations"}}},
      list_annotations);
  add(registry, annotations,
      {.name = "annotations.create",
       .help = "Writes on a chart, at a time or over a span",
       .permission = "annotations:write",
       .changes = true,
       .routes = {{"POST", "/api/annotations", 201}}},
      create_annotation);
  add(registry, annotations,
      {.name = "annotations.update",
       .help = "Changes an annotation of one's own; who manages users, any",
       .permission = "annotations:write",
       .changes = true,
       .routes = {{"PUT", "/api/annotations/{annotation_id}"}}},
      update_annotation);
  add(registry, annotations,
      {.name = "annotations.delete",
       .help = "Removes an annotation; for an hour it can be brought back",
       .permission = "annotations:write",
       .changes = true,
       .routes = {{"DELETE", "/api/annotations/{annotation_id}"}}},
      delete_annotation);
  add(registry, annotations,
      {.name = "annotations.restore",
       .help = "Brings back an annotation that was removed",
       .permission = "annotations:write",
       .changes = true,
       .routes = {{"POST", "/api/annotations/{annotation_id}/restore"}}},
      restore_annotation);
}

}  // namespace telltale::presence
