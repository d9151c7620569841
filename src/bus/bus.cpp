#include "bus/bus.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace telltale::bus {

namespace {

// Not from outside, so of any size; what does not parse was kept by a newer version.
base::JsonObject parse_data(std::string_view text) {
  auto parsed = base::parse_json(text);
  return parsed && parsed->is_object() ? std::move(parsed->get_object()) : base::JsonObject();
}

runtime::Event head_of(const runtime::Event& event) {
  return {.seq = event.seq,
          .time = event.time,
          .type = event.type,
          .channel = event.channel,
          .subject = event.subject,
          .severity = event.severity,
          .data = {}};
}

}  // namespace

// Put together by hand: it is written for every event, under the lock that gives the numbers.
EventText event_text(const runtime::Event& head, std::string_view data) {
  std::string out;
  out.reserve(data.size() + head.type.size() + 100);
  out.append("{\"type\":\"").append(head.type);  // a name of ours: nothing to escape
  out.append("\",\"seq\":").append(std::to_string(head.seq));
  out.append(",\"timestamp\":\"").append(base::format_rfc3339(head.time)).push_back('"');
  if (head.type == "mcp_status_change") {  // old clients read these two at the top
    const auto members = parse_data(data);
    const auto add = [&](std::string_view key, const base::Json* value) {
      if (value == nullptr) return;
      out.append(",\"").append(key).append("\":").append(base::write_json(*value));
    };
    add("mcp_name", members.if_contains("mcp_name"));
    add("status", members.if_contains("new_status"));
  }
  out.append(",\"data\":");
  const auto data_at = out.size();
  out.append(data).push_back('}');
  return {std::move(out), data_at};
}

std::string event_text(const runtime::Event& event) {
  return event_text(event, base::write_json(event.data)).text;
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

void Bus::resume_after(std::uint64_t last, std::vector<Stored> kept) {
  const std::lock_guard lock(mutex_);
  CHECK(last_seq_ == 0 && kept_.empty());
  last_seq_ = last;
  for (auto& [head, data] : kept) {
    auto [text, data_at] = event_text(head, data);
    keep({.event = std::move(head),
          .text = std::make_shared<const std::string>(std::move(text)),
          .data_at = data_at},
         {});
  }
}

void Bus::keep(const Published& published, std::weak_ptr<const Published> whole) {
  kept_.push_back({head_of(published.event), published.text, published.data_at, std::move(whole)});
  if (kept_.size() > keep_) kept_.pop_front();
}

PublishedPtr Bus::whole(Kept& kept) {
  if (auto known = kept.whole.lock()) return known;
  auto made = std::make_shared<Published>(
      Published{.event = kept.head, .text = kept.text, .data_at = kept.data_at});
  made->event.data = parse_data(made->data_text());
  kept.whole = made;
  return made;
}

void Bus::publish(runtime::Event event) {
  const auto data = base::write_json(event.data);
  std::vector<std::pair<runtime::Loop*, Mailbox*>> wake;
  {
    // The text is written under the lock so that the order of numbers is the order of delivery.
    const std::lock_guard lock(mutex_);
    event.seq = last_seq_.load(std::memory_order_relaxed) + 1;
    event.time = clock_.wall();
    auto [text, data_at] = event_text(event, data);
    last_seq_.store(event.seq, std::memory_order_release);
    const auto published = std::make_shared<const Published>(
        Published{.event = std::move(event),
                  .text = std::make_shared<const std::string>(std::move(text)),
                  .data_at = data_at});
    keep(*published, published);
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
      std::ranges::upper_bound(kept_, seq, {}, [](const Kept& one) { return one.head.seq; });
  const auto oldest = first == kept_.end() ? last + 1 : first->head.seq;
  if (oldest > seq + 1) out.gap = Gap{seq + 1, oldest - 1};
  for (auto it = first; it != kept_.end() && out.events.size() < limit; ++it)
    out.events.push_back(whole(*it));
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
