#include "rtc/ice/agent.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace telltale::rtc::ice {

Agent::Agent(const Settings& settings, Credentials local, std::vector<Local> locals,
             base::SteadyTime now)
    : settings_(settings),
      local_(std::move(local)),
      locals_(std::move(locals)),
      random_(settings.seed),
      controlling_(settings.controlling),
      began_(now),
      next_check_(now) {
  CHECK(!locals_.empty());
}

void Agent::set_remote(Credentials remote) {
  remote_ = std::move(remote);
  if (state_ == State::waiting) state_ = State::checking;
}

void Agent::restart(Credentials local, Credentials remote, base::SteadyTime now) {
  local_ = std::move(local);
  remote_ = std::move(remote);
  pairs_.clear();
  first_valid_.reset();
  remote_complete_ = false;
  began_ = next_check_ = now;
  // The old pair carries media until a new one is nominated (section 9).
  state_ = selected_ ? State::connected : State::checking;
  consent_heard_ = now;
}

bool Agent::add_remote(const Candidate& candidate) {
  const auto address = candidate.address();
  if (!address || candidate.transport != Transport::udp || candidate.component != 1 ||
      address->port == 0)
    return false;
  bool added = false;
  for (const auto& local : locals_) {
    if (local.v6 != address->v6) continue;
    const Path path{.remote = *address, .via = local.via};
    if (find(path) != nullptr) {
      added = true;
      continue;
    }
    added = add_pair(path, local, candidate.priority) != nullptr || added;
  }
  return added;
}

Agent::Pair* Agent::find(const Path& path) noexcept {
  const auto found = std::ranges::find(pairs_, path, &Pair::path);
  return found == pairs_.end() ? nullptr : &*found;
}

Agent::Pair* Agent::add_pair(const Path& path, const Local& local, std::uint32_t remote_priority) {
  if (pairs_.size() >= kMaxPairs) return nullptr;
  Pair pair{.path = path, .local_priority = local.priority, .remote_priority = remote_priority};
  pair.priority = controlling_ ? pair_priority(local.priority, remote_priority)
                               : pair_priority(remote_priority, local.priority);
  const auto at = std::ranges::upper_bound(pairs_, pair.priority, std::greater(), &Pair::priority);
  return &*pairs_.insert(at, pair);
}

void Agent::set_controlling(bool controlling) {
  if (controlling_ == controlling) return;
  controlling_ = controlling;
  for (auto& pair : pairs_) {
    pair.priority = controlling_ ? pair_priority(pair.local_priority, pair.remote_priority)
                                 : pair_priority(pair.remote_priority, pair.local_priority);
    pair.nominate = false;
  }
  std::ranges::sort(pairs_, std::greater(), &Pair::priority);
}

std::optional<Path> Agent::selected() const noexcept {
  return state_ == State::connected ? selected_ : std::nullopt;
}

// --- What comes in ---

std::size_t Agent::on_packet(Bytes datagram, const Path& from, base::SteadyTime now,
                             MutableBytes out) {
  const auto message = stun::Message::parse(datagram);
  if (!message || state_ == State::expired || state_ == State::failed) return 0;
  if (message->is(stun::Class::request)) return on_request(*message, from, now, out);
  if (message->is(stun::Class::success) || message->is(stun::Class::error))
    on_response(*message, from, now);
  return 0;
}

std::size_t Agent::on_request(const stun::Message& request, const Path& from, base::SteadyTime now,
                              MutableBytes out) {
  const auto verdict = judge(request, local_, remote_.ufrag);
  if (verdict != Verdict::authentic) return answer_refusal(request, verdict, local_.password, out);
  // Section 7.3.1.1: the larger tie-breaker controls.
  const auto theirs = controlling_ ? request.controlling() : request.controlled();
  if (theirs) {
    const bool we_are_larger = settings_.tie_breaker >= *theirs;
    if (we_are_larger == controlling_) return answer_role_conflict(request, local_.password, out);
    set_controlling(!controlling_);
  }
  auto* pair = find(from);
  if (pair == nullptr) {
    // A peer-reflexive candidate (section 7.3.1.3).
    const auto local = std::ranges::find(locals_, from.via, &Local::via);
    if (local == locals_.end()) return 0;
    pair = add_pair(from, *local, request.priority().value_or(0));
  }
  if (pair != nullptr) {
    if (pair->state == PairState::waiting || pair->state == PairState::failed) {
      pair->state = PairState::waiting;
      pair->triggered = true;
    }
    if (request.use_candidate() && !controlling_) {
      pair->peer_nominated = true;
      if (pair->state == PairState::succeeded) on_success(*pair, now);
    }
  }
  return answer_success(request, from.remote, local_.password, out);
}

void Agent::on_response(const stun::Message& response, const Path& from, base::SteadyTime now) {
  if (selected_ && response.transaction() == consent_transaction_) {
    // RFC 7675 section 5.1: only an authentic success from the same pair is consent.
    if (from != *selected_ || !response.is(stun::Class::success) ||
        !response.authentic(remote_.password))
      return;
    consent_heard_ = now;
    round_trip_ = now - consent_sent_;
    return;
  }
  const auto found = std::ranges::find_if(pairs_, [&](const Pair& pair) {
    return pair.state == PairState::in_progress && pair.transaction == response.transaction();
  });
  if (found == pairs_.end()) return;
  auto& pair = *found;
  // Not signed: anybody could say 400 or 401. The check goes on and fails by itself.
  if (!response.authentic(remote_.password)) return;
  if (from != pair.path) {
    pair.state = PairState::failed;  // section 7.2.5.2.1: answers come from where checks go
    return;
  }
  if (response.is(stun::Class::success)) {
    if (!response.mapped_address()) return;
    pair.state = PairState::succeeded;
    round_trip_ = now - pair.sent_at;
    on_success(pair, now);
    return;
  }
  const auto error = response.error();
  if (error && error->code == 487) {
    set_controlling(!controlling_);
    // set_controlling has sorted: the pair may lie elsewhere.
    if (auto* again = find(from)) {
      again->state = PairState::waiting;
      again->triggered = true;
    }
    return;
  }
  pair.state = PairState::failed;
}

void Agent::on_success(Pair& pair, base::SteadyTime now) {
  if (!first_valid_) first_valid_ = now;
  if (state_ == State::checking) state_ = State::connected;
  const bool nominated = controlling_ ? pair.nominate : pair.peer_nominated;
  if (!nominated) return;
  selected_ = pair.path;
  selected_priority_ = pair.local_priority;
  consent_heard_ = now;
  schedule_consent(now);
}

// --- What goes out ---

void Agent::begin_check(Pair& pair) noexcept {
  base::secure_bytes(pair.transaction);
  pair.state = PairState::in_progress;
  pair.triggered = false;
  pair.sent = 0;
}

std::size_t Agent::write_check(const Pair& pair, MutableBytes out) const {
  stun::MessageWriter writer(out, stun::Class::request, pair.transaction);
  std::array<char, 600> name = {};
  const auto size = std::min(name.size(), remote_.ufrag.size() + 1 + local_.ufrag.size());
  auto end = std::ranges::copy(remote_.ufrag, name.begin()).out;
  *end++ = ':';
  std::ranges::copy(local_.ufrag, end);
  writer.username({name.data(), size});
  // Section 7.1.1: as a peer-reflexive candidate of the same local preference.
  writer.priority((pair.local_priority & 0x00ff'ffffU) |
                  (priority_of(CandidateType::peer_reflexive, 0) & 0xff00'0000U));
  if (controlling_)
    writer.controlling(settings_.tie_breaker);
  else
    writer.controlled(settings_.tie_breaker);
  if (controlling_ && pair.nominate) writer.use_candidate();
  writer.integrity(remote_.password);
  writer.fingerprint();
  return writer.size();
}

Agent::Transmit Agent::send(Pair& pair, base::SteadyTime now, MutableBytes out) {
  // RFC 8489 section 6.2.1: each wait is twice the one before; after the last, 16 times the RTO.
  const bool last = pair.sent + 1 >= settings_.transmissions;
  const auto times = last ? 16 : std::int64_t{1} << std::min(pair.sent, 10);
  pair.resend_at = now + settings_.rto * times;
  if (pair.sent == 0) pair.sent_at = now;
  ++pair.sent;
  return {.path = pair.path, .size = write_check(pair, out)};
}

std::optional<Agent::Transmit> Agent::poll(base::SteadyTime now, MutableBytes out) {
  if (state_ == State::waiting || state_ == State::expired || state_ == State::failed)
    return std::nullopt;
  if (auto consent = poll_consent(now, out)) return consent;
  if (state_ == State::expired) return std::nullopt;
  if (auto* pair = due_retransmission(now)) return send(*pair, now, out);
  nominate(now);
  if (now >= next_check_) {
    if (auto* pair = next_waiting()) {
      next_check_ = now + settings_.pace;
      begin_check(*pair);
      return send(*pair, now, out);
    }
  }
  update_failure(now);
  return std::nullopt;
}

Agent::Pair* Agent::due_retransmission(base::SteadyTime now) noexcept {
  for (auto& pair : pairs_) {
    if (pair.state != PairState::in_progress || now < pair.resend_at) continue;
    if (pair.sent < settings_.transmissions) return &pair;
    give_up(pair, now);
  }
  return nullptr;
}

// All transmissions of a check are lost. While there is patience a bad link gets another chance: a
// pair that worked is nominated again, and where nothing works yet the check begins anew.
void Agent::give_up(Pair& pair, base::SteadyTime now) noexcept {
  const bool patient = now - began_ < settings_.patience;
  const bool worked = std::exchange(pair.nominate, false);
  if (patient && worked)
    pair.state = PairState::succeeded;
  else if (patient && !first_valid_)
    pair.state = PairState::waiting;
  else
    pair.state = PairState::failed;
}

// Triggered ones first, then by priority. After the nomination only triggered ones: what the peer
// still wants to know.
Agent::Pair* Agent::next_waiting() noexcept {
  Pair* best = nullptr;
  for (auto& pair : pairs_) {
    if (pair.state != PairState::waiting) continue;
    if (pair.triggered) return &pair;
    if (best == nullptr) best = &pair;
  }
  return selected_ && first_valid_ ? nullptr : best;
}

// When the best pair that works may be nominated: at once if no better one is open, else after a
// wait.
std::optional<base::SteadyTime> Agent::nomination_time() const noexcept {
  if (!controlling_ || !first_valid_) return std::nullopt;
  for (const auto& pair : pairs_)
    if (pair.nominate && pair.state != PairState::failed) return std::nullopt;
  for (const auto& pair : pairs_) {
    if (pair.state == PairState::succeeded) return first_valid_;
    if (pair.state != PairState::failed) return *first_valid_ + settings_.nomination_wait;
  }
  return std::nullopt;
}

void Agent::nominate(base::SteadyTime now) {
  const auto time = nomination_time();
  if (!time || now < *time) return;
  for (auto& pair : pairs_) {
    if (pair.state != PairState::succeeded) continue;
    pair.nominate = true;
    pair.state = PairState::waiting;
    pair.triggered = true;
    return;
  }
}

void Agent::schedule_consent(base::SteadyTime now) {
  const auto factor = 0.8 + 0.4 * random_.uniform();
  consent_next_ =
      now + std::chrono::duration_cast<base::Duration>(
                std::chrono::duration<double, std::nano>(settings_.consent_interval) * factor);
}

std::optional<Agent::Transmit> Agent::poll_consent(base::SteadyTime now, MutableBytes out) {
  if (!selected_) return std::nullopt;
  if (now - consent_heard_ >= settings_.consent_timeout) {
    state_ = State::expired;
    return std::nullopt;
  }
  if (now < consent_next_) return std::nullopt;
  schedule_consent(now);
  Pair check{.path = *selected_, .local_priority = selected_priority_, .nominate = true};
  base::secure_bytes(check.transaction);
  consent_transaction_ = check.transaction;
  consent_sent_ = now;
  return Transmit{.path = *selected_, .size = write_check(check, out)};
}

void Agent::update_failure(base::SteadyTime now) noexcept {
  if (state_ != State::checking && (state_ != State::connected || selected_)) return;
  const bool open = std::ranges::any_of(pairs_, [](const Pair& pair) {
    return pair.state == PairState::waiting || pair.state == PairState::in_progress;
  });
  // RFC 8863: a peer-reflexive pair may still come, so patience even after all have failed.
  if (!open && now - began_ >= settings_.patience) state_ = State::failed;
}

std::optional<base::SteadyTime> Agent::next_deadline() const noexcept {
  if (state_ == State::waiting || state_ == State::expired || state_ == State::failed)
    return std::nullopt;
  std::optional<base::SteadyTime> next;
  const auto earliest = [&](base::SteadyTime at) { next = next ? std::min(*next, at) : at; };
  bool waiting = false;
  for (const auto& pair : pairs_) {
    if (pair.state == PairState::in_progress) earliest(pair.resend_at);
    waiting = waiting || (pair.state == PairState::waiting &&
                          (pair.triggered || !(selected_ && first_valid_)));
  }
  if (waiting) earliest(next_check_);
  if (const auto time = nomination_time()) earliest(*time);
  if (!selected_ && !next) earliest(began_ + settings_.patience);
  if (selected_) {
    earliest(consent_next_);
    earliest(consent_heard_ + settings_.consent_timeout);
  }
  return next;
}

}  // namespace telltale::rtc::ice
