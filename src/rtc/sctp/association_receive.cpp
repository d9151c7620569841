// What comes in: RFC 9260 sections 6.2, 8.4 and 8.5.
#include <algorithm>
#include <array>

#include "rtc/sctp/association.hpp"

namespace telltale::rtc::sctp {
namespace {

constexpr std::uint16_t kHeartbeatInfo = 1;

std::uint32_t tag_of(const Chunk& chunk) noexcept {
  return chunk.value.size() < 4 ? 0 : load_u32(chunk.value, 0);
}

}  // namespace

void Association::on_packet(Bytes packet, base::SteadyTime now) {
  const auto header = read_common_header(packet);
  if (!header || header->destination_port != settings_.local_port ||
      header->source_port != settings_.remote_port) {
    ++counters_.packets_dropped;
    return;
  }
  ChunkReader chunks(packet.subspan(kCommonHeader));
  auto chunk = chunks.next();
  if (!chunk || !is_for_us(*chunk, *header)) {
    ++counters_.packets_dropped;
    return;
  }
  ++counters_.packets_received;
  counters_.bytes_received += packet.size();
  if (state_ == State::closed ||
      (!session_ && !chunk->is(ChunkType::init_ack) && !chunk->is(ChunkType::init) &&
       !chunk->is(ChunkType::cookie_echo))) {
    answer_stranger(*chunk, *header);
    return;
  }
  if (chunk->is(ChunkType::init)) {  // alone in its packet (section 3.3.2)
    if (chunks.done())
      on_init(*chunk, now);
    else
      ++counters_.packets_dropped;
    return;
  }
  bool had_data = false;
  for (; chunk && state_ != State::closed; chunk = chunks.next()) {
    had_data = had_data || chunk->is(ChunkType::data);
    if (!on_chunk(*chunk, *header, now)) break;
  }
  if (had_data && state_ != State::closed) after_data(now);
  if (progress_ && state_ != State::closed) listener_.on_progress();
  progress_ = false;
}

// Section 8.5: the tag is our own, but for the packets that may not know it.
bool Association::is_for_us(const Chunk& first, const CommonHeader& header) const noexcept {
  if (first.is(ChunkType::init)) return header.tag == 0;
  if (header.tag == 0) return false;
  if (first.is(ChunkType::cookie_echo)) return true;  // the cookie has the tag
  if (first.is(ChunkType::abort) || first.is(ChunkType::shutdown_complete)) {
    if ((first.flags & kReflectedTag) == 0) return header.tag == local_tag_;
    return session_ && header.tag == session_->peer_tag;
  }
  if (state_ == State::idle || state_ == State::closed) return true;  // answer_stranger() sees it
  return header.tag == local_tag_;
}

// Section 8.4: packets out of the blue.
void Association::answer_stranger(const Chunk& chunk, const CommonHeader& header) {
  ++counters_.packets_dropped;
  if (chunk.is(ChunkType::abort) || chunk.is(ChunkType::shutdown_complete) ||
      chunk.is(ChunkType::cookie_ack) || chunk.is(ChunkType::error))
    return;
  if (chunk.is(ChunkType::shutdown_ack))
    reply(header.tag, ChunkType::shutdown_complete, kReflectedTag, {});
  else if (chunk.is(ChunkType::init))
    reply(tag_of(chunk), ChunkType::abort, 0, {});
  else
    reply(header.tag, ChunkType::abort, kReflectedTag, {});
}

// False: the rest of the packet is not looked at.
bool Association::on_chunk(const Chunk& chunk, const CommonHeader& header, base::SteadyTime now) {
  // Before there is an association only its opening counts.
  const bool open = state_ >= State::established;
  switch (static_cast<ChunkType>(chunk.type)) {
    case ChunkType::init_ack:
      on_init_ack(chunk, now);
      return false;
    case ChunkType::cookie_echo:
      on_cookie_echo(chunk, header, now);
      // What follows is of the association only if the cookie was.
      return header.tag == local_tag_ && state_ >= State::established;
    case ChunkType::cookie_ack:
      on_cookie_ack(now);
      return true;
    case ChunkType::abort:
      on_abort(chunk);
      return false;
    case ChunkType::error:
      on_error(chunk, now);
      return true;
    case ChunkType::data:
      if (open) on_data(chunk, now);
      return true;
    case ChunkType::sack:
      if (open) on_sack(chunk, now);
      return true;
    case ChunkType::forward_tsn:
      if (open) on_forward_tsn(chunk);
      return true;
    case ChunkType::re_config:
      if (open) on_re_config(chunk, now);
      return true;
    case ChunkType::heartbeat:
      if (open) queue_control(ChunkType::heartbeat_ack, chunk.value);
      return true;
    case ChunkType::heartbeat_ack:
      if (open) on_heartbeat_ack(chunk, now);
      return true;
    case ChunkType::shutdown:
      if (open) on_shutdown(chunk, now);
      return true;
    case ChunkType::shutdown_ack:
      on_shutdown_ack(header);
      return true;
    case ChunkType::shutdown_complete:
      on_shutdown_complete();
      return false;
    case ChunkType::ecn_echo:  // never agreed on
    case ChunkType::congestion_window_reduced:
      return true;
    case ChunkType::init:  // not first: section 3.3.2
      return false;
  }
  return on_unknown(chunk);
}

bool Association::on_unknown(const Chunk& chunk) {
  if (reports_unknown(chunk.type) && session_) queue_error(Cause::unrecognized_chunk, chunk.whole);
  return skips_unknown(chunk.type);
}

void Association::on_data(const Chunk& chunk, base::SteadyTime /*now*/) {
  if (state_ > State::shutdown_sent) return;  // the peer has said that nothing follows
  Reader reader(chunk.value);
  auto& received = session_->received;
  const auto wire = reader.u32();
  DataChunk data = {.tsn = received.unwrap(wire)};
  data.stream = reader.u16();
  data.ssn = reader.u16();
  data.ppid = reader.u32();
  data.begin = (chunk.flags & kDataBegin) != 0;
  data.end = (chunk.flags & kDataEnd) != 0;
  data.unordered = (chunk.flags & kDataUnordered) != 0;
  data.payload = reader.rest();
  if (reader.failed()) return;
  if (data.payload.empty()) {
    fail(Cause::no_user_data, "the peer sent DATA without data", base::Code::protocol);
    return;
  }
  if ((chunk.flags & kDataImmediate) != 0) sack_due_ = true;
  switch (received.judge(data.tsn)) {
    case ReceivedTsns::Verdict::duplicate:
      received.note_duplicate(data.tsn);
      ++counters_.chunks_duplicate;
      sack_due_ = true;
      return;
    case ReceivedTsns::Verdict::too_far:
      ++counters_.chunks_refused;
      return;
    case ReceivedTsns::Verdict::fresh:
      break;
  }
  // A closed window takes only what fills a hole, and of that no endless amount.
  const auto held = session_->reassembly.held() + data.payload.size();
  const bool fills = data.tsn <= received.highest() || data.tsn == received.cumulative() + 1;
  if (held > 2 * settings_.receive_window) {
    fail(Cause::out_of_resource, "the peer fills the receive window with what never gets whole",
         base::Code::protocol);
    return;
  }
  if ((held > settings_.receive_window && !fills) ||
      session_->reset.holds_back(data.stream, data.tsn)) {
    ++counters_.chunks_refused;
    sack_due_ = true;
    return;
  }
  received.record(data.tsn);
  take_data(data);
  deliver();
}

void Association::take_data(const DataChunk& data) {
  if (data.stream >= session_->incoming_streams) {
    std::array<std::uint8_t, 4> information = {};
    store_u16(information, 0, data.stream);
    queue_error(Cause::invalid_stream, information);
    return;
  }
  switch (session_->reassembly.add(data, ready_)) {
    case Reassembly::Outcome::taken:
      break;
    case Reassembly::Outcome::broken:
      fail(Cause::protocol_violation, "the peer's fragments do not fit together",
           base::Code::protocol);
      break;
    case Reassembly::Outcome::too_large:
      fail(Cause::out_of_resource, "the peer's message is larger than we said we take",
           base::Code::too_large);
      break;
  }
}

// Once for each packet with DATA: sections 6.2 and 6.7.
void Association::after_data(base::SteadyTime now) {
  apply(session_->reset.on_progress(session_->received.cumulative()));
  if (state_ == State::shutdown_sent) {
    shutdown_due_ = true;
    sack_due_ = true;
    t2_ = now + rto_.value();
  }
  if (session_->received.has_gaps() || ++unacknowledged_packets_ >= 2) sack_due_ = true;
  if (!sack_due_ && !sack_at_) sack_at_ = now + settings_.sack_delay;
}

void Association::deliver() {
  auto ready = std::exchange(ready_, {});
  for (auto& message : ready) listener_.on_message(std::move(message));
}

void Association::on_sack(const Chunk& chunk, base::SteadyTime now) {
  if (state_ == State::shutdown_sent || state_ == State::shutdown_ack_sent) return;
  const auto sack = Sack::read(chunk.value);
  if (!sack) return;
  judge(session_->outstanding.on_sack(*sack, now));
}

void Association::judge(Outstanding::Verdict verdict) {
  if (verdict == Outstanding::Verdict::lies)
    fail(Cause::protocol_violation, "the peer acknowledged what was never sent",
         base::Code::protocol);
  if (verdict != Outstanding::Verdict::taken) return;
  if (session_->outstanding.unanswered() == 0) errors_ = 0;
  progress_ = true;
}

// RFC 3758 section 3.6.
void Association::on_forward_tsn(const Chunk& chunk) {
  if (state_ > State::shutdown_sent) return;
  Reader reader(chunk.value);
  auto& received = session_->received;
  const auto cumulative = received.unwrap(reader.u32());
  if (reader.failed() || reader.left() % 4 != 0) return;
  sack_due_ = true;
  // One so far ahead that no chunk could be taken there is no honest one.
  if (cumulative <= received.cumulative() ||
      cumulative > received.cumulative() + ReceivedTsns::kAhead)
    return;
  std::vector<Reassembly::Skipped> skipped;
  while (reader.left() > 0) {
    const auto stream = reader.u16();
    const auto ssn = reader.u16();
    if (stream < session_->incoming_streams) skipped.push_back({.stream = stream, .ssn = ssn});
  }
  received.forward(cumulative);
  session_->reassembly.forward(cumulative, skipped, ready_);
  deliver();
  if (state_ != State::closed) apply(session_->reset.on_progress(received.cumulative()));
}

void Association::on_re_config(const Chunk& chunk, base::SteadyTime now) {
  apply(session_->reset.on_chunk(chunk.value, session_->received.cumulative(), now, rto_.value()));
}

void Association::apply(const StreamReset::Outcome& outcome) {
  if (!outcome.incoming.empty() || outcome.all_incoming) {
    for (const auto stream : outcome.incoming) session_->reassembly.reset(stream);
    if (outcome.all_incoming) session_->reassembly.reset_all();
    listener_.on_incoming_reset(outcome.incoming, outcome.all_incoming);
  }
  if (state_ != State::closed && !outcome.outgoing.empty()) {
    errors_ = 0;
    for (const auto stream : outcome.outgoing) queue_.reset(stream);
    listener_.on_outgoing_reset(outcome.outgoing, true);
  }
  if (state_ != State::closed && !outcome.refused.empty())
    listener_.on_outgoing_reset(outcome.refused, false);
}

void Association::on_heartbeat_ack(const Chunk& chunk, base::SteadyTime now) {
  Reader reader(chunk.value);
  if (reader.u16() != kHeartbeatInfo || reader.u16() != 12 || reader.u64() != heartbeat_nonce_ ||
      reader.failed() || !heartbeat_pending_)
    return;
  heartbeat_pending_ = false;
  errors_ = 0;
  session_->outstanding.on_answer();
  rto_.on_round_trip(now - heartbeat_sent_);
}

void Association::on_abort(const Chunk& chunk) {
  std::string detail = "SCTP: the peer aborted the association";
  ParameterReader causes(chunk.value);
  if (const auto cause = causes.next()) {
    detail += " (cause " + std::to_string(cause->type) + ")";
    // Closed on purpose, as a browser's close() does.
    if (cause->type == static_cast<std::uint16_t>(Cause::user_abort)) {
      end({});
      return;
    }
  }
  end(base::Error{.code = base::Code::remote, .detail = std::move(detail)});
}

void Association::on_error(const Chunk& chunk, base::SteadyTime now) {
  if (state_ != State::cookie_echoed) return;
  ParameterReader causes(chunk.value);
  while (const auto cause = causes.next()) {
    if (cause->type != static_cast<std::uint16_t>(Cause::stale_cookie)) continue;
    // Section 5.2.6: from the beginning.
    session_.reset();
    state_ = State::cookie_wait;
    cookie_echo_due_ = false;
    init_due_ = true;
    t1_ = now + rto_.value();
    return;
  }
}

}  // namespace telltale::rtc::sctp
