// RecentMessages: the last messages between us and one server, so that a session which went wrong
// can be exported and played again (mcp/recording.hpp), also when the server is in another one by
// then: a recording goes on over restarts. The handshake of each session is kept besides, health
// checks are not. Bounded in bytes and sessions, the oldest go first and are counted.
// Owned by the Server, on its home loop.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "mcp/recording.hpp"

namespace telltale::fleet {

class RecentMessages {
 public:
  static constexpr std::size_t kBytes = 128U << 10U;
  static constexpr std::size_t kMessageBytes = 64U << 10U;
  static constexpr std::size_t kHandshake = 8;  // messages
  static constexpr std::size_t kSessions = 8;

  // A new session. The one before stays, unless nothing was said in it but the handshake.
  void begin(base::SteadyTime now);
  void add(bool to_server, std::string_view text, base::SteadyTime now);
  // The file, secrets hidden.
  std::string recording(mcp::RecordingHead head) const;
  std::size_t size() const noexcept;
  std::uint64_t left_out() const noexcept { return left_out_; }

 private:
  struct Message {
    bool to_server = true;
    base::Duration at{};
    std::string text;
  };
  struct Session {
    std::vector<Message> handshake;
    std::deque<Message> recent;
  };
  bool of_a_check(bool to_server, std::string_view text);
  void forget_oldest();

  std::optional<base::SteadyTime> began_;  // the first session
  bool shaking_ = true;
  std::deque<Session> sessions_;
  std::size_t bytes_ = 0;             // of all but the handshake of the last session
  std::vector<std::int64_t> checks_;  // ids of checks that wait for their answer
  std::uint64_t left_out_ = 0;
};

}  // namespace telltale::fleet
