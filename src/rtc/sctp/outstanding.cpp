#include "rtc/sctp/outstanding.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "rtc/sctp/wire.hpp"

namespace telltale::rtc::sctp {
namespace {

constexpr int kBurst = 4;         // packets, section 6.1 D
constexpr int kMissingLimit = 3;  // section 7.2.4

}  // namespace

struct Outstanding::Progress {
  bool advanced = false;     // the cumulative TSN
  std::size_t bytes = 0;     // newly acknowledged
  Tsn highest_new = 0;       // newly acknowledged
  Tsn highest_reported = 0;  // by a gap block of this SACK
};

std::optional<Sack> Sack::read(Bytes value) noexcept {
  Reader reader(value);
  Sack sack;
  sack.cumulative = reader.u32();
  sack.window = reader.u32();
  sack.gaps = reader.u16();
  reader.u16();  // how many duplicates: nothing follows from them
  sack.blocks = reader.bytes(std::size_t{4} * sack.gaps);
  if (reader.failed()) return std::nullopt;
  return sack;
}

Outstanding::Outstanding(const Settings& settings, Rto& rto, SendQueue& queue)
    : settings_(settings),
      rto_(rto),
      queue_(queue),
      congestion_(settings.chunk_bytes_max),
      cumulative_(first_tsn(settings.initial_tsn) - 1),
      next_(cumulative_ + 1),
      forward_point_(cumulative_),
      peer_window_(settings.peer_window) {}

// Rising, apart, and not touching the cumulative TSN: anything else would contradict itself.
bool Outstanding::blocks_are_sound(const Sack& sack, Tsn cumulative) const noexcept {
  Tsn last = cumulative + 1;
  for (std::size_t i = 0; i < sack.gaps; ++i) {
    const auto first = cumulative + load_u16(sack.blocks, 4 * i);
    if (first <= last) return false;
    last = cumulative + load_u16(sack.blocks, 4 * i + 2);
    if (last < first) return false;
  }
  return true;
}

Outstanding::Verdict Outstanding::on_sack(const Sack& sack, base::SteadyTime now) {
  const auto cumulative = unwrap_tsn(cumulative_, sack.cumulative);
  if (cumulative < cumulative_) return Verdict::stale;
  if (!blocks_are_sound(sack, cumulative)) return Verdict::broken;
  const auto highest = sack.gaps == 0
                           ? cumulative
                           : cumulative + load_u16(sack.blocks, std::size_t{4} * sack.gaps - 2);
  if (cumulative >= next_ || highest >= next_) return Verdict::lies;
  const bool used = flight_ + settings_.chunk_bytes_max >= congestion_.bytes();
  Progress progress = {.highest_reported = highest};
  take_cumulative(cumulative, progress, now);
  take_gaps(sack, progress, now);
  if (progress.advanced && !recovery_until_)
    congestion_.on_acknowledged(progress.bytes, flight_, used);
  if (recovery_until_ && cumulative_ >= *recovery_until_) recovery_until_.reset();
  count_missing(progress, now);
  finish(progress, sack.window, now);
  return Verdict::taken;
}

Outstanding::Verdict Outstanding::on_cumulative(std::uint32_t wire, base::SteadyTime now) {
  const auto cumulative = unwrap_tsn(cumulative_, wire);
  if (cumulative < cumulative_) return Verdict::stale;
  if (cumulative >= next_) return Verdict::lies;
  Progress progress;
  take_cumulative(cumulative, progress, now);
  finish(progress, peer_window_ + flight_, now);
  return Verdict::taken;
}

void Outstanding::acknowledge(Chunk& chunk, Tsn tsn, Progress& progress, base::SteadyTime now) {
  if (chunk.state != State::in_flight && chunk.state != State::lost) return;
  if (chunk.state == State::in_flight)
    flight_ -= chunk.fragment.size;
  else
    --lost_;
  bytes_ -= chunk.fragment.size;
  progress.bytes += chunk.fragment.size;
  progress.highest_new = std::max(progress.highest_new, tsn);
  chunk.state = State::acknowledged;
  if (timed_ == tsn && chunk.sent == 1) rto_.on_round_trip(now - chunk.sent_at);
}

void Outstanding::take_cumulative(Tsn cumulative, Progress& progress, base::SteadyTime now) {
  progress.advanced = cumulative > cumulative_;
  while (cumulative_ < cumulative) {
    acknowledge(chunks_.front(), cumulative_ + 1, progress, now);
    chunks_.pop_front();
    ++cumulative_;
  }
  if (timed_ && *timed_ <= cumulative_) timed_.reset();
}

void Outstanding::take_gaps(const Sack& sack, Progress& progress, base::SteadyTime now) {
  const auto until = std::max(highest_gap_, progress.highest_reported);
  std::size_t block = 0;
  for (auto tsn = cumulative_ + 1; tsn <= until && tsn < next_; ++tsn) {
    while (block < sack.gaps && cumulative_ + load_u16(sack.blocks, 4 * block + 2) < tsn) ++block;
    const bool reported =
        block < sack.gaps && cumulative_ + load_u16(sack.blocks, 4 * block) <= tsn;
    auto& chunk = at(tsn);
    if (reported) {
      acknowledge(chunk, tsn, progress, now);
      if (timed_ == tsn) timed_.reset();
    } else if (chunk.state == State::acknowledged) {
      // The peer took it back (section 6.2.1 iv), or an older SACK came late: it is on its way
      // again, and T3 sends it if nothing else is heard.
      chunk.state = State::in_flight;
      chunk.missing = 0;
      flight_ += chunk.fragment.size;
      bytes_ += chunk.fragment.size;
    }
  }
  highest_gap_ = progress.highest_reported;
}

// Section 7.2.4: only what is older than something newly acknowledged counts as missing; during a
// recovery that goes on, everything the SACK does not report.
void Outstanding::count_missing(const Progress& progress, base::SteadyTime now) {
  const auto until =
      recovery_until_ && progress.advanced ? progress.highest_reported : progress.highest_new;
  bool any = false;
  for (auto tsn = cumulative_ + 1; tsn < until; ++tsn) {
    auto& chunk = at(tsn);
    if (chunk.state != State::in_flight || chunk.fast) continue;
    if (++chunk.missing < kMissingLimit) continue;
    chunk.fast = true;
    any = true;
    lose(chunk, now);
  }
  if (!any || recovery_until_) return;
  congestion_.on_fast_retransmit();
  recovery_until_ = next_ - 1;
  ignore_window_ = true;
  ++counters_.fast_retransmits;
}

void Outstanding::finish(const Progress& progress, std::size_t window, base::SteadyTime now) {
  peer_window_ = window > flight_ ? window - flight_ : 0;
  burst_left_ = kBurst;
  heard_since_timeout_ = true;
  if (progress.bytes > 0) unanswered_ = 0;
  advance_forward_point();
  if (chunks_.empty())
    t3_.reset();
  else if (progress.advanced || (!t3_ && flight_ > 0))
    t3_ = now + rto_.value();
}

void Outstanding::lose(Chunk& chunk, base::SteadyTime now) {
  chunk.state = State::lost;
  chunk.missing = 0;
  ++lost_;
  flight_ -= chunk.fragment.size;
  const auto& message = chunk.fragment.message;
  const bool tired = message->retransmits_max && chunk.sent > *message->retransmits_max;
  if (settings_.partial && (tired || is_worthless(*message, now))) abandon(message);
}

bool Outstanding::is_worthless(const OutgoingMessage& message,
                               base::SteadyTime now) const noexcept {
  return settings_.partial && message.expires && now >= *message.expires;
}

void Outstanding::abandon(const OutgoingMessagePtr& given) {
  const auto message = given;  // `given` may live in a chunk
  message->abandoned = true;
  ++counters_.abandoned;
  for (auto& chunk : chunks_) {
    if (chunk.fragment.message != message || chunk.state == State::abandoned) continue;
    if (chunk.state == State::in_flight) flight_ -= chunk.fragment.size;
    if (chunk.state == State::lost) --lost_;
    if (chunk.state != State::acknowledged) bytes_ -= chunk.fragment.size;
    chunk.state = State::abandoned;
  }
  if (message->complete) return;
  // The rest never leaves. A TSN stands for it, so that the message has an end which FORWARD TSN
  // can pass, and the next message does not seem to go on from its middle.
  queue_.drop(*message);
  message->complete = true;
  chunks_.push_back(
      {.fragment = {.message = message, .offset = 0, .size = 0}, .state = State::abandoned});
  ++next_;
}

// RFC 3758 section 3.5, C1 to C3.
void Outstanding::advance_forward_point() noexcept {
  forward_point_ = std::max(forward_point_, cumulative_);
  while (forward_point_ + 1 < next_ && at(forward_point_ + 1).state == State::abandoned)
    ++forward_point_;
  forward_due_ = forward_point_ > cumulative_;
}

void Outstanding::on_timeout(base::SteadyTime now) {
  t3_.reset();
  if (chunks_.empty()) return;
  rto_.on_timeout();
  ++counters_.timeouts;
  // Probes of a closed window that are answered are no sign of a dead peer (section 6.1 A).
  if (peer_window_ > 0 || !heard_since_timeout_) ++unanswered_;
  heard_since_timeout_ = false;
  if (flight_ + lost_ > 0) congestion_.on_timeout();
  recovery_until_.reset();
  ignore_window_ = false;
  timed_.reset();
  burst_left_ = kBurst;
  const auto until = next_;
  for (auto tsn = cumulative_ + 1; tsn < until; ++tsn) {
    auto& chunk = at(tsn);
    chunk.fast = false;
    if (chunk.state == State::in_flight) lose(chunk, now);
  }
  advance_forward_point();
}

std::optional<Outstanding::Item> Outstanding::peek_lost(std::size_t room, base::SteadyTime now) {
  for (auto tsn = cumulative_ + 1; lost_ > 0 && tsn < next_; ++tsn) {
    const auto& chunk = at(tsn);
    if (chunk.state != State::lost) continue;
    if (is_worthless(*chunk.fragment.message, now)) {
      abandon(chunk.fragment.message);
      advance_forward_point();
      continue;
    }
    if (padded(kDataHeader + chunk.fragment.size) > room) return std::nullopt;
    return Item{.fragment = chunk.fragment, .tsn = tsn, .again = true};
  }
  return std::nullopt;
}

std::optional<Outstanding::Item> Outstanding::peek(std::size_t room, base::SteadyTime now) {
  if (flight_ == 0 && burst_left_ <= 0) burst_left_ = kBurst;
  const bool open = flight_ < congestion_.bytes() && burst_left_ > 0;
  if (lost_ > 0 && (open || ignore_window_)) {
    if (auto item = peek_lost(room, now)) return item;
  }
  if (!open || lost_ > 0) return std::nullopt;
  while (auto fragment = queue_.peek(settings_.chunk_bytes_max, now)) {
    if (!fragment->begin() && is_worthless(*fragment->message, now)) {
      abandon(fragment->message);
      advance_forward_point();
      continue;
    }
    if (padded(kDataHeader + fragment->size) > room) return std::nullopt;
    // With nothing on its way, one chunk probes a closed window (section 6.1 A).
    if (fragment->size > peer_window_ && flight_ > 0) return std::nullopt;
    return Item{.fragment = std::move(*fragment), .tsn = next_, .again = false};
  }
  return std::nullopt;
}

void Outstanding::pop(const Item& item, base::SteadyTime now) {
  const std::size_t size = item.fragment.size;
  if (flight_ == 0)
    for (auto idle = last_sent_ + rto_.value(); idle < now && !item.again; idle += rto_.value()) {
      const auto before = congestion_.bytes();
      congestion_.on_idle();
      if (congestion_.bytes() == before) break;
    }
  last_sent_ = now;
  if (item.again) {
    auto& chunk = at(item.tsn);
    CHECK(chunk.state == State::lost);
    chunk.state = State::in_flight;
    chunk.sent_at = now;
    ++chunk.sent;
    --lost_;
    ++counters_.retransmitted;
    if (item.tsn == cumulative_ + 1) t3_ = now + rto_.value();
  } else {
    CHECK(item.tsn == next_);
    queue_.pop(item.fragment);
    chunks_.push_back({.fragment = item.fragment, .sent = 1, .sent_at = now});
    ++next_;
    bytes_ += size;
    peer_window_ -= std::min(peer_window_, size);
    if (!timed_) timed_ = item.tsn;
  }
  flight_ += size;
  if (!t3_) t3_ = now + rto_.value();
}

void Outstanding::on_packet_sent() noexcept {
  if (burst_left_ > 0) --burst_left_;
  ignore_window_ = false;
}

std::optional<std::vector<std::uint8_t>> Outstanding::forward(std::size_t room) {
  if (!forward_due_ || room < 8) return std::nullopt;
  const auto streams_max = (room - 4) / 4;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> skipped;  // the last of each stream
  auto until = cumulative_;
  for (auto tsn = cumulative_ + 1; tsn <= forward_point_; ++tsn) {
    const auto& message = *at(tsn).fragment.message;
    if (!message.unordered) {
      const auto known = std::find_if(skipped.begin(), skipped.end(), [&](const auto& skip) {
        return skip.first == message.stream;
      });
      if (known != skipped.end())
        known->second = message.ssn;
      else if (skipped.size() == streams_max)
        break;
      else
        skipped.emplace_back(message.stream, message.ssn);
    }
    until = tsn;
  }
  std::vector<std::uint8_t> value(4 + 4 * skipped.size());
  Writer writer(value);
  writer.u32(wire_tsn(until));
  for (const auto& [stream, ssn] : skipped) {
    writer.u16(stream);
    writer.u16(ssn);
  }
  return value;
}

void Outstanding::on_forward_sent(base::SteadyTime now) {
  forward_due_ = false;
  if (!t3_) t3_ = now + rto_.value();
}

}  // namespace telltale::rtc::sctp
