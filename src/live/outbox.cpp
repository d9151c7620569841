#include "live/outbox.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace telltale::live {
namespace {

bool collapses(const runtime::Event& event) {
  // A change of state must reach the client even when it is late; only the newest per subject
  // matters.
  return event.channel == "status" || event.channel == "metrics";
}

}  // namespace

std::string gap_text(bus::Gap gap) {
  return base::write_json(base::JsonObject{
      {"type", "gap"}, {"data", {{"from_seq", gap.from_seq}, {"to_seq", gap.to_seq}}}});
}

void Outbox::push(const bus::PublishedPtr& event, base::SteadyTime now) {
  const bool fits = !behind_since_ && queue_.size() < limits_.messages &&
                    bytes_ + event->text->size() <= limits_.bytes;
  if (fits) {
    queue_.push_back(event->text);
    bytes_ += event->text->size();
    return;
  }
  if (!behind_since_) behind_since_ = now;
  if (collapses(event->event)) {
    auto& slot = latest_[event->event.type + '\n' + event->event.subject];
    if (slot) ++dropped_;
    slot = event;
    return;
  }
  ++dropped_;
  const auto seq = event->event.seq;
  gap_ = gap_ ? bus::Gap{std::min(gap_->from_seq, seq), std::max(gap_->to_seq, seq)}
              : bus::Gap{seq, seq};
}

void Outbox::push_answer(std::string text) {
  bytes_ += text.size();
  queue_.push_back(std::make_shared<const std::string>(std::move(text)));
}

void Outbox::push_replay(std::vector<bus::PublishedPtr> events) {
  for (auto& event : events) {
    bytes_ += event->text->size();
    queue_.push_back(event->text);
  }
}

void Outbox::push_gap(bus::Gap gap) {
  push_answer(gap_text(gap));
}

// The queue is written out: now the client hears what it missed, then how things stand.
void Outbox::refill() {
  if (gap_) push_gap(*gap_);
  gap_.reset();
  std::vector<bus::PublishedPtr> newest;
  newest.reserve(latest_.size());
  for (auto& [key, event] : latest_) newest.push_back(std::move(event));
  latest_.clear();
  std::ranges::sort(newest, {}, [](const bus::PublishedPtr& item) { return item->event.seq; });
  push_replay(std::move(newest));
  behind_since_.reset();
}

std::vector<Outbox::Text> Outbox::take(std::size_t bytes) {
  if (queue_.empty()) refill();
  std::vector<Text> out;
  std::size_t taken = 0;
  while (!queue_.empty() && (out.empty() || taken + queue_.front()->size() <= bytes)) {
    taken += queue_.front()->size();
    out.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  bytes_ -= taken;
  return out;
}

bool Outbox::empty() const noexcept {
  return queue_.empty() && latest_.empty() && !gap_;
}

}  // namespace telltale::live
