#include "net/rate_limiter.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

#include "net/outbound_policy.hpp"

namespace telltale::net {

RateVerdict SlidingWindow::admit(const RatePolicy& policy, base::SteadyTime now) {
  const auto size = std::max<std::int64_t>(policy.window.count() / kSlots, 1);
  const auto slot = std::max(now.time_since_epoch().count() / size, slot_);
  const auto at = [](std::int64_t number) {
    return static_cast<std::size_t>(number % (kSlots + 1));
  };
  for (auto next = std::max(slot_ + 1, slot - kSlots); next <= slot; ++next)
    sum_ -= std::exchange(counts_[at(next)], 0U);
  slot_ = slot;
  RateVerdict out{.limit = policy.limit, .window = policy.window};
  out.allowed = sum_ < policy.limit;
  if (out.allowed) {
    ++counts_[at(slot)];
    ++sum_;
  }
  out.remaining = static_cast<std::uint32_t>(policy.limit - sum_);
  // The oldest slot that holds something is the first to make room.
  for (auto old = std::max<std::int64_t>(slot - kSlots, 0); old <= slot; ++old)
    if (counts_[at(old)] > 0) {
      out.reset = base::Duration((old + kSlots + 1) * size) - now.time_since_epoch();
      break;
    }
  return out;
}

bool SlidingWindow::quiet(const RatePolicy& policy, base::SteadyTime now) const {
  const auto size = std::max<std::int64_t>(policy.window.count() / kSlots, 1);
  return now.time_since_epoch().count() / size > slot_ + kSlots;
}

struct RateLimiter::Shard {
  std::mutex mutex;
  std::map<std::string, SlidingWindow, std::less<>> windows;
  SlidingWindow newcomers;
  base::SteadyTime swept{};
};

RateLimiter::RateLimiter(const base::Clock& clock, RatePolicy policy, std::size_t key_limit)
    : clock_(clock),
      policy_(policy),
      keys_per_shard_(std::max<std::size_t>(key_limit / 16, 1)),
      shards_(std::make_unique<std::array<Shard, 16>>()) {}
RateLimiter::~RateLimiter() = default;

RateLimiter::Shard& RateLimiter::shard_of(std::string_view key) const {
  return (*shards_)[std::hash<std::string_view>()(key) % shards_->size()];
}

RateVerdict RateLimiter::admit(std::string_view key) {
  if (policy_.limit == 0) return {};
  const auto now = clock_.now();
  auto& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  auto found = shard.windows.find(key);
  if (found == shard.windows.end()) {
    // Looked through at most once in a slot's time, so that a flood of new keys stays cheap.
    if (shard.windows.size() >= keys_per_shard_ && now - shard.swept > policy_.window / 16) {
      shard.swept = now;
      std::erase_if(shard.windows,
                    [&](const auto& item) { return item.second.quiet(policy_, now); });
    }
    if (shard.windows.size() >= keys_per_shard_) return shard.newcomers.admit(policy_, now);
    found = shard.windows.emplace(std::string(key), SlidingWindow()).first;
  }
  return found->second.admit(policy_, now);
}

std::size_t RateLimiter::keys() const {
  std::size_t out = 0;
  for (auto& shard : *shards_) {
    const std::lock_guard lock(shard.mutex);
    out += shard.windows.size();
  }
  return out;
}

std::string rate_key_of(std::string_view text) {
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(std::string(text), error);
  if (error) return std::string(text.substr(0, 64));
  if (address.is_v4()) {
    if (reach_of(address) != Reach::internet) return address.to_string();
    auto bytes = address.to_v4().to_bytes();
    bytes[3] = 0;
    return boost::asio::ip::address_v4(bytes).to_string() + "/24";
  }
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace telltale::net
