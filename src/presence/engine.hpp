// Engine: presence from any thread: the Hall behind its lock, the timer of its cursors, what chat
// and annotations need. Owned by the composition root; lives on one loop, stop() ends its timer.
// Switched off, it answers so and nobody is let in.
#pragma once

#include "base/guarded.hpp"
#include "net/rate_limiter.hpp"
#include "presence/hall.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"
#include "store/store.hpp"

namespace telltale::presence {

class Engine;

// One socket's place: gone when this is. Any thread.
class Seat {
 public:
  Seat(Engine& engine, std::string id) : engine_(engine), id_(std::move(id)) {}
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat();

  // One of presence, cursor, follow, refuse.
  base::Result<void> take(std::string_view action, base::JsonObject message);
  static bool takes(std::string_view action) noexcept;
  void hear(unsigned kinds);
  void renew(runtime::Actor actor);
  void refresh();  // the list of who is here once more: changes were missed

 private:
  Engine& engine_;
  const std::string id_;
};

class Engine {
 public:
  struct Settings {
    bool enabled = true;
    bool mutual = false;  // who is invisible does not see others
  };
  struct Parts {
    runtime::Loop& loop;
    store::Store& store;
    Sight::ServerNames servers;
  };
  Engine(Settings settings, Parts parts);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();
  runtime::Task<> stop();

  bool enabled() const noexcept { return settings_.enabled; }
  // unavailable: it is switched off.
  base::Result<void> admit() const;
  base::Result<std::unique_ptr<Seat>> enter(const runtime::Actor& actor, Tell tell);
  // Of one's own words: not more often than people write.
  base::Result<void> admit_words(const runtime::Actor& actor);

  const Sight& sight() const noexcept { return sight_; }
  store::Store& store() noexcept { return parts_.store; }
  base::WallTime now() const { return parts_.loop.clock().wall(); }
  void tell_all(Kind kind, const Hall::DataFor& data);
  base::JsonArray people(const runtime::Actor& viewer) const;
  Hall::Stats stats() const;

 private:
  friend class Seat;
  struct Held {
    std::unique_ptr<Hall> hall;
    bool armed = false;  // the timer knows that a cursor waits
  };
  static runtime::Task<> flush_cursors(Engine* self);
  base::Result<void> cursor(const std::string& id, const Cursor& cursor);

  const Settings settings_;
  Parts parts_;
  Sight sight_;
  base::Guarded<Held> held_;
  net::RateLimiter words_;
  runtime::Notifier wake_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::presence
