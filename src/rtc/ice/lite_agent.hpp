// ICE-lite (RFC 8445 section 2.5): the side that serves. It never sends a check; it answers those
// of its peer and learns the peer's address from them, and only from those that are authentic.
// Always controlled. One per peer, on the peer's loop; time comes in; no allocation.
//
// Consent (RFC 7675) is the peer's checks: 30 s without an authentic one end it. The peer may move:
// the latest authentic check with USE-CANDIDATE says where media goes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "rtc/ice/check_server.hpp"
#include "rtc/ice/path.hpp"

namespace telltale::rtc::ice {

class LiteAgent {
 public:
  enum class State : std::uint8_t { waiting, connected, expired };
  struct Settings {
    base::Duration connect_timeout = std::chrono::seconds(30);  // to the first nomination
    base::Duration consent_timeout = std::chrono::seconds(30);  // RFC 7675 section 5.1
  };
  struct Counters {
    std::uint64_t requests = 0;
    std::uint64_t answers = 0;
    std::uint64_t refused = 0;  // not authentic, or a role conflict
    std::uint64_t path_changes = 0;
  };

  LiteAgent(const Settings& settings, Credentials local, base::SteadyTime now);
  // From the offer or answer; until then any fragment of the peer is taken.
  void set_remote(Credentials remote) { remote_ = std::move(remote); }
  // The same from the answer to our offer: the time to connect begins with it.
  void answered(Credentials remote, base::SteadyTime now);

  // A STUN datagram. Writes the answer to `out` (at least 128 bytes), which goes back where the
  // datagram came from; returns its size, 0 for none.
  std::size_t on_packet(Bytes datagram, const Path& from, base::SteadyTime now, MutableBytes out);

  // May DTLS be taken from there? Only a path with an authentic check in the last consent_timeout.
  bool verified(const Path& path, base::SteadyTime now) const noexcept;
  // Where to send; nullopt before the nomination and after consent is gone.
  std::optional<Path> selected() const noexcept;

  void on_time(base::SteadyTime now) noexcept;
  std::optional<base::SteadyTime> next_deadline() const noexcept;

  // New credentials of both sides (RFC 8445 section 9). Media goes on where it went, and the old
  // credentials are answered, until the first authentic check with the new ones.
  void restart(Credentials local, Credentials remote);

  State state() const noexcept { return state_; }
  const Credentials& local() const noexcept { return local_; }
  const Counters& counters() const noexcept { return counters_; }

 private:
  struct Verified {
    Path path;
    base::SteadyTime at;
  };
  static constexpr std::size_t kMaxVerified = 8;

  void remember(const Path& path, base::SteadyTime now) noexcept;

  Settings settings_;
  Credentials local_;
  Credentials remote_;
  std::optional<Credentials> old_local_;
  State state_ = State::waiting;
  std::optional<Path> selected_;
  base::SteadyTime heard_;  // the selected path, or the beginning
  std::array<Verified, kMaxVerified> verified_ = {};
  std::size_t verified_count_ = 0;
  Counters counters_;
};

}  // namespace telltale::rtc::ice
