// A socket's part in presence: what it is told comes from any loop and is written on its own.
#include "live/session.hpp"

namespace telltale::live {

using presence::Kind;

unsigned Session::presence_kinds() const {
  unsigned kinds = 0;
  for (const auto& subscription : subscriptions_) {
    const auto& filter = *subscription.filter;
    if (filter.channels().contains("presence")) return presence::kEverything;
    for (const auto kind : {Kind::presence, Kind::cursor, Kind::annotation, Kind::chat})
      if (filter.event_types().contains(presence::name_of(kind)))
        kinds |= static_cast<unsigned>(kind);
  }
  return kinds;
}

// Null, and the client has been told why, where nobody may sit.
presence::Seat* Session::seat() {
  if (seat_) return seat_.get();
  here_ = std::make_shared<Session*>(this);
  auto entered = hub_.presence_.enter(
      actor_, [loop = &loop_, weak = std::weak_ptr(here_)](Kind kind, presence::Text text) {
        loop->post([weak, kind, text = std::move(text)] {
          if (const auto session = weak.lock()) (*session)->tell(kind, text);
        });
      });
  if (entered) seat_ = std::move(*entered);
  if (!entered) send_refusal(entered.error());
  return seat_.get();
}

void Session::hear_presence() {
  const auto kinds = presence_kinds();
  if (!seat_ && kinds == 0) return;
  if (seat_ == nullptr && (!hub_.presence_.enabled() || !actor_.may("presence:read"))) return;
  if (auto* const mine = seat()) mine->hear(kinds);
}

void Session::renew_presence() {
  if (!seat_) return;
  if (actor_.may("presence:read"))
    seat_->renew(actor_);
  else
    seat_.reset();
}

// Who reads slowly misses cursors, which soon come again, and then changes: he gets the list anew
// when he has caught up.
void Session::tell(Kind kind, const presence::Text& text) {
  if (closing_) return;
  if (outbox_.empty()) return send_text(*text);
  if (kind == Kind::cursor) return;
  if (outbox_.bytes() + text->size() > hub_.settings_.outbox.bytes) {
    missed_presence_ = true;
    return;
  }
  send_text(*text);
}

void Session::catch_up_presence() {
  if (missed_presence_ && seat_ && outbox_.empty()) {
    missed_presence_ = false;
    seat_->refresh();
  }
}

void Session::handle_presence(std::string_view action, const base::JsonObject& message) {
  auto* const mine = seat();
  if (mine == nullptr) return;
  if (auto taken = mine->take(action, message); !taken) send_refusal(taken.error());
}

}  // namespace telltale::live
