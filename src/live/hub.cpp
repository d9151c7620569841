#include "live/hub.hpp"

#include "base/check.hpp"
#include "live/session.hpp"

namespace telltale::live {
namespace {
constexpr std::size_t kUsers = 16'384;  // counted each, when their number is below
}  // namespace

Hub::Hub(runtime::Runtime& runtime, bus::Bus& bus, catalog::Dispatcher& dispatcher,
         FleetStatus fleet_status, HubSettings settings)
    : runtime_(runtime),
      bus_(bus),
      dispatcher_(dispatcher),
      fleet_status_(std::move(fleet_status)),
      settings_(std::move(settings)),
      messages_(runtime_.clock(), settings_.messages, kUsers) {
  for (std::size_t i = 0; i < runtime_.size(); ++i)
    per_loop_.push_back(std::make_unique<PerLoop>());
}

Hub::~Hub() {
  CHECK(clients() == 0);
}

Hub::PerLoop& Hub::here() {
  for (std::size_t i = 0; i < per_loop_.size(); ++i)
    if (runtime_.loop(i).is_current()) return *per_loop_[i];
  CHECK(false);
}

void Hub::enter(Session& session) {
  auto& mine = here();
  mine.sessions.push_back(&session);
  clients_.fetch_add(1, std::memory_order_relaxed);
  if (mine.subscribed) return;
  mine.subscribed = true;
  mine.subscription =
      bus_.subscribe(*runtime::Loop::current(), [&mine](std::span<const bus::PublishedPtr> batch) {
        for (auto* const open : mine.sessions) open->offer(batch);
      });
}

void Hub::leave(Session& session) {
  std::erase(here().sessions, &session);
  dropped_.fetch_add(session.dropped(), std::memory_order_relaxed);
  clients_.fetch_sub(1, std::memory_order_relaxed);
}

runtime::Task<> Hub::serve(std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
                           base::WallTime token_expires) {
  Session session(*this, std::move(socket), std::move(actor), token_expires);
  co_await session.run();
}

runtime::Task<> Hub::stop() {
  for (std::size_t i = 0; i < per_loop_.size(); ++i)
    co_await runtime::call_on(runtime_.loop(i), [](PerLoop* mine) -> runtime::Task<> {
      mine->subscription = {};
      mine->subscribed = false;
      co_return;
    }(per_loop_[i].get()));
}

}  // namespace telltale::live
