// Event: an immutable fact. Published once on the bus (bus/bus.hpp), it goes to every sink. Types,
// channels and the fields of `data` are listed in docs/websocket.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace telltale::runtime {

enum class Severity { debug, info, warning, error, critical };

std::string_view severity_name(Severity severity) noexcept;

struct Event {
  std::uint64_t seq = 0;  // given by the bus
  base::WallTime time;    // given by the bus
  std::string type;       // "mcp_status_change"
  std::string channel;    // "status", "logs", "operations", "metrics", "events", …
  std::string subject;    // the server's name, the operation's id: what it is about
  Severity severity = Severity::info;
  base::JsonObject data;
};

// What engines publish to: the bus implements it, tests collect.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;
  virtual void publish(Event event) = 0;  // any thread; never blocks on a consumer
};

}  // namespace telltale::runtime
