// Stream reconfiguration (RFC 6525): our outgoing streams are reset when asked for and everything
// of them has left; the peer's are reset once all its data up to its last TSN has come. One request
// of ours is under way at a time. Everything else a peer may ask for is denied. One per
// association.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "rtc/sctp/sequence.hpp"
#include "rtc/sctp/wire.hpp"

namespace telltale::rtc::sctp {

class StreamReset {
 public:
  enum class Result : std::uint32_t {  // section 4.4
    nothing_to_do = 0,
    performed = 1,
    denied = 2,
    wrong_stream = 3,
    request_in_progress = 4,
    bad_sequence = 5,
    in_progress = 6,
  };
  // What one RE-CONFIG chunk, or data that has come since, led to.
  struct Outcome {
    bool broken = false;                       // not such a chunk: ignored
    std::vector<std::uint16_t> incoming = {};  // the peer's streams that begin again …
    bool all_incoming = false;                 // … or all of them
    std::vector<std::uint16_t> outgoing = {};  // ours that have begun again
    std::vector<std::uint16_t> refused = {};   // ours that the peer does not reset
  };

  // Request numbers begin with the initial TSNs.
  StreamReset(std::uint32_t local_initial_tsn, std::uint32_t peer_initial_tsn,
              std::uint16_t incoming_streams) noexcept
      : next_request_(local_initial_tsn),
        expected_(peer_initial_tsn),
        incoming_streams_(incoming_streams) {}

  Outcome on_chunk(Bytes value, Tsn received, base::SteadyTime now, base::Duration rto);
  // The cumulative TSN has moved: a reset that waited for data may be due.
  Outcome on_progress(Tsn received);
  // Data of a stream that is about to be reset, from behind the reset: it must come again later.
  bool holds_back(std::uint16_t stream, Tsn tsn) const noexcept;

  // Asks for the reset of ours. `drained(stream)`: nothing of it is left to send.
  void ask(std::uint16_t stream);
  bool asked(std::uint16_t stream) const noexcept;

  // The value of one RE-CONFIG chunk, if an answer is due.
  std::optional<std::vector<std::uint8_t>> take_response();
  template <class Drained>
  std::optional<std::vector<std::uint8_t>> take_request(std::size_t room, Tsn last_assigned,
                                                        Drained&& drained, base::SteadyTime now,
                                                        base::Duration rto) {
    if (!request_) begin_request(room, last_assigned, drained);
    return send_request(now, rto);
  }
  // The time to send the request again.
  std::optional<base::SteadyTime> deadline() const noexcept;
  void on_timeout() noexcept;

 private:
  struct Request {
    std::uint32_t number = 0;
    Tsn last_assigned = 0;
    std::vector<std::uint16_t> streams = {};
    bool due = true;
    std::optional<base::SteadyTime> resend = {};
  };
  struct Deferred {
    std::uint32_t number = 0;
    Tsn until = 0;
    std::vector<std::uint16_t> streams = {};
  };

  template <class Drained>
  void begin_request(std::size_t room, Tsn last_assigned, Drained&& drained) {
    if (room < kRequestFixed + 2) return;
    Request request = {.number = next_request_, .last_assigned = last_assigned};
    std::erase_if(wanted_, [&](std::uint16_t stream) {
      if (request.streams.size() >= (room - kRequestFixed) / 2 || !drained(stream)) return false;
      request.streams.push_back(stream);
      return true;
    });
    if (request.streams.empty()) return;
    ++next_request_;
    request_ = std::move(request);
  }
  std::optional<std::vector<std::uint8_t>> send_request(base::SteadyTime now, base::Duration rto);
  void on_outgoing_request(const Parameter& parameter, Tsn received, Outcome& outcome);
  void on_other_request(const Parameter& parameter);
  void on_response(const Parameter& parameter, base::SteadyTime now, base::Duration rto,
                   Outcome& outcome);
  bool is_expected(std::uint32_t number);
  void respond(std::uint32_t number, Result result);

  static constexpr std::size_t kRequestFixed = 16;

  std::uint32_t next_request_;
  std::uint32_t expected_;  // the peer's next request number
  std::uint16_t incoming_streams_;
  std::vector<std::uint16_t> wanted_;
  std::optional<Request> request_;
  std::optional<Deferred> deferred_;
  // The answer to the last request, kept because it may be asked for again.
  std::uint32_t answered_ = 0;
  std::optional<Result> answer_;
  bool answer_due_ = false;
  // A wrong number is answered apart.
  std::optional<std::pair<std::uint32_t, Result>> extra_;
};

}  // namespace telltale::rtc::sctp
