#include "bus/bus.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace telltale::bus {

std::string event_text(const runtime::Event& event) {
  base::JsonObject out;
  out["type"] = event.type;
  out["seq"] = event.seq;
  out["timestamp"] = base::format_rfc3339(event.time);
  if (event.type == "mcp_status_change") {  // old clients read these two at the top
    if (const auto* name = event.data.if_contains("mcp_name")) out["mcp_name"] = *name;
    if (const auto* status = event.data.if_contains("new_status")) out["status"] = *status;
  }
  out["data"] = event.data;
  return base::write_json(out);
}

Subscription::Subscription(Subscription&& other) noexcept
    : bus_(std::exchange(other.bus_, nullptr)), loop_(other.loop_), id_(other.id_) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  std::swap(bus_, other.bus_);
  std::swap(loop_, other.loop_);
  std::swap(id_, other.id_);
  return *this;
}

Subscription::~Subscription() {
  if (bus_ != nullptr) bus_->unsubscribe(*loop_, id_);
}

Bus::Bus(const base::Clock& clock, std::size_t keep) : clock_(clock), keep_(keep) {}
Bus::~Bus() = default;

void Bus::resume_after(std::uint64_t last, std::vector<runtime::Event> kept) {
  const std::lock_guard lock(mutex_);
  CHECK(last_seq_ == 0 && kept_.empty());
  last_seq_ = last;
  for (auto& event : kept) {
    auto text = std::make_shared<const std::string>(event_text(event));
    kept_.push_back(
        std::make_shared<const Published>(Published{std::move(event), std::move(text)}));
    if (kept_.size() > keep_) kept_.pop_front();
  }
}

void Bus::publish(runtime::Event event) {
  std::vector<std::pair<runtime::Loop*, Mailbox*>> wake;
  {
    // The text is written under the lock so that the order of numbers is the order of delivery.
    const std::lock_guard lock(mutex_);
    event.seq = last_seq_.load(std::memory_order_relaxed) + 1;
    event.time = clock_.wall();
    auto text = std::make_shared<const std::string>(event_text(event));
    last_seq_.store(event.seq, std::memory_order_release);
    const auto published =
        std::make_shared<const Published>(Published{std::move(event), std::move(text)});
    kept_.push_back(published);
    if (kept_.size() > keep_) kept_.pop_front();
    for (auto& [loop, mailbox] : mailboxes_) {
      mailbox->pending.push_back(published);
      if (!std::exchange(mailbox->woken, true)) wake.emplace_back(loop, mailbox.get());
    }
  }
  if (wake.empty()) return;
  const auto wake_all = [this, wake = std::move(wake)] {
    for (auto [loop, mailbox] : wake)
      loop->post([this, loop, mailbox] { deliver(*loop, *mailbox); });
  };
  // What a task publishes before it waits goes out together: the others are
  // woken when it is done.
  if (auto* const here = runtime::Loop::current())
    here->post(wake_all);
  else
    wake_all();
}

Replay Bus::since(std::uint64_t seq, std::size_t limit) const {
  Replay out;
  const std::lock_guard lock(mutex_);
  const auto last = last_seq_.load(std::memory_order_relaxed);
  if (seq >= last) {
    // A number from the future is from another life of this server: all it knows is gone.
    if (seq > last) out.gap = Gap{0, last};
    return out;
  }
  const auto first =
      std::ranges::upper_bound(kept_, seq, {}, [](const PublishedPtr& p) { return p->event.seq; });
  const auto oldest = first == kept_.end() ? last + 1 : (*first)->event.seq;
  if (oldest > seq + 1) out.gap = Gap{seq + 1, oldest - 1};
  for (auto it = first; it != kept_.end() && out.events.size() < limit; ++it)
    out.events.push_back(*it);
  return out;
}

Subscription Bus::subscribe(runtime::Loop& loop, BatchHandler handler) {
  CHECK(loop.is_current());
  const auto id = ++next_subscription_;
  Mailbox* mailbox = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& slot = mailboxes_[&loop];
    if (!slot) slot = std::make_unique<Mailbox>();
    mailbox = slot.get();
  }
  // What was published before but waits in this loop's mailbox belongs to the older subscribers
  // only.
  deliver(loop, *mailbox);
  mailbox->handlers.emplace_back(id, std::make_shared<BatchHandler>(std::move(handler)));
  return Subscription(this, &loop, id);
}

void Bus::deliver(runtime::Loop&, Mailbox& mailbox) {
  std::vector<PublishedPtr> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(mailbox.pending);
    mailbox.woken = false;
  }
  if (batch.empty()) return;
  // A handler may end its own or another subscription: walk over a copy and ask whether each is
  // still there.
  const auto handlers = mailbox.handlers;
  for (const auto& [id, handler] : handlers) {
    const bool alive =
        std::ranges::any_of(mailbox.handlers, [&](const auto& item) { return item.first == id; });
    if (alive) (*handler)(batch);
  }
}

void Bus::unsubscribe(runtime::Loop& loop, std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = mailboxes_.find(&loop);
  if (found != mailboxes_.end())
    std::erase_if(found->second->handlers, [&](const auto& item) { return item.first == id; });
}

}  // namespace telltale::bus
