#include "presence/engine.hpp"

#include <algorithm>
#include <array>

namespace telltale::presence {
namespace {

constexpr net::RatePolicy kWords{.limit = 20, .window = std::chrono::seconds(10)};
constexpr std::size_t kWriters = 10'000;
constexpr std::array<std::string_view, 4> kActions{"presence", "cursor", "follow", "refuse"};

}  // namespace

Seat::~Seat() {
  engine_.held_.with([&](auto& held) { held.hall->leave(id_); });
}

bool Seat::takes(std::string_view action) noexcept {
  return std::ranges::find(kActions, action) != kActions.end();
}

base::Result<void> Seat::take(std::string_view action, base::JsonObject message) {
  message.erase("action");
  message.erase("type");
  const base::Json fields(std::move(message));
  if (action == "cursor") {
    const auto cursor = base::from_json<Cursor>(fields);
    if (!cursor) return std::unexpected(cursor.error());
    return engine_.cursor(id_, *cursor);
  }
  if (action == "presence") {
    auto place = base::from_json<Place>(fields);
    if (!place) return std::unexpected(place.error());
    return engine_.held_.with([&](auto& held) { return held.hall->place(id_, std::move(*place)); });
  }
  const auto whom = base::from_json<Whom>(fields);
  if (!whom) return std::unexpected(whom.error());
  return engine_.held_.with([&](auto& held) {
    return action == "follow" ? held.hall->follow(id_, *whom) : held.hall->refuse(id_, *whom);
  });
}

void Seat::hear(unsigned kinds) {
  engine_.held_.with([&](auto& held) { held.hall->hear(id_, kinds); });
}

void Seat::renew(runtime::Actor actor) {
  engine_.held_.with([&](auto& held) { held.hall->renew(id_, std::move(actor)); });
}

void Seat::refresh() {
  engine_.held_.with([&](auto& held) { held.hall->refresh(id_); });
}

Engine::Engine(Settings settings, Parts parts)
    : settings_(settings),
      parts_(std::move(parts)),
      sight_(parts_.servers),
      words_(parts_.loop.clock(), kWords, kWriters),
      wake_(parts_.loop),
      tasks_(parts_.loop, "presence") {
  held_.with([&](Held& held) {
    held.hall = std::make_unique<Hall>(parts_.loop.clock(), sight_,
                                       Hall::Settings{.mutual = settings_.mutual});
  });
}

void Engine::start() {
  tasks_.spawn("presence.cursors", flush_cursors(this));
}

runtime::Task<> Engine::stop() {
  co_await tasks_.stop();
}

base::Result<void> Engine::admit() const {
  if (settings_.enabled) return {};
  return base::fail(base::Code::unavailable,
                    "presence is switched off on this server (--no-presence)");
}

base::Result<std::unique_ptr<Seat>> Engine::enter(const runtime::Actor& actor, Tell tell) {
  if (auto on = admit(); !on) return std::unexpected(on.error());
  if (!actor.may("presence:read"))
    return base::fail(base::Code::permission_denied,
                      "your role (" + actor.role + ") lacks the permission presence:read");
  auto id = held_.with([&](Held& held) { return held.hall->enter(actor, std::move(tell)); });
  if (!id) return std::unexpected(id.error());
  return std::make_unique<Seat>(*this, std::move(*id));
}

base::Result<void> Engine::admit_words(const runtime::Actor& actor) {
  const auto verdict = words_.admit(actor.id.empty() ? actor.name : actor.id);
  if (verdict.allowed) return {};
  return std::unexpected(
      base::Error{.code = base::Code::rate_limited,
                  .detail = "at most 20 messages and annotations in 10 s",
                  .retry_after = std::chrono::ceil<std::chrono::milliseconds>(verdict.reset)});
}

base::Result<void> Engine::cursor(const std::string& id, const Cursor& cursor) {
  bool wake = false;
  auto done = held_.with([&](Held& held) {
    auto taken = held.hall->cursor(id, cursor);
    if (!held.armed && held.hall->next_deadline()) wake = held.armed = true;
    return taken;
  });
  if (wake) parts_.loop.post([this] { wake_.notify_all(); });
  return done;
}

runtime::Task<> Engine::flush_cursors(Engine* self) {
  for (;;) {
    const auto due = self->held_.with([](Held& held) {
      auto next = held.hall->next_deadline();
      held.armed = next.has_value();
      return next;
    });
    if (due) {
      co_await runtime::sleep_until(*due);
      self->held_.with([](Held& held) { held.hall->flush(); });
    } else {
      co_await self->wake_.wait();
    }
  }
}

void Engine::tell_all(Kind kind, const Hall::DataFor& data) {
  held_.with([&](Held& held) { held.hall->tell_all(kind, data); });
}

base::JsonArray Engine::people(const runtime::Actor& viewer) const {
  return held_.with([&](const Held& held) { return held.hall->people(viewer); });
}

Hall::Stats Engine::stats() const {
  return held_.with([](const Held& held) { return held.hall->stats(); });
}

}  // namespace telltale::presence
