// Server-sent events parser (WHATWG HTML section 9.2.6), without I/O: feed bytes as they come, take
// events out.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace telltale::net {

struct SseEvent {
  std::string event = "message";
  std::string data;
  bool has_data = false;  // a priming event has an id and an empty data line
  std::string id;         // the last event id as of this event
};

class SseParser {
 public:
  explicit SseParser(std::size_t event_limit = 16U << 20U) : event_limit_(event_limit) {}
  // Events completed by these bytes; too_large when one event passes the limit.
  base::Result<std::vector<SseEvent>> feed(std::string_view bytes);
  const std::string& last_event_id() const noexcept { return last_event_id_; }
  std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }

 private:
  void line(std::string_view text, std::vector<SseEvent>& out);

  std::size_t event_limit_;
  std::string buffer_;
  bool first_ = true;
  bool skip_line_feed_ = false;
  SseEvent current_;
  bool has_any_ = false;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace telltale::net
