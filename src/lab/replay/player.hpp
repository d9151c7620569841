// Player: says the client's side of a script to a server over a wire, byte for byte as it was
// recorded but for ids the server gave, and keeps what the server says. A message is sent when all
// that had come before it in the recording has come again: so the order of cause and effect is the
// recorded one however fast it goes. What the server asks for gets the recorded answer. Awaited by
// one task on its loop; what does not come in time is given up, and the rest is played on.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "lab/replay/script.hpp"
#include "lab/wire/wire.hpp"
#include "mcp/http_headers.hpp"

namespace telltale::lab {

struct PlaySettings {
  bool recorded_time = false;                         // else as fast as the server answers
  base::Duration timeout = std::chrono::seconds(30);  // of one wait
  std::function<void(double done, double total, std::string what)> progress = {};
};

struct Played {
  std::map<std::size_t, base::Json> answers;     // to our requests, by their place in the script
  std::map<std::size_t, std::string> no_answer;  // why
  std::map<std::string, std::vector<base::Json>> requests;  // of the server, by method
  std::vector<base::Json> notifications;
  std::vector<std::string> others;  // answers to nothing, what is no message
  std::string ended;                // how the server ended meanwhile
  std::size_t sent = 0;
  base::Duration took{};
};

class Player {
 public:
  static constexpr std::size_t kOthers = 100;  // that are kept

  Player(runtime::Loop& loop, std::shared_ptr<Wire> wire, const std::vector<Line>& script,
         PlaySettings settings);

  static runtime::TaskResult<Played> play(Player* self);

 private:
  void send(std::size_t index);
  void listen_over_http();
  void absorb();
  void take(base::Json message);
  void exchange_ended(const Frame& frame, std::string why);
  void reply_to_unknown(const base::Json& request);
  bool has_come(std::size_t index) const;
  static runtime::Task<> reach(Player* self, std::size_t index);
  static runtime::Task<> last_notifications(Player* self);

  runtime::Loop& loop_;
  std::shared_ptr<Wire> wire_;
  const std::vector<Line>& script_;
  PlaySettings settings_;
  Played played_;
  mcp::HttpVersion http_;
  std::map<std::string, std::size_t> waiting_;    // our requests by their id
  std::map<std::size_t, std::size_t> exchanges_;  // HTTP: which request one belongs to
  std::set<std::size_t> given_up_;
  std::size_t seen_ = 0;     // frames
  std::size_t reached_ = 0;  // of the script
};

}  // namespace telltale::lab
