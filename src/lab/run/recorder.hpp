// What one attempt of a case and its server said to each other, and what the server wrote on stderr
// meanwhile: the newest of both, bounded (result.hpp). Made by the attempt, fed by the instances it
// uses. Home loop only.
#pragma once

#include <deque>
#include <string>

#include "lab/run/result.hpp"

namespace telltale::lab::run {

class Recorder {
 public:
  // `trace` (32 hex digits) is in the _meta of what the attempt sends: that is how frames are told
  // apart where several cases share a server.
  Recorder(std::string trace, base::SteadyTime began) : trace_(std::move(trace)), began_(began) {}

  void message(char direction, std::string_view text, base::SteadyTime now);
  void log(std::string_view line);

  const std::string& trace() const noexcept { return trace_; }
  std::string trace_parent() const { return "00-" + trace_ + "-0000000000000001-01"; }
  std::vector<Exchange> exchanges() const { return {exchanges_.begin(), exchanges_.end()}; }
  std::vector<std::string> log() const { return {log_.begin(), log_.end()}; }

 private:
  std::string trace_;
  base::SteadyTime began_;
  std::deque<Exchange> exchanges_;
  std::deque<std::string> log_;
};

}  // namespace telltale::lab::run
