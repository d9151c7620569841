// The feeds one loop has viewers of: each frame comes to the loop once and goes to all of them
// there. A Subscription is one viewer's; letting go of the last one lets go of the feed. On the
// worker's loop only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "rtc/send/feed.hpp"

namespace telltale::rtc {

class LocalFeed;

class FeedListener {
 public:
  virtual ~FeedListener() = default;
  virtual void on_feed_frame(const LocalFeed& feed, const PackedFramePtr& frame) = 0;
  virtual void on_feed_end(const LocalFeed& feed, const std::string& reason) = 0;
};

// Of one feed on one loop.
class LocalFeed final : public FeedTarget {
 public:
  LocalFeed(std::shared_ptr<Feed> feed, std::function<void()> after_frame)
      : feed_(std::move(feed)), after_frame_(std::move(after_frame)) {}

  void on_frame(const PackedFramePtr& frame) override;
  void on_end(const std::string& reason) override;

  Feed& feed() const noexcept { return *feed_; }

 private:
  friend class LocalFeeds;
  friend class Subscription;
  template <class Call>
  void for_each(Call&& call);

  std::shared_ptr<Feed> feed_;
  std::function<void()> after_frame_;
  std::vector<FeedListener*> listeners_;  // null: left while frames were given out
  bool giving_ = false;
};

class LocalFeeds;

// Move only; leaves the feed at its end.
class Subscription {
 public:
  Subscription() = default;
  Subscription(Subscription&& other) noexcept;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription() { reset(); }

  void reset();
  explicit operator bool() const noexcept { return feed_ != nullptr; }
  bool is(const LocalFeed& feed) const noexcept { return feed_.get() == &feed; }
  Feed& feed() const noexcept { return feed_->feed(); }

 private:
  friend class LocalFeeds;
  Subscription(LocalFeeds& owner, std::shared_ptr<LocalFeed> feed, FeedListener& listener)
      : owner_(&owner), feed_(std::move(feed)), listener_(&listener) {}

  LocalFeeds* owner_ = nullptr;
  std::shared_ptr<LocalFeed> feed_;
  FeedListener* listener_ = nullptr;
};

class LocalFeeds {
 public:
  // `after_frame` is called when all viewers of this loop had a frame: time to flush.
  LocalFeeds(runtime::Loop& loop, FeedBook& book, std::function<void()> after_frame)
      : loop_(loop), book_(book), after_frame_(std::move(after_frame)) {}
  LocalFeeds(const LocalFeeds&) = delete;
  LocalFeeds& operator=(const LocalFeeds&) = delete;

  base::Result<Subscription> open(const std::shared_ptr<Source>& source,
                                  const std::string& rendition, Codec codec,
                                  FeedListener& listener);
  std::size_t size() const noexcept { return feeds_.size(); }

 private:
  friend class Subscription;
  void leave(const std::shared_ptr<LocalFeed>& feed, const FeedListener* listener);

  runtime::Loop& loop_;
  FeedBook& book_;
  std::function<void()> after_frame_;
  std::map<const Feed*, std::shared_ptr<LocalFeed>> feeds_;
};

}  // namespace telltale::rtc
