#include "presence/hall.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/random.hpp"

namespace telltale::presence {
namespace {

bool hears(unsigned kinds, Kind kind) {
  return (kinds & static_cast<unsigned>(kind)) != 0;
}

std::string address_of(const Place& at) {
  return at.query.empty() ? at.page : at.page + "?" + at.query;
}

base::JsonObject without_nulls(const base::JsonObject& given) {
  base::JsonObject out;
  for (const auto& [key, value] : given)
    if (!value.is_null()) out[key] = value;
  return out;
}

}  // namespace

std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::presence:
      return "presence";
    case Kind::cursor:
      return "cursor";
    case Kind::annotation:
      return "annotation";
    case Kind::chat:
      return "chat";
  }
  return "";
}

base::Result<std::string> Hall::enter(runtime::Actor actor, Tell tell) {
  const auto mine = std::ranges::count_if(
      people_, [&](const auto& entry) { return entry.second.actor.id == actor.id; });
  if (people_.size() >= kPeopleMax || static_cast<std::size_t>(mine) >= kPerUserMax) {
    ++stats_.refused;
    return base::fail(base::Code::rate_limited, people_.size() >= kPeopleMax
                                                    ? "1000 sockets are here already"
                                                    : "20 sockets of yours are here already");
  }
  auto id = base::new_id("p");
  auto& person = people_[id];
  person.id = id;
  person.actor = std::move(actor);
  person.tell = std::move(tell);
  person.since = clock_.wall();
  return id;
}

void Hall::leave(const std::string& id) {
  const auto found = people_.find(id);
  if (found == people_.end()) return;
  auto node = people_.extract(found);
  auto& person = node.mapped();
  stop_following(person);
  if (person.shown()) tell_gone(person);
}

void Hall::tell_gone(const Person& about) {
  for (auto& [id, other] : people_) {
    if (other.following == about.id) other.following.clear();
    if (id != about.id && hears(other.hears, Kind::presence) && sees_others(other))
      tell(other, Kind::presence, {{"event", "left"}, {"id", about.id}});
  }
}

void Hall::renew(const std::string& id, runtime::Actor actor) {
  const auto found = people_.find(id);
  if (found == people_.end()) return;
  auto& person = found->second;
  person.actor = std::move(actor);
  tell_list(person);
  if (person.shown()) tell_others(person, "changed");
}

void Hall::hear(const std::string& id, unsigned kinds) {
  const auto found = people_.find(id);
  if (found == people_.end()) return;
  auto& person = found->second;
  const bool begins = !hears(person.hears, Kind::presence) && hears(kinds, Kind::presence);
  person.hears = kinds;
  if (begins) tell_list(person);
}

void Hall::refresh(const std::string& id) {
  if (const auto found = people_.find(id); found != people_.end()) tell_list(found->second);
}

bool Hall::sees_others(const Person& viewer) const {
  return !settings_.mutual || viewer.shown();
}

// `at`: the viewer's own entry, where he has one.
base::JsonObject Hall::record(const Person& person, const runtime::Actor& viewer,
                              const Person* at) const {
  const auto& page = person.at.page;
  const bool seen = sight_.page(viewer, page) && sight_.page(person.actor, page);
  base::JsonObject out{{"id", person.id},
                       {"user", person.actor.name},
                       {"page", seen ? base::Json(page) : base::Json(nullptr)},
                       {"elsewhere", !seen},
                       {"since", base::format_rfc3339(person.since)},
                       {"idle", person.at.idle},
                       {"yours", person.actor.id == viewer.id}};
  if (at != nullptr) {
    out["follows_you"] = person.following == at->id;
    out["you_follow"] = at->following == person.id;
  }
  return out;
}

void Hall::tell(Person& to, Kind kind, base::JsonObject data) {
  ++stats_.messages;
  to.tell(kind, std::make_shared<const std::string>(base::write_json(
                    base::JsonObject{{"type", name_of(kind)},
                                     {"timestamp", base::format_rfc3339(clock_.wall())},
                                     {"data", std::move(data)}})));
}

void Hall::tell_others(const Person& about, std::string_view event) {
  for (auto& [id, other] : people_)
    if (id != about.id && hears(other.hears, Kind::presence) && sees_others(other))
      tell(other, Kind::presence,
           {{"event", event}, {"person", record(about, other.actor, &other)}});
}

void Hall::tell_list(Person& to) {
  if (!hears(to.hears, Kind::presence)) return;
  base::JsonArray all;
  if (sees_others(to))
    for (const auto& [id, other] : people_)
      if (id != to.id && other.shown()) all.push_back(record(other, to.actor, &to));
  tell(to, Kind::presence,
       {{"event", "list"},
        {"me", to.id},
        {"invisible", !to.shown()},
        {"mutual", settings_.mutual},
        {"people", std::move(all)}});
}

void Hall::tell_view(Person& to, const Person& followed) {
  if (!hears(to.hears, Kind::presence)) return;
  const auto address = address_of(followed.at);
  const bool seen = sight_.page(to.actor, address) && sight_.page(followed.actor, address);
  base::JsonObject data{{"event", "view"}, {"id", followed.id}, {"elsewhere", !seen}};
  if (seen) {
    data["page"] = followed.at.page;
    data["query"] = followed.at.query;
    data["scroll"] = followed.at.scroll;
  }
  tell(to, Kind::presence, std::move(data));
}

base::Result<void> Hall::place(const std::string& id, Place place) {
  if (auto fine = check(place); !fine) return fine;
  const auto found = people_.find(id);
  if (found == people_.end()) return base::fail(base::Code::not_found, "you are not here");
  auto& person = found->second;
  const bool was_shown = person.shown();
  const bool first = !std::exchange(person.here, true);
  const bool moved = person.at.page != place.page;
  const bool changed = moved || person.at.idle != place.idle;
  const bool view_changed =
      moved || person.at.query != place.query || person.at.scroll != place.scroll;
  const bool hid = person.at.invisible != place.invisible;
  person.at = std::move(place);
  if (moved) {
    person.cursor = {};
    person.cursor_waits = false;
  }
  if (was_shown && !person.shown()) {
    stop_following(person);
    tell_gone(person);
  } else if (person.shown() && (!was_shown || changed)) {
    tell_others(person, was_shown ? "changed" : "joined");
  }
  if (first || hid) tell_list(person);
  if (view_changed && person.shown())
    for (auto& [other_id, other] : people_)
      if (other.following == id) tell_view(other, person);
  return {};
}

base::Result<void> Hall::follow(const std::string& id, const Whom& whom) {
  const auto found = people_.find(id);
  if (found == people_.end()) return base::fail(base::Code::not_found, "you are not here");
  auto& person = found->second;
  if (!whom.id) {
    stop_following(person);
    return {};
  }
  const auto other = people_.find(*whom.id);
  if (other == people_.end() || !other->second.shown() || *whom.id == id)
    return base::bad_field("/id", "nobody here has that id");
  // Who follows is seen by whom he follows: nobody is watched in secret.
  if (!person.shown())
    return base::fail(base::Code::conflict, "you are invisible: who follows is shown");
  if (other->second.refused.contains(person.actor.id))
    return base::fail(base::Code::permission_denied,
                      other->second.actor.name + " does not want to be followed by you");
  stop_following(person);
  person.following = *whom.id;
  auto& followed = other->second;
  if (hears(followed.hears, Kind::presence) && sees_others(followed))
    tell(followed, Kind::presence,
         {{"event", "changed"}, {"person", record(person, followed.actor, &followed)}});
  tell_view(person, followed);
  return {};
}

void Hall::stop_following(Person& person) {
  const auto before = std::exchange(person.following, "");
  const auto found = people_.find(before);
  if (found == people_.end() || !person.shown()) return;
  auto& followed = found->second;
  if (hears(followed.hears, Kind::presence) && sees_others(followed))
    tell(followed, Kind::presence,
         {{"event", "changed"}, {"person", record(person, followed.actor, &followed)}});
}

base::Result<void> Hall::refuse(const std::string& id, const Whom& whom) {
  const auto found = people_.find(id);
  const auto other = people_.find(whom.id.value_or(""));
  if (found == people_.end() || other == people_.end() || other->second.following != id)
    return base::bad_field("/id", "nobody with that id follows you");
  found->second.refused.insert(other->second.actor.id);
  stop_following(other->second);
  if (hears(other->second.hears, Kind::presence))
    tell(other->second, Kind::presence, {{"event", "refused"}, {"id", id}});
  return {};
}

base::Result<void> Hall::cursor(const std::string& id, const Cursor& cursor) {
  if (auto fine = check(cursor); !fine) return fine;
  const auto found = people_.find(id);
  if (found == people_.end() || !found->second.here)
    return base::fail(base::Code::conflict, "say where you are first (action presence)");
  auto& person = found->second;
  if (cursor.page != person.at.page)
    return base::bad_field("/page", "is not the page you said you are on");
  if (!person.shown()) return {};
  if (person.cursor_waits) ++stats_.coalesced;
  const auto json = base::to_json(cursor);
  person.cursor.clear();
  for (const auto* const member : {"anchor", "selection"})
    if (const auto* given = base::find_object(json.as_object(), member))
      person.cursor[member] = without_nulls(*given);
  person.cursor_text.clear();
  const auto name = [&](const std::optional<std::string>& text) {
    if (text) person.cursor_text += *text + "\n";
  };
  if (cursor.anchor) name(cursor.anchor->element), name(cursor.anchor->chart);
  if (cursor.selection) name(cursor.selection->element), name(cursor.selection->chart);
  person.cursor_waits = true;
  if (clock_.now() - person.cursor_sent >= cursor_interval(person)) send_cursor(person);
  return {};
}

// Of all of one user's sockets together at most so often; in a crowd, less.
base::Duration Hall::cursor_interval(const Person& person) const {
  std::size_t here = 0, mine = 0;
  for (const auto& [id, other] : people_) {
    if (other.at.page == person.at.page) ++here;
    if (other.actor.id == person.actor.id && other.shown()) ++mine;
  }
  return kCursorInterval *
         static_cast<int>(std::max<std::size_t>(mine, 1) * (1 + (here - 1) / kCrowd));
}

void Hall::send_cursor(Person& person) {
  person.cursor_waits = false;
  person.cursor_sent = clock_.now();
  for (auto& [id, other] : people_) {
    if (id == person.id || other.at.page != person.at.page || !other.here ||
        !hears(other.hears, Kind::cursor) || !sees_others(other) ||
        !sight_.page(other.actor, person.at.page) || !sight_.page(person.actor, person.at.page))
      continue;
    base::JsonObject data{{"id", person.id}, {"anchor", nullptr}, {"selection", nullptr}};
    // What it points at may be a row that this one does not have.
    if (sight_.anchor(other.actor, person.cursor_text))
      for (const auto* const member : {"anchor", "selection"})
        if (const auto* value = base::find(person.cursor, member)) data[member] = *value;
    tell(other, Kind::cursor, std::move(data));
  }
}

void Hall::flush() {
  const auto now = clock_.now();
  for (auto& [id, person] : people_)
    if (person.cursor_waits && now - person.cursor_sent >= cursor_interval(person))
      send_cursor(person);
}

std::optional<base::SteadyTime> Hall::next_deadline() const {
  std::optional<base::SteadyTime> out;
  for (const auto& [id, person] : people_)
    if (person.cursor_waits) {
      const auto due = person.cursor_sent + cursor_interval(person);
      out = out ? std::min(*out, due) : due;
    }
  return out;
}

void Hall::tell_all(Kind kind, const DataFor& data) {
  for (auto& [id, person] : people_)
    if (hears(person.hears, kind))
      if (auto given = data(person.actor)) tell(person, kind, std::move(*given));
}

base::JsonArray Hall::people(const runtime::Actor& viewer) const {
  base::JsonArray out;
  const bool shown = std::ranges::any_of(people_, [&](const auto& entry) {
    return entry.second.actor.id == viewer.id && entry.second.shown();
  });
  if (settings_.mutual && !shown) return out;
  for (const auto& [id, person] : people_)
    if (person.shown()) out.push_back(record(person, viewer, nullptr));
  return out;
}

Hall::Stats Hall::stats() const {
  auto out = stats_;
  out.sockets = people_.size();
  out.people = static_cast<std::size_t>(
      std::ranges::count_if(people_, [](const auto& entry) { return entry.second.shown(); }));
  return out;
}

}  // namespace telltale::presence
