// Hall: the people who are here, an entry for each socket. Says to each what he may see of the
// others: where they are, their cursors on the page he looks at, who follows him. Keeps nothing of
// what has gone. No I/O and no lock: Engine holds one around it, and calls flush() when
// next_deadline() has come.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "presence/messages.hpp"
#include "presence/sight.hpp"

namespace telltale::presence {

enum class Kind : unsigned { presence = 1, cursor = 2, annotation = 4, chat = 8 };
std::string_view name_of(Kind kind) noexcept;
inline constexpr unsigned kEverything = 15;

using Text = std::shared_ptr<const std::string>;
using Tell = std::function<void(Kind, Text)>;  // never blocks, never calls back

class Hall {
 public:
  static constexpr std::size_t kPeopleMax = 1'000;
  static constexpr std::size_t kPerUserMax = 20;
  static constexpr base::Duration kCursorInterval = std::chrono::milliseconds(50);  // 20 a second
  static constexpr std::size_t kCrowd = 20;  // on one page: cursors come less often beyond

  struct Settings {
    bool mutual = false;  // who is not shown does not see others
  };
  struct Stats {
    std::size_t people = 0;   // shown
    std::size_t sockets = 0;  // who hears of them
    std::uint64_t messages = 0, coalesced = 0, refused = 0;
  };

  Hall(const base::Clock& clock, const Sight& sight, Settings settings)
      : clock_(clock), sight_(sight), settings_(settings) {}

  // rate_limited: too many are here.
  base::Result<std::string> enter(runtime::Actor actor, Tell tell);
  void leave(const std::string& id);
  // What the actor may has changed.
  void renew(const std::string& id, runtime::Actor actor);
  // Which kinds he is told; the list of who is here comes first.
  void hear(const std::string& id, unsigned kinds);
  void refresh(const std::string& id);

  base::Result<void> place(const std::string& id, Place place);
  base::Result<void> cursor(const std::string& id, const Cursor& cursor);
  base::Result<void> follow(const std::string& id, const Whom& whom);
  base::Result<void> refuse(const std::string& id, const Whom& whom);

  void flush();
  std::optional<base::SteadyTime> next_deadline() const;

  // To everybody who hears of this kind and for whom `data` gives something.
  using DataFor = std::function<std::optional<base::JsonObject>(const runtime::Actor&)>;
  void tell_all(Kind kind, const DataFor& data);
  base::JsonArray people(const runtime::Actor& viewer) const;
  Stats stats() const;

 private:
  struct Person {
    std::string id;
    runtime::Actor actor;
    Tell tell;
    unsigned hears = 0;
    bool here = false;  // has said where
    Place at;
    base::WallTime since;
    std::string following;
    std::set<std::string> refused;  // users who may not follow
    base::JsonObject cursor;
    std::string cursor_text;  // what its anchors name
    bool cursor_waits = false;
    base::SteadyTime cursor_sent{};

    bool shown() const { return here && !at.invisible; }
  };
  using People = std::map<std::string, Person>;

  bool sees_others(const Person& viewer) const;
  base::JsonObject record(const Person& person, const runtime::Actor& viewer,
                          const Person* at) const;
  void tell(Person& to, Kind kind, base::JsonObject data);
  void tell_others(const Person& about, std::string_view event);
  void tell_gone(const Person& about);
  void tell_list(Person& to);
  void tell_view(Person& to, const Person& followed);
  void stop_following(Person& person);
  void send_cursor(Person& person);
  base::Duration cursor_interval(const Person& person) const;

  const base::Clock& clock_;
  const Sight& sight_;
  const Settings settings_;
  People people_;
  Stats stats_;
};

}  // namespace telltale::presence
