#include "lab/run/recorder.hpp"

namespace telltale::lab::run {

void Recorder::message(char direction, std::string_view text, base::SteadyTime now) {
  if (exchanges_.size() >= kExchangesLimit) exchanges_.pop_front();
  const bool long_one = text.size() > kExchangeBytes;
  exchanges_.push_back(
      {.at_ms = base::to_ms(now - began_),
       .direction = direction,
       .text = long_one ? cut(std::string(text.substr(0, kExchangeBytes + 4)), kExchangeBytes)
                        : std::string(text),
       .cut = long_one});
}

void Recorder::log(std::string_view line) {
  if (log_.size() >= kStderrLimit) log_.pop_front();
  log_.push_back(cut(std::string(line.substr(0, kShownLimit + 4)), kShownLimit));
}

}  // namespace telltale::lab::run
