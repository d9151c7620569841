// What one subscription wants: channels or event types, and filters that must all hold; a field an
// event lacks passes (docs/websocket.md). No I/O.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "runtime/event.hpp"

namespace telltale::live {

class EventFilter {
 public:
  // From a `subscribe` message: channels[], event_types[], filters{}. Neither list: the `status`
  // channel.
  static base::Result<EventFilter> parse(const base::JsonObject& message);
  static EventFilter status_only();

  bool wants(const runtime::Event& event) const;
  bool operator==(const EventFilter&) const = default;
  const std::set<std::string, std::less<>>& channels() const noexcept { return channels_; }
  const std::set<std::string, std::less<>>& event_types() const noexcept { return types_; }

 private:
  base::Result<void> parse_filters(const base::JsonObject& filters);
  bool passes(const base::JsonObject& data, runtime::Severity severity) const;

  struct AnyOf {
    bool operator==(const AnyOf&) const = default;
    std::vector<std::string> fields;  // the first that the event has counts
    std::set<std::string, std::less<>> values;
  };
  std::set<std::string, std::less<>> channels_;
  std::set<std::string, std::less<>> types_;
  std::vector<AnyOf> any_of_;
  std::set<std::string, std::less<>> severities_;
  std::optional<double> min_failure_cycles_;
};

}  // namespace telltale::live
