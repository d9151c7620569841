#include "rtc/sctp/stream_reset.hpp"

#include <algorithm>

namespace telltale::rtc::sctp {
namespace {

constexpr std::uint16_t kOutgoingRequest = 13;
constexpr std::uint16_t kIncomingRequest = 14;
constexpr std::uint16_t kTsnRequest = 15;
constexpr std::uint16_t kResponse = 16;
constexpr std::uint16_t kAddOutgoing = 17;
constexpr std::uint16_t kAddIncoming = 18;

std::vector<std::uint8_t> response(std::uint32_t number, StreamReset::Result result) {
  std::vector<std::uint8_t> value(12);
  Writer writer(value);
  writer.u16(kResponse);
  writer.u16(12);
  writer.u32(number);
  writer.u32(static_cast<std::uint32_t>(result));
  return value;
}

}  // namespace

void StreamReset::ask(std::uint16_t stream) {
  if (!asked(stream)) wanted_.push_back(stream);
}

bool StreamReset::asked(std::uint16_t stream) const noexcept {
  const auto has = [stream](const auto& list) {
    return std::find(list.begin(), list.end(), stream) != list.end();
  };
  return has(wanted_) || (request_ && has(request_->streams));
}

bool StreamReset::holds_back(std::uint16_t stream, Tsn tsn) const noexcept {
  if (!deferred_ || tsn <= deferred_->until) return false;
  return deferred_->streams.empty() ||
         std::find(deferred_->streams.begin(), deferred_->streams.end(), stream) !=
             deferred_->streams.end();
}

StreamReset::Outcome StreamReset::on_chunk(Bytes value, Tsn received, base::SteadyTime now,
                                           base::Duration rto) {
  Outcome outcome;
  ParameterReader reader(value);
  while (const auto parameter = reader.next()) {
    switch (parameter->type) {
      case kOutgoingRequest:
        on_outgoing_request(*parameter, received, outcome);
        break;
      case kIncomingRequest:
      case kTsnRequest:
      case kAddOutgoing:
      case kAddIncoming:
        on_other_request(*parameter);
        break;
      case kResponse:
        on_response(*parameter, now, rto, outcome);
        break;
      default:
        break;
    }
  }
  outcome.broken = reader.broken();
  return outcome;
}

void StreamReset::respond(std::uint32_t number, Result result) {
  answered_ = number;
  answer_ = result;
  answer_due_ = true;
}

// A new request, in its turn. The last one once more gets the same answer; any other number is a
// fault (section 5.2.1).
bool StreamReset::is_expected(std::uint32_t number) {
  if (number == expected_) {
    if (!deferred_) {
      ++expected_;
      return true;
    }
    extra_ = {number, Result::request_in_progress};
  } else if (answer_ && number == answered_) {
    answer_due_ = true;
  } else {
    extra_ = {number, Result::bad_sequence};
  }
  return false;
}

void StreamReset::on_outgoing_request(const Parameter& parameter, Tsn received, Outcome& outcome) {
  Reader reader(parameter.value);
  const auto number = reader.u32();
  reader.u32();  // the answer it goes with: nothing follows from it
  const auto last = reader.u32();
  if (reader.failed() || reader.left() % 2 != 0 || !is_expected(number)) return;
  Deferred reset = {.number = number, .until = unwrap_tsn(received, last), .streams = {}};
  while (reader.left() > 0) reset.streams.push_back(reader.u16());
  const bool sound = std::all_of(reset.streams.begin(), reset.streams.end(),
                                 [this](auto stream) { return stream < incoming_streams_; });
  if (!sound) {
    respond(number, Result::wrong_stream);
    return;
  }
  deferred_ = std::move(reset);
  respond(number, Result::in_progress);
  auto done = on_progress(received);
  outcome.incoming.insert(outcome.incoming.end(), done.incoming.begin(), done.incoming.end());
  outcome.all_incoming = outcome.all_incoming || done.all_incoming;
}

void StreamReset::on_other_request(const Parameter& parameter) {
  Reader reader(parameter.value);
  const auto number = reader.u32();
  if (!reader.failed() && is_expected(number)) respond(number, Result::denied);
}

StreamReset::Outcome StreamReset::on_progress(Tsn received) {
  Outcome outcome;
  if (!deferred_ || received < deferred_->until) return outcome;
  respond(deferred_->number, Result::performed);
  outcome.all_incoming = deferred_->streams.empty();
  outcome.incoming = std::move(deferred_->streams);
  deferred_.reset();
  return outcome;
}

void StreamReset::on_response(const Parameter& parameter, base::SteadyTime now, base::Duration rto,
                              Outcome& outcome) {
  Reader reader(parameter.value);
  const auto number = reader.u32();
  const auto result = static_cast<Result>(reader.u32());
  if (reader.failed() || !request_ || request_->number != number) return;
  if (result == Result::in_progress || result == Result::request_in_progress) {
    request_->resend = now + rto;
    return;
  }
  const bool good = result == Result::performed || result == Result::nothing_to_do;
  auto& list = good ? outcome.outgoing : outcome.refused;
  list.insert(list.end(), request_->streams.begin(), request_->streams.end());
  request_.reset();
}

std::optional<std::vector<std::uint8_t>> StreamReset::take_response() {
  if (extra_) {
    const auto [number, result] = *extra_;
    extra_.reset();
    return response(number, result);
  }
  if (!answer_due_) return std::nullopt;
  answer_due_ = false;
  return response(answered_, *answer_);
}

std::optional<std::vector<std::uint8_t>> StreamReset::send_request(base::SteadyTime now,
                                                                   base::Duration rto) {
  if (!request_ || !request_->due) return std::nullopt;
  request_->due = false;
  request_->resend = now + rto;
  std::vector<std::uint8_t> value(kRequestFixed + 2 * request_->streams.size());
  Writer writer(value);
  writer.u16(kOutgoingRequest);
  writer.u16(value.size());
  writer.u32(request_->number);
  writer.u32(expected_ - 1);
  writer.u32(wire_tsn(request_->last_assigned));
  for (const auto stream : request_->streams) writer.u16(stream);
  return value;
}

std::optional<base::SteadyTime> StreamReset::deadline() const noexcept {
  return request_ ? request_->resend : std::nullopt;
}

void StreamReset::on_timeout() noexcept {
  if (!request_) return;
  request_->due = true;
  request_->resend.reset();
}

}  // namespace telltale::rtc::sctp
