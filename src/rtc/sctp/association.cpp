#include "rtc/sctp/association.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/random.hpp"

namespace telltale::rtc::sctp {
namespace {

std::uint32_t random_word() {
  std::array<std::uint8_t, 4> bytes = {};
  base::secure_bytes(bytes);
  return load_u32(bytes, 0);
}

CookieKey random_key() {
  CookieKey key = {};
  base::secure_bytes(key);
  return key;
}

}  // namespace

Association::Session::Session(const Init& peer, std::uint32_t local_initial_tsn,
                              const AssociationSettings& settings, Rto& rto, SendQueue& queue)
    : peer_tag(peer.tag),
      capabilities(peer.capabilities),
      incoming_streams(std::min(settings.streams_max, peer.outgoing_streams)),
      received(peer.initial_tsn),
      reassembly(settings.message_bytes_max),
      outstanding(
          {.initial_tsn = local_initial_tsn,
           .peer_window = peer.window,
           .chunk_bytes_max = ((settings.packet_bytes_max - kCommonHeader) & ~3UL) - kDataHeader,
           .partial = peer.capabilities.forward_tsn},
          rto, queue),
      reset(local_initial_tsn, peer.initial_tsn, incoming_streams) {}

Association::Association(const AssociationSettings& settings, Listener& listener)
    : settings_(settings),
      listener_(listener),
      local_tag_(std::max(1U, random_word())),
      local_initial_tsn_(settings.initial_tsn ? *settings.initial_tsn : random_word()),
      cookie_key_(random_key()),
      outgoing_streams_(settings.streams_max),
      rto_(settings.rto) {
  CHECK(settings.packet_bytes_max >= 512 && settings.streams_max > 0);
  CHECK(settings.receive_window > settings.message_bytes_max);
}

Association::~Association() = default;

Init Association::local_init() const {
  return {.tag = local_tag_,
          .window = static_cast<std::uint32_t>(settings_.receive_window),
          .outgoing_streams = settings_.streams_max,
          .incoming_streams = settings_.streams_max,
          .initial_tsn = local_initial_tsn_,
          .capabilities = {.forward_tsn = true, .re_config = true}};
}

void Association::connect(base::SteadyTime now) {
  if (state_ != State::idle) return;
  state_ = State::cookie_wait;
  init_due_ = true;
  attempts_ = 0;
  t1_ = now + rto_.value();
}

base::Result<void> Association::send(std::uint16_t stream, std::uint32_t ppid,
                                     std::vector<std::uint8_t> bytes, const SendOptions& options,
                                     base::SteadyTime now) {
  if (state_ > State::established)
    return base::fail(base::Code::conflict, "the SCTP association is closed or closing");
  if (bytes.empty())
    return base::fail(base::Code::invalid_argument, "an SCTP message has one byte at least");
  if (stream >= outgoing_streams_)
    return base::fail(base::Code::invalid_argument, "there is no stream " + std::to_string(stream) +
                                                        ": the peer takes " +
                                                        std::to_string(outgoing_streams_));
  if (session_ && session_->reset.asked(stream))
    return base::fail(base::Code::conflict, "stream " + std::to_string(stream) + " is being reset");
  if (bytes.size() > settings_.send_buffer_max)
    return base::fail(base::Code::too_large, "the message has more bytes than the send buffer");
  if (bytes.size() > send_buffer_left())
    return base::fail(base::Code::unavailable,
                      "the send buffer is full: the peer takes less than it is sent");
  OutgoingMessage message = {.bytes = std::move(bytes), .ppid = ppid, .stream = stream};
  message.unordered = options.unordered;
  message.retransmits_max = options.retransmits_max;
  if (options.lifetime) message.expires = now + *options.lifetime;
  queue_.push(std::move(message));
  return {};
}

bool Association::reset_stream(std::uint16_t stream) {
  if (!session_ || state_ >= State::shutdown_sent || !session_->capabilities.re_config)
    return false;
  session_->reset.ask(stream);
  return true;
}

std::size_t Association::buffered() const noexcept {
  return queue_.buffered() + (session_ ? session_->outstanding.bytes() : 0);
}

std::size_t Association::send_buffer_left() const noexcept {
  return settings_.send_buffer_max - std::min(settings_.send_buffer_max, buffered());
}

std::size_t Association::congestion_window() const noexcept {
  return session_ ? session_->outstanding.window() : 0;
}

Outstanding::Counters Association::send_counters() const noexcept {
  return session_ ? session_->outstanding.counters() : Outstanding::Counters{};
}

void Association::abort(std::string_view reason) {
  if (state_ == State::closed) return;
  if (session_) {
    std::vector<std::uint8_t> cause(4);
    store_u16(cause, 0, static_cast<std::uint16_t>(Cause::user_abort));
    store_u16(cause, 2, static_cast<std::uint16_t>(4 + reason.size()));
    cause.insert(cause.end(), reason.begin(), reason.end());
    reply(session_->peer_tag, ChunkType::abort, 0, cause);
  }
  end({});
}

// The peer did what it must not, or is not there: it is told, and the association is over.
void Association::fail(Cause cause, std::string_view reason, base::Code code) {
  if (state_ == State::closed) return;
  if (session_) {
    std::vector<std::uint8_t> value(4);
    store_u16(value, 0, static_cast<std::uint16_t>(cause));
    store_u16(value, 2, static_cast<std::uint16_t>(4 + reason.size()));
    value.insert(value.end(), reason.begin(), reason.end());
    reply(session_->peer_tag, ChunkType::abort, 0, value);
  }
  end(base::Error{.code = code, .detail = "SCTP: " + std::string(reason)});
}

void Association::end(std::optional<base::Error> error) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  t1_.reset();
  t2_.reset();
  shutdown_guard_.reset();
  sack_at_.reset();
  heartbeat_at_.reset();
  init_due_ = false;
  control_.clear();
  listener_.on_closed(error);
}

void Association::count_unanswered() {
  const auto silent = errors_ + session_->outstanding.unanswered();
  if (silent > settings_.retransmits_max)
    fail(Cause::user_abort, "the peer does not answer", base::Code::deadline_exceeded);
}

void Association::run_timers(base::SteadyTime now) {
  const auto is_due = [now](const Deadline& deadline) { return deadline && now >= *deadline; };
  if (is_due(t1_)) retry_init(now);
  if (!session_ || state_ == State::closed) return;
  if (is_due(shutdown_guard_)) {
    fail(Cause::user_abort, "the shutdown was not done in time", base::Code::deadline_exceeded);
    return;
  }
  if (is_due(t2_)) on_shutdown_timeout(now);
  if (is_due(session_->outstanding.t3())) {
    session_->outstanding.on_timeout(now);
    count_unanswered();
  }
  if (is_due(session_->reset.deadline())) {
    session_->reset.on_timeout();
    rto_.on_timeout();
    ++errors_;
    count_unanswered();
  }
  if (is_due(sack_at_)) {
    sack_due_ = true;
    sack_at_.reset();
  }
  if (is_due(heartbeat_at_) && state_ == State::established) {
    if (heartbeat_pending_) {
      rto_.on_timeout();
      ++errors_;
      count_unanswered();
    }
    heartbeat_due_ = true;
    heartbeat_at_ = now + settings_.heartbeat_interval + rto_.value();
  }
}

std::optional<base::SteadyTime> Association::next_deadline() const noexcept {
  Deadline next;
  const auto consider = [&next](const Deadline& deadline) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  };
  if (state_ == State::closed) return next;
  consider(t1_);
  consider(t2_);
  consider(shutdown_guard_);
  consider(sack_at_);
  consider(heartbeat_at_);
  if (!session_ || state_ < State::established) return next;
  consider(session_->outstanding.t3());
  consider(session_->reset.deadline());
  return next;
}

}  // namespace telltale::rtc::sctp
