#include "mcp/pending_calls.hpp"

#include <algorithm>

namespace telltale::mcp {

PendingCall::PendingCall(runtime::Loop& loop, base::Duration limit, base::Duration ceiling,
                         CallOptions options)
    : loop_(loop),
      outcome_(loop),
      limit_(limit),
      last_heard_(loop.clock().now()),
      ceiling_at_(last_heard_ + std::max(limit, ceiling)),
      options_(std::move(options)) {}

base::SteadyTime PendingCall::deadline() const noexcept {
  return std::min(last_heard_ + limit_, ceiling_at_);
}

runtime::Task<std::optional<PendingCall::Outcome>> PendingCall::wait(
    std::shared_ptr<PendingCall> self) {
  for (;;) {
    const auto left = self->deadline() - self->loop_.clock().now();
    if (left <= base::Duration::zero()) co_return std::nullopt;
    auto outcome = co_await self->outcome_.wait_for(left);
    if (outcome) co_return outcome;  // else progress may have moved the deadline
  }
}

PendingCalls::Begun PendingCalls::begin(base::Duration limit, base::Duration ceiling,
                                        CallOptions options) {
  const auto id = ++next_id_;
  auto call = std::make_shared<PendingCall>(loop_, limit, ceiling, std::move(options));
  calls_.emplace(id, call);
  return {id, std::move(call)};
}

PendingCalls::Delivery PendingCalls::of_ended(std::int64_t id) const {
  const auto found = ended_.find(id);
  if (found == ended_.end()) {
    const bool retired = std::ranges::any_of(
        retired_, [id](const auto& range) { return id >= range.first && id < range.second; });
    return retired ? Delivery::late : Delivery::unknown;
  }
  return found->second ? Delivery::duplicate : Delivery::late;
}

PendingCalls::Delivery PendingCalls::complete(std::int64_t id, PendingCall::Outcome outcome,
                                              std::size_t bytes) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return of_ended(id);
  if (const auto& traffic = found->second->options_.traffic) traffic->received += bytes;
  return found->second->outcome_.set(std::move(outcome)) ? Delivery::delivered
                                                         : Delivery::duplicate;
}

PendingCalls::Delivery PendingCalls::progress(std::int64_t token, const Progress& progress) {
  const auto found = calls_.find(token);
  if (found == calls_.end())
    return of_ended(token) == Delivery::unknown ? Delivery::unknown : Delivery::late;
  const auto call = found->second;  // its handler may end the call
  if (call->done()) return Delivery::late;
  call->last_heard_ = loop_.clock().now();
  if (call->options_.on_progress) call->options_.on_progress(progress);
  return Delivery::delivered;
}

bool PendingCalls::forget(std::int64_t id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return false;
  const bool answered = found->second->done();
  calls_.erase(found);
  remember(id, answered);
  return !answered;
}

void PendingCalls::fail_all(const base::Error& why) {
  for (const auto& [id, call] : calls_) call->outcome_.set(std::unexpected(why));
}

bool PendingCalls::waits(std::int64_t id) const {
  const auto found = calls_.find(id);
  return found != calls_.end() && !found->second->done();
}

ElicitationHandler PendingCalls::newest_elicitation() const {
  for (auto it = calls_.rbegin(); it != calls_.rend(); ++it)
    if (it->second->options_.on_elicitation && !it->second->done())
      return it->second->options_.on_elicitation;
  return {};
}

void PendingCalls::remember(std::int64_t id, bool answered) {
  if (ended_order_.size() == kRemembered) ended_.erase(ended_order_[0]);
  ended_order_.push(id);
  ended_[id] = answered;
}

}  // namespace telltale::mcp
