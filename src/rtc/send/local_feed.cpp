#include "rtc/send/local_feed.hpp"

#include <algorithm>
#include <utility>

namespace telltale::rtc {

// A listener may leave, or another join, while it is called.
template <class Call>
void LocalFeed::for_each(Call&& call) {
  giving_ = true;
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    if (listeners_[i] != nullptr) call(*listeners_[i]);
  giving_ = false;
  std::erase(listeners_, nullptr);
}

void LocalFeed::on_frame(const PackedFramePtr& frame) {
  if (!after_frame_) return;  // everybody left
  const auto after = after_frame_;
  for_each([&](FeedListener& listener) { listener.on_feed_frame(*this, frame); });
  after();
}

void LocalFeed::on_end(const std::string& reason) {
  if (!after_frame_) return;
  const auto after = after_frame_;
  for_each([&](FeedListener& listener) { listener.on_feed_end(*this, reason); });
  after();
}

Subscription::Subscription(Subscription&& other) noexcept
    : owner_(other.owner_),
      feed_(std::move(other.feed_)),
      listener_(std::exchange(other.listener_, nullptr)) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  reset();
  owner_ = other.owner_;
  feed_ = std::move(other.feed_);
  listener_ = std::exchange(other.listener_, nullptr);
  return *this;
}

void Subscription::reset() {
  if (!feed_) return;
  owner_->leave(std::exchange(feed_, nullptr), listener_);
}

base::Result<Subscription> LocalFeeds::open(const std::shared_ptr<Source>& source,
                                            const std::string& rendition, Codec codec,
                                            FeedListener& listener) {
  auto opened = book_.open(source, rendition, codec);
  if (!opened) return std::unexpected(opened.error());
  const auto& feed = *opened;
  auto& local = feeds_[feed.get()];
  if (!local) {
    local = std::make_shared<LocalFeed>(feed, after_frame_);
    feed->subscribe(loop_, local);
  }
  local->listeners_.push_back(&listener);
  return Subscription(*this, local, listener);
}

void LocalFeeds::leave(const std::shared_ptr<LocalFeed>& feed, const FeedListener* listener) {
  auto& listeners = feed->listeners_;
  const auto found = std::ranges::find(listeners, listener);
  if (found == listeners.end()) return;
  if (feed->giving_)
    *found = nullptr;
  else
    listeners.erase(found);
  const bool none = std::ranges::all_of(listeners, [](const auto* at) { return at == nullptr; });
  if (!none) return;
  // Frames may be on their way to this loop still, when its worker is gone.
  feed->after_frame_ = nullptr;
  feed->feed().unsubscribe(feed.get());
  feeds_.erase(&feed->feed());
}

}  // namespace telltale::rtc
