// Feed: one loop's part of the fan-out. Events that came are a log with numbers of its own; every
// session has a place in it and is visited in turn, a few in a row before the loop's others have a
// turn. What has come since a session's last visit is one write: many events cost a busy fleet no
// more system calls than one. Sessions that want the same share an Interest and its frames, made
// once. On its loop.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "bus/bus.hpp"
#include "live/event_filter.hpp"

namespace telltale::live {

class Session;
class Feed;

// What sessions with the very same filters are sent.
class Interest {
 public:
  using Filters = std::vector<std::shared_ptr<const EventFilter>>;
  struct Sending {
    std::vector<bus::PublishedPtr> events;
    std::shared_ptr<const std::string> frames;  // of all of them; null when there are none
  };

  // `audit`: entries of the audit may be seen.
  Interest(Filters filters, bool audit) : filters_(std::move(filters)), audit_(audit) {}
  bool is(const Filters& filters, bool audit) const;
  const Filters& filters() const noexcept { return filters_; }
  // The events [from, to) of the log. Good until the next call.
  const Sending& sending(const Feed& feed, std::uint64_t from, std::uint64_t to);

 private:
  Filters filters_;
  bool audit_;
  std::uint64_t from_ = 0;
  std::uint64_t to_ = 0;
  Sending last_;
};

class Feed {
 public:
  explicit Feed(runtime::Loop& loop) : loop_(loop) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void add(Session& session);  // from the next event on
  void remove(Session& session);
  void take(std::span<const bus::PublishedPtr> batch);
  std::shared_ptr<Interest> interest(Interest::Filters filters, bool audit);
  // One like it that a session has already, or this one.
  std::shared_ptr<const EventFilter> shared(EventFilter filter) const;

  std::uint64_t end() const noexcept { return first_ + log_.size(); }
  const bus::PublishedPtr& at(std::uint64_t place) const { return log_[place - first_]; }
  const std::vector<Session*>& sessions() const noexcept { return sessions_; }

 private:
  void turn();
  void forget();

  runtime::Loop& loop_;
  std::vector<Session*> sessions_;
  std::size_t next_ = 0;  // to be visited
  std::size_t left_ = 0;  // from there on, round the end, have not been visited
                          // since something came
  bool turning_ = false;
  std::deque<bus::PublishedPtr> log_;
  std::uint64_t first_ = 0;  // the place of log_.front()
  std::vector<std::weak_ptr<Interest>> interests_;
};

}  // namespace telltale::live
