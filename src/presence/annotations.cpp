#include "presence/annotations.hpp"

#include "base/random.hpp"

namespace telltale::presence {

using runtime::Actor;
using runtime::TaskResult;

bool Annotations::sees(const Actor& actor, const std::string& page,
                       const std::string& chart) const {
  if (!actor.may("presence:read") || !engine_.sight().page(actor, page)) return false;
  // The charts of streams are for who sees streams, which the page says; all others are of metrics.
  return (page.starts_with("/webrtc") || actor.may("metrics:read")) &&
         engine_.sight().text(actor, chart);
}

base::JsonObject Annotations::record(const store::Annotation& one, const Actor& reader) const {
  return {{"id", one.id},
          {"page", one.page},
          {"chart", one.chart},
          {"time", base::format_rfc3339(one.from)},
          {"end", base::format_rfc3339(one.to)},
          {"text", engine_.sight().links(reader, one.text)},
          {"author", one.author_name},
          {"yours", one.author_id == reader.id},
          {"created_at", base::format_rfc3339(one.created)},
          {"changed_at", base::format_rfc3339(one.changed)}};
}

TaskResult<base::JsonArray> Annotations::list(Annotations* self, Actor actor,
                                              store::AnnotationQuery query) {
  if (auto on = self->engine_.admit(); !on) co_return std::unexpected(on.error());
  auto found = co_await self->engine_.store().read(
      [query](store::Connection& db) { return store::list_annotations(db, query); });
  if (!found) co_return std::unexpected(found.error());
  base::JsonArray out;
  for (const auto& one : *found)
    if (self->sees(actor, one.page, one.chart)) out.push_back(self->record(one, actor));
  co_return out;
}

TaskResult<base::JsonObject> Annotations::keep(Annotations* self, Actor actor,
                                               store::Annotation one, const char* event) {
  auto kept = co_await self->engine_.store().write(
      "annotation", [one](store::Connection& db) { return store::save_annotation(db, one); });
  if (!kept) co_return std::unexpected(kept.error());
  self->engine_.tell_all(Kind::annotation, [&](const Actor& reader) {
    return self->sees(reader, one.page, one.chart)
               ? std::optional(
                     base::JsonObject{{"event", event}, {"annotation", self->record(one, reader)}})
               : std::nullopt;
  });
  co_return self->record(one, actor);
}

TaskResult<base::JsonObject> Annotations::create(Annotations* self, Actor actor, std::string page,
                                                 std::string chart, AnnotationWords words) {
  if (auto on = self->engine_.admit(); !on) co_return std::unexpected(on.error());
  if (!self->sees(actor, page, chart))
    co_return base::bad_field("/page", "is no page with charts that you may see");
  if (auto calm = self->engine_.admit_words(actor); !calm) co_return std::unexpected(calm.error());
  const auto now = self->engine_.now();
  co_return co_await keep(self, actor,
                          {.id = base::new_id("note"),
                           .page = std::move(page),
                           .chart = std::move(chart),
                           .from = words.from,
                           .to = words.to,
                           .text = std::move(words.text),
                           .author_id = actor.id,
                           .author_name = actor.name,
                           .created = now,
                           .changed = now,
                           .removed = std::nullopt},
                          "added");
}

TaskResult<store::Annotation> Annotations::find(Annotations* self, const Actor* actor,
                                                std::string id) {
  if (auto on = self->engine_.admit(); !on) co_return std::unexpected(on.error());
  auto found = co_await self->engine_.store().read(
      [id](store::Connection& db) { return store::find_annotation(db, id); });
  if (!found) co_return std::unexpected(found.error());
  if (!*found || !self->sees(*actor, (*found)->page, (*found)->chart))
    co_return base::fail(base::Code::not_found, "no annotation has the id " + id);
  if ((*found)->author_id != actor->id && !actor->may("users:manage"))
    co_return base::fail(base::Code::permission_denied,
                         "it is not yours; who manages users may change any");
  co_return std::move(**found);
}

TaskResult<base::JsonObject> Annotations::change(Annotations* self, Actor actor, std::string id,
                                                 std::optional<AnnotationWords> words) {
  auto found = co_await find(self, &actor, id);
  if (!found) co_return std::unexpected(found.error());
  if (found->removed) co_return base::fail(base::Code::not_found, "it has been removed");
  found->changed = self->engine_.now();
  if (!words) {
    found->removed = found->changed;
    co_return co_await keep(self, actor, std::move(*found), "removed");
  }
  if (auto calm = self->engine_.admit_words(actor); !calm) co_return std::unexpected(calm.error());
  found->from = words->from;
  found->to = words->to;
  found->text = std::move(words->text);
  co_return co_await keep(self, actor, std::move(*found), "changed");
}

TaskResult<base::JsonObject> Annotations::restore(Annotations* self, Actor actor, std::string id) {
  auto found = co_await find(self, &actor, id);
  if (!found) co_return std::unexpected(found.error());
  if (!found->removed) co_return base::fail(base::Code::conflict, "it has not been removed");
  found->changed = self->engine_.now();
  found->removed.reset();
  co_return co_await keep(self, actor, std::move(*found), "added");
}

}  // namespace telltale::presence
