// RecentMessages: the last messages between us and one server, so that a session which went wrong
// can be exported and played again (mcp/recording.hpp). The handshake of the session is kept
// besides, health checks are not; both bounded in bytes, the oldest go first and are counted.
// Owned by the Server, on its home loop.
#pragma once

#include <deque>
#include <vector>

#include "mcp/recording.hpp"

namespace telltale::fleet {

class RecentMessages {
 public:
  static constexpr std::size_t kBytes = 128U << 10U;
  static constexpr std::size_t kMessageBytes = 64U << 10U;
  static constexpr std::size_t kHandshake = 8;  // messages

  void begin(base::SteadyTime now);  // a new session: what was said in the last one is gone
  void add(bool to_server, std::string_view text, base::SteadyTime now);
  // The file, secrets hidden.
  std::string recording(mcp::RecordingHead head) const;
  std::size_t size() const noexcept { return handshake_.size() + recent_.size(); }
  std::uint64_t left_out() const noexcept { return left_out_; }

 private:
  struct Message {
    bool to_server = true;
    base::Duration at{};
    std::string text;
  };
  bool of_a_check(bool to_server, std::string_view text);

  base::SteadyTime began_{};
  bool shaking_ = true;
  std::vector<Message> handshake_;
  std::deque<Message> recent_;
  std::size_t bytes_ = 0;             // of recent_
  std::vector<std::int64_t> checks_;  // ids of checks that wait for their answer
  std::uint64_t left_out_ = 0;
};

}  // namespace telltale::fleet
