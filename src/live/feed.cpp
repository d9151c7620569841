#include "live/feed.hpp"

#include <algorithm>

#include "live/session.hpp"

namespace telltale::live {
namespace {

constexpr std::size_t kVisitsPerTurn = 128;
constexpr std::size_t kLogKept = 256;  // while there is no end of events
constexpr std::size_t kAhead = 2;      // sessions: so far the memory may be fetched
constexpr std::size_t kInterestsShared = 64;

}  // namespace

bool Interest::is(const Filters& filters, bool audit) const {
  return audit == audit_ && std::ranges::equal(filters_, filters, [](const auto& a, const auto& b) {
           return *a == *b;
         });
}

const Interest::Sending& Interest::sending(const Feed& feed, std::uint64_t from, std::uint64_t to) {
  if (from == from_ && to == to_) return last_;
  from_ = from;
  to_ = to;
  last_ = {};
  std::string frames;
  for (auto place = from; place < to; ++place) {
    const auto& item = feed.at(place);
    if (item->event.channel == "audit" && !audit_) continue;
    if (std::ranges::none_of(filters_,
                             [&](const auto& filter) { return filter->wants(item->event); }))
      continue;
    last_.events.push_back(item);
    net::append_text_frame(frames, *item->text);
  }
  if (!last_.events.empty()) last_.frames = std::make_shared<const std::string>(std::move(frames));
  return last_;
}

void Feed::add(Session& session) {
  sessions_.push_back(&session);
  if (left_ > 0) ++left_;
}

void Feed::remove(Session& session) {
  const auto found = std::ranges::find(sessions_, &session);
  if (found == sessions_.end()) return;
  if (static_cast<std::size_t>(found - sessions_.begin()) < next_) --next_;
  sessions_.erase(found);
  left_ = std::min(left_, sessions_.size());
  if (next_ >= sessions_.size()) next_ = 0;
}

void Feed::take(std::span<const bus::PublishedPtr> batch) {
  if (sessions_.empty()) {
    first_ = end() + batch.size();
    log_.clear();
    return;
  }
  log_.insert(log_.end(), batch.begin(), batch.end());
  left_ = sessions_.size();
  if (!std::exchange(turning_, true)) turn();
}

void Feed::turn() {
  for (std::size_t visits = 0; left_ > 0 && visits < kVisitsPerTurn; ++visits) {
    --left_;
    auto* const session = sessions_[next_];
    if (++next_ == sessions_.size()) {
      next_ = 0;
      if (log_.size() > kLogKept) forget();
    }
    __builtin_prefetch(sessions_[(next_ + kAhead) % sessions_.size()]);
    session->visit(*this);
  }
  turning_ = left_ > 0;
  if (turning_) return loop_.post([this] { turn(); });
  first_ = end();
  log_.clear();
}

// What everybody has had, when there is no moment in which everybody has had everything.
void Feed::forget() {
  auto had = end();
  for (const auto* const session : sessions_) had = std::min(had, session->place());
  log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(had - first_));
  first_ = had;
}

std::shared_ptr<Interest> Feed::interest(Interest::Filters filters, bool audit) {
  std::erase_if(interests_, [](const auto& weak) { return weak.expired(); });
  for (const auto& weak : interests_)
    if (auto known = weak.lock(); known && known->is(filters, audit)) return known;
  auto made = std::make_shared<Interest>(std::move(filters), audit);
  if (interests_.size() < kInterestsShared) interests_.push_back(made);
  return made;
}

std::shared_ptr<const EventFilter> Feed::shared(EventFilter filter) const {
  for (const auto& weak : interests_)
    if (const auto interest = weak.lock())
      for (const auto& known : interest->filters())
        if (*known == filter) return known;
  return std::make_shared<const EventFilter>(std::move(filter));
}

}  // namespace telltale::live
