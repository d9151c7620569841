#include "presence/chat.hpp"

#include "base/random.hpp"

namespace telltale::presence {

bool Chat::sees(const runtime::Actor& actor, const std::string& room) const {
  return actor.may("presence:read") && (room.empty() || engine_.sight().page(actor, room));
}

base::JsonObject Chat::record(const store::ChatMessage& message,
                              const runtime::Actor& reader) const {
  return {{"id", message.id},
          {"room", message.room},
          {"author", message.author_name},
          {"yours", message.author_id == reader.id},
          {"text", engine_.sight().links(reader, message.text)},
          {"time", base::format_rfc3339(message.time)}};
}

runtime::TaskResult<base::JsonObject> Chat::say(Chat* self, runtime::Actor actor, std::string room,
                                                std::string text) {
  if (auto on = self->engine_.admit(); !on) co_return std::unexpected(on.error());
  // A room that is not there and one that is not for him are the same.
  if (!self->sees(actor, room)) co_return base::bad_field("/room", "is no page that you may see");
  if (auto calm = self->engine_.admit_words(actor); !calm) co_return std::unexpected(calm.error());
  store::ChatMessage message{.id = base::new_id("msg"),
                             .room = std::move(room),
                             .author_id = actor.id,
                             .author_name = actor.name,
                             .text = std::move(text),
                             .time = self->engine_.now()};
  auto kept = co_await self->engine_.store().write(
      "chat", [message](store::Connection& db) { return store::save_chat(db, message); });
  if (!kept) co_return std::unexpected(kept.error());
  self->engine_.tell_all(Kind::chat, [&](const runtime::Actor& reader) {
    return self->sees(reader, message.room)
               ? std::optional(base::JsonObject{{"event", "said"},
                                                {"message", self->record(message, reader)}})
               : std::nullopt;
  });
  co_return self->record(message, actor);
}

runtime::TaskResult<base::JsonArray> Chat::list(Chat* self, runtime::Actor actor, std::string room,
                                                std::string before, std::size_t limit) {
  if (auto on = self->engine_.admit(); !on) co_return std::unexpected(on.error());
  if (!self->sees(actor, room)) co_return base::bad_field("/room", "is no page that you may see");
  auto messages = co_await self->engine_.store().read(
      [=](store::Connection& db) { return store::list_chat(db, room, before, limit); });
  if (!messages) co_return std::unexpected(messages.error());
  base::JsonArray out;
  for (const auto& message : *messages) out.push_back(self->record(message, actor));
  co_return out;
}

runtime::TaskResult<base::JsonObject> Chat::remove(Chat* self, runtime::Actor actor,
                                                   std::string id) {
  if (auto on = self->engine_.admit(); !on) co_return std::unexpected(on.error());
  auto found = co_await self->engine_.store().read(
      [id](store::Connection& db) { return store::find_chat(db, id); });
  if (!found) co_return std::unexpected(found.error());
  if (!*found || !self->sees(actor, (*found)->room))
    co_return base::fail(base::Code::not_found, "no message has the id " + id);
  if ((*found)->author_id != actor.id && !actor.may("users:manage"))
    co_return base::fail(base::Code::permission_denied,
                         "it is not yours; who manages users may delete any");
  auto gone = co_await self->engine_.store().write(
      "chat", [id](store::Connection& db) { return store::delete_chat(db, id); });
  if (!gone) co_return std::unexpected(gone.error());
  self->engine_.tell_all(Kind::chat, [&](const runtime::Actor& reader) {
    return self->sees(reader, (*found)->room)
               ? std::optional(
                     base::JsonObject{{"event", "removed"}, {"id", id}, {"room", (*found)->room}})
               : std::nullopt;
  });
  co_return base::JsonObject{{"id", id}};
}

}  // namespace telltale::presence
