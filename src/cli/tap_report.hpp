// TapReporter: tells a running Telltale of each message that `telltale tap` passes on. Never slows
// or breaks the tapped session: what cannot be sent waits in a bounded queue, the oldest is dropped
// and counted, and a Telltale that is away is tried again with backoff. On one loop; its task ends
// with close().
#pragma once

#include <deque>
#include <map>

#include "base/json.hpp"
#include "cli/commands.hpp"
#include "runtime/sync.hpp"

namespace telltale::cli {

enum class Direction { to_server, to_client };

// What is known of one message, without its content.
struct Tapped {
  Direction direction = Direction::to_server;
  std::string kind;    // request, notification, result, error, invalid
  std::string method;  // of an answer: that of its request
  std::string id;
  std::size_t bytes = 0;
  base::WallTime time;
  std::optional<double> duration_ms;  // of an answer
};

// Pairs answers with their requests, in either direction.
class TapReader {
 public:
  Tapped read(Direction direction, std::string_view text, base::SteadyTime now,
              base::WallTime time);

 private:
  static constexpr std::size_t kMaxPending = 10'000;
  struct Asked {
    std::string method;
    base::SteadyTime at;
  };
  std::map<std::pair<Direction, std::string>, Asked> pending_;
};

class TapReporter {
 public:
  static constexpr std::size_t kMaxQueue = 5'000;
  static constexpr std::size_t kMaxBatch = 200;

  TapReporter(runtime::Loop& loop, Connection connection, std::string name);
  void add(const Tapped& message, std::string_view text);  // `text` "" without --payload
  runtime::Task<> run();
  // Sends what waits, for a second at most, and lets run() end.
  runtime::Task<> close();

 private:
  runtime::TaskResult<bool> send();

  runtime::Loop& loop_;
  Connection connection_;
  std::string name_;
  std::deque<base::JsonObject> queue_;
  std::int64_t dropped_ = 0;
  bool closing_ = false;
  bool ended_ = false;
  runtime::Notifier changed_;
};

}  // namespace telltale::cli
