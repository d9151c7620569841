// Closing an association after everything has arrived: RFC 9260 section 9.2.
#include "rtc/sctp/association.hpp"

namespace telltale::rtc::sctp {

void Association::shutdown(base::SteadyTime now) {
  if (state_ < State::established) {
    abort("closed before it was open");
    return;
  }
  if (state_ != State::established) return;
  state_ = State::shutdown_pending;
  heartbeat_at_.reset();
  shutdown_guard_ = now + settings_.shutdown_timeout;
  advance_shutdown(now);
}

// Everything of ours has arrived: say so.
void Association::advance_shutdown(base::SteadyTime now) {
  if (state_ != State::shutdown_pending && state_ != State::shutdown_received) return;
  if (!queue_.empty() || !session_->outstanding.empty()) return;
  state_ = state_ == State::shutdown_pending ? State::shutdown_sent : State::shutdown_ack_sent;
  shutdown_due_ = true;
  attempts_ = 0;
  t2_ = now + rto_.value();
}

void Association::on_shutdown_timeout(base::SteadyTime now) {
  if (++attempts_ > settings_.retransmits_max) {
    fail(Cause::user_abort, "the peer does not answer", base::Code::deadline_exceeded);
    return;
  }
  rto_.on_timeout();
  shutdown_due_ = true;
  t2_ = now + rto_.value();
}

void Association::on_shutdown(const Chunk& chunk, base::SteadyTime now) {
  if (chunk.value.size() < 4) return;
  switch (state_) {
    case State::established:
    case State::shutdown_pending:
      state_ = State::shutdown_received;
      heartbeat_at_.reset();
      if (!shutdown_guard_) shutdown_guard_ = now + settings_.shutdown_timeout;
      break;
    case State::shutdown_sent:
      state_ = State::shutdown_ack_sent;
      shutdown_due_ = true;
      t2_ = now + rto_.value();
      break;
    default:
      break;
  }
  judge(session_->outstanding.on_cumulative(load_u32(chunk.value, 0), now));
  if (state_ != State::closed) advance_shutdown(now);
}

void Association::on_shutdown_ack(const CommonHeader& header) {
  if (state_ == State::shutdown_sent || state_ == State::shutdown_ack_sent) {
    reply(session_->peer_tag, ChunkType::shutdown_complete, 0, {});
    end({});
  } else if (state_ < State::established) {  // section 8.5.1 E
    reply(header.tag, ChunkType::shutdown_complete, kReflectedTag, {});
  }
}

void Association::on_shutdown_complete() {
  if (state_ == State::shutdown_ack_sent) end({});
}

}  // namespace telltale::rtc::sctp
