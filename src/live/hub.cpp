#include "live/hub.hpp"

#include "base/check.hpp"
#include "live/session.hpp"

namespace telltale::live {
namespace {
constexpr std::size_t kUsers = 16'384;  // counted each, when their number is below
constexpr base::Duration kGuardInterval = std::chrono::seconds(1);
}  // namespace

Hub::Hub(runtime::Runtime& runtime, bus::Bus& bus, catalog::Dispatcher& dispatcher,
         const auth::SessionService& sessions, presence::Engine& presence, FleetStatus fleet_status,
         HubSettings settings)
    : runtime_(runtime),
      bus_(bus),
      dispatcher_(dispatcher),
      sessions_(sessions),
      presence_(presence),
      fleet_status_(std::move(fleet_status)),
      settings_(std::move(settings)),
      user_messages_(runtime_.clock(), settings_.user_messages, kUsers),
      cursors_(runtime_.clock(), settings_.user_cursors, kUsers) {
  for (std::size_t i = 0; i < runtime_.size(); ++i)
    per_loop_.push_back(std::make_unique<PerLoop>(runtime_.loop(i)));
}

Hub::~Hub() {
  CHECK(clients() == 0);
}

Hub::PerLoop& Hub::here() {
  for (std::size_t i = 0; i < per_loop_.size(); ++i)
    if (runtime_.loop(i).is_current()) return *per_loop_[i];
  CHECK(false);
}

Feed& Hub::enter(Session& session) {
  auto& mine = here();
  clients_.fetch_add(1, std::memory_order_relaxed);
  if (!mine.subscribed) {
    mine.subscribed = true;
    mine.subscription = bus_.subscribe(
        *runtime::Loop::current(),
        [&mine](std::span<const bus::PublishedPtr> batch) { mine.feed.take(batch); });
    mine.tasks.spawn("websocket.guard", guard(this, &mine));
  }
  mine.feed.add(session);
  return mine.feed;
}

void Hub::leave(Session& session) {
  here().feed.remove(session);
  if (session.hears_metrics()) count_metrics_listener(false);
  dropped_.fetch_add(session.dropped(), std::memory_order_relaxed);
  clients_.fetch_sub(1, std::memory_order_relaxed);
}

void Hub::recheck() {
  for (std::size_t i = 0; i < runtime_.size(); ++i)
    runtime_.loop(i).post([mine = per_loop_[i].get()] {
      for (auto* const open : mine->feed.sessions()) open->recheck();
    });
}

const std::string& Hub::servers() {
  auto& mine = here();
  const auto version = fleet_status_.version();  // before they are read
  if (version != mine.servers_version || mine.servers.empty()) {
    mine.servers = base::write_json(base::Json(fleet_status_.records()));
    mine.servers_version = version;
  }
  return mine.servers;
}

runtime::Task<> Hub::guard(Hub* hub, PerLoop* mine) {
  for (;;) {
    co_await runtime::sleep_for(kGuardInterval);
    const auto& clock = runtime::Loop::current()->clock();
    const Session::Look look{
        .now = clock.now(), .wall = clock.wall(), .behind_limit = hub->settings_.behind_limit};
    for (auto* const open : mine->feed.sessions()) open->look_after(look);
  }
}

runtime::Task<> Hub::serve(std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
                           base::WallTime token_expires) {
  return Session::run(
      std::make_unique<Session>(*this, std::move(socket), std::move(actor), token_expires));
}

runtime::Task<> Hub::stop() {
  for (std::size_t i = 0; i < per_loop_.size(); ++i)
    co_await runtime::call_on(runtime_.loop(i), [](PerLoop* mine) -> runtime::Task<> {
      mine->subscription = {};
      mine->subscribed = false;
      co_await mine->tasks.stop();
    }(per_loop_[i].get()));
}

}  // namespace telltale::live
