// Opening an association: RFC 9260 sections 5.1 and 5.2.
#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "rtc/sctp/association.hpp"

namespace telltale::rtc::sctp {
namespace {

constexpr std::uint32_t kSmallestWindow = 1'500;  // section 3.3.2

std::uint32_t random_word() {
  std::array<std::uint8_t, 4> bytes = {};
  base::secure_bytes(bytes);
  return std::max(1U, load_u32(bytes, 0));
}

}  // namespace

// What may not be is answered by an ABORT to whoever sent it, which leaves us as we are.
bool Association::is_sound(const Init& init, std::uint32_t reply_tag) {
  Cause cause = Cause::protocol_violation;
  if (init.host_name)
    cause = Cause::unresolvable_address;
  else if (init.outgoing_streams == 0 || init.incoming_streams == 0 ||
           init.window < kSmallestWindow)
    cause = Cause::invalid_parameter;
  else
    return true;
  std::array<std::uint8_t, 4> value = {};
  store_u16(value, 0, static_cast<std::uint16_t>(cause));
  store_u16(value, 2, 4);
  reply(reply_tag, ChunkType::abort, 0, value);
  return false;
}

void Association::on_init(const Chunk& chunk, base::SteadyTime now) {
  if (state_ == State::shutdown_ack_sent) {  // section 9.2: the peer missed it
    shutdown_due_ = true;
    return;
  }
  const auto init = read_init(chunk.value);
  if (!init || init->tag == 0) {
    ++counters_.packets_dropped;
    return;
  }
  if (!is_sound(*init, init->tag)) return;
  Cookie cookie = {
      .local_tag = local_tag_, .local_initial_tsn = local_initial_tsn_, .peer = *init, .made = now};
  auto answer = local_init();
  if (session_ && state_ != State::cookie_wait) {
    cookie.local_tie_tag = local_tag_;
    cookie.peer_tie_tag = session_->peer_tag;
    // Section 5.2.2: with an association there is, other numbers, so that a cookie from an INIT
    // that was replayed harms nobody.
    if (state_ != State::cookie_echoed) {
      answer.tag = cookie.local_tag = random_word();
      answer.initial_tsn = cookie.local_initial_tsn = random_word();
    }
  }
  answer.unrecognized = init->unrecognized;
  answer.cookie = seal(cookie, cookie_key_);
  reply(init->tag, ChunkType::init_ack, 0, write_init(answer));
}

void Association::on_init_ack(const Chunk& chunk, base::SteadyTime now) {
  if (state_ != State::cookie_wait) return;
  auto init = read_init(chunk.value);
  if (!init || init->tag == 0) {
    ++counters_.packets_dropped;
    return;
  }
  if (!is_sound(*init, init->tag)) {
    end(base::Error{.code = base::Code::protocol,
                    .detail = "SCTP: the peer's INIT ACK is not valid"});
    return;
  }
  if (init->cookie.empty()) {
    adopt(*init);
    fail(Cause::missing_parameter, "the peer's INIT ACK has no cookie", base::Code::protocol);
    return;
  }
  adopt(*init);
  cookie_ = std::move(init->cookie);
  std::vector<std::uint8_t> unrecognized;
  for (const auto& parameter : init->unrecognized) {
    unrecognized.insert(unrecognized.end(), parameter.begin(), parameter.end());
    unrecognized.resize(padded(unrecognized.size()));
  }
  if (!unrecognized.empty()) queue_error(Cause::unrecognized_parameters, unrecognized);
  state_ = State::cookie_echoed;
  init_due_ = false;
  cookie_echo_due_ = true;
  attempts_ = 0;
  t1_ = now + rto_.value();
}

void Association::adopt(const Init& peer) {
  outgoing_streams_ = std::min(settings_.streams_max, peer.incoming_streams);
  session_ = std::make_unique<Session>(peer, local_initial_tsn_, settings_, rto_, queue_);
}

// Section 5.2.4.
void Association::on_cookie_echo(const Chunk& chunk, const CommonHeader& header,
                                 base::SteadyTime now) {
  const auto cookie = open_cookie(chunk.value, cookie_key_);
  if (!cookie || cookie->local_tag != header.tag) {
    ++counters_.packets_dropped;
    return;
  }
  const bool ours = cookie->local_tag == local_tag_;
  const bool theirs = session_ && cookie->peer.tag == session_->peer_tag;
  if (now - cookie->made > settings_.cookie_life && !(ours && theirs)) {
    const auto late = std::chrono::duration_cast<std::chrono::microseconds>(now - cookie->made -
                                                                            settings_.cookie_life);
    std::array<std::uint8_t, 8> cause = {};
    store_u16(cause, 0, static_cast<std::uint16_t>(Cause::stale_cookie));
    store_u16(cause, 2, 8);
    store_u32(cause, 4,
              static_cast<std::uint32_t>(std::min<std::int64_t>(late.count(), 0xffff'ffff)));
    reply(cookie->peer.tag, ChunkType::error, 0, cause);
    return;
  }
  if (!session_ || state_ < State::established) {
    if (!ours) return;  // action C: of an INIT that nobody remembers
    // Anew, action B (the INITs crossed) or D.
    if (!theirs) adopt(cookie->peer);
    cookie_ack_due_ = true;
    establish(now);
    return;
  }
  if (ours && theirs) {
    cookie_ack_due_ = true;  // action D: our COOKIE ACK was lost
  } else if (!ours && !theirs && cookie->local_tie_tag == local_tag_ &&
             cookie->peer_tie_tag == session_->peer_tag) {
    // Action A, a restart. All streams would begin anew, below channels that cannot: it is the end.
    fail(Cause::user_abort, "the peer began a new association", base::Code::protocol);
  }
}

void Association::on_cookie_ack(base::SteadyTime now) {
  if (state_ == State::cookie_echoed) establish(now);
}

void Association::establish(base::SteadyTime now) {
  state_ = State::established;
  t1_.reset();
  init_due_ = false;
  cookie_echo_due_ = false;
  cookie_ = {};
  attempts_ = 0;
  if (settings_.heartbeat_interval > base::Duration::zero())
    heartbeat_at_ = now + settings_.heartbeat_interval + rto_.value();
  listener_.on_connected();
}

void Association::retry_init(base::SteadyTime now) {
  if (++attempts_ > settings_.init_retransmits_max) {
    end(base::Error{.code = base::Code::deadline_exceeded,
                    .detail = "SCTP: the peer does not answer"});
    return;
  }
  rto_.on_timeout();
  t1_ = now + rto_.value();
  if (state_ == State::cookie_wait)
    init_due_ = true;
  else
    cookie_echo_due_ = true;
}

}  // namespace telltale::rtc::sctp
