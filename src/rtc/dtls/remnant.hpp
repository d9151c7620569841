// What is left of an association that keyed SRTP and has nothing else to do: no data channel, so no
// application data. OpenSSL's object, some 50 KiB, is gone; kept are the keys of the records, to
// understand and to say an alert (close_notify), and our last flight, which a peer that missed it
// asks for by repeating its own (RFC 6347 section 4.2.4). Owned by a Connection; no I/O.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "rtc/dtls/openssl.hpp"

namespace telltale::rtc::dtls {

// The keys of one direction (RFC 5288: AES-GCM, 4 bytes of the nonce are implicit).
class RecordKeys {
 public:
  RecordKeys(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt);
  RecordKeys(const RecordKeys&) = default;
  RecordKeys& operator=(const RecordKeys&) = default;
  ~RecordKeys();  // wipes

  // An alert's two bytes, if `record` is one of the first keyed epoch and authentic.
  std::optional<std::array<std::uint8_t, 2>> open_alert(std::span<const std::uint8_t> record) const;
  std::vector<std::uint8_t> seal_alert(std::array<std::uint8_t, 2> alert) const;

 private:
  std::array<std::uint8_t, 32> key_{};
  std::array<std::uint8_t, 4> salt_{};
  std::size_t key_bytes_;
};

class Remnant {
 public:
  static constexpr int kRepeatsMax = 8;
  static constexpr base::Duration kRepeatsFor = std::chrono::seconds(30);

  enum class Event : std::uint8_t { none, repeat, closed, failed };

  // After the handshake. Empty: the cipher is not AES-GCM, and the association must stay as it is.
  static std::optional<Remnant> of(SSL& ssl, std::vector<std::vector<std::uint8_t>> last_flight,
                                   base::SteadyTime now);

  // `repeat`: last_flight() is to be sent again; `closed`: by close_notify; `failed`: by another
  // fatal alert.
  Event on_datagram(std::span<const std::uint8_t> datagram, base::SteadyTime now);
  const std::vector<std::vector<std::uint8_t>>& last_flight() const noexcept { return flight_; }
  std::vector<std::uint8_t> close_notify() const;

 private:
  Remnant(RecordKeys send, RecordKeys receive, std::vector<std::vector<std::uint8_t>> flight,
          base::SteadyTime until)
      : send_(send), receive_(receive), flight_(std::move(flight)), until_(until) {}

  RecordKeys send_;
  RecordKeys receive_;
  std::vector<std::vector<std::uint8_t>> flight_;  // empty: we had not the last word, or too late
  base::SteadyTime until_;
  int repeats_ = 0;
};

}  // namespace telltale::rtc::dtls
