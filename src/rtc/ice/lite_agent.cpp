#include "rtc/ice/lite_agent.hpp"

namespace telltale::rtc::ice {

LiteAgent::LiteAgent(const Settings& settings, Credentials local, base::SteadyTime now)
    : settings_(settings), local_(std::move(local)), heard_(now) {}

std::size_t LiteAgent::on_packet(Bytes datagram, const Path& from, base::SteadyTime now,
                                 MutableBytes out) {
  on_time(now);
  const auto request = stun::Message::parse(datagram);
  // Lite agents ask nothing, so responses are nobody's; indications keep a path open, no more.
  if (!request || !request->is(stun::Class::request) || state_ == State::expired) return 0;
  ++counters_.requests;
  const auto* local = &local_;
  auto verdict = judge(*request, local_, remote_.ufrag);
  const bool by_new_credentials = verdict == Verdict::authentic || verdict == Verdict::unknown;
  if (verdict == Verdict::not_ours && old_local_) {
    local = &*old_local_;
    verdict = judge(*request, *local, {});
  }
  if (verdict != Verdict::authentic) {
    ++counters_.refused;
    return answer_refusal(*request, verdict, local->password, out);
  }
  // RFC 8445 section 6.1.1: towards a lite agent the full one is controlling.
  if (request->controlled()) {
    ++counters_.refused;
    return answer_role_conflict(*request, local->password, out);
  }
  if (by_new_credentials) old_local_.reset();
  remember(from, now);
  if (request->use_candidate() && selected_ != from && local == &local_) {
    if (selected_) ++counters_.path_changes;
    selected_ = from;
    state_ = State::connected;
  }
  if (selected_ == from) heard_ = now;
  const auto size = answer_success(*request, from.remote, local->password, out);
  if (size > 0) ++counters_.answers;
  return size;
}

void LiteAgent::remember(const Path& path, base::SteadyTime now) noexcept {
  std::size_t oldest = 0;
  for (std::size_t i = 0; i < verified_count_; ++i) {
    if (verified_[i].path == path) {
      verified_[i].at = now;
      return;
    }
    // The selected path is never the one that makes room.
    if (verified_[oldest].path == selected_ ||
        (verified_[i].at < verified_[oldest].at && verified_[i].path != selected_))
      oldest = i;
  }
  const auto at = verified_count_ < kMaxVerified ? verified_count_++ : oldest;
  verified_[at] = {.path = path, .at = now};
}

bool LiteAgent::verified(const Path& path, base::SteadyTime now) const noexcept {
  if (state_ == State::expired) return false;
  for (std::size_t i = 0; i < verified_count_; ++i)
    if (verified_[i].path == path) return now - verified_[i].at < settings_.consent_timeout;
  return false;
}

std::optional<Path> LiteAgent::selected() const noexcept {
  return state_ == State::connected ? selected_ : std::nullopt;
}

void LiteAgent::on_time(base::SteadyTime now) noexcept {
  const auto deadline = next_deadline();
  if (deadline && now >= *deadline) state_ = State::expired;
}

std::optional<base::SteadyTime> LiteAgent::next_deadline() const noexcept {
  switch (state_) {
    case State::waiting:
      return heard_ + settings_.connect_timeout;
    case State::connected:
      return heard_ + settings_.consent_timeout;
    case State::expired:
      break;
  }
  return std::nullopt;
}

void LiteAgent::answered(Credentials remote, base::SteadyTime now) {
  remote_ = std::move(remote);
  if (state_ == State::waiting) heard_ = now;
}

void LiteAgent::restart(Credentials local, Credentials remote) {
  old_local_ = std::exchange(local_, std::move(local));
  remote_ = std::move(remote);
}

}  // namespace telltale::rtc::ice
